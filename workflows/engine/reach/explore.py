"""Exploring a pack: its ways without facts first, then every way that facts allow."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from workflows.domain.steps import Trigger, TriggerType
from workflows.engine.definition import Definition
from workflows.engine.execution import START
from workflows.engine.expressions import Expression
from workflows.engine.marking import standing
from workflows.engine.pack import Pack
from workflows.engine.reach.atoms import Scope
from workflows.engine.reach.branching import TooManyWays, ways_of
from workflows.engine.reach.fillings import Forms, Written
from workflows.engine.reach.graph import (
    Exploration,
    Graph,
    Refusal,
    State,
    Transition,
)
from workflows.engine.reach.live import Live, Liveness
from workflows.engine.reach.regions import Regions, Undecidable, hashed
from workflows.engine.reach.roots import called_by, may_receive, root_processes, sent_messages
from workflows.engine.reach.steps import Steps
from workflows.engine.ways import Way

MOST_MARKINGS = 20_000
MOST_STATES = 100_000
MOST_TRANSITIONS = 1_000_000


class _Refused(Exception):
    """Carries the reason out of an exploration that does not end."""

    def __init__(self, reason: str, **words: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = words


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an exploration goes; beyond that a pack is refused, never half proved."""

    markings: int = MOST_MARKINGS
    states: int = MOST_STATES
    transitions: int = MOST_TRANSITIONS


def explore(
    pack: Pack,
    conditions: Iterable[Expression] = (),
    limits: Limits | None = None,
    known: Exploration | None = None,
) -> Exploration:
    """Explore every process of a pack in which cases begin. Pure, and always the same.

    Args:
        pack: The pack.
        conditions: Further questions about facts that the values of a state must answer.
        limits: How far to go.
        known: The exploration of another version; what has not changed is taken from it.
    """
    asked = tuple(conditions)
    graphs: dict[str, Graph] = {}
    refusals: list[Refusal] = []
    for definition in root_processes(pack):
        opening = definition.opening
        when = (opening.when,) if opening is not None and opening.when is not None else ()
        scope = Scope(pack, called_by(definition), (*asked, *when))
        mark = fingerprint(scope)
        before = known.graphs.get(definition.process_id) if known is not None else None
        if before is not None and before.fingerprint == mark:
            graphs[definition.process_id] = before
            continue
        try:
            graphs[definition.process_id] = _Walk(scope, limits or Limits()).graph(mark)
        except Undecidable as error:
            words = {"names": error.names, "question": error.question}
            refusals.append(Refusal("undecidable", definition.process_id, words))
        except _Refused as error:
            refusals.append(Refusal(error.reason, definition.process_id, error.words))
    return Exploration(pack.hash, graphs, tuple(refusals))


def fingerprint(scope: Scope) -> str:
    """Give the hash of all that an exploration depends on, and of nothing else."""
    files = {"facts.toml", "parameters.toml", *(each.process.file for each in scope.processes)}
    files |= {name for name in scope.pack.files if name.endswith(".dmn")}
    files |= {f"forms/{each.id}.json" for each in scope.forms}
    texts = {name: scope.pack.files.get(name, b"") for name in files}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in texts.items()}
    asked = sorted(each.id for each in scope.asked)
    sent = sorted(sent_messages(scope.pack))
    content = orjson.dumps([hashes, asked, sent], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()


def triggers_at(definition: Definition, marking: str) -> Iterator[Trigger]:
    """Give everything that can happen at a marking."""
    stands = standing(definition, marking)
    for kind, paths in (
        (TriggerType.TASK, stands.tasks),
        (TriggerType.CLOCK, stands.clocks),
        (TriggerType.MESSAGE, stands.messages),
    ):
        for path in paths:
            if kind is not TriggerType.MESSAGE or may_receive(definition, path):
                yield Trigger(kind, path)


class _Walk:
    """Explores one process."""

    def __init__(self, scope: Scope, limits: Limits) -> None:
        definition = scope.processes[0]
        regions = Regions(scope)
        names: frozenset[str] = frozenset().union(*(each.names for each in scope.asked))
        self._definition = definition
        self._regions = regions
        self._kept = names & scope.pack.facts.keys()
        self._limits = limits
        self._liveness = Liveness(definition, Forms(scope.pack, regions))
        self._steps = Steps(definition, regions, self._liveness, self._kept)
        self._states: list[State] = []
        self._numbers: dict[Hashable, int] = {}
        self._transitions: list[Transition] = []
        self._rungs: Mapping[str, int | None] = {}
        self._order: Mapping[str, Sequence[str]] = {}

    def graph(self, mark: str) -> Graph:
        ways, self._rungs = self._all_ways()
        live = self._liveness.at_markings(ways)
        self._order = {
            marking: sorted(facts - self._steps.given) for marking, facts in live.items()
        }
        self._number("", {})
        at = 0
        while at < len(self._states):
            for trigger, way in ways[self._states[at].marking].items():
                self._transitions += self._leave(at, trigger, way, live)
            self._check_limit("states", len(self._states), self._limits.states)
            self._check_limit("transitions", len(self._transitions), self._limits.transitions)
            at += 1
        return Graph(
            self._definition.process_id,
            tuple(self._states),
            tuple(self._transitions),
            mark,
            self._regions,
        )

    def _check_limit(self, what: str, count: int, limit: int) -> None:
        if count > limit:
            raise _Refused(what, limit=limit)

    def _all_ways(
        self,
    ) -> tuple[Mapping[str, Mapping[Trigger, Way]], Mapping[str, int | None]]:
        """Find every marking that any answers lead to, with the ways from each."""
        ways: dict[str, dict[Trigger, Way]] = {}
        rungs: dict[str, int | None] = {"": None}
        open_ = [""]
        for marking in open_:
            triggers = triggers_at(self._definition, marking) if marking else (START,)
            try:
                ways[marking] = {
                    trigger: ways_of(self._definition, marking, trigger) for trigger in triggers
                }
            except TooManyWays:
                raise _Refused("ways", marking=marking) from None
            for way in ways[marking].values():
                for rest in way.rests():
                    if rest.marking not in rungs:
                        rungs[rest.marking] = rest.rung
                        open_.append(rest.marking)
            self._check_limit("markings", len(rungs), self._limits.markings)
        return ways, rungs

    def _number(self, marking: str, known: Written) -> int:
        """Give the number of a state, of which only what can still matter is kept."""
        kept = {name: known[name] for name in self._order[marking] if known.get(name) is not None}
        kept = self._regions.settled(kept)
        key = (marking, tuple((name, hashed(value)) for name, value in kept.items()))
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._states)
            self._states.append(State(marking, kept, self._rungs[marking]))
        return found

    def _leave(
        self, source: int, trigger: Trigger, way: Way, live: Mapping[str, Live]
    ) -> Iterator[Transition]:
        """Take a step on every filling of its form and every value of the given facts."""
        state = self._states[source]
        seen: set[Hashable] = set()
        for written, changed, effect in self._steps.ends(state, trigger, way, live):
            target = None
            if effect.fault is None:
                known = {**state.known, **changed}
                target = self._number(effect.marking, known)
            kept = tuple(hashed(written.get(name)) for name in sorted(self._kept))
            key = (target, id(effect), kept)
            if key not in seen:
                seen.add(key)
                yield Transition(source, trigger, written, target, effect)
