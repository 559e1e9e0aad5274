"""What an import would do, told before it does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workflows.services.imports.problems import Problem
from workflows.services.imports.spreadsheet import Cell, Sheet, decoded
from workflows.services.imports.tables import Table, read_sheets
from workflows.services.imports.text_table import file_hash


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its sheets, and by what it is known."""

    file_name: str
    sha256: str
    sheets: Sequence[Sheet]

    @classmethod
    def read(cls, file: Path, name: str | None = None) -> Self:
        """Read a workbook or CSV; not inside a transaction, for it takes a while.

        Raises:
            FileRefused: It can be read as neither.
        """
        return cls(name or file.name, file_hash(file), read_sheets(file))

    @property
    def path(self) -> Path:
        """Give the name as messages want it."""
        return Path(self.file_name)

    def to_json(self) -> list[Any]:
        """Write the sheets; a date is a list of one text, as the reader's process gives it."""
        return [
            [sheet.name, [[_encoded(cell) for cell in row] for row in sheet.rows]]
            for sheet in self.sheets
        ]

    @classmethod
    def from_json(cls, file_name: str, sha256: str, sheets: list[Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(file_name, sha256, decoded(sheets))


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be new, changed and unchanged; rows with problems are left out.

    ``apply`` does it, in the transaction in which the plan was made, and writes its record.
    """

    tables: tuple[Table, ...]
    new: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]
    apply: Callable[[], None]

    @property
    def left_out(self) -> int:
        """Count the rows with problems."""
        return len({(problem.sheet, problem.line) for problem in self.problems})


def _encoded(cell: Cell) -> object:
    return cell if isinstance(cell, str | float | bool | int) else [cell.isoformat()]
