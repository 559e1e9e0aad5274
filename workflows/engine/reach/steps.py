"""The ends of one step: what it does on every filling of its form and every given fact."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import TypeAlias

from workflows.domain.errors import DubanError
from workflows.domain.steps import FactValue, Step, Trigger, TriggerType
from workflows.engine.definition import Definition, Opening
from workflows.engine.errors import EngineError
from workflows.engine.parameters import TermUnknown, parse_term
from workflows.engine.reach.fillings import Written
from workflows.engine.reach.graph import Effect, Fault, State
from workflows.engine.reach.live import Live, Liveness, form_of
from workflows.engine.reach.regions import Regions, hashed
from workflows.engine.run import Names, Run
from workflows.engine.ways import Way

End: TypeAlias = tuple[Written, Written, Effect]

# What services give a person's case as they open it (beside what is declared as given).
OPENED_WITH = ("subject_person", "subject_category")
_NEEDED = {("extend_clock", "days"), ("open_case", "subject")}


_NOTED = (Run.decide, Run.operate, Run.reached)


class _Noting(Run):
    """A run that notes what it passes."""

    def __init__(self, definition: Definition, facts: Mapping[str, FactValue]) -> None:
        super().__init__(definition, facts)
        self.passed: list[str] = []

    def ask(self, way: Way) -> None:
        """Let a tree ask what it asks before its condition."""
        for ask, what in way.asked:
            if ask in _NOTED:
                self.passed.append(what)
            ask(self, what)

    @property
    def facts(self) -> Mapping[str, FactValue]:
        """Give the facts as they are now."""
        return self._facts


class Steps:
    """Takes the steps of one process, each once for all states that it cannot tell apart.

    ``kept`` are facts whose typed values are told apart though no path depends on them.
    """

    def __init__(
        self, definition: Definition, regions: Regions, liveness: Liveness, kept: Live
    ) -> None:
        self._definition = definition
        self._pack = definition.pack
        self._regions = regions
        self._forms = liveness.forms
        self._liveness = liveness
        self._kept = kept
        self.given = frozenset(name for name, fact in self._pack.facts.items() if fact.is_given)
        self._asked: dict[int, tuple[tuple[str, ...], Live]] = {}
        self._found: dict[Hashable, Sequence[End]] = {}
        self._effects: dict[Hashable, Effect] = {}

    def ends(
        self, state: State, trigger: Trigger, way: Way, live: Mapping[str, Live]
    ) -> Sequence[End]:
        """Give the ends of a step, each with what was typed, and with all that was written.

        States that differ only in what the step does not ask for share them.
        """
        asked = self._asked.get(id(way))
        if asked is None:
            asked = self._asked[id(way)] = self._asks(trigger, way, live)
        reads, relevant = asked
        key = (id(way), *(hashed(state.known.get(name)) for name in reads))
        found = self._found.get(key)
        if found is None:
            known = {name: state.known.get(name) for name in reads}
            found = self._found[key] = list(self._all_ends(trigger, way, known, relevant))
        return found

    def _asks(
        self, trigger: Trigger, way: Way, live: Mapping[str, Live]
    ) -> tuple[tuple[str, ...], Live]:
        """Give what a step asks of the facts before it, and which of those it may write matter."""
        relevant = self._liveness.of_tree(way, live) | self._kept
        reads = self._liveness.reads(way)
        form = form_of(self._definition, trigger)
        if form is not None:
            reads |= self._forms.asked(form, relevant)
        return tuple(sorted(reads)), relevant

    def _all_ends(
        self, trigger: Trigger, way: Way, known: Written, relevant: Live
    ) -> Iterator[End]:
        for given in self._given_values(known.keys()):
            case = {**known, **given}
            for written in self._written(trigger, case, relevant):
                found = self._end(trigger, way, case, written)
                if found is not None:
                    changed, effect = found
                    key = _effect_key(effect)
                    decided = {name: changed[name] for name in self._kept & changed.keys()}
                    yield {**written, **decided}, changed, self._effects.setdefault(key, effect)

    def _given_values(self, asked: Iterable[str]) -> Iterator[Written]:
        """Give every valuation of the given facts that a step asks for.

        They belong to the matter and may have changed before any step.
        """
        names = sorted(self.given.intersection(asked))
        for case in product(*(self._regions.of(name) for name in names)):
            yield dict(zip(names, case, strict=True))

    def _written(
        self, trigger: Trigger, known: Mapping[str, FactValue], relevant: Live
    ) -> Iterable[Written]:
        form = form_of(self._definition, trigger)
        filled: Sequence[Written] = ({},)
        if form is not None:
            filled = self._forms.fillings(form, known, relevant)
        if trigger.type is not TriggerType.START:
            return filled
        cases = [
            {**person, **taken}
            for person in self._of_person(relevant)
            for taken in self._of_other_case(relevant)
        ]
        return [{**case, **each} for case in cases for each in filled]

    def _of_person(self, relevant: Live) -> Iterator[Written]:
        """Give what services give a person's case of the person."""
        subject = self._definition.subject
        is_either = subject is None and self._definition.opening is not None
        names = relevant & self._pack.facts.keys() & set(OPENED_WITH)
        if subject == "person" or is_either:
            yield from self._valuations(sorted(names), may_be_null=is_either)
        else:
            yield {}

    def _of_other_case(self, relevant: Live) -> Iterator[Written]:
        """Give what a case takes over from the one beside which it is opened.

        Every valuation is tried on which the condition of the opening holds, whether or not
        the other process can come to it.
        """
        opening = self._definition.opening
        if opening is None:
            yield {}
            return
        beside = opening.beside
        own = [name for name in (beside.on, beside.late) if name in relevant]
        asked = self._asked_of_other(opening)
        free = sorted(relevant & {*beside.takes} - asked)
        for held in self._admitted(opening, sorted(asked)):
            for other in self._valuations(free, may_be_null=True):
                for each in self._valuations([name for name in own if name], may_be_null=False):
                    yield {**held, **other, **each}

    def _asked_of_other(self, opening: Opening) -> frozenset[str]:
        names = opening.when.names if opening.when is not None else frozenset()
        return frozenset(names & self._pack.facts.keys())

    def _admitted(self, opening: Opening, asked: Sequence[str]) -> Iterator[Written]:
        """Give what is taken over of the facts that the condition asks for, where it can hold."""
        seen: set[Hashable] = set()
        for other in self._valuations(asked, may_be_null=True):
            kept = {name: other[name] for name in asked if name in opening.beside.takes}
            key = tuple(hashed(value) for value in kept.values())
            names = Names(self._pack, other)
            if key in seen or (
                opening.when is not None and not opening.when.holds(names, null_answers=True)
            ):
                continue
            seen.add(key)
            yield kept

    def _valuations(self, names: Sequence[str], *, may_be_null: bool) -> Iterator[Written]:
        null: tuple[FactValue, ...] = (None,) if may_be_null else ()
        for case in product(*((*self._regions.of(name), *null) for name in names)):
            yield dict(zip(names, case, strict=True))

    def _end(
        self, trigger: Trigger, way: Way, known: Written, written: Written
    ) -> tuple[Written, Effect] | None:
        """Take a step; None where the form itself is refused."""
        run = _Noting(self._definition, {**known, **written})
        try:
            step = _follow(way, run)
        except DubanError as error:
            if isinstance(error, TermUnknown) and self._is_refused_input(error, written):
                return None
            return {}, Effect("", passed=tuple(run.passed), fault=_fault(error))
        effect = Effect(
            marking=step.marking,
            opened=tuple(task.path for task in step.opened),
            closed=step.closed,
            armed=step.armed,
            cancelled=step.cancelled,
            passed=tuple(run.passed),
            operations=step.operations,
            thrown=step.thrown,
            outcome=step.outcome,
            fault=self._missing(step, run.facts),
        )
        speaker = self._regions.speaker
        changed = {**written, **run.written}
        return {name: speaker(name, value) for name, value in changed.items()}, effect

    def _is_refused_input(self, error: TermUnknown, written: Written) -> bool:
        """Tell whether the form itself is refused: a term that is not shorter, typed just now.

        Whoever typed it is told so at once, and nothing has happened.
        """
        call = parse_term(str(error.attributes["expression"]))
        return call.shortened_by is not None and written.get(call.shortened_by) is not None

    def _missing(self, step: Step, facts: Mapping[str, FactValue]) -> Fault | None:
        """Find what services would miss: the date of a clock, the subject of a case."""
        for clock in step.armed:
            if clock.anchor != "event" and facts.get(clock.anchor) is None:
                return _missing_fact(clock.path, clock.anchor)
        for call in step.operations:
            for name, value in call.parameters.items():
                if (call.name, name) in _NEEDED and value is None:
                    return _missing_fact(call.path, name)
            anchor = call.parameters.get("anchor")
            if call.name == "start_effect" and facts.get(str(anchor)) is None:
                return _missing_fact(call.path, str(anchor))
        return None


def _effect_key(effect: Effect) -> Hashable:
    """Give what tells effects apart; facts in operations are as the facts of the state are."""
    calls = tuple((call.path, call.name) for call in effect.operations)
    clocks = tuple((clock.path, clock.budget) for clock in effect.armed)
    fault = effect.fault.message if effect.fault is not None else None
    places = (effect.marking, effect.opened, effect.closed, effect.cancelled, effect.passed)
    return (*places, clocks, calls, effect.thrown, effect.outcome, fault)


def _missing_fact(path: str, fact: str) -> Fault:
    message = f"{path} needs {fact}, which is not known yet."
    return Fault("fact_missing", {"path": path, "fact": fact}, message)


def _fault(error: DubanError) -> Fault:
    return Fault(error.code, dict(error.attributes), str(error))


def _follow(way: Way, run: _Noting) -> Step:
    """Ask a run what the tree asks, up to where it ends.

    Raises:
        DubanError: it cannot go on.
    """
    while way.rest is None:
        run.ask(way)
        if way.condition is None:
            # The fault was raised when the tree was grown; each raising begins anew.
            raise (way.fault or EngineError()).with_traceback(None)
        way = way.branches[run.holds(way.condition)]
    run.ask(way)
    return way.rest.step(run)
