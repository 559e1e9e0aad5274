"""Undoing within a minute, and withdrawing what a clock did though the act was in time."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.journal import PLACES, StreamWriter
from workflows.domain.fold_errors import ClockDiffers, MarkingDiffers, NotUndoable, NotWithdrawable
from workflows.domain.records import Effects, MoveReason, RecordKind

SOON = timedelta(seconds=30)


@pytest.fixture
def case() -> StreamWriter:
    case = StreamWriter(random.Random(1))
    case.open()
    return case


def complete(case: StreamWriter, **others: Any) -> dict[str, Any]:
    effects = Effects(
        closed=("intake/verify#1",), opened=(case.task("rect/plan#1"),), cancelled=("t/plan#1",)
    )
    return case.write(RecordKind.TASK_COMPLETED, effects, to=1, facts={"score": 1}, **others)


def undo(case: StreamWriter, about: int, to: int | None = 0, **others: Any) -> dict[str, Any]:
    return case.write(RecordKind.UNDONE, about=about, to=to, after=SOON, **others)


def test_undoing_restores_the_state_before(case: StreamWriter) -> None:
    before = case.state.state_line()
    complete(case)
    undo(case, about=2)
    assert case.state.state_line() == before | {"seq": 3}


def test_act_can_be_done_again_after_undoing(case: StreamWriter) -> None:
    complete(case)
    undo(case, about=2)
    complete(case)
    assert list(case.state.tasks) == ["rect/plan#1"]


def test_two_acts_are_undone_one_after_the_other(case: StreamWriter) -> None:
    before = case.state.state_line()
    case.write(RecordKind.INTERVENED, facts={"a": 1})
    case.write(RecordKind.INTERVENED, facts={"a": 2}, after=timedelta(seconds=1))
    undo(case, about=3, to=None)
    assert case.state.facts["a"] == 1
    case.write(RecordKind.UNDONE, about=2, after=timedelta(seconds=5))
    assert case.state.state_line() == before | {"seq": 5}


def test_undoing_is_refused_after_a_minute(case: StreamWriter) -> None:
    complete(case)
    with pytest.raises(NotUndoable, match="60 s"):
        case.write(RecordKind.UNDONE, about=2, to=0, after=timedelta(seconds=61))


def test_undoing_at_exactly_a_minute_is_in_time(case: StreamWriter) -> None:
    complete(case)
    case.write(RecordKind.UNDONE, about=2, to=0, after=timedelta(seconds=60))
    assert case.state.marking == PLACES[0]


def test_somebody_elses_act_cannot_be_undone(case: StreamWriter) -> None:
    complete(case)
    with pytest.raises(NotUndoable, match="somebody else"):
        undo(case, about=2, actor=case.colleague)


def test_act_that_sent_something_cannot_be_undone(case: StreamWriter) -> None:
    case.write(RecordKind.INTERVENED, Effects(thrown=("letter",)))
    with pytest.raises(NotUndoable, match="sent"):
        undo(case, about=2, to=None)


def test_act_that_opened_a_case_cannot_be_undone(case: StreamWriter) -> None:
    case.write(RecordKind.INTERVENED, opens="c_" + "a" * 26)
    with pytest.raises(NotUndoable, match="opened a case"):
        undo(case, about=2, to=None)


def test_act_before_a_later_record_cannot_be_undone(case: StreamWriter) -> None:
    case.write(RecordKind.INTERVENED, facts={"a": 1})
    case.write(RecordKind.INTERVENED, actor=case.colleague, after=timedelta(seconds=1))
    with pytest.raises(NotUndoable, match="last act"):
        undo(case, about=2, to=None)


def test_nothing_is_undone_through_a_fired_clock(case: StreamWriter) -> None:
    case.write(RecordKind.INTERVENED, facts={"a": 1})
    case.write(
        RecordKind.CLOCK_FIRED,
        Effects(fired=("t/plan#1",)),
        actor="system:sweep",
        after=timedelta(seconds=1),
    )
    for about in (2, 3):
        with pytest.raises(NotUndoable):
            undo(case, about=about, to=None)


def test_opening_a_case_and_undoing_are_never_undone(case: StreamWriter) -> None:
    with pytest.raises(NotUndoable):
        case.write(RecordKind.UNDONE, about=1, after=SOON)


def test_undoing_must_name_the_marking_it_goes_back_to(case: StreamWriter) -> None:
    complete(case)
    with pytest.raises(MarkingDiffers, match="`to`"):
        undo(case, about=2, to=3)


def test_undoing_writes_no_facts_of_its_own(case: StreamWriter) -> None:
    case.write(RecordKind.INTERVENED, facts={"a": 1})
    with pytest.raises(NotUndoable, match="facts"):
        undo(case, about=2, to=None, facts={"b": 1})


# ------------------------------------------------------------------ withdrawn


def fire(case: StreamWriter) -> None:
    case.fire("t/plan#1", "letters/first#1", "t/letter#1", to=2)


def withdraw(case: StreamWriter, about: int = 2, **changes: Any) -> dict[str, Any]:
    moved = case.moved("t/plan#1", date(2026, 4, 9), MoveReason.WITHDRAWAL)
    effects: dict[str, Any] = {
        "closed": ("letters/first#1",),
        "cancelled": ("t/letter#1",),
        "moved": (moved,),
    }
    return case.write(RecordKind.WITHDRAWN, Effects(**(effects | changes)), about=about, to=0)


def test_withdrawal_closes_what_was_opened_and_restores_the_clock(case: StreamWriter) -> None:
    fire(case)
    withdraw(case)
    assert list(case.state.tasks) == ["intake/verify#1"]
    assert list(case.state.clocks) == ["t/plan#1"]
    clock = case.state.clocks["t/plan#1"]
    assert (clock.rule, clock.due_on) == ("R_PLAN", "2026-04-09")
    assert case.state.marking == PLACES[0]


def test_records_in_between_stand(case: StreamWriter) -> None:
    fire(case)
    case.write(RecordKind.INTERVENED, facts={"note": "stays"})
    case.write(
        RecordKind.TASK_COMPLETED,
        Effects(closed=("letters/first#1",), opened=(case.task("letters/reply#1"),)),
        to=3,
    )
    withdraw(case, closed=())
    assert case.state.facts["note"] == "stays"
    assert set(case.state.tasks) == {"intake/verify#1", "letters/reply#1"}


def test_later_firing_is_withdrawn_before_the_earlier_one(case: StreamWriter) -> None:
    fire(case)
    case.fire("t/letter#1", "letters/second#1", "t/second#1", to=3)
    case.write(
        RecordKind.WITHDRAWN,
        Effects(
            closed=("letters/second#1",),
            cancelled=("t/second#1",),
            moved=(case.moved("t/letter#1", date(2026, 5, 1), MoveReason.WITHDRAWAL),),
        ),
        about=3,
        to=2,
    )
    withdraw(case)
    assert list(case.state.clocks) == ["t/plan#1"]


def test_clock_may_be_restored_and_cancelled_at_once(case: StreamWriter) -> None:
    fire(case)
    withdraw(case, cancelled=("t/letter#1", "t/plan#1"))
    assert case.state.clocks == {}


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"closed": ()}, "letters/first#1"),
        ({"cancelled": ()}, "t/letter#1"),
        ({"moved": ()}, "t/plan#1"),
    ],
)
def test_withdrawal_that_leaves_something_is_refused(
    case: StreamWriter, changes: dict[str, Any], named: str
) -> None:
    fire(case)
    with pytest.raises(NotWithdrawable, match=named):
        withdraw(case, **changes)


def test_only_a_fired_clock_is_withdrawn_and_only_once(case: StreamWriter) -> None:
    fire(case)
    with pytest.raises(NotWithdrawable):
        withdraw(case, about=1)


def test_second_withdrawal_is_refused(case: StreamWriter) -> None:
    fire(case)
    withdraw(case)
    with pytest.raises(NotWithdrawable):
        withdraw(case, closed=(), cancelled=())


def test_no_other_record_brings_a_fired_clock_back(case: StreamWriter) -> None:
    fire(case)
    moved = case.moved("t/plan#1", date(2026, 4, 9), MoveReason.EXTENSION)
    with pytest.raises(ClockDiffers, match="does not run"):
        case.write(RecordKind.INTERVENED, Effects(moved=(moved,)))


def test_withdrawal_reopens_a_case_that_the_clock_ended(case: StreamWriter) -> None:
    case.write(
        RecordKind.CLOCK_FIRED,
        Effects(fired=("t/plan#1",), ended=True),
        to=8,
        actor="system:sweep",
        after=timedelta(days=20),
    )
    assert case.state.ended
    withdraw(case, closed=(), cancelled=())
    assert not case.state.ended
