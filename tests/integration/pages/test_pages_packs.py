"""The pages of the pack: two people bring a version into force, and everybody can read it."""

import io
from collections.abc import Mapping

import pytest
from sqlalchemy import select, update

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Officer, Page
from tests.support.packs import changed_files, passed, replaced, shipped_files, zipped
from workflows.jobs.pack_checking import check_packs
from workflows.services.installation import clock_now
from workflows.store.tables import Case, PackReport, PackVersion

NOTE = "方案审核由五个工作日压缩到三个工作日。"
PARTS = ("", "/difference", "/processes", "/tables", "/parameters", "/forms", "/guardrails")


def _upload(officer: Officer, content: bytes, note: str = NOTE, **more: str) -> Page:
    form = officer.open("/packs/").form("/packs/")
    return form.fill(file=(io.BytesIO(content), "pack.zip"), note=note, **more).send()


def _submit(site: CaseSite, files: Mapping[str, bytes]) -> str:
    """Put a version forward and give its address."""
    done = _upload(site.officer("shenhe"), zipped(files, "ladder/"))
    assert "已提交。检查通过后，由另一人审批。" in done.text
    _check(site)
    with site.session() as session:
        waiting = select(PackVersion.hash).where(PackVersion.state == "waiting")
        return f"/packs/{session.scalars(waiting).one()}"


def _check(site: CaseSite) -> None:
    with site.session() as session:
        now = clock_now(session)
    check_packs(site.sessions, now, passed)


def _approve(officer: Officer, address: str) -> Page:
    form = officer.open(address).form(f"{address}/approve")
    return form.fill(read="yes").send()


def _forms(page: Page) -> set[str]:
    actions = page.root.xpath("//main//form[@method='post']/@action")
    return {action.rpartition("/")[2] for action in actions}


def test_a_version_is_put_forward_by_one_and_approved_by_another(site: CaseSite) -> None:
    old = register(site)
    address = _submit(site, changed_files("2", R_PLANCHK=3))
    mine = site.officer("shenhe").open(address)
    assert "您提交的版本须由另一人审批。" in mine.text
    assert _forms(mine) == {"check", "withdraw"}
    principal = site.officer("buzhang")
    shown = principal.open(address)
    assert "方案审核期限由5个工作日改为3个工作日" in shown.text
    assert NOTE in shown.text
    done = _approve(principal, address)
    assert "版本 2 已批准，自 2026年3月10日 起新开案件适用" in done.text, done.text
    new = register(site, problem_type="P203")
    with site.session() as session:
        assert session.get_one(Case, new).pack_hash == address.rpartition("/")[2]
        assert session.get_one(Case, old).pack_hash != address.rpartition("/")[2]
    rows = site.officer("chengban").open("/packs/").root.xpath("//tbody/tr")
    texts = [" ".join(row.text_content().split()) for row in rows]
    assert "版本 2 现行" in texts[0]
    assert "版本 1 已被替代" in texts[1]
    assert [text.split()[-2:] for text in texts] == [["1", "1"], ["1", "1"]]


def test_a_version_is_refused_with_a_reason_that_its_submitter_reads(site: CaseSite) -> None:
    address = _submit(site, changed_files("2"))
    principal = site.officer("buzhang")
    form = principal.open(address).form(f"{address}/refuse")
    assert form.fill(reason=" ").send().status == 422
    form.fill(reason="依据不足").send()
    shown = site.officer("shenhe").open(address)
    assert "退回的理由依据不足" in shown.text
    assert _forms(shown) == set()


def test_what_was_taken_back_is_not_approved_from_an_old_page(site: CaseSite) -> None:
    address = _submit(site, changed_files("2"))
    principal = site.officer("buzhang")
    old_page = principal.open(address).form(f"{address}/approve").fill(read="yes")
    keeper = site.officer("shenhe")
    keeper.open(address).form(f"{address}/withdraw").fill(reason="还要再改").send()
    late = old_page.send()
    assert late.status == 409
    assert "版本 2 已由" in late.text
    again = _submit(site, changed_files("2"))
    assert again == address
    _approve(principal, address)
    assert old_page.send().status == 409


