"""Tokens and grammar of the expression language (DESIGN 4.3).

The grammar is written by hand, so that nothing of Python's is reachable: there
is no attribute, subscript, assignment, lambda or power to switch off. Names are
ASCII, so no letter can pass for another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from workflows.domain.errors import InvalidInput
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
    depth_of,
)

MAX_LENGTH = 1_000
MAX_TOKENS = 400
MAX_DEPTH = 20
MAX_TEXT_LENGTH = 200
MAX_INTEGER = 2**53 - 1
MAX_DECIMAL_PLACES = 6

# Fewest and most arguments of each function that an expression may call.
FUNCTIONS: Mapping[str, tuple[int, int]] = {"len": (1, 1), "min": (1, 10), "max": (1, 10)}

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "null", "true", "false"})

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<sign>==|!=|<=|>=|//|\.\.|[-+*<>=()\[\],?])",
    re.ASCII,
)
_SPACE = re.compile(r"[ \t\r\n]*")
ORDER = frozenset({"<", "<=", ">", ">="})
EQUALITY = {"=": "==", "==": "==", "!=": "!="}
_CONSTANTS = {"true": True, "false": False, "null": None}


class ExpressionRefused(InvalidInput):
    """The expression “{expression}” is refused at character {position}: {reason}"""

    code = "expression_refused"
    expression: str
    position: int
    reason: str

    def __init__(self, *, expression: str, position: int, reason: str) -> None:
        """Keep the first 120 characters of the expression, the place and the reason."""
        super().__init__(expression=expression[:120], position=position, reason=reason)


@dataclass(frozen=True, slots=True)
class Token:
    """A part of an expression; ``position`` counts characters from 1."""

    kind: str
    text: str
    position: int


def parse(text: str, functions: Mapping[str, tuple[int, int]] = FUNCTIONS) -> Node:
    """Parse an expression.

    ``=`` and ``==`` are the same, so that a form's condition is FEEL as well and
    form-js previews it; a comparison with the word null asks ``is null``.

    Raises:
        ExpressionRefused: anything but the language, or more of it than the limits.
    """
    parser = Parser(text, functions)
    return parser.finish(parser.disjunction())


def _tokenise(text: str) -> list[Token]:
    """Cut a text into tokens, refusing every character that starts none."""
    if len(text) > MAX_LENGTH:
        reason = f"it is longer than {MAX_LENGTH} characters"
        raise ExpressionRefused(expression=text, position=MAX_LENGTH + 1, reason=reason)
    tokens: list[Token] = []
    at = _end_of_space(text, 0)
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) >= MAX_TOKENS:
            reason = (
                f"“{text[at]!a}” has no meaning here"
                if found is None
                else f"it has more than {MAX_TOKENS} parts"
            )
            raise ExpressionRefused(expression=text, position=at + 1, reason=reason)
        kind, part = str(found.lastgroup), found.group()
        if kind == "name" and part in KEYWORDS:
            kind = "keyword"
        tokens.append(Token(kind, part, at + 1))
        at = _end_of_space(text, found.end())
    tokens.append(Token("end", "", len(text) + 1))
    return tokens


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


class Parser:
    """A recursive descent over the tokens of one expression."""

    def __init__(
        self,
        text: str,
        functions: Mapping[str, tuple[int, int]] = FUNCTIONS,
    ) -> None:
        self._text = text
        self._functions = functions
        self._tokens = _tokenise(text)
        self._at = 0
        self._nesting = 0

    def _refuse(self, reason: str, token: Token | None = None) -> NoReturn:
        position = (token or self._peek()).position
        raise ExpressionRefused(expression=self._text, position=position, reason=reason)

    def finish(self, tree: Node) -> Node:
        """Make sure that nothing is left and that the tree keeps the limit."""
        token = self._peek()
        if token.kind != "end":
            self._refuse(f"“{token.text}” is one part too many")
        if depth_of(tree) > MAX_DEPTH:
            self._refuse(f"it nests deeper than {MAX_DEPTH} levels", self._tokens[0])
        return tree

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def _accept(self, *texts: str) -> Token | None:
        token = self._peek()
        if token.kind in ("sign", "keyword") and token.text in texts:
            return self._take()
        return None

    def _expect(self, text: str) -> None:
        if self._accept(text) is None:
            self._refuse(f"“{text}” is missing")

    def _nested(self, inner: Callable[[], Node]) -> Node:
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            self._refuse(f"it nests deeper than {MAX_DEPTH} levels")
        node = inner()
        self._nesting -= 1
        return node

    def disjunction(self) -> Node:
        """Parse a whole condition."""
        return self._junction("or", self._conjunction)

    def _conjunction(self) -> Node:
        return self._junction("and", self._negation)

    def _junction(self, operator: str, part: Callable[[], Node]) -> Node:
        terms = [part()]
        while self._accept(operator):
            terms.append(part())
        return terms[0] if len(terms) == 1 else Junction(operator, tuple(terms))

    def _negation(self) -> Node:
        if self._accept("not"):
            return Not(self._nested(self._negation))
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._sum()
        if self._accept("is"):
            negated = self._accept("not") is not None
            self._expect("null")
            return IsNull(left, negated)
        negation = self._accept("not")
        if self._accept("in"):
            return Membership(left, self._container(), negation is not None)
        if negation:
            self._refuse("“not” is followed by “in” here", negation)
        token = self._accept(*ORDER, *EQUALITY)
        if token is None:
            return left
        node = self._compare(token, left, self._sum())
        again = self._peek()
        if again.text in ORDER or again.text in EQUALITY:
            self._refuse("a comparison has two sides; join two with “and”")
        return node

    def _compare(self, token: Token, left: Node, right: Node) -> Node:
        """Compare; with the word null on one side, ask whether the other is null."""
        if token.text in ORDER:
            return Comparison(token.text, left, right)
        operator = EQUALITY[token.text]
        if right == Literal(None):
            return IsNull(left, operator == "!=")
        if left == Literal(None):
            return IsNull(right, operator == "!=")
        return Comparison(operator, left, right)

    def _container(self) -> Node:
        if self._accept("("):
            return self._items(")")
        node = self._atom()
        if not isinstance(node, ListOf | Name):
            self._refuse("“in” needs a list")
        return node

    def _items(self, closing: str) -> ListOf:
        items = [self._nested(self._sum)]
        while self._accept(","):
            items.append(self._nested(self._sum))
        self._expect(closing)
        return ListOf(tuple(items))

    def _sum(self) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "//"), self._signed))

    def _chain(self, operators: tuple[str, ...], part: Callable[[], Node]) -> Node:
        node = part()
        while token := self._accept(*operators):
            node = Arithmetic(token.text, node, part())
        return node

    def _signed(self) -> Node:
        if self._accept("-") is None:
            return self._atom()
        operand = self._nested(self._signed)
        if isinstance(operand, Literal) and isinstance(operand.value, int | Decimal):
            return Literal(-operand.value)
        return Arithmetic("-", Literal(0), operand)

    def _atom(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "text":
            return self._literal_text(token)
        if token.kind == "name":
            return self._name(token)
        if token.text == "(":
            node = self._nested(self.disjunction)
            self._expect(")")
            return node
        if token.text == "[":
            return self._items("]")
        if token.text == "?":
            return self._question(token)
        if token.text not in _CONSTANTS:
            self._refuse(f"“{token.text}” is no value" if token.text else "it is not whole", token)
        return Literal(_CONSTANTS[token.text])

    def _number(self, token: Token) -> Literal:
        whole, _, places = token.text.partition(".")
        if len(whole) > len(str(MAX_INTEGER)) or int(whole) > MAX_INTEGER:
            self._refuse(f"numbers end at {MAX_INTEGER}", token)
        if len(places) > MAX_DECIMAL_PLACES:
            self._refuse(f"at most {MAX_DECIMAL_PLACES} decimal places", token)
        return Literal(Decimal(token.text) if places else int(whole))

    def _literal_text(self, token: Token) -> Literal:
        value = token.text[1:-1]
        if len(value) > MAX_TEXT_LENGTH:
            self._refuse(f"texts end at {MAX_TEXT_LENGTH} characters", token)
        if not value.isprintable():
            self._refuse("a text holds characters that cannot be seen", token)
        return Literal(value)

    def _name(self, token: Token) -> Node:
        if self._accept("("):
            return self._call(token)
        if token.text.startswith("__") or len(token.text) > 64:
            self._refuse("this is no name of a fact or parameter", token)
        if token.text in ("True", "False", "None"):
            small = {"True": "true", "False": "false", "None": "null"}[token.text]
            self._refuse(f"write “{small}”", token)
        return Name(token.text)

    def _call(self, token: Token) -> Call:
        if token.text not in self._functions:
            known = ", ".join(sorted(self._functions))
            self._refuse(f"there is no function “{token.text[:64]}”, only {known}", token)
        arguments: tuple[Node, ...] = ()
        if self._accept(")") is None:
            arguments = self._items(")").items
        fewest, most = self._functions[token.text]
        if not fewest <= len(arguments) <= most:
            self._refuse(f"{token.text} takes {fewest} to {most} values", token)
        return Call(token.text, arguments)

    def _question(self, token: Token) -> Node:
        self._refuse("“?” stands in decision tables only", token)
