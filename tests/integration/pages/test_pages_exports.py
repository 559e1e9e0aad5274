"""Asking for a bundle on the pages, watching it, taking it; who else sees that."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Page
from tests.support.exports import verified
from webapp.work import writing_sessions
from workflows.jobs.exporting import FOLDER, run_exports
from workflows.store.tables import BundleJob, Case, JournalRecord


def make(site: CaseSite) -> None:
    """Make what was asked for, as the scheduler does."""
    sessions = writing_sessions(site.app)
    assert run_exports(sessions, Path(site.app.instance_path, FOLDER)) == {"made": 1}


def ask(site: CaseSite, address: str, username: str = "chengban", **values: str) -> Page:
    """Ask for a bundle on the page that an address leads to."""
    form = site.officer(username).open(address).form("/exports/new")
    return form.fill(recipient="盟委督查室", purpose="抽查", **values).send()


def house_names(site: CaseSite) -> list[str]:
    """Give the names of the house records about exports, in order."""
    with site.session() as session:
        told = select(JournalRecord).where(JournalRecord.kind == "house")
        rows = session.scalars(told.order_by(JournalRecord.seq)).all()
        names = ("exported", "export_approved", "export_refused", "export_downloaded")
        return [name for row in rows for name in names if f'"{name}"' in row.body]


def test_a_bundle_is_asked_for_watched_and_taken(any_site: CaseSite, tmp_path: Path) -> None:
    case_id = register(any_site)
    officer = any_site.officer("chengban")
    (link,) = officer.open(f"/cases/{case_id}").root.xpath("//a[text()='导出审计包']")
    page = ask(any_site, link.get("href"))
    assert "排队中" in page.text
    assert page.root.xpath("//*[@hx-get]")
    make(any_site)
    page = officer.open("/exports/1")
    with any_site.session() as session:
        job = session.scalars(select(BundleJob)).one()
    for shown in (job.sha256, job.manifest_hash, "盟委督查室", "抽查", "可以下载"):
        assert shown in page.text
    assert not page.root.xpath("//*[@hx-get]")
    assert house_names(any_site) == ["exported"]
    answer = page.form("/exports/1/file").send(follow=False).answer
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert house_names(any_site) == ["exported", "export_downloaded"]
    file = tmp_path / "taken.zip"
    file.write_bytes(answer.data)
    answer.close()
    assert verified(file).manifest["recipient"] == "盟委督查室"


@pytest.mark.parametrize("what", ["matter", "organisation"])
def test_matters_and_organisations_lead_to_their_bundles(site: CaseSite, what: str) -> None:
    case_id = register(site)
    with site.session() as session:
        case = session.get_one(Case, case_id)
        ids = {"matter": case.matter_id, "organisation": case.subject_organisation_id}
    page = site.officer("chengban").open(f"/{what}s/{ids[what]}")
    (link,) = page.root.xpath("//a[text()='导出审计包']")
    assert "排队中" in ask(site, link.get("href")).text
    make(site)
    assert "可以下载" in site.officer("chengban").open("/exports/").text


def test_an_export_without_a_purpose_is_not_made(site: CaseSite) -> None:
    case_id = register(site)
    form = site.officer("chengban").open(f"/exports/new?cases={case_id}").form("/exports/new")
    refused = form.fill(recipient="盟委督查室").send()
    assert refused.status == 422
    assert "请填写用途" in refused.text
    with site.session() as session:
        assert session.scalars(select(BundleJob)).all() == []


def test_a_second_person_agrees_on_the_page(site: CaseSite) -> None:
    case_id = register(site)
    page = ask(site, f"/exports/new?cases={case_id}", content="L1 L2")
    assert "待同意" in page.text
    assert not page.root.xpath("//form[contains(@action, 'approve')]")
    principal = site.officer("buzhang")
    assert "等您决定" in principal.open("/exports/").text
    again = principal.open("/exports/1").form("/exports/1/refuse").send()
    assert "请填写不同意的理由" in again.text
    agreed = principal.open("/exports/1").form("/exports/1/approve").send()
    assert "审计包正在生成" in agreed.text
    make(site)
    assert house_names(site) == ["export_approved", "exported"]
    assert not principal.open("/exports/1").root.xpath("//form[contains(@action, 'file')]")


def test_the_audit_administrator_sees_all_and_takes_everything(site: CaseSite) -> None:
    case_id = register(site)
    ask(site, f"/exports/new?cases={case_id}")
    auditor = site.officer("shenji")
    listed = auditor.open("/exports/")
    assert "盟委督查室" in listed.text
    assert auditor.open("/exports/new?cases=" + case_id).status == 404
    page = ask(site, "/exports/new?all=1", "shenji", content="none")
    assert "排队中" in page.text
    bad = auditor.open("/exports/new?period=1").form("/exports/new")
    days = {"from_on": "2026-03-31", "to_on": "2026-03-01"}
    refused = bad.fill(recipient="巡察组", purpose="巡察", content="none", **days).send()
    assert refused.status == 422
    assert "早于" in refused.text


def test_a_bundle_that_came_to_nothing_says_why_and_is_made_again(site: CaseSite) -> None:
    case_id = register(site)
    ask(site, f"/exports/new?cases={case_id}")
    folder = Path(site.app.instance_path, FOLDER)
    folder.write_text("in the way", "utf-8")
    run_exports(writing_sessions(site.app), folder)
    page = site.officer("chengban").open("/exports/1")
    assert "写不进磁盘" in page.text
    folder.unlink()
    page.form("/exports/1/again").send()
    make(site)
    assert "可以下载" in site.officer("chengban").open("/exports/1").text


def test_a_file_that_is_gone_is_no_download(site: CaseSite) -> None:
    case_id = register(site)
    ask(site, f"/exports/new?cases={case_id}")
    make(site)
    form = site.officer("chengban").open("/exports/1").form("/exports/1/file")
    Path(site.app.instance_path, FOLDER, "1.zip").unlink()
    assert form.send().status == 404
    assert house_names(site) == ["exported"], "no record of a download that was none"
