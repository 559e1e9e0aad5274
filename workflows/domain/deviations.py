"""What departs from the ordinary course of a case, read from its records (例外).

Whatever the open part of a record tells is read from there, so that nothing depends on what
a reader is shown; a payload gives the reason only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.deviation_state import CourseState, DatedTerm, Noted
from workflows.domain.records import MoveReason, RecordKind, TriggerKind

# Nobody works then as a rule: from nine in the evening to seven in the morning.
NIGHT_FROM, NIGHT_UNTIL = 21, 7
# What an appeal's decision sends to the case that it is about (services/steps/operations.py).
_SETS_ASIDE = "void_effects"
_LATE_WORDS = frozenset({"enter_late", "pause_from"})


class DeviationKind(StrEnum):
    """The kinds, in the order in which they are listed."""

    LATE_ENTRY = "late_entry"
    LATE_PENDING = "late_pending"
    WITHDRAWN_ESCALATION = "withdrawn_escalation"
    TAKEN_BACK = "taken_back"
    CO_SIGNED = "co_signed"
    HOLD = "hold"
    PAUSE = "pause"
    EXTENSION = "extension"
    SUPERVISOR_OVERDUE = "supervisor_overdue"
    CORRECTED = "corrected"
    SET_ASIDE = "set_aside"
    EFFECT_LIFTED = "effect_lifted"
    STOPPED = "stopped"
    RECUSED = "recused"
    BREAK_GLASS = "break_glass"
    OVER_CAP = "over_cap"
    PROVISIONAL = "provisional"
    WITHHELD = "withheld"
    FIELDS_WITHHELD = "fields_withheld"
    ERASED = "erased"
    OFF_HOURS = "off_hours"


_KEPT_BACK = {
    "confidential": DeviationKind.WITHHELD,
    "erased": DeviationKind.ERASED,
    "fields": DeviationKind.FIELDS_WITHHELD,
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One departure, at the record that shows it.

    ``on`` is the day it is about. ``place`` is the task or clock, path#n, or what was looked
    at; ``about_seq`` the record that it goes with, of the case ``case_id`` where it is about
    another one; ``until`` the day it ended or goes up to, None while it lasts; ``days`` how
    long; ``seqs`` the records where it is about several.
    ``reason`` is None where the reader is not shown it; ``cause`` the activity of whose doing
    it is a part, where nobody intervened.
    """

    kind: DeviationKind
    stream_id: str
    seq: int
    index: int | None
    on: date
    definition: str | None = None
    office: str | None = None
    actor: str = ""
    place: str = ""
    rule: str = ""
    about_seq: int | None = None
    until: date | None = None
    days: int | None = None
    reason: str | None = ""
    cause: str = ""
    seqs: tuple[int, ...] = ()
    case_id: str | None = None


def case_deviations(noted: Iterable[Noted], made_at: datetime) -> list[Deviation]:
    """Find the deviations of one case, in the order of its records.

    Args:
        noted: All its records from the first on, up to some moment.
        made_at: That moment; what is still open counts up to it.
    """
    course = _Course()
    for each in noted:
        course.take(each)
    return sorted(course.finish(made_at), key=lambda found: (found.seq, found.kind, found.place))


def house_deviations(
    noted: Iterable[Noted], is_workday: Callable[[date], bool]
) -> Iterator[Deviation]:
    """Find in the records of the house who looked at persons' cases out of hours."""
    for each in noted:
        record = each.record
        if record.trigger.name == "looked" and is_off_hours(record.recorded_at, is_workday):
            yield replace(
                _at(each, DeviationKind.OFF_HOURS),
                place=record.trigger.ref,
                case_id=_form(each).get("case"),
                reason="",
            )


def is_off_hours(at: datetime, is_workday: Callable[[date], bool]) -> bool:
    """Say whether a moment lies in the night or on a day off, at the place."""
    if not NIGHT_UNTIL <= at.astimezone(SHANGHAI).hour < NIGHT_FROM:
        return True
    return not is_workday(local_date(at))


