"""Conditions of a form's fields, written so that the page's script can judge them too.

The server judges again when the form comes in; the script only shows and hides.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflows.engine.expression_tree import (
    Comparison,
    IsNull,
    Junction,
    ListOf,
    Literal,
    Membership,
    Name,
    Node,
    Not,
)
from workflows.engine.expressions import Expression, Value
from workflows.engine.facts import FactType
from workflows.engine.forms import FieldKind, FormField, FormSchema

Judged = list[Any]


class _Untold(Exception):
    """A part that the script does not know: the field is then always shown."""


def shown_when(hide: Expression, schema: FormSchema, known: Mapping[str, Value]) -> Judged | None:
    """Write when a field is shown, or None where the script cannot tell.

    Names of the form's fields are left to the script; facts and parameters are put in as
    they are now.
    """
    try:
        return ["not", _write(hide.tree, schema, known)]
    except _Untold:
        return None


def _write(node: Node, schema: FormSchema, known: Mapping[str, Value]) -> Judged:
    def write(part: Node) -> Judged:
        return _write(part, schema, known)

    negated = False
    match node:
        case Literal(value=value):
            judged: Judged = ["value", _plain(value)]
        case Name(id=name):
            field = schema.field(name)
            judged = ["field", name, _kind(field)] if field else ["value", _plain(known.get(name))]
        case ListOf(items=items):
            judged = ["list", *(write(item) for item in items)]
        case Not(operand=operand):
            judged = ["not", write(operand)]
        case Junction(operator=operator, terms=terms):
            judged = [operator, *(write(term) for term in terms)]
        case IsNull(operand=operand, negated=negated):
            judged = ["null", write(operand)]
        case Comparison(operator=operator, left=left, right=right):
            judged = ["compare", operator, write(left), write(right)]
        case Membership(item=item, container=container, negated=negated):
            judged = ["in", write(item), write(container)]
        case _:
            raise _Untold
    return ["not", judged] if negated else judged


def _kind(field: FormField) -> str:
    """Say how the script reads a field: as number, truth value, list or text."""
    if field.kind is FieldKind.NUMBER:
        return "number"
    if field.kind is FieldKind.CHECKBOX:
        return "tick"
    if field.kind in (FieldKind.CHECKLIST, FieldKind.FILEPICKER):
        return "list"
    is_truth = field.fact is not None and field.fact.type is FactType.BOOL
    return "truth" if is_truth else "text"


def _plain(value: Value) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str | int | bool) or value is None:
        return value
    return [_plain(item) for item in value]
