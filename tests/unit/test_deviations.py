"""What departs from the ordinary course, told from records that were made for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from workflows.domain.clocks import due_at_of
from workflows.domain.deviation_state import Noted
from workflows.domain.deviations import (
    Deviation,
    DeviationKind,
    case_deviations,
    house_deviations,
    is_off_hours,
)
from workflows.domain.records import (
    About,
    Armed,
    BudgetUnit,
    Effects,
    Moved,
    MoveReason,
    Opened,
    Record,
    RecordKind,
    StreamKind,
    TriggerKind,
    TriggerRef,
)

CASE, OFFICE, CLERK = "c_" + "a" * 26, "o_" + "b" * 26, "u_" + "c" * 26
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
END = START + timedelta(days=60)
DUE, LATER = date(2026, 3, 12), date(2026, 3, 22)


class Course:
    """The records of a case, one a day."""

    def __init__(self) -> None:
        self.noted: list[Noted] = []

    def add(
        self,
        kind: RecordKind = RecordKind.TASK_COMPLETED,
        name: str = "plan",
        ref: str = "plan#1",
        *,
        about: int | None = None,
        late_days: int = 0,
        payload: dict[str, Any] | None = None,
        kept_back: str = "",
        **effects: Any,
    ) -> int:
        """Add a record of the next day and give its seq."""
        seq = len(self.noted) + 1
        at = START + timedelta(days=seq - 1)
        record = Record(
            stream=StreamKind.CASE,
            id=CASE,
            seq=seq,
            prev="0" * 64,
            kind=kind,
            recorded_at=at,
            occurred_at=at - timedelta(days=late_days),
            actor=CLERK,
            office=OFFICE,
            trigger=TriggerRef(TriggerKind.TASK, name, ref),
            about=None if about is None else About(CASE, about),
            effects=Effects(**effects),
            payload=None if payload is None and not kept_back else "f" * 64,
        )
        self.noted.append(Noted(100 + seq, record, payload, kept_back))
        return seq

    def arm(self, clock: str = "term#1", *, provisional: bool = False, task: str = "") -> int:
        """Add a record that arms a clock."""
        return self.add(armed=(armed(clock, provisional=provisional, task=task),))

    def intervene(self, name: str, ref: str = "term#1", **more: Any) -> int:
        """Add what an officer did."""
        return self.add(RecordKind.INTERVENED, name, ref, **more)

    def found(self, kind: DeviationKind | None = None) -> list[Deviation]:
        """Give what is found, or what is found of a kind."""
        return [each for each in case_deviations(self.noted, END) if kind in (None, each.kind)]


@pytest.fixture
def course() -> Course:
    opened = Course()
    opened.add(RecordKind.CASE_OPENED, "open", "m")
    return opened


def armed(clock: str, *, provisional: bool = False, task: str = "") -> Armed:
    """Give a clock that is due on the twelfth."""
    unit = BudgetUnit.DAYS
    on = START.date()
    at = due_at_of(DUE)
    return Armed(clock, "R_RECT", task or None, on, 10, unit, DUE, at, provisional)


def moved(why: MoveReason, due_on: date = LATER, *, provisional: bool = False) -> Moved:
    """Give a clock's new last day."""
    return Moved("term#1", due_on, due_at_of(due_on), provisional, why)


def test_an_ordinary_case_has_none(course: Course) -> None:
    course.arm()
    course.add(cancelled=("term#1",), ended=True, payload={"form": {}, "reason": None})
    assert course.found() == []


def test_an_extension_counts_the_days_that_were_added(course: Course) -> None:
    course.arm()
    seq = course.add(moved=(moved(MoveReason.EXTENSION),))
    (found,) = course.found()
    assert (found.kind, found.seq, found.index) == (DeviationKind.EXTENSION, seq, 100 + seq)
    assert (found.days, found.until, found.cause) == (10, LATER, "plan")