def test_reports_of_an_older_program_are_made_again_before_an_approval(site: CaseSite) -> None:
    address = _submit(site, changed_files("2"))
    principal = site.officer("buzhang")
    old_page = principal.open(address).form(f"{address}/approve").fill(read="yes")
    with site.session() as session:
        session.execute(update(PackReport).values(engine="0" * 64))
    assert old_page.send().status == 409
    shown = principal.open(address)
    assert "须重新检查后才能批准" in shown.text
    assert _forms(shown) == {"check", "refuse"}
    shown.form(f"{address}/check").send()
    _check(site)
    assert "已批准" in _approve(principal, address).text


def test_reports_that_changed_while_somebody_read_are_not_approved(site: CaseSite) -> None:
    address = _submit(site, changed_files("2"))
    principal = site.officer("buzhang")
    form = principal.open(address).form(f"{address}/approve").fill(read="yes")
    with site.session() as session:
        session.execute(update(PackReport).values(sha256="0" * 64))
    refused = form.send()
    assert refused.status == 409
    assert "在您查看之后有更新" in refused.text


def test_a_version_under_check_says_so_until_it_is_done(site: CaseSite) -> None:
    _upload(site.officer("anquan"), zipped(changed_files("2")))
    principal = site.officer("buzhang")
    with site.session() as session:
        pack_hash = session.scalars(
            select(PackVersion.hash).where(PackVersion.state == "checking")
        ).one()
    address = f"/packs/{pack_hash}"
    assert "正在检查" in principal.open(address).text
    assert _forms(principal.open(address)) == set()
    assert "HX-Refresh" not in principal.client.get(f"{address}/state").headers
    _check(site)
    assert principal.client.get(f"{address}/state").headers["HX-Refresh"] == "true"
    assert "没有发现问题" in principal.open(address).text


def test_counter_examples_are_walked_on_the_diagrams(site: CaseSite) -> None:
    never = "start_approval == 'refused' and R_PASS == 0"
    files = replaced(
        changed_files("2"), "accountability.bpmn", "start_approval == 'refused'", never
    )
    _upload(site.officer("anquan"), zipped(files))
    with site.session() as session:
        pack_hash = session.scalars(
            select(PackVersion.hash).where(PackVersion.state == "checking")
        ).one()
        now = clock_now(session)
    assert check_packs(site.sessions, now) == {"failed": 1}
    officer, address = site.officer("buzhang"), f"/packs/{pack_hash}"
    shown = officer.open(address)
    assert "检查没有通过，不能审批" in shown.text
    assert "没有任何办法走到“不予启动”" in shown.text
    links = shown.root.xpath("//main//a[contains(@href, '/broken/')]/@href")
    assert links
    walked = officer.open(links[0])
    assert walked.root.xpath("//main//ol/li")
    assert walked.root.xpath("//*[contains(@class, 'd-current')]")
    assert officer.open(f"{address}/broken/99").status == 404


