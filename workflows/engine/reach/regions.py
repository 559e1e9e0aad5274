"""Facts abstracted: values that no question of the pack tells apart are one region.

Each region is spoken for by one of its values, so that everything which asks for facts
runs on it as on real ones. Null is a region of its own. A counter keeps every value up
to the one from which on no answer changes; from there on it counts no further.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations, product
from math import prod

from workflows.domain.steps import FactValue
from workflows.engine.expressions import Expression
from workflows.engine.facts import FactDeclaration, FactType, WrongFactValue
from workflows.engine.forms import FieldKind, FormField
from workflows.engine.pack import Pack
from workflows.engine.reach.atoms import Atom, Scope
from workflows.engine.reach.branching import counted_by
from workflows.engine.reach.timeline import Timeline

MOST_VALUES = 5_000
MOST_ANSWERS = 400_000
MOST_CODES = 10

_NUMBERS = (FactType.INTEGER, FactType.DECIMAL)
_SOME_DAY = "2026-01-05"
_SOME_TEXT = "…"


class Undecidable(Exception):
    """A question is asked in a way that no finite number of values answers for all."""

    def __init__(self, names: Iterable[str], question: str) -> None:
        super().__init__(question)
        self.names = tuple(sorted(names))
        self.question = question


class Regions:
    """The regions of all facts that a process with what it calls asks for.

    Raises:
        Undecidable: the values of a fact fall into no finite number of regions.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._pack = scope.pack
        self._atoms = scope.atoms
        self._counters = _counters(scope)
        self._speaker: dict[str, dict[Hashable, FactValue]] = {}
        asked: set[str] = set().union(*(atom.names for atom in self._atoms))
        self.asked = frozenset(asked | scope.copied)
        self._timeline = self._dates_in_order()
        self._values = {name: self._tried(name) for name in sorted(self.asked)}
        for name in self._values:
            self._speaker[name] = self._sorted(name)

    def of(self, name: str) -> tuple[FactValue, ...]:
        """Give a value of each region of a fact but null."""
        if name not in self._speaker:
            return (self._some(self._pack.facts[name]),)
        return tuple({hashed(value): value for value in self._speaker[name].values()}.values())

    def speaker(self, name: str, value: FactValue) -> FactValue:
        """Give the value that speaks for the region of a value."""
        if value is None or name in self._timeline.names:
            return value
        known = self._speaker.get(name)
        if known is None:
            return self._some(self._pack.facts[name])
        found = known.get(hashed(value))
        if found is None:
            found = known[hashed(value)] = self._place(name, value, known)
        return found

    def typed(self, each: FormField, fact: FactDeclaration) -> tuple[FactValue, ...]:
        """Give a value of each region that a form's field can write, null included."""
        tried = self._values.get(fact.name, [self._some(fact)])
        spoken = (self.speaker(fact.name, value) for value in tried if _fits(each, fact, value))
        speakers = {hashed(value): value for value in spoken}
        return (*speakers.values(), *_empty(each))

    def settled(self, known: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """Give the values of a state the form in which equal states are the same."""
        return self._timeline.settled(known)

    def _dates_in_order(self) -> Timeline:
        """Find the dates that are held against each other, and the days named beside them."""
        pairs = [atom.names for atom in self._atoms if atom.is_pair]
        names = frozenset[str]().union(*(each for each in pairs if self._are_dates(each)))
        about = [atom for atom in self._atoms if atom.names & names and not atom.is_pair]
        return Timeline(names, self._bounds(about))

    def _are_dates(self, names: Iterable[str]) -> bool:
        return all(self._pack.facts[name].type is FactType.DATE for name in names)

    def _place(self, name: str, value: FactValue, known: Mapping[Hashable, FactValue]) -> FactValue:
        """Find the region of a value that nobody foresaw."""
        if name in self._counters and isinstance(value, int):
            highest = self._values[name][-1]
            if isinstance(highest, int) and value > highest:
                return highest
        for atom in self._about(name):
            if len(atom.names) > 1:
                raise Undecidable(atom.names, atom.text)
        wanted = self._answers(name, value)
        for spoken in known.values():
            if self._answers(name, spoken) == wanted:
                return spoken
        return value

    def _about(self, name: str) -> list[Atom]:
        return [atom for atom in self._atoms if name in atom.names]

    def _sorted(self, name: str) -> dict[Hashable, FactValue]:
        """Put values together on which all questions have the same answers."""
        speakers: dict[Hashable, FactValue] = {}
        seen: dict[Hashable, FactValue] = {}
        stays_apart = name in self._counters or name in self._timeline.names
        for value in self._values[name]:
            answers = hashed(value) if stays_apart else self._answers(name, value)
            speakers[hashed(value)] = seen.setdefault(answers, value)
        return speakers

    def _answers(self, name: str, value: FactValue) -> Hashable:
        """Give the answers of all questions on a value, whatever the other facts are."""
        answers: list[Hashable] = []
        for atom in self._about(name):
            others = sorted(atom.names - {name})
            choices = [(*self._values[other], None) for other in others]
            if prod(len(each) for each in choices) * len(self._values[name]) > MOST_ANSWERS:
                raise Undecidable(atom.names, atom.text)
            answers += [
                atom.answer({name: value, **dict(zip(others, case, strict=True))})
                for case in product(*choices)
            ]
        return tuple(answers)

    def _tried(self, name: str) -> list[FactValue]:
        """Give values of a fact of which each region has one."""
        fact, atoms = self._pack.facts[name], self._about(name)
        match fact.type:
            case FactType.BOOL:
                return [True, False]
            case FactType.CODE:
                return [*fact.choices]
            case FactType.CODES:
                return self._lists(fact, atoms)
            case FactType.DATE if name in self._timeline.names:
                return self._timeline.days
            case FactType.DATE:
                return _dates(self._bounds(atoms))
            case FactType.INTEGER | FactType.DECIMAL:
                return self._numbers(fact, atoms)
            case _:
                return [*map(str, self._bounds(atoms)), _SOME_TEXT]

    def _bounds(self, atoms: Iterable[Atom]) -> list[object]:
        bounds: list[object] = []
        for atom in atoms:
            if atom.bounds is None:
                raise Undecidable(atom.names, atom.text)
            bounds += atom.bounds
        return bounds

    def _lists(self, fact: FactDeclaration, atoms: Sequence[Atom]) -> list[FactValue]:
        """Try every list of codes; of many codes, those that are asked for and one more."""
        codes = list(fact.choices)
        if len(codes) > MOST_CODES:
            bounds = self._bounds(atoms)
            others = [code for code in codes if code not in bounds]
            codes = [*(code for code in codes if code in bounds), *others[:1]]
        if len(codes) > MOST_CODES:
            raise Undecidable((fact.name,), fact.name)
        sizes = range(1, len(codes) + 1)
        return [list(each) for size in sizes for each in combinations(codes, size)]

    def _numbers(self, fact: FactDeclaration, atoms: Sequence[Atom]) -> list[FactValue]:
        """Try every number that can be written, or those around what it is held against."""
        if fact.name in self._counters:
            return _counted(self._bounds(atoms))
        written = _written(self._scope, fact)
        if written is not None:
            return written
        factor = Decimal(10) ** fact.scale
        around: set[int] = {0}
        for bound in self._bounds(atoms):
            low = int((Decimal(str(bound)) * factor).to_integral_value(ROUND_FLOOR))
            around |= {low - 1, low, low + 1, low + 2}
        return [*sorted(around)]

    def _some(self, fact: FactDeclaration) -> FactValue:
        """Give a value of a fact that nothing is asked of but whether it is null."""
        match fact.type:
            case FactType.BOOL:
                return True
            case FactType.CODE | FactType.CODES:
                code = next(iter(fact.choices))
                return code if fact.type is FactType.CODE else [code]
            case FactType.DATE:
                return _SOME_DAY
            case FactType.INTEGER | FactType.DECIMAL:
                return 1
            case _:
                return _SOME_TEXT


def hashed(value: FactValue) -> Hashable:
    """Make a value a key: lists are none, and true is not one."""
    return tuple(value) if isinstance(value, list) else (type(value).__name__, value)


def _counters(scope: Scope) -> frozenset[str]:
    """Give the facts that operations count."""
    return frozenset().union(*(counted_by(element) for element in scope.elements))


def _counted(bounds: Iterable[object]) -> list[FactValue]:
    """Give all numbers up to the first that is greater than all it is held against."""
    highest = max((int(Decimal(str(bound))) for bound in bounds), default=0)
    if highest > MOST_VALUES:
        raise Undecidable((), str(highest))
    return [*range(max(highest, 0) + 2)]


def _written(scope: Scope, fact: FactDeclaration) -> list[FactValue] | None:
    """Give every number that forms and tables can write, or None where there are too many."""
    numbers: set[int] = set()
    for form in scope.forms:
        for each in form.fields:
            if each.fact is not None and each.fact.name == fact.name:
                if each.minimum is None or each.maximum is None:
                    return None
                low, high = (
                    int(bound.scaleb(fact.scale)) for bound in (each.minimum, each.maximum)
                )
                if high - low > MOST_VALUES:
                    return None
                numbers |= set(range(low, high + 1))
    for decision in scope.decisions:
        for output, expression in decision.outputs:
            if output == fact.name and not expression.names & scope.pack.facts.keys():
                numbers |= set(_literals(scope.pack, fact, expression))
    return [*sorted(numbers)] or None


def _literals(pack: Pack, fact: FactDeclaration, expression: Expression) -> Iterator[int]:
    value = fact.convert(expression.evaluate(pack.constants))
    if isinstance(value, int):
        yield value


def _dates(bounds: Iterable[object]) -> list[FactValue]:
    days: set[str] = set()
    for bound in bounds:
        day = date.fromisoformat(str(bound))
        days |= {(day + timedelta(days=step)).isoformat() for step in (-1, 0, 1)}
    return [*sorted(days)] or [_SOME_DAY]


def _fits(each: FormField, fact: FactDeclaration, value: FactValue) -> bool:
    """Tell whether a field takes a value of its fact."""
    if each.kind is FieldKind.NUMBER and isinstance(value, int):
        shown = Decimal(value).scaleb(-fact.scale)
        low, high = each.minimum, each.maximum
        return (low is None or shown >= low) and (high is None or shown <= high)
    if each.picker is None and each.kind in (FieldKind.SELECT, FieldKind.RADIO):
        choices = {choice.value for choice in each.choices}
        return (str(value).lower() if isinstance(value, bool) else value) in choices
    if isinstance(value, list):
        return set(value) <= {choice.value for choice in each.choices}
    try:
        fact.check(value)
    except WrongFactValue:
        return False
    return not (each.kind is FieldKind.CHECKBOX and each.is_required and value is False)


def _empty(each: FormField) -> tuple[None, ...]:
    """Give null where a field may be left empty; an unset tick is false, never null."""
    return () if each.is_required or each.kind is FieldKind.CHECKBOX else (None,)