@pytest.mark.parametrize("why", [MoveReason.PAUSE, MoveReason.CALENDAR, MoveReason.MIGRATION])
def test_a_term_that_moves_for_another_reason_is_no_extension(
    course: Course, why: MoveReason
) -> None:
    course.arm()
    course.add(moved=(moved(why),))
    assert course.found(DeviationKind.EXTENSION) == []


def test_a_hold_lasts_until_it_is_resumed(course: Course) -> None:
    course.arm()
    reason = {"form": {}, "reason": "洪水"}
    begun = course.intervene("pause", paused=("term#1",), payload=reason)
    (lasting,) = course.found()
    assert (lasting.kind, lasting.until, lasting.reason) == (DeviationKind.HOLD, None, "洪水")
    assert lasting.days == (END - START).days - 2
    ended = course.intervene("resume", resumed=("term#1",))
    (over,) = course.found()
    assert (over.seq, over.about_seq, over.days) == (begun, ended, 1)


def test_a_pause_of_a_case_that_ends_is_over(course: Course) -> None:
    course.arm()
    course.add(paused=("term#1",))
    end = course.add(ended=True)
    (found,) = course.found()
    assert (found.kind, found.about_seq) == (DeviationKind.PAUSE, end)


def test_what_was_undone_never_paused_anything(course: Course) -> None:
    course.arm()
    paused = course.intervene("pause", paused=("term#1",))
    undone = course.add(RecordKind.UNDONE, "undo", "term#1", about=paused)
    (found,) = course.found()
    assert (found.kind, found.seq, found.about_seq) == (DeviationKind.TAKEN_BACK, undone, paused)


@pytest.mark.parametrize("raised", [True, False])
def test_a_withdrawn_firing_is_an_escalation_where_it_raised_a_task(
    course: Course, raised: bool
) -> None:
    course.arm()
    opened = (Opened("letter#1", "letter", 2, OFFICE, ("R12",)),) if raised else ()
    fired = course.add(RecordKind.CLOCK_FIRED, "R_RECT", "term#1", fired=("term#1",), opened=opened)
    course.add(
        RecordKind.WITHDRAWN,
        "withdraw",
        "term#1",
        about=fired,
        moved=(moved(MoveReason.WITHDRAWAL),),
        closed=tuple(each.task for each in opened),
    )
    (found,) = course.found()
    expected = DeviationKind.WITHDRAWN_ESCALATION if raised else DeviationKind.TAKEN_BACK
    assert (found.kind, found.about_seq, found.days) == (expected, fired, 1)


def test_a_late_entry_is_told_from_the_open_records_alone(course: Course) -> None:
    entered = course.intervene("enter_late", "plan#1", kept_back="confidential")
    (waiting,) = course.found(DeviationKind.LATE_PENDING)
    assert waiting.seq == entered
    seq = course.add(late_days=9, kept_back="confidential")
    (late,) = course.found(DeviationKind.LATE_ENTRY)
    assert (late.seq, late.about_seq, late.days) == (seq, entered, 8)
    assert late.reason is None
    assert course.found(DeviationKind.LATE_PENDING) == []


def test_a_refused_late_entry_is_none(course: Course) -> None:
    course.intervene("enter_late", "plan#1")
    course.intervene("refuse_late", "plan#1")
    course.add(late_days=3)
    assert course.found() == []


def raised_task(course: Course) -> None:
    """Let a deadline raise a task that has a clock of its own, due on the twelfth."""
    course.add(
        RecordKind.CLOCK_FIRED,
        "R_RECT",
        "term#1",
        fired=("term#1",),
        opened=(Opened("review#1", "review", 2, OFFICE, ("R05",)),),
        armed=(armed("review_due#1", task="review#1"),),
    )


def test_a_raised_task_that_lies_is_overdue_at_the_supervisor(course: Course) -> None:
    raised_task(course)
    (found,) = course.found()
    assert (found.kind, found.on, found.until) == (DeviationKind.SUPERVISOR_OVERDUE, DUE, None)
    assert found.days == (END.date() - DUE).days
    assert found.office == OFFICE


