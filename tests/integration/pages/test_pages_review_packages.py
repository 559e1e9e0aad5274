"""Asking for a review package on one page, taking it, and drawing cases out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.integration.pages.test_pages_exports import house_names
from tests.support.case_site import CaseSite, Page
from tests.support.exports import verified
from tests.support.packages import Opened, opened
from tests.support.refused_forms import problems_with
from webapp.review_package.writing import write_package
from webapp.work import writing_sessions
from workflows.domain.sampling import ranked
from workflows.jobs.exporting import FOLDER, run_exports
from workflows.store.tables import BundleJob, Case, JournalRecord


def make(site: CaseSite) -> None:
    """Make what was asked for, as the scheduler does."""
    folder = Path(site.app.instance_path, FOLDER)
    made = run_exports(writing_sessions(site.app), folder, write_package=write_package)
    assert made == {"made": 1}


def case_of(site: CaseSite, case_id: str) -> Case:
    """Read a case."""
    with site.session() as session:
        return session.get_one(Case, case_id)


def ask(site: CaseSite, case_id: str, username: str = "chengban", **values: str) -> Page:
    """Ask for a package of the organisation that a case is about, from its page."""
    place = case_of(site, case_id).subject_organisation_id
    officer = site.officer(username)
    (link,) = officer.open(f"/organisations/{place}").root.xpath("//a[text()='制作巡察审计包']")
    form = officer.open(link.get("href")).form("/review-packages/new")
    values = {"place": place, "content": "L1", **values}
    return form.fill(**{"recipient": "盟委巡察组", "purpose": "年度巡察", **values}).send()


def test_a_package_is_asked_for_on_one_page_and_taken(any_site: CaseSite, tmp_path: Path) -> None:
    case_id = register(any_site)
    assert "排队中" in ask(any_site, case_id).text
    make(any_site)
    page = any_site.officer("chengban").open("/exports/1")
    assert "下载巡察审计包" in page.text
    answer = page.form("/exports/1/file").send(follow=False).answer
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert "UTF-8''%E5%B7%A1%E5%AF%9F" in answer.headers["Content-Disposition"]
    file = tmp_path / "taken.zip"
    file.write_bytes(answer.data)
    answer.close()
    package = opened(file)
    assert verified(package.bundle).manifest["recipient"] == "盟委巡察组"
    assert [line["案件编号"] for line in package.ledger()] == [case_of(any_site, case_id).number]
    assert house_names(any_site) == ["exported", "export_downloaded"]


def test_cases_are_drawn_on_the_page_and_the_draw_is_recorded(site: CaseSite) -> None:
    case_id = register(site)
    ask(site, case_id)
    make(site)
    number = case_of(site, case_id).number
    officer = site.officer("chengban")
    form = officer.open("/exports/1").form("/review-packages/1/draw")
    page = form.fill(seed="8 4 6", count="3").send()
    (lot,) = ranked([number], "8 4 6")
    assert number in page.text
    assert lot.digest in page.text
    assert drawn(site) == 1
    refused = officer.open("/exports/1").form("/review-packages/1/draw").fill(count="0").send()
    assert refused.status == 422
    assert "请填写种子" in refused.text
    assert problems_with(officer.client, "/exports/1", "review_packages.draw") == []
    assert drawn(site) == 1


def drawn(site: CaseSite) -> int:
    """Count the records of draws."""
    with site.session() as session:
        bodies = session.scalars(select(JournalRecord.body).where(JournalRecord.kind == "house"))
        return sum('"cases_drawn"' in body for body in bodies)


@pytest.mark.parametrize(
    "values, said",
    [
        ({"purpose": ""}, "请填写用途"),
        ({"recipient": " " * 3}, "请填写接收人"),
        ({"from_on": "2026-03-31", "to_on": "2026-03-01"}, "早于起始日期"),
        ({"from_on": "2026-03-31"}, "要么都填"),
        ({"seed": "3"}, "要么都填"),
        ({"count": "3"}, "要么都填"),
        ({"seed": "3", "count": "0"}, ""),
        ({"from_on": "2026-13-01", "to_on": "x"}, ""),
    ],
)
def test_what_is_filled_in_badly_is_asked_for_again(
    site: CaseSite, values: dict[str, str], said: str
) -> None:
    case_id = register(site)
    refused = ask(site, case_id, **values)
    assert refused.status == 422
    assert said in refused.text
    with site.session() as session:
        assert session.scalars(select(BundleJob)).all() == []


def test_a_place_that_is_not_ones_own_is_refused(site: CaseSite) -> None:
    register(site)
    form = site.officer("chengban").open("/review-packages/new").form("/review-packages/new")
    values = {"recipient": "甲", "purpose": "乙", "content": "L1"}
    for wrong in ("*", "o_aaaaaaaaaaaaaaaaaaaaaaaaaa"):
        form.fill(**values).values["place"] = [wrong]
        assert form.send().status == 422
    with site.session() as session:
        assert session.scalars(select(BundleJob)).all() == []


def test_a_second_person_agrees_to_a_package_about_persons(site: CaseSite) -> None:
    case_id = register(site)
    assert "待同意" in ask(site, case_id, content="L1 L2").text
    site.officer("buzhang").open("/exports/1").form("/exports/1/approve").send()
    make(site)
    with site.session() as session:
        job = session.scalars(select(BundleJob)).one()
        assert job.state == "ready"
    package = opened_of(site)
    assert "同意" in package.files["先读我.txt"].decode()


def opened_of(site: CaseSite) -> Opened:
    """Open the package that lies ready."""
    return opened(Path(site.app.instance_path, FOLDER, "1.zip"))


def test_the_auditor_takes_everything_without_content(site: CaseSite) -> None:
    register(site)
    auditor = site.officer("shenji")
    form = auditor.open("/review-packages/new").form("/review-packages/new")
    values = {"recipient": "盟委巡察组", "purpose": "年度巡察", "place": "*", "content": "none"}
    days = {"from_on": "2020-01-01", "to_on": "2030-01-01"}
    assert "排队中" in form.fill(**values, **days).send().text
    make(site)
    page = auditor.open("/exports/1")
    assert page.root.xpath("//form[contains(@action, '/draw')]")
    assert "巡察审计包" in auditor.open("/exports/").text
    assert site.officer("chengban").open("/exports/1").status == 404


def test_nobody_draws_from_a_bundle_or_another_ones_package(site: CaseSite) -> None:
    case_id = register(site)
    ask(site, case_id)
    make(site)
    officer = site.officer("chengban")
    form = officer.open("/exports/1").form("/review-packages/1/draw")
    token = form.fill(seed="1", count="1")
    other = site.officer("buzhang")
    assert other.open("/exports/1").status == 404
    with site.session() as session:
        session.scalars(select(BundleJob)).one().package = None
    assert token.send().status == 404
    assert drawn(site) == 0
