"""The result of checking a pack: one value, and its canonical JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from workflows.domain.steps import TriggerType
from workflows.engine.check.guard import check_guardrails, conditions_of
from workflows.engine.check.rung_time import RungTime, rung_times
from workflows.engine.check.soundness import (
    DEAD,
    ENTERED_TWICE,
    SOUNDNESS,
    STEP_FAILS,
    Broken,
    check_soundness,
)
from workflows.engine.check.story import StoryStep
from workflows.engine.definition import Definition
from workflows.engine.findings import Finding
from workflows.engine.guardrails import Guardrail
from workflows.engine.marking import read, write
from workflows.engine.pack import Pack
from workflows.engine.reach import Exploration, Graph, Limits, explore


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a process was explored.

    For a process that others call: where its tokens can stand inside of their cases.
    """

    process_id: str
    markings: int
    transitions: int
    states: int
    begins_cases: bool


@dataclass(frozen=True)
class PackCheck:
    """What was found of a pack; ``explored`` is the graph that it was found on."""

    pack: Pack
    explored: Exploration
    counts: tuple[Counts, ...]
    broken: tuple[Broken, ...]
    rung_times: tuple[RungTime, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether the pack may be published."""
        return not self.broken

    @property
    def totals(self) -> Counts:
        """Give the sums over the processes in which cases begin."""
        own = [each for each in self.counts if each.begins_cases]
        return Counts(
            process_id="",
            markings=sum(each.markings for each in own),
            transitions=sum(each.transitions for each in own),
            states=sum(each.states for each in own),
            begins_cases=True,
        )

    def as_json(self) -> dict[str, object]:
        """Give everything but the graph, for programs and for keeping beside a version."""
        return {
            "pack": self.pack.hash,
            "clean": self.is_clean,
            "sound": dict(self.soundness),
            "processes": [_counts_json(each) for each in (*self.counts, self.totals)],
            "broken": [self._broken_json(each) for each in self.broken],
            "guardrails": [self._guardrail_json(each) for each in self.pack.guardrails.values()],
            "rungs": [self._time_json(each) for each in self.rung_times],
        }

    def canonical(self) -> bytes:
        """Write it in its one form."""
        return orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)

    @property
    def soundness(self) -> Mapping[str, bool | None]:
        """Tell of each part of soundness whether it holds.

        None where that is not known: the pack was not explored to its end, or, of what is
        never reached, some step fails first.
        """
        rules = {each.finding.rule for each in self.broken}
        unknown = bool(self.explored.refusals)
        fails = {STEP_FAILS.code, ENTERED_TWICE.code} & rules
        found: dict[str, bool | None] = {}
        for name, rule in SOUNDNESS.items():
            is_hidden = unknown or (rule is DEAD and bool(fails))
            found[name] = False if rule.code in rules else (None if is_hidden else True)
        return found

    def holds(self, guardrail: str) -> bool | None:
        """Tell whether a guardrail holds; None where the pack was not explored to its end."""
        if self.explored.refusals:
            return None
        return all(each.guardrail != guardrail for each in self.broken)

    def _guardrail_json(self, each: Guardrail) -> dict[str, object]:
        return {
            "id": each.id,
            "kind": each.kind.value,
            "zh": each.zh,
            "en": each.en,
            "basis": each.basis,
            "holds": self.holds(each.id),
        }

    def _broken_json(self, each: Broken) -> dict[str, object]:
        found = each.finding
        return {
            "rule": found.rule,
            "guardrail": each.guardrail,
            "process": each.process_id,
            "file": found.file,
            "element": found.element,
            "message": {"zh": found.message_zh, "en": found.message_en},
            "remedy": {"zh": found.remedy_zh, "en": found.remedy_en},
            "steps": [step.as_json(self.pack) for step in each.steps],
        }

    def _time_json(self, each: RungTime) -> dict[str, object]:
        return {
            "process": each.process_id,
            "rung": each.rung,
            "parts": dict(each.parts),
            "unbounded": [list(reason) for reason in each.unbounded],
            "text": {"zh": each.text(self.pack, "zh"), "en": each.text(self.pack, "en")},
        }


def read_broken(told: Mapping[str, Any]) -> Broken:
    """Read what is broken back from the JSON of a report."""
    finding = Finding(
        file=told["file"],
        rule=told["rule"],
        message_zh=told["message"]["zh"],
        message_en=told["message"]["en"],
        remedy_zh=told["remedy"]["zh"],
        remedy_en=told["remedy"]["en"],
        element=told["element"],
    )
    steps = (
        StoryStep(
            number=each["case"],
            process_id=each["process"],
            trigger=TriggerType(each["trigger"]),
            path=each["path"],
            written=each["written"],
            passed=tuple(each["passed"]),
            opened=tuple(each["opened"]),
            marking=each["marking"],
        )
        for each in told["steps"]
    )
    return Broken(finding, told["process"], tuple(steps), told.get("guardrail"))


def check_pack(
    pack: Pack, limits: Limits | None = None, known: Exploration | None = None
) -> PackCheck:
    """Check a pack whole.

    Args:
        pack: The pack.
        limits: How far to explore; a pack that goes further is refused with the reason.
        known: The exploration of another version; what has not changed is taken from it.
    """
    explored = explore(pack, conditions_of(pack), limits, known)
    return PackCheck(
        pack=pack,
        explored=explored,
        counts=tuple(_counts(pack, explored)),
        broken=(*check_soundness(pack, explored), *check_guardrails(pack, explored)),
        rung_times=rung_times(pack, explored),
    )


def _counts_json(each: Counts) -> dict[str, object]:
    return {
        "process": each.process_id,
        "markings": each.markings,
        "transitions": each.transitions,
        "states": each.states,
        "begins_cases": each.begins_cases,
    }


def _counts(pack: Pack, explored: Exploration) -> Iterator[Counts]:
    inside: dict[str, set[tuple[str, str]]] = {}
    steps: dict[str, set[tuple[str, str]]] = {}
    for name, graph in explored.graphs.items():
        yield _own_counts(graph)
        _count_called(pack.processes[name], graph, inside, steps)
    for name in pack.processes:
        if name in inside and name not in explored.graphs:
            markings, taken = len(inside[name]), len(steps.get(name, ()))
            yield Counts(name, markings, taken, markings, begins_cases=False)


def _own_counts(graph: Graph) -> Counts:
    states = graph.states
    steps = {
        (states[each.source].marking, each.trigger, each.effect.marking)
        for each in graph.transitions
        if each.target is not None
    }
    return Counts(
        graph.process_id, len(graph.markings), len(steps), len(states) - 1, begins_cases=True
    )


def _count_called(
    definition: Definition,
    graph: Graph,
    inside: dict[str, set[tuple[str, str]]],
    steps: dict[str, set[tuple[str, str]]],
) -> None:
    """Count where tokens stand inside of called processes, and what moves them there."""
    for marking in graph.markings:
        for path, inner in _scopes(read(definition, marking), ""):
            called = definition.place(path).element.called
            if called is not None:
                inside.setdefault(called, set()).add((called, write(dict(inner))))
    triggers = {(graph.states[each.source].marking, each.trigger) for each in graph.transitions}
    for marking, trigger in triggers:
        for path, inner in _scopes(read(definition, marking) if marking else {}, ""):
            called = definition.place(path).element.called
            if called is not None and trigger.path.startswith(f"{path}/"):
                own = trigger.path.removeprefix(f"{path}/")
                steps.setdefault(called, set()).add((write(dict(inner)), own))


def _scopes(
    marking: Mapping[str, object], prefix: str
) -> Iterable[tuple[str, Mapping[str, object]]]:
    for name, value in marking.items():
        if isinstance(value, dict):
            yield prefix + name, value
            yield from _scopes(value, f"{prefix}{name}/")
