"""One case's records, replayed in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, TypeAlias

from workflows.domain.clocks import ClockKind, local_date
from workflows.domain.closed_fields import closed_places, is_closed, with_values
from workflows.domain.entries import Entry, split_place
from workflows.domain.errors import DubanError
from workflows.domain.fold import CaseState
from workflows.domain.records import MoveReason
from workflows.domain.steps import Facts, Step, Trigger, TriggerType
from workflows.engine.definition import Definition
from workflows.engine.execution import START
from workflows.engine.marking import standing
from workflows.engine.replay.differences import StepNotReached, compare
from workflows.engine.replay.following import follow, told_paths
from workflows.engine.replay.ledger import Ledger
from workflows.engine.replay.stepping import Taking, moved, told_effects
from workflows.engine.replay.surroundings import Surroundings, kind_of
from workflows.engine.table import step

Noted: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any] | None, date, Mapping[str, ClockKind]]
_STEPS = frozenset(("case_opened", "task_completed", "clock_fired", "message_received"))


class Replayed(Enum):
    """How far a record was replayed."""

    EVALUATED = "evaluated"  # the engine evaluated it and reached what it says
    FOLLOWED = "followed"  # facts are missing: the trace was followed, not re-evaluated
    FOLDED = "folded"  # no step: the fold alone checks it


@dataclass(slots=True)
class CaseReplay:
    """A case that is replayed record by record, each from the state that the fold gives."""

    surroundings: Surroundings
    state: CaseState = field(default_factory=CaseState)
    ledger: Ledger = field(default_factory=Ledger)
    _organisation: str | None = None
    _noted: list[Noted] = field(default_factory=list)

    def take(self, record: Mapping[str, Any], payload: Mapping[str, Any] | None) -> Replayed:
        """Take the next record again, with its payload where that is at hand.

        Raises:
            StepNotReached: The engine does not reach what the record says.
            FoldError: The record does not fit those before it.
        """
        if record["seq"] == 1 and payload is not None:
            self._organisation = payload["form"].get("organisation")
        done = Replayed.FOLDED
        if record["kind"] in _STEPS:
            done = self._take_step(record, payload)
        self.state.apply(dict(record), None if payload is None else dict(payload))
        self._note(record, payload)
        if done is Replayed.FOLDED:
            self._check_dates(record)
        return done

    # ------------------------------------------------------------------ steps

    def _take_step(self, record: Mapping[str, Any], payload: Mapping[str, Any] | None) -> Replayed:
        try:
            definition = self.surroundings.definition(record["definition"])
            marking = "" if record["from"] is None else self.surroundings.markings[record["from"]]
            trigger = recorded_trigger(definition, marking, record)
            if payload is not None and self._evaluate(
                definition, marking, trigger, record, payload
            ):
                return Replayed.EVALUATED
            compare(record, follow(definition, marking, trigger, record), told_paths(record))
        except (KeyError, DubanError) as error:
            if isinstance(error, StepNotReached):
                raise
            raise StepNotReached(
                id=record["id"], seq=record["seq"], what="step", recorded="taken", reached=error
            ) from error
        return Replayed.FOLLOWED

    def _evaluate(
        self,
        definition: Definition,
        marking: str,
        trigger: Trigger,
        record: Mapping[str, Any],
        payload: Mapping[str, Any],
    ) -> bool:
        """Evaluate a step; say no where it needs what is withheld, or differs and something is.

        Raises:
            StepNotReached, DubanError: It differs, or cannot be taken, and nothing is missing.
        """
        closed = {name for name, value in self.state.facts.items() if is_closed(value)}
        closed |= {name for name, _ in closed_places(payload)}
        try:
            asked = self._compare(definition, marking, trigger, record, payload, closed)
        except DubanError:
            if self.state.last_gap or closed:
                return False
            raise
        return closed.isdisjoint(asked)

    def _compare(
        self,
        definition: Definition,
        marking: str,
        trigger: Trigger,
        record: Mapping[str, Any],
        payload: Mapping[str, Any],
        closed: set[str],
    ) -> set[str]:
        """Hold a step against its record; closed facts are null to it and not compared.

        Returns:
            The facts that its expressions asked for.
        """
        entry = Entry(
            record, with_values(payload, dict.fromkeys(key for _, key in closed_places(payload)))
        )
        typed = self._typed(definition, trigger, entry)
        before: Facts = {**self.state.facts, **dict.fromkeys(closed & self.state.facts.keys())}
        done = step(definition, marking, trigger, {**before, **typed})
        known = {**before, **typed, **done.facts_written}
        dates = None
        if record["calendar"] is not None:
            dates = self.surroundings.dates(record["calendar"], self._organisation)
        on = local_date(entry.occurred_at)
        taking = Taking(definition, self.state, self.ledger, dates, on, trigger, done, known)
        reached = {
            "to": done.marking_hash,
            "trace": [[each.expression, each.value] for each in done.trace],
            **taking.effects(),
            "facts": _without(_changed(before, {**typed, **done.facts_written}), closed),
            **_carried_out(done),
        }
        told = {
            "to": record["to"],
            "trace": record["trace"],
            **told_effects(record["effects"], reached),
            "facts": _without(payload["facts"], closed),
            **_carried_out_told(payload),
        }
        compare(record, reached, told)
        return {name for each in done.trace for name in each.operands}

    def _typed(self, definition: Definition, trigger: Trigger, entry: Entry) -> Facts:
        """Give the facts that a form wrote, not those that tables and counters wrote."""
        declared = definition.pack.facts
        if trigger is not START:
            return entry.typed_facts(declared)
        given = {
            name: change["new"]
            for name, change in entry.payload["facts"].items()
            if name in declared
        }
        written = step(definition, "", START, given).facts_written
        form = entry.payload["form"]
        return {name: value for name, value in given.items() if name in form or name not in written}

    # -------------------------------------------------------------- the clocks

    def _note(self, record: Mapping[str, Any], payload: Mapping[str, Any] | None) -> None:
        if record["kind"] == "undone":
            self._noted.pop()
            self.ledger = Ledger()
            for each in self._noted:
                self.ledger.note(*each)
            return
        effects, kinds = record["effects"], dict[str, ClockKind]()
        if effects["armed"]:
            definition = self.surroundings.definition(record["definition"])
            kinds = {each["rule"]: kind_of(definition, each["rule"]) for each in effects["armed"]}
        done = None if payload is None else payload["form"].get("carried_out", {})
        noted = (effects, done, _day(record), kinds)
        self._noted.append(noted)
        self.ledger.note(*noted)

    def _check_dates(self, record: Mapping[str, Any]) -> None:
        """Work out the dates that an officer moved by letting a clock go on."""
        if record["calendar"] is None:
            return
        dates = self.surroundings.dates(record["calendar"], self._organisation)
        for told in record["effects"]["moved"]:
            if told["why"] != MoveReason.PAUSE.value:
                continue
            reached = moved(self.ledger.clocks[told["clock"]], dates, MoveReason.PAUSE)
            shown = {key: value for key, value in told.items() if key in reached}
            compare(record, {"effects.moved": [reached]}, {"effects.moved": [shown]})


def recorded_trigger(definition: Definition, marking: str, record: Mapping[str, Any]) -> Trigger:
    """Give what moved the case by a record.

    Raises:
        StepNotReached: It is a message that the case did not wait for.
    """
    kind, told = record["kind"], record["trigger"]
    if kind == "case_opened":
        return START
    if kind != "message_received":
        by = TriggerType.CLOCK if kind == "clock_fired" else TriggerType.TASK
        return Trigger(by, split_place(told["ref"])[0])
    for path in standing(definition, marking).messages:
        if definition.message(path).message == told["name"]:
            return Trigger(TriggerType.MESSAGE, path)
    raise StepNotReached(
        id=record["id"], seq=record["seq"], what="trigger", recorded=told["name"], reached="none"
    )


def _changed(before: Facts, written: Facts) -> dict[str, Any]:
    return {
        name: {"old": before.get(name), "new": value}
        for name, value in written.items()
        if before.get(name) != value
    }


def _without(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _carried_out(done: Step) -> dict[str, Any]:
    """Give what the step's operations leave in the payload."""
    calls = done.operations
    return {
        "outcome": done.outcome or None,
        "papers": [call.parameters.get("document") for call in calls if call.name == "issue_paper"],
        "opens": sum(call.name == "open_case" for call in calls),
        "measures": [call.parameters.get("kind") for call in calls if call.name == "start_effect"],
    }


def _carried_out_told(payload: Mapping[str, Any]) -> dict[str, Any]:
    done, links = payload["form"].get("carried_out", {}), payload["links"]
    return {
        "outcome": done.get("outcome"),
        "papers": links.get("papers", []),
        "opens": len(links.get("opens", [])),
        "measures": [each["kind"] for each in done.get("effects", [])],
    }


def _day(record: Mapping[str, Any]) -> date:
    return local_date(Entry(record, {}).occurred_at)