def test_a_raised_task_that_is_done_in_time_is_none(course: Course) -> None:
    raised_task(course)
    course.add(name="review", ref="review#1", closed=("review#1",), cancelled=("review_due#1",))
    assert course.found() == []


def test_a_raised_task_that_is_done_too_late_names_both_records(course: Course) -> None:
    raised_task(course)
    for _ in range(12):
        course.add(name="note", ref="note#1")
    seq = course.add(name="review", ref="review#1", closed=("review#1",))
    (found,) = course.found()
    assert (found.seq, found.about_seq, found.days) == (seq, 2, 4)


def test_a_provisional_date_is_listed_at_the_record_that_gave_it(course: Course) -> None:
    course.arm(provisional=True)
    again = course.add(moved=(moved(MoveReason.PAUSE, provisional=True),))
    (found,) = course.found()
    assert (found.kind, found.seq, found.until) == (DeviationKind.PROVISIONAL, again, LATER)
    course.add(moved=(moved(MoveReason.CALENDAR),))
    assert course.found() == []


def test_a_provisional_date_that_has_passed_is_none(course: Course) -> None:
    course.arm(provisional=True)
    course.add(RecordKind.CLOCK_FIRED, "R_RECT", "term#1", fired=("term#1",))
    assert course.found() == []


def test_corrections_stops_and_what_two_should_have_done(course: Course) -> None:
    course.add(RecordKind.CORRECTED, "correct", "plan#1", about=1)
    stop = course.intervene("stop")
    pair = {"by": CLERK, "role": "R03", "with": "R02", "reason": "仅一人在岗"}
    lifted = {"seq": 4, "kind": "impact", "standing": "void", "ended_on": None}
    form = {"co_signed": [pair], "carried_out": {"lifted_effects": [lifted]}}
    course.add(payload={"form": form, "reason": None})
    decided = course.intervene("go_on")
    kinds = {each.kind: each for each in course.found()}
    assert kinds[DeviationKind.CORRECTED].about_seq == 1
    assert kinds[DeviationKind.STOPPED].seq == stop
    assert kinds[DeviationKind.STOPPED].about_seq == decided
    assert kinds[DeviationKind.CO_SIGNED].reason == "仅一人在岗"
    assert kinds[DeviationKind.EFFECT_LIFTED].about_seq == 4


@pytest.mark.parametrize(
    "why, kind",
    [
        ("confidential", DeviationKind.WITHHELD),
        ("erased", DeviationKind.ERASED),
        ("fields", DeviationKind.FIELDS_WITHHELD),
    ],
)
def test_what_is_kept_back_is_one_line_with_all_its_records(
    course: Course, why: str, kind: DeviationKind
) -> None:
    first, second = (course.add(kept_back=why) for _ in range(2))
    (found,) = course.found()
    assert (found.kind, found.seq, found.seqs) == (kind, first, (first, second))


def test_night_and_days_off_are_out_of_hours() -> None:
    def at(hour: int) -> datetime:
        return datetime(2026, 3, 2, 0, tzinfo=UTC) + timedelta(hours=hour - 8)

    assert [hour for hour in range(24) if is_off_hours(at(hour), lambda _: True)] == [
        *range(7),
        *range(21, 24),
    ]
    assert is_off_hours(at(12), lambda _: False)


def test_only_looks_of_the_house_are_told(course: Course) -> None:
    night = START.replace(hour=15)
    look = replace(
        course.noted[0].record,
        stream=StreamKind.HOUSE,
        kind=RecordKind.HOUSE,
        recorded_at=night,
        trigger=TriggerRef(TriggerKind.HOUSE, "looked", "print"),
    )
    login = replace(look, trigger=TriggerRef(TriggerKind.HOUSE, "login", "x"))
    noted = [Noted(1, login, None), Noted(2, look, {"form": {"case": CASE}})]
    (found,) = house_deviations(noted, lambda _: True)
    assert (found.index, found.place, found.case_id) == (2, "print", CASE)
