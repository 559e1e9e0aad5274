"""What guardrails refer to: activities, operations, processes, roles, fields, facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.engine.expression_types import Kind, check_kinds, typing_of_names
from workflows.engine.findings import Finding
from workflows.engine.guardrails import FILE, Guardrail
from workflows.engine.lint.conditions import CONDITION_REFUSED
from workflows.engine.lint.model import PackView
from workflows.engine.lint.references import OPERATIONS, REFERENCE_DANGLES, ROLE


def check_guardrails(view: PackView) -> Iterator[Finding]:
    """Check every name by which a guardrail refers to something else."""
    nodes = {name for process in view.processes.values() for name in process.nodes}
    fields = {each.key for form in view.forms.values() for each in form.fields if each.is_input}
    for guardrail in view.guardrails.values():
        target = guardrail.target
        acts = (*target.activities, *guardrail.after, *guardrail.after_any, *guardrail.until)
        yield from _dangling(guardrail, "节点", "activity", acts, nodes)
        others = guardrail.other_than
        yield from _dangling(guardrail, "任务", "activity", others, {"start", *nodes})
        yield from _dangling(guardrail, "流程", "process", target.processes, view.processes)
        yield from _dangling(guardrail, "流程", "process", guardrail.held_by, view.processes)
        yield from _dangling(guardrail, "操作", "operation", target.operations, OPERATIONS)
        roles = {role for role in target.roles if ROLE.fullmatch(role)}
        yield from _dangling(guardrail, "角色", "role", target.roles, roles)
        yield from _dangling(guardrail, "栏目", "field", guardrail.fields, fields)
        yield from _wrong_condition(view, guardrail)


def _dangling(
    guardrail: Guardrail, zh: str, en: str, names: Iterable[str], known: Iterable[str]
) -> Iterator[Finding]:
    there = set(known)
    for name in names:
        if name not in there:
            yield REFERENCE_DANGLES.found(
                FILE, guardrail.id, what_zh=zh, what_en=en, name=name[:64]
            )


def _wrong_condition(view: PackView, guardrail: Guardrail) -> Iterator[Finding]:
    if guardrail.when is None:
        return
    names = typing_of_names(view.facts.values(), view.constants)
    for reason in check_kinds(guardrail.when.tree, names, Kind.TRUTH):
        text = guardrail.when.text
        yield CONDITION_REFUSED.found(FILE, guardrail.id, text=text[:120], reason=reason)
