"""The fold of a case: what its records make of it, and which records do not fit."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.journal import PLACES, StreamWriter, case_with_history
from workflows.domain.fold import CaseState
from workflows.domain.fold_errors import (
    AfterEnd,
    ClockDiffers,
    FactDiffers,
    FoldError,
    MarkingDiffers,
    OutOfOrder,
    StateDiffers,
    TaskDiffers,
)
from workflows.domain.records import Assigned, Effects, MoveReason, RecordKind


@pytest.fixture
def case() -> StreamWriter:
    case = StreamWriter(random.Random(1))
    case.open()
    return case


def test_opening_gives_marking_task_clock_and_facts(case: StreamWriter) -> None:
    assert case.state.state_line() == {
        "id": case.id,
        "seq": 1,
        "marking": PLACES[0],
        "ended": False,
        "facts": {"score": 70, "open": True},
        "withheld": [],
        "tasks": [
            {
                "task": "intake/verify#1",
                "activity": "verify",
                "rung": 2,
                "office": case.office,
                "roles": ["liaison", "secretary"],
                "claimant": None,
            }
        ],
        "clocks": [
            {
                "clock": "t/plan#1",
                "rule": "R_PLAN",
                "due_on": "2026-03-20",
                "due_at": "2026-03-20T16:00:00.000000Z",
                "provisional": False,
                "paused": False,
            }
        ],
    }


def test_tasks_and_clocks_stand_in_the_order_of_their_names(case: StreamWriter) -> None:
    opened = Effects(opened=(case.task("z#1"), case.task("a#1")), armed=(case.clock("b#1"),))
    case.write(RecordKind.INTERVENED, opened)
    line = case.state.state_line()
    assert [task["task"] for task in line["tasks"]] == ["a#1", "intake/verify#1", "z#1"]
    assert [clock["clock"] for clock in line["clocks"]] == ["b#1", "t/plan#1"]


def test_claim_and_reassignment_set_claimant_and_office(case: StreamWriter) -> None:
    def assign(kind: RecordKind, claimant: str | None, office: str) -> Any:
        case.write(kind, Effects(assigned=(Assigned("intake/verify#1", claimant, office),)))
        return case.state.tasks["intake/verify#1"]

    other = "o_" + "b" * 26
    assert assign(RecordKind.TASK_CLAIMED, case.officer, case.office).claimant == case.officer
    assert assign(RecordKind.TASK_RELEASED, None, case.office).claimant is None
    assert assign(RecordKind.TASK_REASSIGNED, None, other).office == other


def test_completion_closes_its_task_and_opens_the_next(case: StreamWriter) -> None:
    effects = Effects(closed=("intake/verify#1",), opened=(case.task("rect/plan#1"),))
    case.write(RecordKind.TASK_COMPLETED, effects, to=1, facts={"score": 65})
    assert list(case.state.tasks) == ["rect/plan#1"]
    assert case.state.marking == PLACES[1]
    assert case.state.facts["score"] == 65
    assert case.state.written_by == {"score": 2, "open": 1}


def test_task_that_loops_back_to_itself_is_a_new_task(case: StreamWriter) -> None:
    effects = Effects(closed=("intake/verify#1",), opened=(case.task("intake/verify#2"),))
    case.write(RecordKind.TASK_COMPLETED, effects, to=0)
    assert list(case.state.tasks) == ["intake/verify#2"]


def test_pause_move_and_resume_change_the_clock(case: StreamWriter) -> None:
    case.write(RecordKind.INTERVENED, Effects(paused=("t/plan#1",)))
    assert case.state.clocks["t/plan#1"].paused
    moved = case.moved("t/plan#1", date(2026, 4, 2), MoveReason.PAUSE)
    case.write(RecordKind.INTERVENED, Effects(moved=(moved,), resumed=("t/plan#1",)))
    clock = case.state.clocks["t/plan#1"]
    assert (clock.due_on, clock.due_at) == ("2026-04-02", "2026-04-02T16:00:00.000000Z")
    assert not clock.paused
    case.write(RecordKind.INTERVENED, Effects(cancelled=("t/plan#1",)))
    assert case.state.clocks == {}


def test_end_closes_and_nothing_moves_afterwards(case: StreamWriter) -> None:
    end = Effects(closed=("intake/verify#1",), cancelled=("t/plan#1",), ended=True)
    case.write(RecordKind.CASE_CLOSED, end, to=8)
    assert case.state.ended
    case.write(RecordKind.CORRECTED, about=1, facts={"score": 1})
    assert case.state.ended
    with pytest.raises(AfterEnd):
        case.write(RecordKind.INTERVENED, to=1)


def test_correction_changes_facts_and_may_open_a_review(case: StreamWriter) -> None:
    review = Effects(opened=(case.task("review_consequences#1"),))
    case.write(RecordKind.CORRECTED, review, about=1, facts={"score": 50})
    assert case.state.facts["score"] == 50
    assert case.state.marking == PLACES[0]
    assert "review_consequences#1" in case.state.tasks


def test_correction_of_another_value_than_stands_does_not_fit(case: StreamWriter) -> None:
    record = case.write(RecordKind.CORRECTED, about=1, facts={"score": 50})
    state = CaseState()
    state.apply(first_record(case), {"facts": {"score": {"old": None, "new": 70}}, "links": {}})
    with pytest.raises(FactDiffers):
        state.apply(record, {"facts": {"score": {"old": 60, "new": 50}}, "links": {}})


def test_record_without_its_payload_leaves_a_gap(case: StreamWriter) -> None:
    record = case.write(RecordKind.INTERVENED, facts={"score": 3})
    assert record["payload"] is not None
    state = CaseState()
    state.apply(first_record(case), {"facts": {"score": {"old": None, "new": 70}}, "links": {}})
    state.apply(record, None)
    assert state.last_gap == 2
    assert state.facts == {"score": 70}


def first_record(case: StreamWriter) -> Any:
    import json

    return json.loads(case.contents[0])


def test_values_after_a_gap_are_taken_without_their_old_value(case: StreamWriter) -> None:
    record = case.write(RecordKind.INTERVENED, facts={"score": 3})
    later = case.write(RecordKind.INTERVENED, facts={"score": 4})
    state = CaseState()
    state.apply(first_record(case), {"facts": {"score": {"old": None, "new": 70}}, "links": {}})
    state.apply(record, None)
    state.apply(later, {"facts": {"score": {"old": 3, "new": 4}}, "links": {}})
    assert state.facts == {"score": 4}


MISFITS = {
    "task closed twice": (
        TaskDiffers,
        lambda case: case.write(RecordKind.INTERVENED, Effects(closed=("intake/verify#1",) * 2)),
    ),
    "task assigned that is not open": (
        TaskDiffers,
        lambda case: case.write(
            RecordKind.TASK_CLAIMED, Effects(assigned=(Assigned("x#1", None, case.office),))
        ),
    ),
    "task opened under a number used before": (
        TaskDiffers,
        lambda case: case.write(
            RecordKind.INTERVENED,
            Effects(opened=(case.task("intake/verify#1"),), closed=("intake/verify#1",)),
        ),
    ),
    "clock armed twice": (
        ClockDiffers,
        lambda case: case.write(RecordKind.INTERVENED, Effects(armed=(case.clock("t/plan#1"),))),
    ),
    "clock moved that does not run": (
        ClockDiffers,
        lambda case: case.write(
            RecordKind.INTERVENED,
            Effects(moved=(case.moved("x#1", date(2026, 4, 1), MoveReason.EXTENSION),)),
        ),
    ),
    "clock resumed that runs": (
        ClockDiffers,
        lambda case: case.write(RecordKind.INTERVENED, Effects(resumed=("t/plan#1",))),
    ),
    "paused clock fired": (
        ClockDiffers,
        lambda case: case.write(
            RecordKind.CLOCK_FIRED, Effects(paused=("t/plan#1",), fired=("t/plan#1",))
        ),
    ),
    "clock cancelled and fired": (
        ClockDiffers,
        lambda case: case.write(
            RecordKind.INTERVENED, Effects(cancelled=("t/plan#1",), fired=("t/plan#1",))
        ),
    ),
    "fact with another old value": (
        FactDiffers,
        lambda case: case.write(RecordKind.INTERVENED, facts={"score": 1}, old={"score": 69}),
    ),
    "fact whose old value is one instead of true": (
        FactDiffers,
        lambda case: case.write(RecordKind.INTERVENED, facts={"open": False}, old={"open": 1}),
    ),
    "another marking before": (
        MarkingDiffers,
        lambda case: case.write(RecordKind.INTERVENED, from_marking=PLACES[5]),
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_record_that_does_not_fit_is_named(case: StreamWriter, name: str) -> None:
    expected, write = MISFITS[name]
    with pytest.raises(expected) as caught:
        write(case)
    assert f"Case {case.id}, record 2:" in str(caught.value)


def test_records_out_of_order_or_of_another_case_are_refused(case: StreamWriter) -> None:
    second = case.write(RecordKind.INTERVENED)
    with pytest.raises(OutOfOrder):
        CaseState().apply(second)
    other = StreamWriter(random.Random(2))
    state = CaseState()
    state.apply(first_record(case))
    with pytest.raises(OutOfOrder):
        state.apply(other.open())


def test_every_error_of_the_fold_has_a_code_of_its_own() -> None:
    classes = [FoldError, *FoldError.__subclasses__(), StateDiffers]
    assert len({error.code for error in classes}) == len(classes)


def test_state_line_is_compared_to_the_last_detail() -> None:
    state = case_with_history(random.Random(3)).state
    state.compare(state.state_line())
    for key, value in {"ended": 0, "marking": None, "tasks": [], "facts": {}, "seq": 6.0}.items():
        with pytest.raises(StateDiffers) as caught:
            state.compare(state.state_line() | {key: value})
        assert key in str(caught.value)
    with pytest.raises(StateDiffers):
        state.compare(state.state_line() | {"more": 1})


def test_late_record_after_a_long_pause_keeps_the_case_whole(case: StreamWriter) -> None:
    case.write(RecordKind.INTERVENED, after=timedelta(days=4000), facts={"note": "迟到"})
    assert case.state.seq == 2
