"""Which facts can still matter at a marking: what is never asked for again is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workflows.domain.steps import Trigger, TriggerType
from workflows.engine.definition import Definition
from workflows.engine.expressions import Expression, ExpressionFailed, Value
from workflows.engine.forms import FormSchema
from workflows.engine.parameters import parse_term
from workflows.engine.reach.branching import counted_by, decided_by
from workflows.engine.reach.fillings import Forms, Written
from workflows.engine.run import Names, Run
from workflows.engine.ways import Asked, Way

Live = frozenset[str]

_NOTHING: Live = frozenset()


def form_of(definition: Definition, trigger: Trigger) -> FormSchema | None:
    """Give the form that comes with a trigger."""
    match trigger.type:
        case TriggerType.START:
            form = definition.start_form
        case TriggerType.TASK | TriggerType.MESSAGE:
            form = definition.place(trigger.path).element.attributes.get("form")
        case _:
            form = None
    return definition.pack.forms.get(form or "")


@dataclass(frozen=True, slots=True)
class Liveness:
    """Reads which facts the ways of a process ask for."""

    definition: Definition
    forms: Forms

    def at_markings(self, ways: Mapping[str, Mapping[Trigger, Way]]) -> Mapping[str, Live]:
        """Give the live facts of every marking; the empty text stands for the start."""
        live: dict[str, Live] = dict.fromkeys(ways, _NOTHING)
        changed = True
        while changed:
            changed = False
            for marking in reversed(list(ways)):
                found = _NOTHING.union(
                    *(self.of_way(trigger, way, live) for trigger, way in ways[marking].items())
                )
                if found != live[marking]:
                    live[marking] = found
                    changed = True
        return live

    def of_way(self, trigger: Trigger, way: Way, live: Mapping[str, Live]) -> Live:
        """Give the facts that a step asks for, or that matter after it.

        Each filling of the form is followed on its own: what it writes is not needed from
        before, and it may close ways on which something else would be.
        """
        after = self.of_tree(way, live)
        form = form_of(self.definition, trigger)
        if form is None:
            return after
        asked = sorted(self.forms.asked(form, after))
        needed = set(asked)
        for known in self.forms.valuations(asked):
            for written in self.forms.fillings(form, known, after):
                needed |= self.of_tree(way, live, written) - written.keys()
        return frozenset(needed)

    def of_tree(
        self, way: Way, live: Mapping[str, Live], written: Written = MappingProxyType({})
    ) -> Live:
        """Give the facts that a run asks for, on the ways that what was written leaves open."""
        needed = live.get(way.rest.marking, _NOTHING) if way.rest is not None else _NOTHING
        written = self._still_known(way, written)
        if way.condition is not None:
            truth = self._truth(way.condition, written)
            if truth is None:
                needed |= way.condition.names & self.definition.pack.facts.keys()
            for each, branch in way.branches.items():
                if truth in (each, None):
                    needed |= self.of_tree(branch, live, written)
        for asked in reversed(way.asked):
            needed = self._before(asked, needed)
        return needed

    def reads(self, way: Way) -> Live:
        """Give every fact that the answers, clocks and calls of a step depend on."""
        read = _NOTHING
        for ask, what in way.asked:
            read = self._before((ask, what), read) | self._counts(ask, what) | read
        if way.condition is not None:
            read |= way.condition.names & self.definition.pack.facts.keys()
        return read.union(*(self.reads(branch) for branch in way.branches.values()))

    def _counts(self, ask: object, what: str) -> Live:
        if ask is not Run.operate:
            return _NOTHING
        return counted_by(self.definition.place(what).element)

    def _still_known(self, way: Way, written: Written) -> Written:
        """Forget what decision tables and counters overwrite before the condition."""
        changed: set[str] = set()
        for ask, what in way.asked:
            if ask in (Run.decide, Run.operate):
                element = self.definition.place(what).element
                changed |= counted_by(element) | decided_by(self.definition.pack, element)
        return {name: value for name, value in written.items() if name not in changed}

    def _truth(self, condition: Expression, written: Written) -> bool | None:
        """Give the truth of a condition if what was written decides it, whatever else is known."""
        pack = self.definition.pack
        unknown = (condition.names & pack.facts.keys()) - written.keys()
        try:
            return condition.holds(_Partly(Names(pack, written), unknown))
        except (ExpressionFailed, _Unknown):
            return None

    def _before(self, asked: Asked, needed: Live) -> Live:
        ask, what = asked
        if ask is Run.arm:
            return needed | self._of_timer(what)
        if ask is Run.decide:
            return self._before_deciding(what, needed)
        if ask is Run.operate:
            element = self.definition.place(what).element
            named = {each.fact for each in element.arguments if each.fact is not None}
            anchors = {each.value or "" for each in element.arguments if each.name == "anchor"}
            # A count goes on from itself: it is asked for only by what asks for it later.
            return needed | ((named | anchors) & self.definition.pack.facts.keys())
        return needed

    def _of_timer(self, path: str) -> Live:
        timer = self.definition.timer(path)
        call = parse_term(timer.term)
        names = frozenset(filter(None, (call.by, call.shortened_by, timer.anchor)))
        return names & self.definition.pack.facts.keys()

    def _before_deciding(self, path: str, needed: Live) -> Live:
        pack = self.definition.pack
        element = self.definition.place(path).element
        decision = pack.decisions.get(element.attributes.get("decision", ""))
        if decision is None:
            return needed
        asked = [each.names for each in decision.conditions]
        asked += [expression.names for _, expression in decision.outputs]
        names = frozenset().union(*asked) & pack.facts.keys()
        return (needed - decided_by(pack, element)) | names


class _Partly(Mapping[str, Value]):
    """Names of which some facts are known; whoever asks for another one is stopped."""

    def __init__(self, names: Names, unknown: Live) -> None:
        self._names = names
        self._unknown = unknown

    def __getitem__(self, name: str) -> Value:
        if name in self._unknown:
            raise _Unknown(name)
        return self._names[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Unknown(Exception):
    """A fact is asked for whose value is not known here."""
