"""What would have been otherwise in a case if corrected facts had been known so from the start.

Each later step is told again on the facts as they were and as they would be: its
conditions, the answers of its decision tables, what its operations were called with and
the dates of the clocks that it started. Nothing is moved by that; a person looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.entries import split_place
from workflows.domain.errors import DubanError
from workflows.domain.records import JsonValue
from workflows.domain.reviews import ConsequenceKind
from workflows.domain.steps import ArmedClock, FactValue
from workflows.domain.terms import EVENT, Term
from workflows.engine.consequences import Compared, Difference, compare_step
from workflows.engine.replay.case import recorded_trigger
from workflows.services.calendars import calendar_in
from workflows.services.corrections.origins import STEPS, Recorded
from workflows.services.steps.clockwork import pauses_of, term_of
from workflows.services.steps.locked import LockedCase, marking_text
from workflows.store.base import table_of
from workflows.store.casework import pauses
from workflows.store.tables import Clock

_TELLING = ("running", "paused", "fired")


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that would be otherwise, at the record where it was judged.

    ``name`` is the text of a condition, the path of a table or operation, or the rule of a
    clock, ``place`` the clock as path#n. A clock's dates are ISO texts.
    """

    seq: int
    kind: ConsequenceKind
    name: str
    was: JsonValue
    would_be: JsonValue
    place: str = ""
    operands: Mapping[str, FactValue] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """Write it for a payload; the operands stand there among the trace values."""
        return {
            "seq": self.seq,
            "kind": self.kind.value,
            "name": self.name,
            "was": self.was,
            "would_be": self.would_be,
            "place": self.place,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Consequence:
        """Read what `to_json` wrote."""
        return cls(**{**value, "kind": ConsequenceKind(value["kind"])})


def consequences_of(
    session: Session,
    case: LockedCase,
    entries: Sequence[Recorded],
    about: int,
    corrected: Mapping[str, FactValue],
) -> tuple[Consequence, ...]:
    """Find all that would be otherwise if a record had written corrected facts."""
    walk = _AsIf(session, about, corrected)
    steps = tuple(found for each in entries for found in walk.take(each))
    return (*steps, *_dates(session, case, walk))


@dataclass(slots=True)
class _AsIf:
    """Goes through the records beside what was known; ``would`` is what would differ.

    ``armed`` are the clocks by path#n, as they were started and as they would be.
    """

    session: Session
    about: int
    corrected: Mapping[str, FactValue]
    would: dict[str, FactValue] = field(default_factory=dict)
    armed: dict[str, tuple[int, ArmedClock, ArmedClock, date | None]] = field(default_factory=dict)
    _last: dict[str, tuple[ArmedClock, ArmedClock, date | None]] = field(default_factory=dict)

    def take(self, each: Recorded) -> Iterator[Consequence]:
        """Take the next record and give what would have been otherwise there."""
        known = {**each.before, **each.typed}
        if each.kind == "case_opened":
            known |= each.changed
        for name in each.typed:
            self.would.pop(name, None)
        if each.entry.seq == self.about:
            self.would.update(self.corrected)
        if self.would and each.kind in STEPS:
            yield from self._step(each, known)
        elif self.would and each.kind != "corrected":
            for name in each.changed:
                self.would.pop(name, None)
        for path, place in each.entry.places("armed").items():
            if path in self._last:
                self.armed[place] = (each.entry.seq, *self._last[path])

    def _step(self, each: Recorded, known: Mapping[str, FactValue]) -> Iterator[Consequence]:
        seq, would_be = each.entry.seq, {**known, **self.would}
        try:
            compared = self._compare(each, known, would_be)
        except DubanError:
            yield Consequence(seq, ConsequenceKind.STEP, each.entry.ref, True, None)
            return
        self._carry_on(each, known, compared)
        for path, (was, now) in compared.armed.items():
            anchor = {**would_be, **compared.written}.get(now.anchor)
            self._last[path] = was, now, _day(anchor) if now.anchor != EVENT else None
        yield from (_consequence(seq, found) for found in compared.differences)

    def _compare(
        self, each: Recorded, known: Mapping[str, FactValue], would_be: Mapping[str, FactValue]
    ) -> Compared:
        record = each.entry.record
        marking = marking_text(self.session, record["from"]) if record["from"] else ""
        trigger = recorded_trigger(each.definition, marking, record)
        return compare_step(each.definition, marking, trigger, known, would_be)

    def _carry_on(self, each: Recorded, known: Mapping[str, FactValue], compared: Compared) -> None:
        """Let what tables and counters would have written count in the steps that follow."""
        is_known = {**known, **each.changed}
        for name, value in compared.written.items():
            if is_known.get(name) != value:
                self.would[name] = value
            else:
                self.would.pop(name, None)


def _consequence(seq: int, found: Difference) -> Consequence:
    return Consequence(
        seq,
        found.kind,
        found.name,
        found.was,
        found.would_be,
        operands=found.operands,
    )


def _day(value: FactValue) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _dates(session: Session, case: LockedCase, walk: _AsIf) -> Iterator[Consequence]:
    """Work out anew when clocks would end that run, or have run out."""
    table = table_of(Clock)
    statement = select(table).where(table.c.case_id == case.id, table.c.state.in_(_TELLING))
    stopped = pauses(session, case.id)
    for row in session.connection().execute(statement.order_by(table.c.id)):
        place = f"{row.path}#{row.n}"
        if place not in walk.armed:
            continue
        seq, was, now, anchor_on = walk.armed[place]
        term = _other_term(row, was, now, anchor_on)
        calendar = calendar_in(session, case.place.org_path, row.calendar)
        due = term.due(calendar, pauses_of(stopped, *split_place(place)))
        if due.due_on != row.due_on:
            yield Consequence(
                seq,
                ConsequenceKind.CLOCK,
                row.rule if now.rule == row.rule else now.rule,
                row.due_on.isoformat(),
                due.due_on.isoformat(),
                place,
            )


def _other_term(row: Any, was: ArmedClock, now: ArmedClock, anchor_on: date | None) -> Term:
    """Give the term of a clock with another anchor or budget, its extension as it is."""
    term = term_of(row)
    budget = term.budget
    if now.budget != was.budget:
        periods = budget.amount // was.budget.amount if was.series and was.budget.amount else 1
        budget = now.budget.times(periods) if periods > 1 else now.budget
    return Term(anchor_on or term.anchor_on, budget, now.kind, term.extension_days)
