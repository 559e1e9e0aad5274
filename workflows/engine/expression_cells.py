"""Cells of decision tables, read as expressions about their input (DESIGN 4.2)."""

from __future__ import annotations

from workflows.engine.expression_parser import EQUALITY, ORDER, Parser, Token
from workflows.engine.expression_tree import (
    Comparison,
    IsNull,
    Junction,
    Literal,
    Membership,
    Node,
    Not,
)


def parse_cell(text: str, subject: Node) -> Node | None:
    """Parse a cell of a decision table against its input; None when any value will do.

    A cell is ``-``, a value, a comparison (``>= 70``), an interval (``[60..80)``),
    several of these with commas between them (one must hold), ``not(…)`` around
    them, or a whole condition in which ``?`` stands for the input. A plain value
    asks "is it this?", which null answers with no; a comparison of null is an error.

    Raises:
        ExpressionRefused: as ``parse``.
    """
    if text.strip() in ("", "-"):
        return None
    parser = _CellParser(text, subject)
    return parser.finish(parser.cell())


class _CellParser(Parser):
    """The grammar of one cell; ``subject`` is its input."""

    def __init__(self, text: str, subject: Node) -> None:
        super().__init__(text)
        self._subject = subject
        self._asked_subject = False

    def _question(self, _: Token) -> Node:
        self._asked_subject = True
        return self._subject

    def cell(self) -> Node:
        """Parse the cell of a decision table."""
        if self._peek().text == "not" and self._tokens[self._at + 1].text == "(":
            start = self._at
            self._at += 2
            inner = self._nested(self._tests)
            if self._accept(")") and self._peek().kind == "end" and not self._asked_subject:
                return Not(inner)
            self._at, self._asked_subject = start, False
        return self._tests()

    def _tests(self) -> Node:
        tests = [self._test()]
        while self._accept(","):
            tests.append(self._test())
        return tests[0] if len(tests) == 1 else Junction("or", tuple(tests))

    def _test(self) -> Node:
        """Parse one test of a cell against the input."""
        subject = self._subject
        token = self._accept(*ORDER, *EQUALITY)
        if token:
            return self._compare(token, subject, self._sum())
        if self._accept("in"):
            return Membership(subject, self._container(), negated=False)
        interval = self._interval(subject)
        if interval is not None:
            return interval
        self._asked_subject, before = False, self._asked_subject
        value = self.disjunction()
        if self._asked_subject:
            return value
        self._asked_subject = before
        if value == Literal(None):
            return IsNull(subject, negated=False)
        known = IsNull(subject, negated=True)
        return Junction("and", (known, Comparison("==", subject, value)))

    def _interval(self, subject: Node) -> Node | None:
        """Parse ``[a..b]`` with either bracket turned or round, or leave it unread."""
        start = self._at
        opening = self._accept("[", "(", "]")
        if opening is None:
            return None
        low = self._sum() if opening.text == "]" or self._has_dots() else None
        if low is None or self._accept("..") is None:
            self._at = start
            return None
        high = self._sum()
        closing = self._accept("]", ")", "[")
        if closing is None:
            self._refuse("the interval is not closed")
        return Junction(
            "and",
            (
                Comparison(">=" if opening.text == "[" else ">", subject, low),
                Comparison("<=" if closing.text == "]" else "<", subject, high),
            ),
        )

    def _has_dots(self) -> bool:
        """Look ahead for the dots of an interval before its closing bracket."""
        depth = 0
        for token in self._tokens[self._at :]:
            if token.text == ".." and depth == 0:
                return True
            depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
            if depth < 0:
                return False
        return False
