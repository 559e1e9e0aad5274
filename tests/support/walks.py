"""Random walks through a definition, one step after another."""

import random
from collections.abc import Callable

from tests.support.random_diagrams import random_facts
from workflows.domain.steps import FactValue, Step, Trigger, TriggerType
from workflows.engine import Definition, standing
from workflows.engine import execution as spiff
from workflows.engine.errors import EngineError
from workflows.engine.expressions import ExpressionFailed
from workflows.engine.parameters import TermUnknown

Stepping = Callable[[Definition, str, Trigger, dict[str, FactValue]], Step]


def walk(definition: Definition, step: Stepping, chance: random.Random, longest: int) -> list[Step]:
    """Walk at random, starting anew where a case ends or its facts do not fit."""
    taken: list[Step] = []
    marking = ""
    while len(taken) < longest:
        facts = random_facts(chance, definition.pack.facts)
        triggers = [spiff.START] if not marking else open_triggers(definition, marking)
        trigger = chance.choice(triggers)
        try:
            taken.append(step(definition, marking, trigger, facts))
        except (EngineError, ExpressionFailed, TermUnknown):
            marking = ""
            continue
        marking = "" if taken[-1].ended else taken[-1].marking
    return taken


def open_triggers(definition: Definition, marking: str) -> list[Trigger]:
    stands = standing(definition, marking)
    kinds = (
        (TriggerType.TASK, stands.tasks),
        (TriggerType.CLOCK, stands.clocks),
        (TriggerType.MESSAGE, stands.messages),
    )
    return [Trigger(kind, path) for kind, paths in kinds for path in paths]
