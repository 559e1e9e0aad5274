"""What a review package tells of persons: what its bundle tells, in every one of its papers."""

from __future__ import annotations

import pytest

from tests.integration.exports.test_exports_levels import (
    INTERNAL,
    NOTHING,
    House,
    house,
    matter_scope,
    played,
)
from tests.support.exports import CONTENT, EVERYTHING
from tests.support.packages import Opened, opened
from tests.support.papers import pdf_text
from tests.support.played import TODAY
from workflows.domain.bundle_scopes import BundleScope
from workflows.domain.errors import NotAllowed, NotFound
from workflows.services.exports import asking
from workflows.services.exports.asking import Wish
from workflows.services.exports.packages import PackageWish
from workflows.services.secrecy.looking import Glance, Looked, keep_looks

__all__ = ["house", "played"]


def package_for(
    house: House, username: str, scope: BundleScope, levels: frozenset[str], agreed: str = ""
) -> Opened:
    """Let somebody ask for a package, another one agree, and open it."""
    wish = Wish(scope, "盟委巡察组", "年度巡察", levels, package=PackageWish())
    job_id = int(house.act(username, asking.ask, wish).id)
    if agreed:
        house.act(agreed, asking.approve, job_id)
    return opened(house.desk.make(job_id))


def said(package: Opened) -> str:
    """Give all that a package says outside of its bundle."""
    papers = [pdf_text(content) for name, content in package.files.items() if name.endswith(".pdf")]
    lists = (package.ledger(), package.deviations(), package.sheet("抽样", "抽样"))
    texts = [package.files["先读我.txt"].decode(), package.files["抽样名单.txt"].decode()]
    return "\n".join([*papers, *map(str, lists), *texts, package.statement(), *package.files])


def test_an_officers_package_without_persons_names_none(house: House) -> None:
    package = package_for(house, "chengban", house.organisation(), INTERNAL)
    text = said(package)
    assert package.ledger()
    world = house.world
    for secret in (world.concerned, world.person_number, world.person, world.person_case):
        assert secret not in text
    assert "密封" not in text, "nobody learns whether there is anything"
    assert len(package.deviations("内容留存不出")) >= 1


def test_what_is_agreed_to_is_there_with_the_name_of_who_agreed(house: House) -> None:
    package = package_for(house, "chengban", matter_scope(house), CONTENT, "here-R06")
    world = house.world
    numbers = [line["案件编号"] for line in package.ledger()]
    assert world.person_number in numbers
    paper = pdf_text(package.files[f"卷宗/{world.person_number}.pdf"])
    assert world.concerned in paper
    assert "涉及个人，注意保密" in paper
    assert "同意" in package.files["先读我.txt"].decode()
    places = package.places()
    for line in (*package.ledger(), *package.deviations()):
        assert places[line["案件编号"], int(line["记录序号"])] == line["叶号"]


@pytest.mark.parametrize("levels", [NOTHING, CONTENT], ids=["none", "content"])
def test_looks_in_the_night_are_listed_by_their_house_record(
    house: House, levels: frozenset[str]
) -> None:
    house.act("buzhang", keep_looks, (Glance(Looked.CASE, house.world.person_case),))
    house.site.at(TODAY.isoformat(), 23)
    house.act("buzhang", keep_looks, (Glance(Looked.PRINT, house.world.person_case),))
    package = opened(house.desk.package(EVERYTHING, levels))
    (found,) = package.deviations("非工作时间查阅")
    assert (found["案件编号"], found["日期"]) == ("机关记录", TODAY)
    assert "打印" in found["情况"]
    assert (house.world.person_number in found["情况"]) == (levels == CONTENT)
    house_id = next(id_ for id_, _ in package.places() if id_.startswith("h_"))
    assert package.places()[house_id, int(found["记录序号"])] == found["叶号"]


def test_a_whole_package_without_persons_counts_what_is_sealed(house: House) -> None:
    package = opened(house.desk.package(EVERYTHING, INTERNAL))
    counted = {line["类别"]: line["条数"] for line in package.sheet("例外清单", "汇总")}
    assert counted["密封的记录"] > 0
    assert f"另有 {int(counted['密封的记录'])} 条" in package.statement()
    text = said(package)
    for secret in (house.world.concerned, house.world.person_number, house.world.person_case):
        assert secret not in text


@pytest.mark.parametrize("username", ["away-R03", "here-R10", "here-R21", "roleless"])
def test_who_may_not_take_a_bundle_takes_no_package(house: House, username: str) -> None:
    scope = house.organisation()
    with pytest.raises((NotAllowed, NotFound)):
        package_for(house, username, scope, INTERNAL)
    assert house.desk.house_records("exported") == []
