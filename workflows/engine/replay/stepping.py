"""One recorded step taken again: what the engine gives, told as a record would tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows.domain.entries import split_place
from workflows.domain.fold import CaseState
from workflows.domain.records import Armed, BudgetUnit, Moved, MoveReason
from workflows.domain.steps import Facts, OperationCall, Step, Trigger, TriggerType
from workflows.domain.terms import DueDates, arm
from workflows.engine.definition import Definition
from workflows.engine.replay.ledger import KnownTerm, Ledger

_OFFICE = "office"


@dataclass(slots=True)
class Taking:
    """A step on its way into effects.

    ``dates`` are null where they cannot be worked out: the region is not known.
    """

    definition: Definition
    state: CaseState
    ledger: Ledger
    dates: DueDates | None
    on: date
    trigger: Trigger
    step: Step
    facts: Facts
    _tasks: dict[str, str] = field(default_factory=dict)
    _clocks: dict[str, KnownTerm] = field(default_factory=dict)
    _effects: dict[str, list[Any]] = field(default_factory=dict)

    def effects(self) -> dict[str, Any]:
        """Give the effects that the record must have; offices of tasks are left out."""
        step, names = self.step, ("moved", "paused", "resumed", "fired", "thrown")
        self._effects = {name: [] for name in names}
        self._tasks = {split_place(place)[0]: place for place in self.state.tasks}
        live = (self.ledger.clocks[place] for place in self.state.clocks)
        self._clocks = {split_place(clock.place)[0]: clock for clock in live}
        if self.trigger.type is TriggerType.CLOCK:
            self._effects["fired"].append(self._clocks.pop(self.trigger.path).place)
        closed = [self._tasks.pop(path) for path in step.closed]
        cancelled = [self._clocks.pop(path).place for path in step.cancelled]
        opened = list(self._open())
        armed = list(self._arm())
        self._effects["thrown"].extend(step.thrown)
        for call in step.operations:
            self._operate(call)
        return {
            **{f"effects.{name}": value for name, value in self._effects.items()},
            "effects.closed": closed,
            "effects.cancelled": cancelled,
            "effects.opened": opened,
            "effects.armed": armed,
            "effects.assigned": [],
            "effects.ended": step.ended,
        }

    def _open(self) -> Iterator[dict[str, Any]]:
        for task in self.step.opened:
            activity = self.definition.activity(task.path)
            n = self.state.entered.get(task.path, 0) + 1
            place = self._tasks[task.path] = f"{task.path}#{n}"
            yield {
                "task": place,
                "activity": task.activity,
                "rung": activity.rung or 0,
                "roles": list(activity.roles),
            }

    def _arm(self) -> Iterator[dict[str, Any]]:
        for clock in self.step.armed:
            place = f"{clock.path}#{self.ledger.entered.get(clock.path, 0) + 1}"
            if self.dates is None:
                yield {"clock": place, "rule": clock.rule}
                continue
            anchor = self.facts.get(clock.anchor)
            number = self.ledger.terms_counted(clock.path, anchor) + 1 if clock.series else 1
            term, due = arm(clock, number, self.facts, self.on, self.dates)
            self._clocks[clock.path] = KnownTerm(place, clock.rule, term)
            yield Armed(
                place,
                clock.rule,
                self._tasks.get(clock.due_of or ""),
                term.anchor_on,
                term.budget.amount,
                BudgetUnit(term.budget.unit),
                due.due_on,
                due.due_at,
                due.provisional,
            ).to_json()

    # ------------------------------------------------------------- operations

    def _operate(self, call: OperationCall) -> None:
        match call.name:
            case "send_message":
                self._effects["thrown"].append(call.parameters.get("message"))
            case "extend_clock":
                days = call.parameters.get("days")
                for path, clock in self._of_rule(call.parameters.get("rule")):
                    total = clock.term.extension_days + (days if isinstance(days, int) else 0)
                    self._move(path, clock.extended(total), MoveReason.EXTENSION)
            case "pause_clocks" | "resume_clocks":
                for rule in str(call.parameters.get("rules") or "").split():
                    for path, clock in self._of_rule(rule):
                        self._turn(path, clock, stops=call.name == "pause_clocks")

    def _of_rule(self, rule: object) -> list[tuple[str, KnownTerm]]:
        return [(path, clock) for path, clock in self._clocks.items() if clock.rule == rule]

    def _turn(self, path: str, clock: KnownTerm, *, stops: bool) -> None:
        if clock.is_paused is stops:
            return
        if stops:
            self._clocks[path] = clock.paused(self.on)
            self._effects["paused"].append(clock.place)
        else:
            self._effects["resumed"].append(clock.place)
            self._move(path, clock.resumed(self.on), MoveReason.PAUSE)

    def _move(self, path: str, clock: KnownTerm, why: MoveReason) -> None:
        self._clocks[path] = clock
        self._effects["moved"].append(moved(clock, self.dates, why))


def moved(clock: KnownTerm, dates: DueDates | None, why: MoveReason) -> dict[str, Any]:
    """Tell a clock's new date; without it where it cannot be worked out."""
    if dates is None or not clock.is_certain:
        return {"clock": clock.place, "why": why.value}
    due = dates.of(clock.term, clock.pauses)
    return Moved(clock.place, due.due_on, due.due_at, due.provisional, why).to_json()


def told_effects(effects: Mapping[str, Any], reached: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record's effects as far as the engine can tell them.

    Which office a task goes to is decided by the organisations of that day, which no
    definition knows; and dates are left out where the engine could not work them out.
    """
    told = {f"effects.{name}": value for name, value in effects.items()}
    told["effects.opened"] = [_without(each, _OFFICE) for each in effects["opened"]]
    for name in ("armed", "moved"):
        shown = {each["clock"]: each for each in reached.get(f"effects.{name}", ())}
        told[f"effects.{name}"] = [
            {key: value for key, value in each.items() if key in shown.get(each["clock"], each)}
            for each in effects[name]
        ]
    return told


def _without(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name != key}
