"""What a completed form can write, by regions: its fields' values as far as they matter."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TypeAlias

from workflows.domain.steps import FactValue
from workflows.engine.expression_tree import Node
from workflows.engine.expressions import Value
from workflows.engine.facts import names_for_expressions
from workflows.engine.forms import FieldKind, FormField, FormSchema
from workflows.engine.pack import Pack
from workflows.engine.reach.atoms import bounds_of, parts_of
from workflows.engine.reach.regions import Regions, Undecidable, hashed

MOST_FILLINGS = 50_000

Written: TypeAlias = Mapping[str, FactValue]


class Forms:
    """The forms of a pack, filled in every way that makes a difference."""

    def __init__(self, pack: Pack, regions: Regions) -> None:
        self._pack = pack
        self._regions = regions
        self._known: dict[tuple[Hashable, ...], tuple[Written, ...]] = {}

    def asked(self, form: FormSchema, relevant: frozenset[str]) -> frozenset[str]:
        """Give the facts of the case that decide which relevant fields are shown."""
        asked: set[str] = set()
        own: set[str] = set()
        wanted = {each.key for each in _fields_wanted(form, relevant)}
        for each in form.fields:
            if each.key in wanted and each.hide is not None:
                asked |= (each.hide.names & self._pack.facts.keys()) - own
            if each.is_input:
                own.add(each.key)
        return frozenset(asked)

    def valuations(self, names: Sequence[str]) -> Iterator[Written]:
        """Give every valuation of some facts by regions, null included."""
        for case in product(*((*self._regions.of(name), None) for name in names)):
            yield dict(zip(names, case, strict=True))

    def fillings(
        self, form: FormSchema, known: Mapping[str, FactValue], relevant: frozenset[str]
    ) -> tuple[Written, ...]:
        """Give what the form can write into the relevant facts, each way once.

        Raises:
            Undecidable: a condition of the form asks for what has too many values.
        """
        asked = sorted(self.asked(form, relevant))
        key = (form.id, relevant, *(hashed(known.get(name)) for name in asked))
        found = self._known.get(key)
        if found is None:
            case = {name: known.get(name) for name in asked}
            found = self._known[key] = tuple(self._fill(form, case, relevant))
        return found

    def _fill(
        self, form: FormSchema, known: Mapping[str, FactValue], relevant: frozenset[str]
    ) -> Iterator[Written]:
        fields = _fields_wanted(form, relevant)
        values = [self._values(form, each) for each in fields]
        if prod(len(each) for each in values) > MOST_FILLINGS:
            raise Undecidable((form.id,), form.id)
        names = names_for_expressions(self._pack.facts, known, self._pack.constants)
        seen: set[Hashable] = set()
        for case in product(*values):
            written = self._written(form, fields, case, names, relevant)
            key = tuple(sorted((name, hashed(value)) for name, value in written.items()))
            if key not in seen:
                seen.add(key)
                yield written

    def _written(
        self,
        form: FormSchema,
        fields: Sequence[FormField],
        case: Sequence[FactValue],
        names: Mapping[str, Value],
        relevant: frozenset[str],
    ) -> Written:
        typed = {
            each.key: value if each.fact is None else each.fact.for_expression(value)
            for each, value in zip(fields, case, strict=True)
        }
        hidden = form.hidden({**names, **typed})
        return {
            each.fact.name: value
            for each, value in zip(fields, case, strict=True)
            if each.fact is not None and each.fact.name in relevant and each.key not in hidden
        }

    def _values(self, form: FormSchema, each: FormField) -> Sequence[FactValue]:
        if each.fact is not None:
            return self._regions.typed(each, each.fact)
        empty: tuple[FactValue, ...] = () if each.is_required else (None,)
        match each.kind:
            case FieldKind.CHECKBOX:
                return (True,) if each.is_required else (True, False)
            case FieldKind.SELECT | FieldKind.RADIO if each.picker is None:
                return (*(choice.value for choice in each.choices), *empty)
            case FieldKind.NUMBER:
                return (*self._numbers(form, each), *empty)
            case _ if self._is_only_asked_for_null(form, each):
                return ("…", *empty)
            case _:
                raise Undecidable((each.key,), f"{form.id}.{each.key}")

    def _numbers(self, form: FormSchema, each: FormField) -> Sequence[FactValue]:
        """Give whole numbers around what conditions hold the field against."""
        around: set[int] = set()
        for tree in _asking(form, each):
            bounds = bounds_of(tree, frozenset({each.key}), self._pack.constants)
            if bounds is None:
                raise Undecidable((each.key,), f"{form.id}.{each.key}")
            for bound in bounds:
                low = int(str(bound).partition(".")[0])
                around |= {low - 1, low, low + 1, low + 2}
        least, most = each.minimum, each.maximum
        fitting = [
            value
            for value in sorted(around)
            if (least is None or value >= least) and (most is None or value <= most)
        ]
        return fitting or (int(least or 0),)

    def _is_only_asked_for_null(self, form: FormSchema, each: FormField) -> bool:
        names = frozenset({each.key})
        return all(
            bounds_of(tree, names, self._pack.constants) == () for tree in _asking(form, each)
        )


def _asking(form: FormSchema, asked: FormField) -> Iterator[Node]:
    """Give the questions of a form's conditions that name one of its fields."""
    for each in form.fields:
        if each.hide is not None and asked.key in each.hide.names:
            yield from parts_of(each.hide.tree)


def _fields_wanted(form: FormSchema, relevant: frozenset[str]) -> tuple[FormField, ...]:
    """Give the fields that write relevant facts, and those that decide whether they show."""
    wanted = {
        each.key for each in form.fields if each.fact is not None and each.fact.name in relevant
    }
    for each in reversed(form.fields):
        if each.key in wanted and each.hide is not None:
            wanted |= each.hide.names
    return tuple(each for each in form.fields if each.is_input and each.key in wanted)
