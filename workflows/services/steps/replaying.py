"""A case stepped in memory along its records, with its clocks (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import Budget, ClockKind, Due, local_date
from workflows.domain.entries import Entry, split_place
from workflows.domain.errors import Conflict
from workflows.domain.steps import ArmedClock, Facts, Trigger, TriggerType
from workflows.domain.terms import DueDates, ExtensionTooLong, Term
from workflows.engine import Definition, standing
from workflows.engine.errors import EngineError
from workflows.engine.migration import Carried, carry
from workflows.engine.walk import RunningTerm, Walk


class MigratedSince(Conflict):
    """The case went to another version by record {seq} and could not stand there so."""

    code: ClassVar[str] = "migrated_since"


@dataclass(slots=True)
class Followed:
    """What could be done again of later records, by seq, and which firings could not."""

    done: list[int] = field(default_factory=list)
    impossible: list[int] = field(default_factory=list)


@dataclass
class Replay(Walk):
    """A case in memory that follows its history, with tasks and clocks under its numbers.

    ``renamed`` maps a number that a withdrawal gave to the one that the task had before.
    ``versions`` are the definitions that its records name.
    """

    renamed: dict[str, str] = field(default_factory=dict)
    versions: Mapping[str, Definition] = field(default_factory=dict)
    _entry: Entry | None = None

    @classmethod
    def start(cls, versions: Mapping[str, Definition], calendar: Calendar, opened: Entry) -> Replay:
        """Open the case again as its first record says."""
        definition = versions[opened.record["definition"]]
        replay = cls(definition, DueDates(calendar), versions=versions, _entry=opened)
        facts = {name: change["new"] for name, change in opened.payload["facts"].items()}
        replay.open(facts, local_date(opened.occurred_at))
        return replay

    def copy(self) -> Replay:
        """Give a replay that goes on from here by itself."""
        return replace(Walk.copy(self), renamed=dict(self.renamed))

    def follow(self, entries: Sequence[Entry], without: AbstractSet[int]) -> Followed:
        """Do records again where that is possible.

        Raises:
            MigratedSince: The case went to another version, where it could not stand so.
        """
        followed = Followed()
        for entry in entries:
            if entry.seq in without:
                continue
            kind = entry.record["kind"]
            if kind == "clock_fired":
                fired = self._fire(entry)
                (followed.done if fired else followed.impossible).append(entry.seq)
            elif kind in ("task_completed", "message_received"):
                if self._act(entry):
                    followed.done.append(entry.seq)
            else:
                if kind == "case_migrated":
                    self._go_over(entry)
                elif kind == "corrected":
                    changes = entry.payload["facts"].items()
                    self.correct({name: change["new"] for name, change in changes})
                self._note(entry)
        return followed

    def do_task(
        self,
        path: str,
        facts: Mapping[str, Any],
        occurred_at: datetime,
        entry: Entry | None = None,
    ) -> bool:
        """Complete an open task; without an entry, history does not know of it."""
        return self._try(Trigger(TriggerType.TASK, path), facts, occurred_at, entry)

    def stop(self, place: str, from_on: date, to_on: date | None) -> bool:
        """Stop a running clock, which history did not; say whether it ran."""
        path, _ = split_place(place)
        clock = self.clocks.get(path)
        if clock is None or clock.place != place or clock.is_paused:
            return False
        paused = clock.paused(from_on, to_on, differs=True)
        self.clocks[path] = paused._replace(due=self.dates.of(clock.term, paused.pauses))
        return True

    def _fire(self, entry: Entry) -> bool:
        path, _ = split_place(entry.ref)
        clock = self.clocks.get(path)
        if (
            clock is None
            or clock.place not in (entry.ref, None)
            or not _ran_out(clock, entry.recorded_at)
        ):
            return False
        return self._try(Trigger(TriggerType.CLOCK, path), {}, entry.occurred_at, entry)

    def _act(self, entry: Entry) -> bool:
        facts = entry.typed_facts(self.definition.pack.facts)
        if entry.record["kind"] == "task_completed":
            path, _ = split_place(entry.ref)
            if self.tasks.get(path) != entry.ref:
                return False
            return self.do_task(path, facts, entry.occurred_at, entry)
        name = entry.record["trigger"]["name"]
        for path in standing(self.definition, self.marking).messages:
            if self.definition.message(path).message == name:
                trigger = Trigger(TriggerType.MESSAGE, path)
                return self._try(trigger, facts, entry.occurred_at, entry)
        return False

    def _note(self, entry: Entry) -> None:
        """Take over what officers did to clocks, and new numbers that tasks and clocks got."""
        for path, place in entry.places("opened").items():
            known = self.tasks.get(path)
            if known is not None:
                self.renamed[place] = known
            if path in self.tasks:
                self.tasks[path] = place
        for path, place in entry.places("armed").items():
            if path in self.clocks:
                self.clocks[path] = self.clocks[path]._replace(place=place)
        if entry.record["kind"] == "withdrawn":
            return
        on = local_date(entry.occurred_at)
        for path in entry.places("paused"):
            if path in self.clocks:
                self.pause(path, on)
        for path in entry.places("resumed"):
            if path in self.clocks:
                self.resume(path, on)

    def _go_over(self, entry: Entry) -> None:
        """Go to another version from where the case stands here, be it elsewhere than there."""
        new = self.versions[entry.record["definition"]]
        found = carry(self.definition, new, self.marking, entry.payload["form"].get("renames"))
        if not isinstance(found, Carried):
            raise MigratedSince(seq=entry.seq)
        moved = {kept.old: kept.new for kept in (*found.tasks, *found.clocks)}
        self.definition = new
        self.marking, self.marking_hash = found.marking, found.marking_hash
        self.tasks = {moved[path]: place for path, place in self.tasks.items()}
        self.clocks = {moved[path]: clock for path, clock in self.clocks.items() if path in moved}
        stands = standing(new, self.marking)
        self.awaited = stands.messages
        for armed in entry.record["effects"]["armed"]:
            path, _ = split_place(armed["clock"])
            if path in stands.clocks:
                self.clocks[path] = self._armed_again(path, armed)

    def _armed_again(self, path: str, armed: Mapping[str, Any]) -> RunningTerm:
        """Give a clock as the new version has it, with the pauses and extension that it had."""
        old = self.clocks.get(path)
        kind = self.definition.pack.parameters[armed["rule"]].kind or ClockKind.ACT
        budget = Budget.of(armed["budget"], armed["unit"])
        extended = old.term.extension_days if old else 0
        term = Term(date.fromisoformat(armed["anchor_on"]), budget, kind, extended)
        pauses = old.pauses if old else ()
        due_of = self.definition.timer(path).due_of
        due = self.dates.of(term, pauses)
        return RunningTerm(armed["clock"], armed["rule"], term, due, due_of, pauses)

    def _try(
        self,
        trigger: Trigger,
        facts: Mapping[str, Any],
        occurred_at: datetime,
        entry: Entry | None,
    ) -> bool:
        self._entry = entry
        try:
            self.move(trigger, facts, local_date(occurred_at))
        except (EngineError, ExtensionTooLong):
            return False
        return True

    # ------------------------------------------------------- what history knows better

    def _task_place(self, path: str) -> str | None:
        return self._entry.places("opened").get(path) if self._entry else None

    def _clock_place(self, path: str) -> str | None:
        return self._entry.places("armed").get(path) if self._entry else None

    def _term(self, clock: ArmedClock, facts: Facts, on: date) -> tuple[Term, Due]:
        place = self._clock_place(clock.path)
        if self._entry is None or place is None:
            return super()._term(clock, facts, on)
        armed = next(a for a in self._entry.record["effects"]["armed"] if a["clock"] == place)
        budget = Budget.of(armed["budget"], armed["unit"])
        term = Term(date.fromisoformat(armed["anchor_on"]), budget, clock.kind)
        return term, self.dates.of(term)

    @property
    def _differs(self) -> bool:
        return self._entry is None


def _ran_out(clock: RunningTerm, at: datetime) -> bool:
    """Say whether a clock was due at a moment at which history has it fire.

    One that history has not fires in place of history's if it was due by then too: an
    answer that only starts the same term again spares nobody what followed it.
    """
    if clock.place is not None and not clock.differs:
        return True
    return not clock.is_paused and clock.due.due_at <= at
