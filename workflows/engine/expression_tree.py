"""The tree of an expression, and its one canonical spelling."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, a truth value or null."""

    value: int | Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A fact or a parameter."""

    id: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values, the right side of ``in``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a truth value."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Junction:
    """``and`` or ``or`` over two terms or more, evaluated from the left until decided."""

    operator: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``==``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``; equality has one spelling here."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class IsNull:
    """The only question that null answers."""

    operand: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """``in`` and ``not in``."""

    item: Node
    container: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+``, ``-``, ``*`` or ``//`` (rounded down)."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A registered function with its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = (
    Literal | Name | ListOf | Not | Junction | Comparison | IsNull | Membership | Arithmetic | Call
)


def children(node: Node) -> tuple[Node, ...]:
    """Give the direct parts of a node, from the left."""
    match node:
        case Literal() | Name():
            return ()
        case ListOf(items=parts) | Junction(terms=parts) | Call(arguments=parts):
            return parts
        case Not(operand=operand) | IsNull(operand=operand):
            return (operand,)
        case Membership(item=left, container=right):
            return (left, right)
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)


def names_of(node: Node) -> frozenset[str]:
    """Give every name that stands in a tree."""
    if isinstance(node, Name):
        return frozenset({node.id})
    return frozenset().union(*(names_of(child) for child in children(node)))


def render(node: Node) -> str:
    """Write a tree in its one canonical spelling."""
    match node:
        case Literal(value=value):
            return _render_literal(value)
        case Name(id=name):
            return name
        case ListOf(items=items):
            return "[" + ", ".join(render(item) for item in items) + "]"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(render(argument) for argument in arguments)})"
        case _:
            return _render_operation(node)


def _render_operation(
    node: Not | Junction | IsNull | Membership | Comparison | Arithmetic,
) -> str:
    match node:
        case Not(operand=operand):
            return f"not {_inner(operand)}"
        case Junction(operator=operator, terms=terms):
            return f" {operator} ".join(_inner(term) for term in terms)
        case IsNull(operand=operand, negated=negated):
            return f"{_inner(operand)} is {'not ' if negated else ''}null"
        case Membership(item=item, container=container, negated=negated):
            return f"{_inner(item)} {'not ' if negated else ''}in {_inner(container)}"
        case Comparison() | Arithmetic():
            return f"{_inner(node.left)} {node.operator} {_inner(node.right)}"


def _inner(node: Node) -> str:
    """Put a part in brackets, except where it cannot be misread."""
    text = render(node)
    return text if isinstance(node, Literal | Name | ListOf | Call) else f"({text})"


def _render_literal(value: int | Decimal | str | bool | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if "'" in value else f"'{value}'"
    return str(value)


def depth_of(node: Node) -> int:
    """Count the levels of a tree."""
    return 1 + max((depth_of(child) for child in children(node)), default=0)
