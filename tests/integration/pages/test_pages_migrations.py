"""The pages on which running cases are brought to another version."""

from __future__ import annotations

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.integration.pages.test_pages_packs import _approve, _submit
from tests.support.case_site import CaseSite, Page
from tests.support.packs import changed_files
from workflows.jobs.migrating import run_migrations
from workflows.store.tables import Case, CaseMigration

NOTE = "受理期限改由新规定执行"


def two_versions(site: CaseSite) -> tuple[str, str]:
    """Register a case, then bring a version with a shorter term for accepting into force."""
    case_id = register(site)
    address = _submit(site, changed_files("2", R_ACC=3))
    _approve(site.officer("buzhang"), address)
    with site.session() as session:
        return session.get_one(Case, case_id).pack_hash, address.rpartition("/")[2]


def planned(site: CaseSite, old: str, new: str, **more: str) -> Page:
    asked = "&".join(f"{name}={value}" for name, value in {"old": old, "new": new, **more}.items())
    return site.officer("shenhe").open(f"/migrations/plan?{asked}")


def submitted(site: CaseSite, page: Page) -> int:
    done = page.form("/migrations/plan").fill(note=NOTE).send()
    assert "迁移方案已提交，等待另一人审批。" in done.text, done.text
    with site.session() as session:
        return session.scalars(select(CaseMigration.id)).one()


def versions_in_use(site: CaseSite) -> set[str]:
    with site.session() as session:
        return set(session.scalars(select(Case.pack_hash)))


def test_plan_is_looked_at_before_anything_is_written(site: CaseSite) -> None:
    old, new = two_versions(site)
    page = planned(site, old, new)
    assert "将迁移 1 件，留在原版本 0 件。" in page.text
    assert "没有任何期限会缩短。" in page.text
    assert "1 件新规定更短，仍按原期限办理" in page.text
    with site.session() as session:
        assert session.scalars(select(CaseMigration)).all() == []


def test_shorter_deadlines_stand_on_the_plan_by_case(site: CaseSite) -> None:
    old, new = two_versions(site)
    with site.session() as session:
        number = session.scalars(select(Case.number)).one()
    page = planned(site, old, new, shortens="1")
    assert "有 1 个期限会缩短" in page.text
    assert number in page.text


def test_one_puts_a_plan_forward_another_approves_and_the_job_moves_the_case(
    site: CaseSite,
) -> None:
    old, new = two_versions(site)
    migration_id = submitted(site, planned(site, old, new))
    address = f"/migrations/{migration_id}"
    own = site.officer("shenhe").open(address)
    assert not own.root.xpath(f"//form[@action='{address}/approve']")
    assert own.root.xpath(f"//form[@action='{address}/withdraw']")
    principal = site.officer("buzhang")
    done = principal.open(address).form(f"{address}/approve").send()
    assert "已批准，系统随即逐案迁移。" in done.text
    assert versions_in_use(site) == {old}
    run_migrations(site.sessions, site.at("2026-03-10", 12))
    assert versions_in_use(site) == {new}
    shown = principal.open(address)
    assert "已转到新版本" in shown.text
    assert "1 / 1" in principal.open("/migrations/").text


def test_migration_that_is_done_is_undone_with_a_reason(site: CaseSite) -> None:
    old, new = two_versions(site)
    address = f"/migrations/{submitted(site, planned(site, old, new))}"
    principal = site.officer("buzhang")
    principal.open(address).form(f"{address}/approve").send()
    run_migrations(site.sessions, site.at("2026-03-10", 12))
    principal.open(address).form(f"{address}/undo").fill(reason="依据未生效").send()
    run_migrations(site.sessions, site.at("2026-03-10", 13))
    assert versions_in_use(site) == {old}
    assert "已退回原版本" in principal.open(address).text


def test_plan_without_a_reason_is_sent_back(site: CaseSite) -> None:
    old, new = two_versions(site)
    refused = planned(site, old, new).form("/migrations/plan").fill(note=" ").send()
    assert refused.status == 422
    assert "请填写理由" in refused.text


def test_plan_between_versions_that_are_not_there_is_an_unknown_address(site: CaseSite) -> None:
    register(site)
    assert planned(site, "0" * 64, "1" * 64).status == 404


def test_clerk_reads_plans_and_makes_none(site: CaseSite) -> None:
    two_versions(site)
    clerk = site.officer("dengji")
    assert clerk.open("/migrations/").status == 200
    assert clerk.open("/migrations/plan").status == 403
