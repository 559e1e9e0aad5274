"""What kinds of value an expression works with, found before anything is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

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
    children,
    render,
)
from workflows.engine.facts import FactDeclaration, FactType


class Kind(StrEnum):
    """The kinds that the language keeps apart."""

    TRUTH = "truth value"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    CODE = "code"
    LIST = "list"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Typing:
    """A kind; ``codes`` are what a code, or a list of codes, can be."""

    kind: Kind
    codes: frozenset[str] | None = None
    literal: str | None = field(default=None, compare=False)


Names: TypeAlias = Mapping[str, Typing]

_TRUTH = Typing(Kind.TRUTH)
_NUMBER = Typing(Kind.NUMBER)
_TEXTS = frozenset({Kind.TEXT, Kind.DATE, Kind.CODE})
_OF_FACTS: Mapping[FactType, Kind] = {
    FactType.BOOL: Kind.TRUTH,
    FactType.INTEGER: Kind.NUMBER,
    FactType.DECIMAL: Kind.NUMBER,
    FactType.DATE: Kind.DATE,
    FactType.CODE: Kind.CODE,
    FactType.CODES: Kind.LIST,
}


def typing_of_names(
    declarations: Iterable[FactDeclaration], constants: Iterable[str]
) -> dict[str, Typing]:
    """Give the kind of every fact and plain parameter of a pack."""
    names = {
        fact.name: Typing(
            _OF_FACTS.get(fact.type, Kind.TEXT), frozenset(fact.choices) if fact.choices else None
        )
        for fact in declarations
    }
    return names | dict.fromkeys(constants, _NUMBER)


def check_kinds(tree: Node, names: Names, wanted: Kind | None = None) -> list[str]:
    """Say in English what does not go together; nothing when the expression is sound.

    Args:
        tree: the expression.
        names: the kinds of all names in it; a name that is not there is reported.
        wanted: the kind that the whole must be of, a truth value for a condition.
    """
    checker = _Checker(names)
    typing = checker.typing(tree)
    if wanted is not None and typing is not None and typing.kind is not wanted:
        checker.problems.append(f"it is a {typing.kind}, no {wanted}")
    return checker.problems


class _Checker:
    """Walks one tree; None stands for a kind that is already reported."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.problems: list[str] = []

    def typing(self, node: Node) -> Typing | None:
        match node:
            case Literal(value=value):
                return _of_literal(value)
            case Name(id=name):
                if name not in self._names:
                    self.problems.append(f"“{name}” is no fact and no plain parameter")
                return self._names.get(name)
            case ListOf(items=items):
                return self._list(items)
            case Call() | Arithmetic():
                return self._number_of(node)
            case Comparison():
                self._compare(node)
            case Membership():
                self._contain(node)
            case IsNull(operand=operand):
                self.typing(operand)
            case Not() | Junction():
                for part in children(node):
                    self._want(part, Kind.TRUTH)
        return _TRUTH

    def _want(self, node: Node, *kinds: Kind) -> None:
        found = self.typing(node)
        if found is not None and found.kind not in kinds:
            self.problems.append(f"“{render(node)}” is a {found.kind}, no {kinds[0]}")

    def _number_of(self, node: Call | Arithmetic) -> Typing:
        is_length = isinstance(node, Call) and node.function == "len"
        for part in children(node):
            self._want(part, *((Kind.LIST, *_TEXTS) if is_length else (Kind.NUMBER,)))
        return _NUMBER

    def _list(self, items: tuple[Node, ...]) -> Typing:
        typings = [self.typing(item) for item in items]
        literals = [each.literal for each in typings if each is not None]
        known = [text for text in literals if text is not None]
        return Typing(Kind.LIST, frozenset(known) if len(known) == len(items) else None)

    def _compare(self, node: Comparison) -> None:
        left, right = self.typing(node.left), self.typing(node.right)
        if left is None or right is None:
            return
        if not _comparable(left, right):
            self.problems.append(f"“{render(node)}” compares a {left.kind} with a {right.kind}")
        elif node.operator not in ("==", "!="):
            self._check_order(node, left, right)
        else:
            self._check_literals(left, right)
            self._check_literals(right, left)

    def _check_order(self, node: Comparison, left: Typing, right: Typing) -> None:
        kinds = {left.kind, right.kind}
        if kinds == {Kind.NUMBER}:
            return
        if Kind.DATE not in kinds:
            self.problems.append(f"“{render(node)}”: a {left.kind} has no order")
        self._check_literals(left, right)
        self._check_literals(right, left)

    def _check_literals(self, typing: Typing, other: Typing) -> None:
        """Check a text against the dates or codes that it is compared with."""
        if other.literal is None:
            return
        if typing.kind is Kind.DATE and not _is_date(other.literal):
            self.problems.append(f"“{other.literal}” is no date like 2026-05-25")
        if typing.kind is Kind.CODE and other.literal not in (typing.codes or frozenset()):
            codes = ", ".join(sorted(typing.codes or ()))
            self.problems.append(f"“{other.literal}” is none of {codes}")

    def _contain(self, node: Membership) -> None:
        item = self.typing(node.item)
        self._want(node.container, Kind.LIST)
        items = node.container.items if isinstance(node.container, ListOf) else ()
        for each in items:
            other = self.typing(each)
            if item is None or other is None:
                continue
            if not _comparable(item, other):
                self.problems.append(f"“{render(node)}” looks for a {item.kind} among others")
                return
            self._check_literals(item, other)
        if isinstance(node.container, Name) and item is not None and item.kind not in _TEXTS:
            self.problems.append(f"“{render(node)}” looks for a {item.kind} among codes")
        if isinstance(node.container, Name) and item is not None and item.literal is not None:
            codes = self._names.get(node.container.id, _NUMBER).codes
            if codes is not None and item.literal not in codes:
                known = ", ".join(sorted(codes))
                self.problems.append(f"“{item.literal}” is none of {known}")


def _of_literal(value: object) -> Typing:
    if value is None:
        return Typing(Kind.NULL)
    if isinstance(value, bool):
        return _TRUTH
    return Typing(Kind.TEXT, literal=value) if isinstance(value, str) else _NUMBER


def _comparable(left: Typing, right: Typing) -> bool:
    if left.kind is right.kind:
        return left.kind not in (Kind.LIST, Kind.NULL)
    return {left.kind, right.kind} <= _TEXTS and Kind.TEXT in (left.kind, right.kind)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
