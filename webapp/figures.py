"""How numbers are written on screens and papers; every form stands here.

Numbers of cases and papers, years and codes are names and are not written by these.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30


def figure(value: float | None, places: int = 0) -> str:
    """Write a number with its thousands parted: 12,345; with decimals 1,234.5; null is empty."""
    return "" if value is None else f"{_rounded(value, places):,}"


def share(value: float | None, places: int = 0) -> str:
    """Write a share of one in percent: 0.35 is 35%; null is empty."""
    return "" if value is None else f"{_rounded(Decimal(str(value)) * 100, places):,}%"


def percent(value: float | None, places: int = 0) -> str:
    """Write what is percent already: 35 is 35%; null is empty."""
    return "" if value is None else f"{figure(value, places)}%"


def file_size(size_bytes: int) -> str:
    """Write the size of a file, never smaller than it is: 12 KB, 3.4 MB, 1.2 GB."""
    if size_bytes < _MIB:
        return f"{figure(-(-size_bytes // _KIB))} KB"
    unit, name = (_MIB, "MB") if size_bytes < _GIB else (_GIB, "GB")
    return f"{figure(-(-size_bytes * 10 // unit) / 10, 1)} {name}"


def _rounded(value: float | Decimal, places: int) -> Decimal:
    step = Decimal(1).scaleb(-places)
    return Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)


FILTERS = {"figure": figure, "share": share, "percent": percent, "file_size": file_size}