_BAD: list[tuple[bytes, str]] = [
    (b"hello", "不是 zip 压缩包"),
    (zipped({"a.txt": b""}), "没有规则包"),
    (zipped({**changed_files("2"), "../evil.toml": b""}), "不是普通文件"),
    (zipped({**changed_files("2"), "big.toml": b"\0" * (21 << 20)}), "解开后超过 20 MB"),
    (zipped(shipped_files()), "提交过"),
    (zipped(changed_files("1", R_ACC=9)), "版本号“1”已用于"),
    (
        zipped(replaced(changed_files("2"), "pack.toml", '"ladder"\nv', '"other"\nv')),
        "本单位使用的",
    ),
    (
        zipped(replaced(changed_files("2"), "pack.toml", 'entry = "ladder"', 'entry = "x"')),
        "pack.toml 的“entry”不正确或缺少",
    ),
    (
        zipped(replaced(changed_files("2"), "ladder.bpmn", "bpmn:userTask", "bpmn:scriptTask")),
        "ladder.bpmn",
    ),
    (
        zipped({**changed_files("2"), "ladder.bpmn": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        "ladder.bpmn",
    ),
]


@pytest.mark.parametrize("content,told", _BAD, ids=[told for _, told in _BAD])
def test_an_upload_that_is_no_good_is_told_at_the_form(
    site: CaseSite, content: bytes, told: str
) -> None:
    refused = _upload(site.officer("anquan"), content)
    assert refused.status == 422
    assert told in refused.text
    assert refused.form("/packs/").value("note") == NOTE
    with site.session() as session:
        assert session.scalars(select(PackVersion.label)).all() == ["1"]


def test_a_day_that_has_passed_is_told_at_its_field(site: CaseSite) -> None:
    refused = _upload(site.officer("anquan"), zipped(changed_files("2")), wanted_on="2026-03-01")
    assert refused.status == 422
    assert "生效日期不能早于 2026年3月10日" in refused.text
    empty = site.officer("anquan").open("/packs/").form("/packs/").send()
    assert empty.status == 422
    assert "请选择文件。" in empty.text


def test_every_part_of_a_version_can_be_read_in_both_languages(site: CaseSite) -> None:
    files = replaced(changed_files("2"), "criticism.bpmn", "talk_overdue", "talk_late")
    address = _submit(site, files)
    officer = site.officer("sumu1")
    said = {
        "/difference": ("新增终点", "Added: end", 2),
        "/processes": ("督办阶梯", "The ladder", 1),
        "/tables": ("D类 软弱涣散整顿", "D, weak and lax", 0),
        "/parameters": ("本单位自定", "Own setting", 0),
        "/guardrails": ("时限到期不得自行对人作出处理", "No timer opens a person's case", 0),
        "/forms": (
            "“报送整改方案、修改方案”的表单",
            "form of “Submit the plan, Revise the plan”",
            0,
        ),
    }
    for part, (zh, _, drawings) in said.items():
        shown = officer.open(f"{address}{part}")
        assert (shown.status, zh in shown.text) == (200, True), part
        assert len(shown.root.xpath("//div[@class='diagram']")) == drawings
    marks = officer.open(f"{address}/difference").root.xpath("//*[contains(@class, 'd-mark ')]")
    assert len(marks) == 7  # a node and a way on each side, and three in the key
    officer.open("/account").form("/language").send(language="en")
    for part, (_, en, _) in said.items():
        assert en in officer.open(f"{address}{part}").text, part


def test_any_two_versions_can_be_compared(site: CaseSite) -> None:
    address = _submit(site, changed_files("2", R_PLANCHK=3))
    _approve(site.officer("buzhang"), address)
    other = _submit(site, changed_files("3", R_PLANCHK=5))
    with site.session() as session:
        first = session.scalars(select(PackVersion.hash).where(PackVersion.label == "1")).one()
    officer = site.officer("chengban")
    assert "由3个工作日改为5个工作日" in officer.open(f"{other}/difference").text
    assert "方案审核期限" not in officer.open(f"{other}/difference?from={first}").text
    shipped = officer.open(f"/packs/{first}/difference")
    assert "没有可以对照的版本" in shipped.text


@pytest.mark.parametrize("part", PARTS)
def test_a_version_that_is_none_is_not_found(site: CaseSite, part: str) -> None:
    officer = site.officer("buzhang")
    for name in ("0" * 64, "x", "..%2f.."):
        assert officer.open(f"/packs/{name}{part}").status == 404
    address = f"/packs/{_shipped(site)}"
    assert officer.open(f"{address}/difference?from=nothing").status == 404
    assert officer.open(f"{address}/processes?process=nothing").status == 200


def _shipped(site: CaseSite) -> str:
    with site.session() as session:
        return session.scalars(select(PackVersion.hash)).one()


def test_a_version_comes_into_force_on_either_database(any_site: CaseSite) -> None:
    address = _submit(any_site, changed_files("2", R_PLANCHK=3))
    assert "已批准" in _approve(any_site.officer("buzhang"), address).text
    assert "现行" in any_site.officer("chengban").open(address).text
