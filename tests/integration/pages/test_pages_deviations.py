"""The auditor's list of deviations: from the bones of records, of persons only how many."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite
from workflows.queries.log.deviations import DeviationFilter, deviation_page
from workflows.store.tables import Case

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
YEAR = "from=2020-01-01&until=2030-01-01"
PAGE = f"/audit/deviations?{YEAR}"


def number_of(site: CaseSite, case_id: str) -> str:
    """Give a case's number."""
    with site.session() as session:
        return str(session.get_one(Case, case_id).number)


def test_the_auditor_sees_what_was_left_lying_and_filters_it(any_site: CaseSite) -> None:
    case_id = to_first_letter(any_site)
    any_site.sweep("2026-05-20")
    any_site.at("2027-01-04")
    auditor = any_site.officer("shenji")
    page = auditor.open(PAGE)
    rows = page.root.xpath("//tbody/tr")
    assert any(number_of(any_site, case_id) in "".join(row.itertext()) for row in rows)
    assert "督办、研判逾期" in page.text
    only = auditor.open(f"{PAGE}&kind=extension").root.xpath("//tbody/tr")
    assert only == []
    assert auditor.open(f"{PAGE}&kind=nonsense&after=x&from=y").status == 200


def test_persons_are_counted_and_not_named(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    with site.session() as session:
        case = session.get_one(Case, person_case)
        number, opened_at = case.number, case.opened_at
    site.at((opened_at.date().replace(year=opened_at.year + 2)).isoformat())
    page = site.officer("shenji").open(PAGE)
    assert number not in page.text


def test_many_cases_are_looked_through_in_turns(site: CaseSite) -> None:
    ids = {register(site) for _ in range(3)}
    now = site.at("2027-01-04")
    wanted = DeviationFilter(date(2020, 1, 1), date(2030, 1, 1), EARLY, LATE)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        with site.session() as session:
            page = deviation_page(session, wanted, now, after, size=1)
        after = page.after
        seen += [after] if after else []
    assert ids <= set(seen)
    assert seen == sorted(seen)


def test_others_do_not_see_it(site: CaseSite) -> None:
    assert site.officer("chengban").open(PAGE).status in (403, 404)
