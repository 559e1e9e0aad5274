"""Walks that type at random what forms allow, held against what was explored."""

from __future__ import annotations

import random

from workflows.domain.errors import DubanError
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Definition, Exploration, Transition, standing, start, step
from workflows.engine.facts import names_for_expressions
from workflows.engine.forms import FieldKind, FormField, FormSchema, Typed
from workflows.engine.parameters import TermUnknown
from workflows.engine.reach.roots import may_receive


def typed_at_random(chance: random.Random, each: FormField) -> Typed:
    """Type something that the field takes; leave it empty where that is allowed."""
    if not each.is_required and chance.random() < 0.3:
        return None
    match each.kind:
        case FieldKind.NUMBER:
            low = int(each.minimum if each.minimum is not None else -3)
            return chance.randint(low, int(each.maximum if each.maximum is not None else 120))
        case FieldKind.CHECKBOX:
            return each.is_required or chance.random() < 0.5
        case FieldKind.CHECKLIST:
            return [chance.choice(each.choices).value]
        case FieldKind.DATE:
            return f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        case FieldKind.SELECT | FieldKind.RADIO if each.picker is None:
            return chance.choice(each.choices).value
        case FieldKind.FILEPICKER:
            return None
        case _:
            return "p-1"


def fill(
    chance: random.Random, definition: Definition, form: FormSchema, facts: dict[str, FactValue]
) -> None:
    """Complete a form: what it writes is known from then on."""
    typed = {each.key: typed_at_random(chance, each) for each in form.fields if each.is_input}
    names = names_for_expressions(definition.pack.facts, facts, definition.pack.constants)
    reading = form.read(typed, names)
    assert reading.errors == {}, reading.errors
    facts.update(reading.facts)


def walk(
    definition: Definition,
    explored: Exploration,
    chance: random.Random,
    given: dict[str, FactValue],
    longest: int = 40,
) -> int:
    """Walk a case; each step, and each failure, must be one that was explored.

    Returns:
        How many steps were taken.
    """
    facts: dict[str, FactValue] = dict(given)
    marking, walked, failed = "", 0, None
    known: list[Transition] = []
    for _ in range(longest):
        triggers = _open(definition, marking)
        if not triggers:
            break
        trigger = chance.choice(triggers)
        before = dict(facts)
        possible = explored.possible(definition.process_id, marking, facts)
        form = definition.pack.forms.get(_form_of(definition, trigger) or "")
        if form is not None:
            fill(chance, definition, form, facts)
        known = [each for each in possible if each.trigger == trigger]
        try:
            taken = (
                step(definition, marking, trigger, facts) if marking else start(definition, facts)
            )
        except TermUnknown:
            facts = before
            continue
        except DubanError as error:
            failed = error.code
            break
        facts.update(taken.facts_written)
        ends = {
            (each.effect.marking, each.effect.opened) for each in known if not each.effect.fault
        }
        opened = tuple(task.path for task in taken.opened)
        assert (taken.marking, opened) in ends, (marking, trigger, facts)
        marking = taken.marking
        walked += 1
    assert failed in {None, *(each.effect.fault.code for each in known if each.effect.fault)}
    return walked


def _form_of(definition: Definition, trigger: Trigger) -> str | None:
    if trigger.type is TriggerType.START:
        return definition.start_form
    if trigger.type is TriggerType.CLOCK:
        return None
    return definition.place(trigger.path).element.attributes.get("form")


def _open(definition: Definition, marking: str) -> list[Trigger]:
    if not marking:
        return [Trigger(TriggerType.START)]
    stands = standing(definition, marking)
    messages = [path for path in stands.messages if may_receive(definition, path)]
    kinds = (TriggerType.TASK, stands.tasks), (TriggerType.CLOCK, stands.clocks)
    return [
        Trigger(kind, path)
        for kind, paths in (*kinds, (TriggerType.MESSAGE, messages))
        for path in paths
    ]
