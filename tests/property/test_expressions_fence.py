"""Properties of the expression language on texts and trees nobody thought of."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.engine.expressions import (
    Expression,
    ExpressionFailed,
    ExpressionRefused,
    Value,
    cell_expression,
)

WORDS = st.sampled_from(
    [
        *("a", "b", "n", "s", "l", "len", "min", "max", "lambda", "__"),
        *("and", "or", "not", "in", "is", "null", "true", "false"),
        *("==", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "//", "**"),
        *("(", ")", "[", "]", "{", "}", ",", "?", "..", ".", ":"),
        *("0", "1", "7", "2.5", "9007199254740991", "'x'", "'y'", '"z"'),
    ]
)
NAMES: dict[str, Value] = {
    "a": True,
    "b": None,
    "n": 9007199254740991,
    "s": "x",
    "l": ["x", "y"],
}
# Generous: the machine may be busy; without limits the nastiest texts take minutes.
in_time = settings(deadline=timedelta(seconds=2))


def _meet(text: str) -> None:
    try:
        expression = Expression(text)
        assert Expression(expression.id).id == expression.id
        expression.evaluate(NAMES)
    except (ExpressionRefused, ExpressionFailed):
        pass


@in_time
@given(st.text(max_size=1_200))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    _meet(text)


@in_time
@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_any_row_of_words_is_parsed_or_refused(text: str) -> None:
    _meet(text)


@in_time
@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_any_cell_is_parsed_or_refused(text: str) -> None:
    try:
        condition = cell_expression("n", text)
        if condition is not None:
            condition.evaluate(NAMES)
    except (ExpressionRefused, ExpressionFailed):
        pass


@st.composite
def _sums(draw: st.DrawFn, depth: int = 0) -> tuple[str, int | Decimal]:
    """Draw an arithmetic text with the value that Python's own integers give it."""
    if depth == 4 or draw(st.booleans()):
        value = draw(st.integers(0, 50))
        return str(value), value
    left, left_value = draw(_sums(depth + 1))
    right, right_value = draw(_sums(depth + 1))
    operator = draw(st.sampled_from(["+", "-", "*"]))
    results = {
        "+": left_value + right_value,
        "-": left_value - right_value,
        "*": left_value * right_value,
    }
    return f"({left}) {operator} ({right})", results[operator]


@given(_sums())
def test_arithmetic_is_that_of_the_integers(sum_: tuple[str, int]) -> None:
    text, value = sum_
    assert Expression(text).evaluate({}) == value


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4), st.integers(0, 3))
def test_decimals_floor_as_integers_do(left: int, right: int, places: int) -> None:
    scaled = Decimal(left).scaleb(-places)
    result = Expression("left // right").evaluate({"left": scaled, "right": right})
    assert result == left // (right * 10**places)
