"""Sorting more lines than memory should hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import islice
from pathlib import Path

LINES_AT_ONCE = 20_000


def sorted_lines(
    lines: Iterable[bytes], folder: Path, at_once: int = LINES_AT_ONCE
) -> Iterator[bytes]:
    """Give lines, each with its end, in the order of their bytes.

    Args:
        lines: read once.
        folder: where sorted runs of them lie until the last is given.
        at_once: how many memory holds.
    """
    rest = iter(lines)
    with ExitStack() as stack:
        runs = []
        while run := sorted(islice(rest, at_once)):
            file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
            file.writelines(run)
            file.seek(0)
            runs.append(file)
        yield from merge(*runs)
