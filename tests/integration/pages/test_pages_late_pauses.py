"""A pause proved later, entered and confirmed on the page of its case."""

from __future__ import annotations

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.case_site import CaseSite
from workflows.store.tables import Clock, LateEntry


def _term(site: CaseSite, case_id: str) -> str:
    with site.session() as session:
        row = session.execute(
            select(Clock.path, Clock.n).where(Clock.case_id == case_id, Clock.rule == "R_RECT")
        ).one()
        return f"{row.path}/{row.n}"


def test_a_pause_proved_later_waits_for_a_second_person(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    address = f"/cases/{case_id}/clocks/{_term(site, case_id)}/pause-from"
    officer = site.officer("chengban")
    form = officer.open(f"/cases/{case_id}").form(address)
    days = {"from_on": "2026-04-01", "to_on": "2026-04-20"}
    form.fill(**days, ground="illness", document="住院证明", reason="住院")
    assert "须有证明" in form.send().text
    with site.session() as session:
        assert session.execute(select(LateEntry)).all() == []
    form = officer.open(f"/cases/{case_id}").form(address)
    form.fill(**days, ground="illness", document="住院证明", reason="住院")
    paper = {"paper_kind": "住院证明", "paper_number": "8", "issuer": "旗医院"}
    form.fill(**paper, covers_from="2026-03-30", covers_until="2026-04-20").send()
    with site.session() as session:
        entry = session.execute(select(LateEntry)).scalar_one()
    assert (entry.state, entry.document) == ("waiting", "住院证明")
    assert "旗医院出具" in str(entry.values["reason"])
    assert "letter1" in site.open_tasks(case_id)


def test_a_pause_without_a_day_writes_nothing(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    address = f"/cases/{case_id}/clocks/{_term(site, case_id)}/pause-from"
    form = site.officer("chengban").open(f"/cases/{case_id}").form(address)
    told = form.fill(from_on="昨天", document="住院证明", reason="住院").send()
    assert "日期" in told.text
    with site.session() as session:
        assert session.execute(select(LateEntry)).all() == []
