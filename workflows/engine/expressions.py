"""Expressions of a pack: conditions, cells and outputs of decision tables (DESIGN 4.3).

An expression sees the names that it is given and nothing else. It ends: no loop,
no call but of registered functions, numbers within ±(2^53 - 1), text within 200
characters, at most 20 levels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import NoReturn, TypeAlias

from workflows.domain.errors import DubanError
from workflows.engine.expression_cells import parse_cell
from workflows.engine.expression_parser import MAX_INTEGER, ExpressionRefused, parse
from workflows.engine.expression_tree import (
    Arithmetic,
    Call,
    Comparison,
    IsNull,
    Junction,
    ListOf,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    names_of,
    render,
)

__all__ = [
    "Expression",
    "ExpressionFailed",
    "ExpressionRefused",
    "NullCompared",
    "Scalar",
    "Value",
    "cell_expression",
]

Scalar: TypeAlias = bool | int | Decimal | str
Value: TypeAlias = Scalar | Sequence[Scalar] | None
Names: TypeAlias = Mapping[str, Value]
_Known: TypeAlias = Scalar | tuple[Scalar, ...]
_Result: TypeAlias = _Known | None

# Wide enough for sums and products of the largest numbers; what does not fit is refused.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


class ExpressionFailed(DubanError):
    """The expression “{expression}” has no value: {reason}"""

    code = "expression_failed"
    expression: str


class NullCompared(ExpressionFailed):
    """The expression “{expression}” needs {fact}, which is not known yet."""

    code = "null_compared"
    fact: str


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, parsed once.

    ``id`` is its canonical spelling: two expressions that differ in spaces,
    brackets or quotes alone have the same one. ``names`` are the facts and
    parameters that it may ask for.
    """

    text: str
    tree: Node = field(repr=False, compare=False)
    id: str = field(repr=False)
    names: frozenset[str] = field(repr=False, compare=False)

    def __init__(self, text: str) -> None:
        """Parse the text.

        Raises:
            ExpressionRefused: it is not of the language, or too long or too deep.
        """
        _fill(self, text, parse(text))

    @classmethod
    def of(cls, tree: Node) -> Expression:
        """Make an expression of a tree that was parsed before."""
        expression = object.__new__(cls)
        _fill(expression, render(tree), tree)
        return expression

    def evaluate(self, names: Names) -> Value:
        """Give the value on these facts and parameters.

        Raises:
            NullCompared: a fact that is null is compared or reckoned with.
            ExpressionFailed: kinds that do not go together, or a number too large.
        """
        return _Evaluation(self.id, names).value(self.tree)

    def holds(self, names: Names, *, null_answers: bool = False) -> bool:
        """Give the truth of a condition.

        Args:
            names: what is known.
            null_answers: let null differ from every value instead of being an error,
                as FEEL and so the editors of forms have it.

        Raises:
            NullCompared, ExpressionFailed: as ``evaluate``, or the value is no truth value.
        """
        return _Evaluation(self.id, names, null_answers=null_answers).truth(self.tree)


def cell_expression(subject: str, cell: str) -> Expression | None:
    """Make the condition that a cell of a decision table sets on its input.

    Args:
        subject: the input's expression, mostly the name of a fact.
        cell: the cell's text; ``parse_cell`` says what it may be.

    Returns:
        The condition, or None where any value will do.
    """
    tree = parse_cell(cell, parse(subject))
    return None if tree is None else Expression.of(tree)


def _fill(expression: Expression, text: str, tree: Node) -> None:
    object.__setattr__(expression, "text", text.strip())
    object.__setattr__(expression, "tree", tree)
    object.__setattr__(expression, "id", render(tree))
    object.__setattr__(expression, "names", names_of(tree))


def _kind(value: _Known) -> str:
    if isinstance(value, bool):
        return "truth value"
    if isinstance(value, int | Decimal):
        return "number"
    return "text" if isinstance(value, str) else "list"


