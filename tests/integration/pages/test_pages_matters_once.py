"""The form of a matter, sent twice, registers it once."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from workflows.store.tables import Matter


def test_a_registration_sent_twice_makes_one_matter(site: CaseSite) -> None:
    register(site)
    officer = site.officer("dengji")
    address = f"/matters/new?organisation={site.branch()}"
    form = officer.open(address).form(address)
    form.fill(
        problem_type="P101",
        source="spot_check",
        found_on="2026-03-10",
        description="未按期召开支委会。",
        disposition="procedure",
    )
    assert form.send().status == 200
    again = form.send()
    assert again.status == 409
    assert "没有重复登记" in again.text
    with site.session() as session:
        assert session.execute(select(func.count()).select_from(Matter)).scalar_one() == 2
