"""What guardrails are about, found among the places that cases reach."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.check.story import last
from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.engine.guardrails import Guardrail, GuardrailKind, Target
from workflows.engine.lint.references import PERSON_MEASURES
from workflows.engine.pack import Pack
from workflows.engine.reach import Exploration

TASKS = ("userTask", "manualTask")


def fits(target: Target, definition: Definition, path: str) -> bool:
    """Tell whether a place is what a guardrail is about."""
    place = definition.place(path)
    element = place.element
    roles = element.lane.roles if element.lane is not None else ()
    return (
        (not target.activities or bool({*path.split("/")} & {*target.activities}))
        and (not target.operations or element.attributes.get("operation") in target.operations)
        and (not target.processes or element.process_id in target.processes)
        and (not target.roles or bool({*roles} & {*target.roles}))
        and (not target.rungs or place.rung in target.rungs)
        and (not target.measures or is_person_measure(definition.pack, element))
    )


def is_person_measure(pack: Pack, element: Element) -> bool:
    """Tell whether a node acts on a person: an effect begins, or a person's case is opened."""
    operation = element.attributes.get("operation")
    if operation not in PERSON_MEASURES:
        return False
    if operation != "open_case":
        return True
    named = {each.value or "" for each in element.arguments if each.name == "process"}
    return any(pack.processes[name].subject == "person" for name in named & pack.processes.keys())


def is_task(definition: Definition, path: str) -> bool:
    """Tell whether people work at a place."""
    return definition.place(path).element.kind in TASKS


def lacks(guardrail: Guardrail, definition: Definition, path: str) -> bool:
    """Tell whether a task lacks what a guardrail wants its diagram or form to declare."""
    activity = definition.activity(path)
    match guardrail.kind:
        case GuardrailKind.SIGNATURES:
            return activity.signatures < guardrail.count
        case GuardrailKind.DIFFERENT_PEOPLE:
            return not {*guardrail.other_than} <= {*activity.other_than}
        case GuardrailKind.APART:
            return not activity.is_apart
        case GuardrailKind.HELD:
            return not {*guardrail.held_by} <= {*activity.held_by}
        case _:
            form = definition.pack.forms.get(activity.form or "")
            asked = {each.key for each in form.fields if each.is_required} if form else set()
            return not {*guardrail.fields} <= asked


def reached_paths(explored: Exploration) -> Iterator[tuple[str, str]]:
    """Give every place that some case reaches, each with the process in which it began."""
    for name, graph in explored.graphs.items():
        paths: dict[str, None] = {}
        for effect in {id(each.effect): each.effect for each in graph.transitions}.values():
            paths |= dict.fromkeys((*effect.passed, *effect.opened))
        for path in paths:
            yield name, path


def is_act(names: tuple[str, ...], path: str) -> bool:
    """Tell whether a place is one of the acts that a guardrail names."""
    return bool(path) and last(path) in names