class _Evaluation:
    """One evaluation of one expression."""

    def __init__(self, expression: str, names: Names, *, null_answers: bool = False) -> None:
        self._expression = expression
        self._names = names
        self._null_answers = null_answers

    def _fail(self, reason: str, cause: Exception | None = None) -> NoReturn:
        raise ExpressionFailed(expression=self._expression, reason=reason) from cause

    def value(self, node: Node) -> _Result:
        match node:
            case Literal(value=value):
                return value
            case Name(id=name):
                return self._named(name)
            case ListOf(items=items):
                return tuple(self._scalar(item) for item in items)
            case Arithmetic():
                return self._reckon(node)
            case Call():
                return self._call(node)
            case _:
                return self._judge(node)

    def _answers_null(self, *nodes: Node) -> bool:
        return self._null_answers and any(self.value(node) is None for node in nodes)

    def truth(self, node: Node) -> bool:
        if self._answers_null(node):
            return False
        value = self._known(node)
        if not isinstance(value, bool):
            self._fail(f"“{render(node)}” is a {_kind(value)}, no truth value")
        return value

    def _judge(self, node: Not | Junction | Comparison | IsNull | Membership) -> bool:
        match node:
            case Not(operand=operand):
                return not self.truth(operand)
            case Junction(operator="and", terms=terms):
                return all(self.truth(term) for term in terms)
            case Junction(terms=terms):
                return any(self.truth(term) for term in terms)
            case IsNull(operand=operand, negated=negated):
                return (self.value(operand) is None) is not negated
            case Comparison():
                return self._compare(node)
            case Membership(negated=negated):
                return self._contains(node) is not negated

    def _named(self, name: str) -> _Result:
        if name not in self._names:
            self._fail(f"“{name}” is no fact and no parameter")
        value = self._names[name]
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int | Decimal):
            return self._bounded(value)
        return tuple(value)

    def _known(self, node: Node) -> _Known:
        """Give a value that must not be null."""
        value = self.value(node)
        if value is None:
            raise NullCompared(expression=self._expression, fact=render(node))
        return value

    def _scalar(self, node: Node) -> Scalar:
        value = self._known(node)
        if isinstance(value, tuple):
            self._fail(f"“{render(node)}” is a list within a list")
        return value

    def _number(self, node: Node) -> int | Decimal:
        value = self._known(node)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self._fail(f"“{render(node)}” is a {_kind(value)}, no number")
        return value

    def _bounded(self, value: int | Decimal) -> int | Decimal:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            self._fail(f"a number lies beyond ±{MAX_INTEGER}")
        return value

    def _reckon(self, node: Arithmetic) -> int | Decimal:
        left, right = self._number(node.left), self._number(node.right)
        if node.operator == "//" and right == 0:
            self._fail("it divides by zero")
        if isinstance(left, int) and isinstance(right, int):
            return self._bounded(_INTEGER[node.operator](left, right))
        try:
            value = _DECIMAL[node.operator](Decimal(left), Decimal(right))
        except (Inexact, InvalidOperation) as error:
            self._fail("a number has too many places", error)
        return self._bounded(value)

    def _compare(self, node: Comparison) -> bool:
        if self._answers_null(node.left, node.right):
            return node.operator == "!="
        left, right = self._known(node.left), self._known(node.right)
        self._same_kind(node, left, right)
        if node.operator == "==":
            return left == right
        if node.operator == "!=":
            return left != right
        if isinstance(left, str) and isinstance(right, str):
            return _ordered(node.operator, (left > right) - (left < right))
        first, second = self._number(node.left), self._number(node.right)
        return _ordered(node.operator, (first > second) - (first < second))

    def _same_kind(self, node: Node, left: _Known, right: _Known) -> None:
        if _kind(left) != _kind(right):
            reason = f"“{render(node)}” compares a {_kind(left)} with a {_kind(right)}"
            self._fail(reason)

    def _contains(self, node: Membership) -> bool:
        if self._answers_null(node.item, node.container):
            return False
        item, container = self._scalar(node.item), self._known(node.container)
        if not isinstance(container, tuple):
            self._fail(f"“{render(node.container)}” is no list")
        for each in container:
            self._same_kind(node, item, each)
        return item in container

    def _call(self, node: Call) -> int | Decimal:
        if node.function == "len":
            value = self._known(node.arguments[0])
            if not isinstance(value, str | tuple):
                self._fail(f"“{render(node.arguments[0])}” has no length")
            return len(value)
        choose = min if node.function == "min" else max
        return choose(self._number(argument) for argument in node.arguments)


def _ordered(operator: str, difference: int) -> bool:
    """Judge by the sign of left minus right."""
    match operator:
        case "<":
            return difference < 0
        case "<=":
            return difference <= 0
        case ">":
            return difference > 0
        case _:
            return difference >= 0


def _floor(left: Decimal, right: Decimal) -> Decimal:
    """Divide and round down; Decimal's own operator rounds towards zero."""
    quotient = _EXACT.divide_int(left, right)
    has_rest = _EXACT.remainder(left, right) != 0
    return quotient - 1 if has_rest and (left < 0) != (right < 0) else quotient


_INTEGER: Mapping[str, Callable[[int, int], int]] = {
    "+": int.__add__,
    "-": int.__sub__,
    "*": int.__mul__,
    "//": int.__floordiv__,
}
_DECIMAL: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": _EXACT.add,
    "-": _EXACT.subtract,
    "*": _EXACT.multiply,
    "//": _floor,
}
