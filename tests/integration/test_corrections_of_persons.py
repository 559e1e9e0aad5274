"""Corrections in a person's case: two people, never the person himself, and no date moves."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.integration.test_appeals import ADMONISHED
from tests.integration.test_corrections import Desk, clocks, decide
from tests.support.backtests import assert_reproduced
from tests.support.casework import World, make_world
from tests.support.persons import measured, person_case, rows_of
from tests.support.worlds import memory_connection, undone_sessions
from workflows.domain.reviews import REVIEW
from workflows.services.access import OwnCase, RoleMissing
from workflows.services.corrections.correcting import correct, correctable
from workflows.services.corrections.late import confirm_late
from workflows.services.corrections.late_entries import SecondPersonNeeded
from workflows.store.tables import Case, JournalRecord, LateEntry


@pytest.fixture(scope="module")
def ground() -> Iterator[tuple[World, Connection, str]]:
    """One world for all: somebody was admonished on 2026-09-01."""
    with memory_connection() as connection:
        made = make_world(undone_sessions(connection))
        case_id = person_case(made, "镇党委副书记")
        measured(made, case_id, ADMONISHED)
        yield made, connection, case_id


@pytest.fixture
def desk(ground: tuple[World, Connection, str]) -> Iterator[Desk]:
    """The person's case; its rows and replays agree with the records at the end, too."""
    made, connection, case_id = ground
    undone = connection.begin_nested()
    world = replace(made, cast=deepcopy(made.cast))
    yield Desk(world, case_id)
    assert world.differences() == []
    assert_reproduced(world)
    undone.rollback()


def proposed(desk: Desk, activity: str = "facts_shown", **typed: Any) -> int:
    """Enter a correction that waits for its second person."""
    typed = typed or {"facts_shown_on": "2026-07-22"}
    done = desk.correct(desk.seq_of(activity), **typed)
    assert done.seq is None
    assert done.entry_id is not None
    return done.entry_id


def test_what_is_written_of_a_person_takes_two_people(desk: Desk) -> None:
    before = len(desk.records())
    entry_id = proposed(desk)
    assert desk.facts()["facts_shown_on"] == "2026-07-23"
    assert [record["kind"] for record, _ in desk.records()[before:]] == ["intervened"]
    with pytest.raises(SecondPersonNeeded):
        decide(desk, "承办", entry_id)
    decide(desk, "副部长", entry_id, "R05")
    assert desk.facts()["facts_shown_on"] == "2026-07-22"
    record, payload = desk.records()[-1]
    assert (record["kind"], record["role"]) == ("corrected", "R05")
    assert record["about"]["seq"] == desk.seq_of("facts_shown")
    assert payload["facts"]["facts_shown_on"] == {"old": "2026-07-23", "new": "2026-07-22"}
    with desk.world.transaction() as session:
        entry = session.get_one(LateEntry, entry_id)
        assert payload["form"]["entered_by"] == entry.entered_by != record["actor"]
        assert (entry.state, entry.decided_by) == ("confirmed", record["actor"])


def test_refused_by_the_second_person_nothing_is_changed(desk: Desk) -> None:
    decide(desk, "副部长", proposed(desk), "R05", refuses="谈话记录是二十三日")
    assert desk.facts()["facts_shown_on"] == "2026-07-23"
    record, payload = desk.records()[-1]
    assert (record["trigger"]["name"], payload["reason"]) == (
        "refuse_correction",
        "谈话记录是二十三日",
    )
    assert proposed(desk), "the same may be entered anew"


def test_second_person_holds_a_role_of_the_case(desk: Desk) -> None:
    entry_id = proposed(desk)
    for name, role in (("督办", "R12"), ("书记", "R07"), ("档案", "R17")):
        with pytest.raises(RoleMissing):
            decide(desk, name, entry_id, role)
    assert desk.facts()["facts_shown_on"] == "2026-07-23"


def test_person_concerned_neither_corrects_nor_confirms(desk: Desk) -> None:
    entry_id, seq = proposed(desk), desk.seq_of("statement")
    wanted = desk.wanted(seq, statement_kind="none")
    with desk.world.transaction() as session:
        person = session.get_one(Case, desk.case_id).subject_person_id
        # Had he a role of the case himself.
        handler, leader = (
            replace(desk.actor(session, name, role), person_id=person)
            for name, role in (("本人", "R03"), ("本人另一账号", "R05"))
        )
    case_id, now = desk.case_id, desk.world.now
    with pytest.raises(OwnCase), desk.world.transaction() as session:
        confirm_late(session, leader, now, entry_id)
    with pytest.raises(OwnCase), desk.world.transaction() as session:
        correct(session, handler, now, case_id, wanted)
    with pytest.raises(OwnCase), desk.world.transaction() as session:
        correctable(session, handler, now, case_id, seq)


def test_a_date_that_effects_run_from_is_named_and_moves_nothing(desk: Desk) -> None:
    before, running = rows_of(desk.world, desk.case_id), clocks(desk)
    assert before
    entry_id = proposed(desk, "admonish", admonished_on="2026-08-31")
    decide(desk, "副部长", entry_id, "R05")
    assert rows_of(desk.world, desk.case_id) == before
    assert clocks(desk) == running
    _, payload = desk.records()[-1]
    told = {(each["kind"], each["name"]) for each in payload["form"]["consequences"]}
    assert told == {("clock", rule) for rule in ("R_ADM_EFF", "R_APPEAL", "R_SELF")}
    assert REVIEW in desk.open()


def test_no_other_case_is_written_to_or_told_of_it(desk: Desk) -> None:
    with desk.world.transaction() as session:
        parent = session.get_one(Case, desk.case_id).parent_case_id
        rows = select(JournalRecord.body).where(JournalRecord.stream_id == parent)
        before = session.scalars(rows).all()
    decide(desk, "副部长", proposed(desk), "R05")
    with desk.world.transaction() as session:
        assert session.scalars(rows).all() == before
        assert desk.case_id not in json.dumps(before)
