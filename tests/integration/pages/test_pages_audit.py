"""Looking is recorded before a page leaves; the auditor sees who looked, and verifies the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite
from webapp.work import writing_sessions
from workflows.jobs.log_checking import check_log
from workflows.jobs.sequencing import run_sequencer
from workflows.queries.secrecy.looks import MANY_CASES, Strange, patterns
from workflows.services.vault import read_payload
from workflows.store.journal import read_stream
from workflows.store.tables import Installation, Look

PEOPLE = "/people?q="


def looks(site: CaseSite) -> list[tuple[str, str | None]]:
    with site.session() as session:
        rows = session.scalars(select(Look).order_by(Look.house_seq)).all()
        return [(row.what, row.case_id) for row in rows]


def looked_records(site: CaseSite) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    with site.session() as session:
        house = session.get_one(Installation, 1).house_id
        found = []
        for row in read_stream(session, house):
            record = json.loads(row.body)
            if record["trigger"]["name"] == "looked":
                payload = read_payload(session, row.key_id, house, row.seq, row.sealed)
                found.append((record, payload))
        return found


def test_reading_a_person_level_case_is_recorded_whichever_page_shows_it(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    before = len(looks(site))
    handler = site.officer("chengban")
    address = f"/cases/{person_case}"
    today = site.at("2026-06-09").date().isoformat()
    for page in (address, f"{address}/why", f"{address}?as_of={today}"):
        assert handler.open(page).status == 200, page
    assert looks(site)[before:] == [
        ("case", person_case),
        ("why", person_case),
        ("past", person_case),
    ]
    record, payload = looked_records(site)[-3]
    assert person_case not in json.dumps(record), "no open record names a person's case"
    assert payload["form"] == {"what": "case", "case": person_case, "detail": ""}


def test_an_answer_to_a_form_that_shows_a_persons_case_is_a_look_too(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    handler = site.officer("chengban")
    address = site.address(person_case, "attribution")
    before = len(looks(site))
    assert handler.open(address).form(address).send(reason="").status == 422
    assert looks(site)[before:] == [("case", person_case)] * 2


def test_a_person_sought_without_a_script_is_recorded_with_who_was_sought(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    for day in ("2026-05-20", "2026-05-29", "2026-06-08"):
        site.sweep(day)
    site.at("2026-06-08")
    address = site.address(case_id, "review")
    form = site.officer("buzhang").open(address).form(address)
    form.fill(_find_responsible_person="ba").send(_find="responsible_person")
    assert looks(site)[-1] == ("people", None)
    _, payload = looked_records(site)[-1]
    assert payload["form"]["detail"] == "ba"


def test_an_act_after_which_no_page_comes_is_no_look(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    address = site.address(person_case, "attribution")
    form = site.officer("chengban").open(address).form(f"{address}/claim")
    before = looks(site)
    assert form.send(follow=False).status == 302
    assert looks(site) == before


def test_reading_an_organisation_case_or_being_refused_records_nothing(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    before = looks(site)
    assert site.officer("chengban").open(f"/cases/{case_id}").status == 200
    assert site.officer("duban").open(f"/cases/{person_case}").status == 404
    assert looks(site) == before


def test_looking_changes_no_version_of_the_case(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    with site.session() as session:
        before = len(read_stream(session, person_case))
    site.officer("chengban").open(f"/cases/{person_case}")
    with site.session() as session:
        assert len(read_stream(session, person_case)) == before


def test_searching_people_is_recorded_with_what_was_sought_sealed(site: CaseSite) -> None:
    case_id = register(site)
    assert site.officer("chengban").open(f"/cases/{case_id}{PEOPLE}ba").status == 200
    record, payload = looked_records(site)[-1]
    assert payload["form"] == {"what": "people", "case": case_id, "detail": "ba"}
    assert "ba" not in (record["trigger"]["ref"], record["trigger"]["name"])
    assert looks(site)[-1] == ("people", case_id)


def test_printing_a_persons_case_is_recorded_by_the_page_that_is_printed(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    page = site.officer("chengban").open(f"/cases/{person_case}")
    page.form(f"/cases/{person_case}/printed").send()
    assert looks(site)[-1] == ("print", person_case)


def test_the_auditor_sees_who_looked_and_not_what_was_typed(any_site: CaseSite) -> None:
    site = any_site
    _, person_case = to_person_case(site)
    site.officer("chengban").open(f"/cases/{person_case}")
    auditor = site.officer("shenji")
    shown = auditor.open("/audit/")
    assert shown.status == 200
    assert "打开案件页" in shown.text
    journal = auditor.open("/audit/journal?kind=task_completed&from=2026-01-01&until=2026-12-31")
    assert "办结任务" in journal.text
    assert "经研究，应当认定责任。" not in journal.text
    assert auditor.open(f"/cases/{person_case}").status in (403, 404)


def test_the_auditors_pages_are_closed_to_everybody_else(site: CaseSite) -> None:
    for address in ("/audit/", "/audit/journal", "/audit/log"):
        assert site.officer("chengban").open(address).status == 403


def test_verify_now_is_done_by_a_job_and_answered_on_the_page(site: CaseSite) -> None:
    auditor = site.officer("shenji")
    page = auditor.open("/audit/log")
    page.form("/audit/log/check").send()
    assert "正在核验" in auditor.open("/audit/log").text
    sessions = writing_sessions(site.app)
    run_sequencer(sessions, site.at("2026-03-10", 11), whole=True)
    counts = check_log(sessions, site.at("2026-03-10", 11))
    assert counts["leaves"] > 0
    assert counts["checkpoints"] > 0
    answered = auditor.open("/audit/log")
    assert "核验通过" in answered.text
    assert answered.root.xpath("//*[local-name()='svg'][contains(@class, 'qr')]")
    assert check_log(sessions, site.at("2026-03-10", 12)) == {}


def test_a_checkpoint_that_is_handed_out_stands_in_the_register(site: CaseSite) -> None:
    run_sequencer(writing_sessions(site.app), site.at("2026-03-10", 11), whole=True)
    auditor = site.officer("shenji")
    form = auditor.open("/audit/log").form("/audit/log/hand-out")
    assert "旗委巡察办" in form.fill(to="旗委巡察办", means="slip").send().text
    assert (
        "交给谁" in auditor.open("/audit/log").form("/audit/log/hand-out").fill(to=" ").send().text
    )


def add_looks(site: CaseSite, count: int, minutes_apart: int) -> None:
    start = datetime(2026, 4, 1, 2, tzinfo=UTC)
    with site.session() as session:
        for number in range(count):
            at = start.replace(hour=2 + number * minutes_apart // 60)
            at = at.replace(minute=number * minutes_apart % 60)
            session.add(
                Look(
                    house_seq=10_000 + number,
                    account_id="u_somebody",
                    what="case",
                    case_id=f"c_{number}",
                    looked_at=at,
                    is_strange=False,
                    is_off_hours=False,
                )
            )


def kinds(site: CaseSite) -> list[Strange]:
    with site.session() as session:
        first, last = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
        return [each.kind for each in patterns(session, first, last)]


def test_many_cases_within_an_hour_are_out_of_the_ordinary(site: CaseSite) -> None:
    add_looks(site, MANY_CASES, minutes_apart=3)
    assert kinds(site) == [Strange.MANY]


def test_the_same_number_over_a_day_is_not(site: CaseSite) -> None:
    add_looks(site, MANY_CASES, minutes_apart=30)
    assert kinds(site) == []
