"""Reading workbooks: scanned first, then read in a child process with limits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from workflows.services.imports.problems import refused
from workflows.services.imports.sheet_guard import Place, check_workbook
from workflows.services.imports.sheet_reader import MEMORY_BYTES, SECONDS

Cell: TypeAlias = str | float | bool | date

# Which error it is, the scan does not keep.
FAILED = "#VALUE!"
_READER = "workflows.services.imports.sheet_reader"
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its rows from the first one on, empty ones too; an empty cell is ``""``."""

    name: str
    rows: Sequence[Sequence[Cell]]


def read_workbook(file: Path) -> tuple[Sheet, ...]:
    """Read the visible sheets of a workbook.

    Raises:
        FileRefused: It is no workbook, is locked or damaged, or is larger than the limits.
    """
    failed = check_workbook(file)
    try:
        child = subprocess.run(  # noqa: S603 - our own module, no shell, a path we resolved
            [sys.executable, "-m", _READER, str(file.resolve())],
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise refused(file, "too_slow", seconds=SECONDS) from error
    if child.returncode != 0:
        raise refused(file, "too_greedy", most=MEMORY_BYTES >> 20)
    answer = json.loads(child.stdout)
    if "problem" in answer:
        raise refused(file, "unreadable", error=answer["problem"])
    if not answer["sheets"]:
        raise refused(file, "no_sheets")
    for name, rows in answer["sheets"]:
        _mark(rows, failed.get(name, ()))
    return decoded(answer["sheets"])


def _mark(rows: list[list[object]], failed: Sequence[Place]) -> None:
    """Write what a failed formula shows where the reader gave an empty cell."""
    for row, column in failed:
        if row <= len(rows) and column <= len(rows[row - 1]) and rows[row - 1][column - 1] == "":
            rows[row - 1][column - 1] = FAILED


def decoded(sheets: Iterable[Any]) -> tuple[Sheet, ...]:
    """Read sheets as the child wrote them: a date is a list of one text."""
    return tuple(
        Sheet(name, [[_decoded(cell) for cell in row] for row in rows]) for name, rows in sheets
    )


def _decoded(cell: str | float | bool | list[str]) -> Cell:
    return date.fromisoformat(cell[0]) if isinstance(cell, list) else cell
