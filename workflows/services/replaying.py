"""A case stepped in memory along its records, with its clocks (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import Budget, Pause, local_date
from workflows.domain.records import parse_time
from workflows.domain.steps import ArmedClock, FactValue, Step, Trigger, TriggerType
from workflows.engine import Definition, standing, start, step
from workflows.engine.errors import EngineError
from workflows.services.changes import split_place
from workflows.services.clockwork import Term, arm


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its payload, as JSON."""

    record: Mapping[str, Any]
    payload: Mapping[str, Any]

    @property
    def seq(self) -> int:
        """Give its place in the chain."""
        return int(self.record["seq"])

    @property
    def ref(self) -> str:
        """Give the task or clock that it is about as path#n."""
        return str(self.record["trigger"]["ref"])

    @property
    def occurred_at(self) -> datetime:
        """Give when it happened."""
        return parse_time(self.record["occurred_at"])

    @property
    def recorded_at(self) -> datetime:
        """Give when it was recorded."""
        return parse_time(self.record["recorded_at"])

    def places(self, effect: str) -> dict[str, str]:
        """Give the tasks or clocks of an effect as path#n by path."""
        key = {"opened": "task", "armed": "clock", "moved": "clock"}.get(effect)
        listed = self.record["effects"][effect]
        places = [each[key] for each in listed] if key else listed
        return {split_place(place)[0]: place for place in places}

    def typed_facts(self, definition: Definition) -> dict[str, FactValue]:
        """Give the facts that the form wrote, unchanged ones too; not those of the step."""
        known = definition.pack.facts
        return {name: value for name, value in self.payload["form"].items() if name in known}


@dataclass(frozen=True, slots=True)
class RunningTerm:
    """A clock in a replay; ``place`` is its path#n in history, null where history has none.

    ``differs`` says that something else happened to it here than in history.
    """

    place: str | None
    rule: str
    term: Term
    pauses: tuple[Pause, ...] = ()
    differs: bool = False

    @property
    def is_paused(self) -> bool:
        """Say whether it stands still."""
        return any(pause.to_on is None for pause in self.pauses)

    def ran_out(self, at: datetime, calendar: Calendar) -> bool:
        """Say whether it was due at a moment at which history has it fire.

        One that history has not fires in place of history's if it was due by then too: an
        answer that only starts the same term again spares nobody what followed it.
        """
        if self.place is not None and not self.differs:
            return True
        return not self.is_paused and self.term.due(calendar, self.pauses).due_at <= at

    def paused(self, from_on: date, to_on: date | None = None, *, differs: bool) -> RunningTerm:
        """Give it stopped from a day on."""
        if self.is_paused:
            return self
        pauses = (*self.pauses, Pause(from_on, to_on, "", ""))
        return replace(self, pauses=pauses, differs=self.differs or differs)

    def resumed(self, to_on: date, *, differs: bool) -> RunningTerm:
        """Give it running again from a day on."""
        pauses = tuple(
            pause if pause.to_on is not None else replace(pause, to_on=max(to_on, pause.from_on))
            for pause in self.pauses
        )
        return replace(self, pauses=pauses, differs=self.differs or differs)

    def extended(self, days: int, *, differs: bool) -> RunningTerm:
        """Give it with more days."""
        term = replace(self.term, extension_days=self.term.extension_days + days)
        return replace(self, term=term, differs=self.differs or differs)


