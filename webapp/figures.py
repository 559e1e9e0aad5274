"""How numbers are written on screens, charts and papers; every form stands here.

Numbers of cases and papers, years and codes are names: none of these writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

# Figures up to four stand together, as GB/T 15835 allows: a year is never parted.
_PARTED_FROM = 10_000
_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30


def figure(value: float | Decimal | None, places: int = 0) -> str:
    """Write a number: 1234 and 12,345; with decimals at most so many, 3.5; null is empty."""
    if value is None:
        return ""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{rounded:,}" if abs(rounded) >= _PARTED_FROM else f"{rounded}"
    return text.rstrip("0").rstrip(".") if places else text


def signed(value: int) -> str:
    """Write a difference with its sign: +3, -12,345, 0."""
    return f"+{figure(value)}" if value > 0 else figure(value)


def percent(value: float | Decimal | None, places: int = 0) -> str:
    """Write what is percent already: 35 is 35%; null is empty."""
    return "" if value is None else f"{figure(value, places)}%"


def share(part: int, whole: int) -> str:
    """Write a part of a whole in whole percent; of nothing there is no share."""
    return percent(Decimal(100 * part) / whole) if whole else ""


def file_size(size_bytes: int) -> str:
    """Write the size of a file, never smaller than it is: 12 KB, 3.4 MB, 1.2 GB."""
    if size_bytes < _MIB:
        return f"{figure(-(-size_bytes // _KIB))} KB"
    unit, name = (_MIB, "MB") if size_bytes < _GIB else (_GIB, "GB")
    return f"{figure(-(-size_bytes * 10 // unit) / 10, 1)} {name}"


def said(value: object) -> object:
    """Write a value of a sentence if it is a number."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return figure(value, 1) if is_number else value  # type: ignore[arg-type]


FILTERS: dict[str, Callable[..., Any]] = {
    "figure": figure,
    "percent": percent,
    "signed": signed,
    "file_size": file_size,
}


def write_values_of_sentences(
    environment: Environment, write: Callable[[object], object] = said
) -> None:
    """Let the sentences of templates write their values as those of the code are written."""
    plain, counting = environment.globals["gettext"], environment.globals["ngettext"]

    @pass_context
    def gettext(context: Context, text: str, /, **values: Any) -> Any:
        return plain(context, text, **{name: write(value) for name, value in values.items()})  # type: ignore[operator]

    @pass_context
    def ngettext(context: Context, one: str, many: str, num: int, /, **values: Any) -> Any:
        told = {"num": num, **values}
        return counting(
            context, one, many, num, **{name: write(value) for name, value in told.items()}
        )  # type: ignore[operator]

    environment.globals.update(gettext=gettext, ngettext=ngettext)
