"""The committee's batch act, entered on its page."""

from __future__ import annotations

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from workflows.store.tables import Matter


def _matter(site: CaseSite) -> tuple[str, str]:
    with site.session() as session:
        row = session.execute(select(Matter.id, Matter.determination)).one()
        return row.id, row.determination


def test_results_are_written_with_their_minutes(site: CaseSite) -> None:
    register(site)
    matter_id, _ = _matter(site)
    officer = site.officer("chengban")
    form = officer.open("/determinations/").form("/determinations/")
    form.fill(**{"minutes_no": "旗委常委会〔2026〕4号", f"result-{matter_id}": "determined"}).send()
    assert _matter(site) == (matter_id, "determined")
    assert "旗委常委会〔2026〕4号" in officer.open(f"/matters/{matter_id}").text


def test_a_batch_without_minutes_is_sent_back_with_what_was_chosen(site: CaseSite) -> None:
    register(site)
    matter_id, _ = _matter(site)
    officer = site.officer("chengban")
    form = officer.open("/determinations/").form("/determinations/")
    refused = form.fill(**{f"result-{matter_id}": "determined"}).send()
    assert refused.status == 422
    assert refused.form("/determinations/").value(f"result-{matter_id}") == "determined"
    assert _matter(site) == (matter_id, "reported")


def test_a_clerk_has_no_determinations(site: CaseSite) -> None:
    register(site)
    assert site.officer("dengji").open("/determinations/").status == 403