class _Course:
    """The records of one case, taken one after the other."""

    def __init__(self) -> None:
        self._now = CourseState()
        self._before: dict[int, CourseState] = {}
        self._by_seq: dict[int, Noted] = {}
        self._found: list[Deviation] = []
        self._kept_back: dict[str, list[Noted]] = {}

    def take(self, noted: Noted) -> None:
        """Take the next record."""
        record = noted.record
        self._by_seq[record.seq] = noted
        self._before[record.seq] = self._now.copy()
        if noted.kept_back:
            self._kept_back.setdefault(noted.kept_back, []).append(noted)
        if record.about is not None and record.about.id == record.id:
            self._take_back(noted, record.about.seq)
        self._note_late(noted)
        self._note_co_signed(noted)
        self._note_set_aside(noted)
        self._note_lifted(noted)
        self._note_stop(noted)
        self._note_clocks(noted)
        self._note_tasks(noted)

    def finish(self, made_at: datetime) -> list[Deviation]:
        """Give what was found, with what still lasts at some moment."""
        now, last_on = self._now, local_date(made_at)
        for ref, noted in now.entries.items():
            self._add(noted, DeviationKind.LATE_PENDING, place=ref)
        for clock, noted in now.pauses.items():
            days = (last_on - local_date(noted.record.occurred_at)).days
            self._add(noted, _kind_of_pause(noted), place=clock, rule=self._rule(clock), days=days)
        for task, noted in now.raised.items():
            self._note_overdue(noted, task, None, made_at)
        for clock in sorted(now.running):
            term = now.terms[clock]
            if term.is_provisional:
                kind = DeviationKind.PROVISIONAL
                self._add(term.dated_by, kind, place=clock, rule=term.rule, until=term.due_on)
        if now.stopped is not None:
            self._add(now.stopped, DeviationKind.STOPPED)
        for why, several in self._kept_back.items():
            seqs = tuple(each.record.seq for each in several)
            self._add(several[0], _KEPT_BACK[why], seqs=seqs, reason="")
        return self._found

    def _take_back(self, noted: Noted, about: int) -> None:
        record = noted.record
        if record.kind is RecordKind.UNDONE:
            self._now = self._before.get(about, self._now).copy()
            self._add(noted, DeviationKind.TAKEN_BACK, about_seq=about)
        elif record.kind is RecordKind.WITHDRAWN:
            fired = self._by_seq.get(about)
            has_raised = fired is not None and bool(fired.record.effects.opened)
            kind = DeviationKind.WITHDRAWN_ESCALATION if has_raised else DeviationKind.TAKEN_BACK
            days, ref = self._since(noted, about), record.trigger.ref
            self._add(noted, kind, about_seq=about, place=ref, days=days)
        elif record.kind is RecordKind.CORRECTED:
            days = self._since(noted, about)
            self._add(noted, DeviationKind.CORRECTED, about_seq=about, days=days)

    def _since(self, noted: Noted, about: int) -> int | None:
        first = self._by_seq.get(about)
        if first is None:
            return None
        return (local_date(noted.record.recorded_at) - local_date(first.record.recorded_at)).days

    def _note_late(self, noted: Noted) -> None:
        record, entries = noted.record, self._now.entries
        name, ref = record.trigger.name, record.trigger.ref
        if record.kind is RecordKind.INTERVENED and name in _LATE_WORDS:
            entries[ref] = noted
        elif name == "refuse_late":
            entries.pop(ref, None)
        elif ref in entries and local_date(record.occurred_at) < local_date(record.recorded_at):
            entry = entries.pop(ref)
            days = (local_date(entry.record.recorded_at) - local_date(record.occurred_at)).days
            self._add(
                noted,
                DeviationKind.LATE_ENTRY,
                place=ref,
                about_seq=entry.record.seq,
                until=local_date(entry.record.recorded_at),
                days=days,
            )

    def _note_co_signed(self, noted: Noted) -> None:
        """Note each signature that made up for a pair of roles; only the payload tells."""
        for each in _form(noted).get("co_signed", ()):
            reason, place = str(each["reason"]), noted.record.trigger.ref
            kind = DeviationKind.CO_SIGNED
            self._add(noted, kind, place=place, actor=str(each["by"]), reason=reason)

    def _note_set_aside(self, noted: Noted) -> None:
        """Note that a decision was changed or revoked, and the record of the case that did it."""
        trigger = noted.record.trigger
        if trigger.type is TriggerKind.MESSAGE and trigger.name == _SETS_ASIDE:
            case_id, _, seq = trigger.ref.partition(":")
            self._add(noted, DeviationKind.SET_ASIDE, case_id=case_id, about_seq=int(seq))

    def _note_lifted(self, noted: Noted) -> None:
        """Note the effects on a person that a later decision lifted."""
        for each in _form(noted).get("carried_out", {}).get("lifted_effects", ()):
            self._add(noted, DeviationKind.EFFECT_LIFTED, about_seq=int(each["seq"]))

    def _note_stop(self, noted: Noted) -> None:
        record, stopped = noted.record, self._now.stopped
        if record.kind is RecordKind.INTERVENED and record.trigger.name == "recuse":
            self._add(noted, DeviationKind.RECUSED)
        elif record.kind is RecordKind.INTERVENED and record.trigger.name == "break_glass":
            self._add(noted, DeviationKind.BREAK_GLASS)
        elif record.kind is RecordKind.INTERVENED and record.trigger.name == "over_cap":
            self._add(noted, DeviationKind.OVER_CAP, place=record.trigger.ref)
        elif record.kind is RecordKind.INTERVENED and record.trigger.name == "stop":
            self._now.stopped = noted
        elif stopped is not None and (
            record.kind is RecordKind.CASE_CLOSED or record.trigger.name == "go_on"
        ):
            self._now.stopped = None
            until = local_date(record.recorded_at)
            days = (until - local_date(stopped.record.recorded_at)).days
            seq = record.seq
            self._add(stopped, DeviationKind.STOPPED, about_seq=seq, until=until, days=days)

    def _note_clocks(self, noted: Noted) -> None:
        effects, now = noted.record.effects, self._now
        for armed in effects.armed:
            now.terms[armed.clock] = DatedTerm(
                armed.rule, armed.task, armed.due_on, armed.due_at, armed.provisional, noted
            )
            now.running.add(armed.clock)
        for moved in effects.moved:
            before = now.terms.get(moved.clock)
            if before is None:
                continue
            if moved.why is MoveReason.EXTENSION:
                self._note_extension(noted, moved.clock, before, moved.due_on)
            now.terms[moved.clock] = replace(
                before,
                due_on=moved.due_on,
                due_at=moved.due_at,
                is_provisional=moved.provisional,
                dated_by=noted,
            )
            now.running.add(moved.clock)
        self._note_pauses(noted)
        now.running -= {*effects.fired, *effects.cancelled}
        for clock in effects.cancelled:
            self._end_pause(noted, clock)
        if effects.ended:
            now.running.clear()
            for clock in [*now.pauses]:
                self._end_pause(noted, clock)

    def _note_extension(self, noted: Noted, clock: str, before: DatedTerm, due_on: date) -> None:
        days = (due_on - before.due_on).days
        kind = DeviationKind.EXTENSION
        self._add(noted, kind, place=clock, rule=before.rule, until=due_on, days=days)

    def _note_pauses(self, noted: Noted) -> None:
        for clock in noted.record.effects.paused:
            self._now.pauses[clock] = noted
        for clock in noted.record.effects.resumed:
            self._end_pause(noted, clock)

    def _end_pause(self, noted: Noted, clock: str) -> None:
        begun = self._now.pauses.pop(clock, None)
        if begun is None:
            return
        until = local_date(noted.record.occurred_at)
        days = (until - local_date(begun.record.occurred_at)).days
        rule, seq, kind = self._rule(clock), noted.record.seq, _kind_of_pause(begun)
        self._add(begun, kind, place=clock, rule=rule, about_seq=seq, until=until, days=days)

    def _note_tasks(self, noted: Noted) -> None:
        record, raised = noted.record, self._now.raised
        for task in record.effects.closed:
            opened = raised.pop(task, None)
            if opened is not None and record.kind is not RecordKind.WITHDRAWN:
                self._note_overdue(opened, task, noted, record.occurred_at)
        if record.kind is RecordKind.CLOCK_FIRED:
            raised.update({each.task: noted for each in record.effects.opened})

    def _note_overdue(self, opened: Noted, task: str, closed: Noted | None, at: datetime) -> None:
        """Note a task that a deadline raised to the supervisor and that was not done in time."""
        terms = [term for term in self._now.terms.values() if term.task == task]
        due = min((term for term in terms), key=lambda term: term.due_at, default=None)
        if due is None or at < due.due_at:
            return
        self._add(
            closed or opened,
            DeviationKind.SUPERVISOR_OVERDUE,
            place=task,
            rule=due.rule,
            about_seq=opened.record.seq,
            until=None if closed is None else local_date(at),
            days=(local_date(at) - due.due_on).days,
            on=due.due_on,
            office=_office_of(opened, task),
            reason="",
        )

    def _rule(self, clock: str) -> str:
        term = self._now.terms.get(clock)
        return term.rule if term else ""

    def _add(self, noted: Noted, kind: DeviationKind, **more: Any) -> None:
        self._found.append(replace(_at(noted, kind), **more))


def _at(noted: Noted, kind: DeviationKind) -> Deviation:
    record, payload = noted.record, noted.payload
    hidden = payload is None and record.payload is not None
    return Deviation(
        kind=kind,
        stream_id=record.id,
        seq=record.seq,
        index=noted.index,
        on=local_date(record.occurred_at),
        definition=record.definition,
        office=record.office,
        actor=record.performed_by or record.actor,
        reason=None if hidden else str((payload or {}).get("reason") or ""),
        cause=record.trigger.name if record.kind is RecordKind.TASK_COMPLETED else "",
    )


def _form(noted: Noted) -> Mapping[str, Any]:
    form: Mapping[str, Any] = (noted.payload or {}).get("form", {})
    return form


def _kind_of_pause(begun: Noted) -> DeviationKind:
    """Tell what an officer stopped from what stopped by the rules, as with a report handed in."""
    by_hand = begun.record.kind is RecordKind.INTERVENED
    return DeviationKind.HOLD if by_hand else DeviationKind.PAUSE


def _office_of(opened: Noted, task: str) -> str | None:
    offices = [each.office for each in opened.record.effects.opened if each.task == task]
    return offices[0] if offices else opened.record.office
