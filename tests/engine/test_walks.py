"""Our steps beside one case that lives on in plain SpiffWorkflow, on random walks."""

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.support.diagrams import pack_files
from tests.support.plain_spiff import PlainCase, repeats
from tests.support.random_diagrams import Growing, random_facts
from workflows.domain.steps import FactValue, Step, Trigger, TriggerType
from workflows.engine import Definition, Pack, load_pack, standing, start, step
from workflows.engine.errors import DecisionAmbiguous, DecisionUndecided, UnsafeMarking
from workflows.engine.loading import build_pack
from workflows.engine.parameters import TermUnknown

# Facts drawn at random need not fit together; such a step is not taken.
UNFIT = (DecisionAmbiguous, DecisionUndecided, TermUnknown)
SHIPPED = Path(__file__).parents[2] / "bpmn" / "ladder"


def open_triggers(definition: Definition, taken: Step) -> Counter[Trigger]:
    stands = standing(definition, taken.marking)
    kinds = (TriggerType.TASK, stands.tasks), (TriggerType.CLOCK, stands.clocks)
    return Counter(
        Trigger(kind, path)
        for kind, paths in (*kinds, (TriggerType.MESSAGE, stands.messages))
        for path in paths
    )


def walk(definition: Definition, chance: random.Random, longest: int) -> int:
    """Walk until the end, comparing after each step; give the number of steps."""
    facts, taken = begin(definition, chance)
    plain = PlainCase(definition, facts)
    walked = 0
    for _ in range(longest):
        stands = open_triggers(definition, taken)
        assert plain.standing() == stands
        assert plain.ended is taken.ended
        choices = [each for each in stands if not repeats(definition, each)]
        if not choices:
            break
        trigger = chance.choice(sorted(choices, key=lambda each: (each.path, each.type)))
        facts = random_facts(chance, definition.pack.facts)
        refused_path = None
        try:
            taken = step(definition, taken.marking, trigger, facts)
        except UnsafeMarking as refused:
            refused_path = refused.attributes["path"]
        except UNFIT:
            continue
        plain.move(trigger, facts)
        if refused_path:
            doubled = [each.path for each, count in plain.standing().items() if count > 1]
            assert refused_path in doubled
            break
        assert taken.facts_written.items() <= plain.facts.items()
        walked += 1
    return walked


def begin(definition: Definition, chance: random.Random) -> tuple[dict[str, FactValue], Step]:
    """Start a case on the first random facts that its decision tables and terms fit."""
    for _ in range(100):
        facts = random_facts(chance, definition.pack.facts)
        try:
            return facts, start(definition, facts)
        except UNFIT:
            continue
    raise AssertionError(definition.process_id)


def grow(seed: int) -> Definition:
    chance = random.Random(seed)
    inmost = Growing(chance, "z", ()).process(3)
    inner = Growing(chance, "y", ("inmost",)).process(4)
    top = Growing(chance, "x", ("inner", "inmost")).process(chance.randint(4, 9))
    return build_pack(pack_files(top=top, inner=inner, inmost=inmost)).processes["top"]


@pytest.mark.parametrize("seed", range(40))
def test_random_diagrams_stand_where_plain_spiffworkflow_stands(seed: int) -> None:
    definition = grow(seed)
    for number in range(2):
        walk(definition, random.Random(seed * 100 + number), 25)


@cache
def shipped() -> Pack:
    return load_pack(SHIPPED)


@pytest.mark.parametrize("process_id", sorted(path.stem for path in SHIPPED.glob("*.bpmn")))
def test_shipped_processes_stand_where_plain_spiffworkflow_stands(process_id: str) -> None:
    definition = shipped().processes[process_id]
    walked, number = 0, 0
    while walked < 40 and number < 30:
        walked += walk(definition, random.Random(number), 40)
        number += 1
    assert walked
