"""Corrections: a new record says what a value should have been, and both stand."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.support.backtests import assert_reproduced
from tests.support.casework import World, make_world
from tests.support.filled import VERIFIED_ORDINARY
from tests.support.worlds import memory_connection, undone_sessions
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError, NotFound
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.domain.reviews import REVIEW, ConsequenceKind
from workflows.domain.roles import Actor
from workflows.queries.case.standing import stand_of
from workflows.services import casework
from workflows.services.access import RoleMissing, RolesForbidden
from workflows.services.corrections.correcting import correct, plan_correction
from workflows.services.corrections.corrigible import (
    CaseMoved,
    Corrected,
    CorrectionWaits,
    FactComputed,
    FactNotSet,
    FactRewritten,
    FactUnchanged,
    NothingToCorrect,
    Plan,
    ReasonNeeded,
    Wanted,
)
from workflows.services.corrections.late import confirm_late, refuse_late
from workflows.services.corrections.late_entries import SecondPersonNeeded
from workflows.services.corrections.reviewing import FindingNeeded, finish_review
from workflows.services.journal import Act
from workflows.services.steps.changes import Changes
from workflows.services.steps.forms import ValidationFailed
from workflows.services.steps.locked import load_locked
from workflows.services.steps.recording import Cause, write_record
from workflows.services.steps.stopping import decide_stopped, stop_without_ground
from workflows.services.steps.tasks import CaseNotOpen, ReviewedApart, TaskAlreadyDone, TaskHeld
from workflows.services.vault import read_payload
from workflows.store.journal import read_stream
from workflows.store.tables import Case, Clock, Incident, Matter, Task
from workflows.store.transaction import Session


class Desk:
    """A case with the officers who correct it."""

    def __init__(self, world: World, case_id: str) -> None:
        self.world, self.case_id = world, case_id

    def actor(self, session: Session, name: str = "承办", *roles: str) -> Actor:
        stage = self.world.cast.stage(session, self.case_id, self.world.now)
        return stage.actor(name, roles or ("R03",))

    def seen(self) -> int:
        with self.world.transaction() as session:
            return session.get_one(Case, self.case_id).version

    def wanted(
        self, seq: int, seen: int | None = None, reason: str = "笔误", **typed: Any
    ) -> Wanted:
        return Wanted(seq, typed, reason, self.seen() if seen is None else seen)

    def plan(self, seq: int, by: str = "承办", **typed: Any) -> Plan:
        wanted = self.wanted(seq, **typed)
        with self.world.transaction() as session:
            actor = self.actor(session, by)
            return plan_correction(session, actor, self.world.now, self.case_id, wanted)

    def correct(
        self, seq: int, by: str = "承办", roles: tuple[str, ...] = ("R03",), **typed: Any
    ) -> Corrected:
        wanted = self.wanted(seq, **typed)
        with self.world.transaction() as session:
            actor = self.actor(session, by, *roles)
            return correct(session, actor, self.world.now, self.case_id, wanted)

    def facts(self) -> dict[str, Any]:
        with self.world.transaction() as session:
            return dict(self.world.cast.stage(session, self.case_id, self.world.now).case.facts)

    def records(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        with self.world.transaction() as session:
            return [
                (
                    json.loads(row.body),
                    read_payload(session, row.key_id, self.case_id, row.seq, row.sealed),
                )
                for row in read_stream(session, self.case_id)
            ]

    def seq_of(self, activity: str) -> int:
        found = [
            record["seq"]
            for record, _ in self.records()
            if record["kind"] == "task_completed" and record["trigger"]["name"] == activity
        ]
        return int(found[-1])

    def open(self) -> list[str]:
        with self.world.transaction() as session:
            statement = select(Task.activity).where(
                Task.case_id == self.case_id, Task.state == "open"
            )
            return sorted(session.scalars(statement))


@pytest.fixture(scope="module")
def ground() -> Iterator[tuple[World, Connection, str, str]]:
    """One world for all: a matter that was accepted, and a case under rectification.

    Its notice was served on 2026-03-10.
    """
    with memory_connection() as connection:
        made = make_world(undone_sessions(connection))
        accepted = made.open_matter()
        made.complete(accepted, "accept", "承办", acceptance="accept")
        yield made, connection, accepted, made.open_rectification()


@pytest.fixture
def world(ground: tuple[World, Connection, str, str]) -> Iterator[World]:
    """The world, whose rows and replays agree with the records at the end, too."""
    made, connection, *_ = ground
    undone = connection.begin_nested()
    world = replace(made, cast=deepcopy(made.cast))
    yield world
    assert world.differences() == []
    undone.rollback()


@pytest.fixture
def desk(world: World, ground: tuple[World, Connection, str, str]) -> Desk:
    """A matter that was registered and accepted."""
    return Desk(world, ground[2])


@pytest.fixture
def served(world: World, ground: tuple[World, Connection, str, str]) -> Desk:
    """A case under rectification."""
    return Desk(world, ground[3])


def test_correction_stands_beside_the_record_that_it_corrects(desk: Desk) -> None:
    done = desk.correct(1, description="上年第三季度未召开党员大会")
    assert done.seq == 3
    assert not done.has_review
    assert desk.facts()["description"] == "上年第三季度未召开党员大会"
    (_, first), *_, (record, payload) = desk.records()
    assert first["facts"]["description"]["new"] == "上年第四季度未召开党员大会"
    assert record["kind"] == "corrected"
    assert record["about"] == {"id": desk.case_id, "seq": 1}
    assert record["to"] is None
    assert record["effects"]["opened"] == []
    assert payload["facts"] == {
        "description": {"old": "上年第四季度未召开党员大会", "new": "上年第三季度未召开党员大会"}
    }
    assert payload["reason"] == "笔误"


def test_matter_says_what_its_registering_says_now(desk: Desk) -> None:
    desk.correct(1, problem_type="P102", found_on="2026-03-09")
    with desk.world.transaction() as session:
        matter = session.get_one(Matter, session.get_one(Case, desk.case_id).matter_id)
        assert (matter.problem_type, matter.found_on.isoformat()) == ("P102", "2026-03-09")


def test_corrected_judgement_names_what_would_be_otherwise(served: Desk) -> None:
    plan = served.plan(served.seq_of("verify"), problem_weight="ordinary")
    told = {(each.kind, str(each.name).rpartition("/")[2]) for each in plan.consequences}
    assert told == {
        (ConsequenceKind.TABLE, "suggest_rung"),
        (ConsequenceKind.CONDITION, "entry_rung == suggested_rung"),
    }
    (table,) = [each for each in plan.consequences if each.kind is ConsequenceKind.TABLE]
    assert table.was == {"suggested_rung": "rectification"}
    assert table.would_be == {"suggested_rung": "criticism"}
    assert served.records()[-1][0]["kind"] == "task_completed", "a plan writes nothing"


def test_clock_whose_anchor_was_wrong_is_named_and_not_moved(served: Desk) -> None:
    before = clocks(served)
    done = served.correct(served.seq_of("notice"), served_on="2026-03-09")
    assert clocks(served) == before
    _, payload = served.records()[-1]
    (found,) = payload["form"]["consequences"]
    assert (found["kind"], found["name"]) == ("clock", "R_PLAN")
    assert (found["was"], found["would_be"]) == ("2026-03-24", "2026-03-23")
    assert done.has_review
    assert REVIEW in served.open()


def clocks(desk: Desk) -> list[Any]:
    with desk.world.transaction() as session:
        statement = select(Clock.path, Clock.n, Clock.due_on, Clock.due_at, Clock.state).where(
            Clock.case_id == desk.case_id
        )
        return [tuple(row) for row in session.execute(statement.order_by(Clock.id))]


def test_review_opens_for_the_handler_and_ends_with_a_finding(served: Desk) -> None:
    served.correct(served.seq_of("notice"), served_on="2026-03-09")
    before = served.records()[-1][0]
    (opened,) = before["effects"]["opened"]
    assert (opened["task"], opened["roles"]) == (f"{REVIEW}#1", ["R03"])
    claim(served, "承办")
    finish(served, "承办", "no_effect")
    record, payload = served.records()[-1]
    assert record["effects"]["closed"] == [f"{REVIEW}#1"]
    assert (record["kind"], record["to"]) == ("intervened", None)
    assert payload["form"] == {"review_finding": "no_effect"}
    assert REVIEW not in served.open()
    with pytest.raises(TaskAlreadyDone):
        finish(served, "承办", "no_effect")


def finish(
    desk: Desk, by: str, finding: str, reason: str = "差一日，方案已按期报送", n: int = 1
) -> None:
    with desk.world.transaction() as session:
        actor = desk.actor(session, by)
        finish_review(session, actor, desk.world.now, desk.case_id, n, finding, reason)


def claim(desk: Desk, by: str) -> None:
    with desk.world.transaction() as session:
        actor = desk.actor(session, by)
        casework.claim(session, actor, desk.world.now, desk.case_id, f"{REVIEW}#1")


def test_review_ends_only_with_a_finding_and_a_reason(served: Desk) -> None:
    served.correct(served.seq_of("notice"), served_on="2026-03-09")
    for finding, reason in (("other", "理由"), ("no_effect", " "), ("no_effect", "长" * 501)):
        with pytest.raises(FindingNeeded):
            finish(served, "承办", finding, reason)
    with pytest.raises(ReviewedApart):
        served.world.complete(served.case_id, REVIEW, "承办")


def test_review_is_held_by_who_took_it(served: Desk) -> None:
    served.correct(served.seq_of("notice"), served_on="2026-03-09")
    claim(served, "承办")
    with pytest.raises(TaskHeld):
        finish(served, "另一承办", "no_effect")


def test_decision_to_be_corrected_stays_as_an_incident(served: Desk) -> None:
    served.correct(served.seq_of("notice"), served_on="2026-03-09")
    finish(served, "承办", "correct", "据此提请纠正")
    with served.world.transaction() as session:
        statement = select(Incident.detail).where(Incident.kind == "correction_asked")
        assert session.scalars(statement).all() == ["据此提请纠正"]


def test_later_correction_joins_the_review_that_is_open(served: Desk) -> None:
    seq = served.seq_of("notice")
    served.correct(seq, served_on="2026-03-09")
    served.correct(seq, served_on="2026-03-06")
    assert served.open().count(REVIEW) == 1
    finish(served, "承办", "no_effect")
    served.correct(seq, served_on="2026-03-05")
    assert served.records()[-1][0]["effects"]["opened"][0]["task"] == f"{REVIEW}#2"


def test_value_put_right_again_has_no_consequences(served: Desk) -> None:
    seq = served.seq_of("notice")
    served.correct(seq, served_on="2026-03-09")
    assert served.plan(seq, served_on="2026-03-10").consequences == ()


def test_what_two_people_signed_takes_two_to_correct(served: Desk) -> None:
    seq = served.seq_of("verify")
    waits = served.correct(seq, problem_weight="ordinary")
    assert waits.seq is None
    assert waits.entry_id is not None
    assert served.facts()["problem_weight"] == "serious"
    with pytest.raises(CorrectionWaits):
        served.correct(seq, problem_weight="ordinary")
    with pytest.raises(SecondPersonNeeded):
        decide(served, "承办", waits.entry_id)
    decide(served, "副部长", waits.entry_id, "R05")
    assert served.facts()["problem_weight"] == "ordinary"
    record, payload = served.records()[-1]
    assert record["kind"] == "corrected"
    assert record["role"] == "R05"
    assert payload["form"]["entered_by"] != record["actor"]
    assert payload["reason"] == "笔误"
    assert REVIEW in served.open()


def decide(desk: Desk, by: str, entry_id: int, *roles: str, refuses: str = "") -> None:
    with desk.world.transaction() as session:
        actor = desk.actor(session, by, *roles)
        if refuses:
            refuse_late(session, actor, desk.world.now, entry_id, refuses)
        else:
            confirm_late(session, actor, desk.world.now, entry_id)


def test_refused_correction_changes_nothing(served: Desk) -> None:
    waits = served.correct(served.seq_of("verify"), problem_weight="ordinary")
    assert waits.entry_id is not None
    decide(served, "副部长", waits.entry_id, "R05", refuses="核实无误")
    assert served.facts()["problem_weight"] == "serious"
    record, _ = served.records()[-1]
    assert record["trigger"]["name"] == "refuse_correction"


def test_correction_names_its_paper(desk: Desk) -> None:
    wanted = replace(desk.wanted(1, description="另有二次"), document="核对表 3 号")
    with desk.world.transaction() as session:
        actor = desk.actor(session)
        correct(session, actor, desk.world.now, desk.case_id, wanted)
    record, payload = desk.records()[-1]
    assert record["source"] == "paper"
    assert payload["form"]["paper_document"] == "核对表 3 号"


# ------------------------------------------------------------------ what is refused


REFUSED: list[tuple[str, dict[str, Any], type[DubanError]]] = [
    ("notice", {"served_on": "2026-03-10"}, FactUnchanged),
    ("notice", {"served_on": "10.3.2026"}, ValidationFailed),
    ("notice", {"served_on": ""}, ValidationFailed),
    ("notice", {"plan_required": "maybe"}, ValidationFailed),
    ("notice", {"rectification_class": "A"}, FactComputed),
    ("notice", {"problem_weight": "ordinary"}, FactComputed),
    ("notice", {"no_such_fact": "1"}, FactNotSet),
    ("verify", {"entry_rung": "none"}, ValidationFailed),
]


@pytest.mark.parametrize("activity, typed, error", REFUSED)
def test_correction_is_refused_with_its_rule(
    served: Desk, activity: str, typed: dict[str, Any], error: type[DubanError]
) -> None:
    before = len(served.records())
    with pytest.raises(error):
        served.correct(served.seq_of(activity), **typed)
    assert len(served.records()) == before


def test_fact_that_was_left_empty_is_not_corrected(served: Desk) -> None:
    empty = [name for name in ("progress_first_on", "term_ends_on") if not served.facts().get(name)]
    for name in empty:
        with pytest.raises((FactNotSet, FactComputed)):
            served.correct(served.seq_of("notice"), **{name: "2026-04-01"})


def test_records_that_nobody_filled_in_are_not_corrected(served: Desk) -> None:
    served.correct(served.seq_of("notice"), served_on="2026-03-09")
    with pytest.raises(NothingToCorrect):
        served.correct(len(served.records()), served_on="2026-03-08")
    with pytest.raises(NotFound):
        served.correct(99, served_on="2026-03-08")


def test_correction_needs_its_reason(desk: Desk) -> None:
    for reason in ("", "  ", "长" * 501):
        wanted = desk.wanted(1, reason=reason, description="另一句")
        with pytest.raises(ReasonNeeded), desk.world.transaction() as session:
            correct(session, desk.actor(session), desk.world.now, desk.case_id, wanted)


def test_form_that_was_read_before_the_case_moved_is_stale(desk: Desk) -> None:
    wanted = desk.wanted(1, description="另一句")
    desk.correct(1, source="patrol")
    with pytest.raises(CaseMoved), desk.world.transaction() as session:
        correct(session, desk.actor(session), desk.world.now, desk.case_id, wanted)


def test_value_that_was_written_again_is_corrected_where_it_was_written(desk: Desk) -> None:
    world, chosen = desk.world, {"entry_rung": "rectification"}
    for verifier in ("核实甲", "核实乙"):
        world.complete(desk.case_id, "verify", verifier, **{**VERIFIED_ORDINARY, **chosen})
    world.complete(desk.case_id, "choose_entry", "承办", **chosen, reason="屡次提醒未改")
    with pytest.raises(FactRewritten):
        desk.correct(desk.seq_of("verify"), entry_rung="criticism")
    assert desk.correct(desk.seq_of("choose_entry"), entry_rung="criticism").has_review


# ------------------------------------------------------------------ who may


def test_whoever_filled_it_in_or_handles_the_case_may_correct(desk: Desk) -> None:
    desk.correct(1, by="登记人", roles=("R01",), source="patrol")
    desk.correct(1, by="承办", description="另一句")
    for name, roles in (("督办", ("R12",)), ("案管", ("R16",)), ("审核", ("R04",))):
        with pytest.raises(RoleMissing):
            desk.correct(1, by=name, roles=roles, source="petition")


def test_who_reviewed_the_legality_may_not_correct_as_handler(served: Desk) -> None:
    with served.world.transaction() as session:
        stage = served.world.cast.stage(session, served.case_id, served.world.now)
        act = Act(stage.actor("审核", ("R04",)), served.world.now, served.world.now, "R04")
        cause = Cause(
            kind=RecordKind.INTERVENED,
            trigger=TriggerRef(TriggerKind.OFFICER, "looked", served.case_id),
        )
        write_record(
            session, stage.case, act, cause, Changes(), stage.case.facts, stage.case.marking_hash
        )
    with pytest.raises(RolesForbidden):
        served.correct(served.seq_of("notice"), by="审核", served_on="2026-03-09")


# ------------------------------------------------------------------ with the rest


def test_ended_case_is_corrected_and_reviewed(served: Desk) -> None:
    end(served)
    seq = served.seq_of("notice")
    done = served.correct(seq, plan_required="no")
    assert done.has_review
    assert served.open() == [REVIEW]
    with served.world.transaction() as session:
        assert session.get_one(Case, served.case_id).state == "ended"
        assert stand_of(session, served.case_id, local_date(served.world.now)).tasks
    finish(served, "承办", "no_effect")
    assert served.open() == []


def end(desk: Desk) -> None:
    """End the case as its approver does who closes it."""
    with desk.world.transaction() as session:
        case = load_locked(session, desk.case_id)
        actor = desk.actor(session, "部长", "R06")
        act = Act(actor, desk.world.now, desk.world.now)
        stop_without_ground(session, case, act, [desk.case_id])
    with desk.world.transaction() as session:
        actor = desk.actor(session, "部长", "R06")
        decide_stopped(session, actor, desk.world.now, desk.case_id, False, "终止")


def test_stopped_case_waits_for_its_approver(served: Desk) -> None:
    with served.world.transaction() as session:
        case = load_locked(session, served.case_id)
        act = Act(served.actor(session, "部长", "R06"), served.world.now, served.world.now)
        stop_without_ground(session, case, act, [served.case_id])
    with pytest.raises(CaseNotOpen):
        served.correct(served.seq_of("notice"), served_on="2026-03-09")


def test_history_with_a_correction_is_reproduced(served: Desk) -> None:
    served.correct(1, problem_type="P102")
    served.correct(served.seq_of("notice"), served_on="2026-03-09")
    served.world.now += timedelta(days=20)
    served.world.sweep()
    assert_reproduced(served.world)
