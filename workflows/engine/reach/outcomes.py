"""What may come of one step of a case as it stands: each end, and what leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workflows.domain.steps import Facts, FactValue, Trigger
from workflows.engine.definition import Definition
from workflows.engine.facts import FactDeclaration, FactType
from workflows.engine.forms import FieldKind, FormField
from workflows.engine.reach.atoms import Scope
from workflows.engine.reach.branching import TooManyWays, ways_of
from workflows.engine.reach.fillings import Forms, Written
from workflows.engine.reach.graph import Effect, State
from workflows.engine.reach.live import Liveness, form_of
from workflows.engine.reach.regions import Regions, Undecidable
from workflows.engine.reach.roots import called_by
from workflows.engine.reach.steps import Steps

# Of numbers typed into a field, so many are looked through for the bounds of a region.
MOST_NUMBERS = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """An end of a step; ``typed`` are the fillings of its form that lead there.

    A filling names only facts that the step asks for, each with one value that speaks for
    its region: `Prospect.meant_by` gives them all.
    """

    effect: Effect
    typed: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Prospect:
    """All ends of a step, and the regions in whose terms they are told apart."""

    outcomes: tuple[Outcome, ...]
    _fields: dict[str, FormField]
    _regions: Regions

    def meant_by(self, fact: str, value: FactValue) -> Sequence[FactValue]:
        """Give every value that can be typed for a fact and does what this one does."""
        if value is None:
            return (None,)
        each = self._fields[fact]
        return [
            other for other in _typeable(each) if self._regions.speaker(fact, other) == value
        ] or [value]

    def all_of(self, fact: str) -> Sequence[FactValue]:
        """Give every value that can be typed for a fact, null last where it may be left empty."""
        each = self._fields[fact]
        return [*_typeable(each), *(() if each.is_required else (None,))]


def prospect_of(
    definition: Definition, marking: str, trigger: Trigger, facts: Facts
) -> Prospect | None:
    """Give what may come of a step on what is known; null where it has too many ways."""
    try:
        regions, forms = _known(definition)
        way = ways_of(definition, marking, trigger)
        steps = Steps(definition, regions, Liveness(definition, forms), frozenset())
        # What is given is known of this case: nothing has to be tried.
        steps.given = frozenset()
        ends = list(steps.ends(State(marking, facts), trigger, way, {}))
    except (TooManyWays, Undecidable):
        return None
    found: dict[int, tuple[Effect, list[Written]]] = {}
    for written, _, effect in ends:
        if effect.fault is None:
            found.setdefault(id(effect), (effect, []))[1].append(written)
    form = form_of(definition, trigger)
    fields = {each.fact.name: each for each in (form.fields if form else ()) if each.fact}
    outcomes = (Outcome(effect, tuple(typed)) for effect, typed in found.values())
    return Prospect(tuple(outcomes), fields, regions)


@lru_cache(maxsize=32)
def _known(definition: Definition) -> tuple[Regions, Forms]:
    """Give the regions of a process, worked out when first asked for."""
    regions = Regions(Scope(definition.pack, called_by(definition)))
    return regions, Forms(definition.pack, regions)


def _typeable(each: FormField) -> Iterable[FactValue]:
    fact = each.fact
    if fact is None:
        return ()
    if each.kind in (FieldKind.SELECT, FieldKind.RADIO) and fact.type is FactType.CODE:
        return [choice.value for choice in each.choices]
    if fact.type is FactType.BOOL:
        return (True, False)
    return _numbers(each, fact)


def _numbers(each: FormField, fact: FactDeclaration) -> Iterable[FactValue]:
    if fact.type is not FactType.INTEGER or each.minimum is None or each.maximum is None:
        return ()
    low, high = int(each.minimum), int(each.maximum)
    return range(low, high + 1) if high - low <= MOST_NUMBERS else ()