@dataclass(slots=True)
class Followed:
    """What could be done again of later records, by seq, and which firings could not."""

    done: list[int] = field(default_factory=list)
    impossible: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Replay:
    """A case in memory: ``tasks`` maps the path of each open one to its path#n in history.

    ``renamed`` maps a number that a withdrawal gave to the one that the task had before.
    """

    definition: Definition
    calendar: Calendar
    marking: str = ""
    marking_hash: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, str | None] = field(default_factory=dict)
    clocks: dict[str, RunningTerm] = field(default_factory=dict)
    series: dict[tuple[str, date], int] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    outcome: str | None = None

    @classmethod
    def start(cls, definition: Definition, calendar: Calendar, opened: Entry) -> Replay:
        """Open the case again as its first record says."""
        replay = cls(definition, calendar)
        facts = {name: change["new"] for name, change in opened.payload["facts"].items()}
        replay.facts.update(facts)
        replay._take(start(definition, facts), opened.occurred_at, opened)
        return replay

    def copy(self) -> Replay:
        """Give a replay that goes on from here by itself."""
        return replace(
            self,
            facts=dict(self.facts),
            tasks=dict(self.tasks),
            clocks=dict(self.clocks),
            series=dict(self.series),
            renamed=dict(self.renamed),
        )

    def follow(self, entries: Sequence[Entry], without: AbstractSet[int]) -> Followed:
        """Do records again where that is possible."""
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
        return self._step(Trigger(TriggerType.TASK, path), facts, occurred_at, entry)

    def pause(self, place: str, from_on: date, to_on: date | None) -> bool:
        """Stop a running clock, which history did not; say whether it ran."""
        path, _ = split_place(place)
        clock = self.clocks.get(path)
        if clock is None or clock.place != place or clock.is_paused:
            return False
        self.clocks[path] = clock.paused(from_on, to_on, differs=True)
        return True

    def _fire(self, entry: Entry) -> bool:
        path, _ = split_place(entry.ref)
        clock = self.clocks.get(path)
        if (
            clock is None
            or clock.place not in (entry.ref, None)
            or not clock.ran_out(entry.recorded_at, self.calendar)
        ):
            return False
        return self._step(Trigger(TriggerType.CLOCK, path), {}, entry.occurred_at, entry)

    def _act(self, entry: Entry) -> bool:
        facts = entry.typed_facts(self.definition)
        if entry.record["kind"] == "task_completed":
            path, _ = split_place(entry.ref)
            if self.tasks.get(path) != entry.ref:
                return False
            return self.do_task(path, facts, entry.occurred_at, entry)
        name = entry.record["trigger"]["name"]
        for path in standing(self.definition, self.marking).messages:
            if self.definition.message(path).message == name:
                trigger = Trigger(TriggerType.MESSAGE, path)
                return self._step(trigger, facts, entry.occurred_at, entry)
        return False

    def _note(self, entry: Entry) -> None:
        """Take over what officers did to clocks, and new numbers that a withdrawal gave."""
        for path, place in entry.places("opened").items():
            known = self.tasks.get(path)
            if known is not None:
                self.renamed[place] = known
            if path in self.tasks:
                self.tasks[path] = place
        for path, place in entry.places("armed").items():
            if path in self.clocks:
                self.clocks[path] = replace(self.clocks[path], place=place)
        if entry.record["kind"] == "withdrawn":
            return
        on = local_date(entry.occurred_at)
        for path in entry.places("paused"):
            if path in self.clocks:
                self.clocks[path] = self.clocks[path].paused(on, differs=False)
        for path in entry.places("resumed"):
            if path in self.clocks:
                self.clocks[path] = self.clocks[path].resumed(on, differs=False)

    def _step(
        self,
        trigger: Trigger,
        facts: Mapping[str, Any],
        occurred_at: datetime,
        entry: Entry | None,
    ) -> bool:
        known = {**self.facts, **facts}
        try:
            done = step(self.definition, self.marking, trigger, known)
        except EngineError:
            return False
        self.facts = known
        if trigger.type is TriggerType.CLOCK:
            del self.clocks[trigger.path]
        self._take(done, occurred_at, entry)
        return True

    def _take(self, done: Step, occurred_at: datetime, entry: Entry | None) -> None:
        self.marking, self.marking_hash = done.marking, done.marking_hash
        self.facts.update(done.facts_written)
        for path in done.closed:
            del self.tasks[path]
        for path in done.cancelled:
            del self.clocks[path]
        opened = entry.places("opened") if entry else {}
        self.tasks.update((task.path, opened.get(task.path)) for task in done.opened)
        for clock in done.armed:
            self._arm(clock, occurred_at, entry)
        for call in done.operations:
            self._operate(call.name, call.parameters, local_date(occurred_at), entry is None)
        self.ended, self.outcome = done.ended, done.outcome or self.outcome

    def _arm(self, clock: ArmedClock, occurred_at: datetime, entry: Entry | None) -> None:
        place = entry.places("armed").get(clock.path) if entry else None
        if entry and place:
            armed = next(a for a in entry.record["effects"]["armed"] if a["clock"] == place)
            budget = Budget.of(armed["budget"], armed["unit"])
            term = Term(date.fromisoformat(armed["anchor_on"]), budget, clock.kind)
        else:
            anchor = self.facts.get(clock.anchor)
            known = date.fromisoformat(anchor) if isinstance(anchor, str) else date.min
            number = self.series.get((clock.path, known), 0) + 1
            term, _ = arm(clock, number, self.facts, occurred_at, self.calendar)
        if clock.series:
            key = (clock.path, term.anchor_on)
            self.series[key] = self.series.get(key, 0) + 1
        self.clocks[clock.path] = RunningTerm(place, clock.rule, term)

    def _operate(self, name: str, parameters: Mapping[str, Any], on: date, differs: bool) -> None:
        rules = str(parameters.get("rules") or parameters.get("rule") or "").split()
        for path, clock in self.clocks.items():
            if clock.rule not in rules:
                continue
            if name == "pause_clocks":
                self.clocks[path] = clock.paused(on, differs=differs)
            elif name == "resume_clocks":
                self.clocks[path] = clock.resumed(on, differs=differs)
            elif name == "extend_clock":
                days = int(parameters.get("days") or 0)
                self.clocks[path] = clock.extended(days, differs=differs)
