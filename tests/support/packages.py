"""Review packages as their reader has them: with a zip reader, a sheet reader and the bundle."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from python_calamine import CalamineWorkbook

from tests.support.exports import lines_of

HEADER_ROWS = 3


@dataclass(frozen=True)
class Opened:
    """A package with its bundle as a file of its own."""

    files: dict[str, bytes]
    bundle: Path

    def sheet(self, file: str, sheet: str) -> list[dict[str, Any]]:
        """Read the lines of a sheet, each by its headings."""
        book = CalamineWorkbook.from_filelike(BytesIO(self.files[f"{file}.xlsx"]))
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        headings = [str(each) for each in rows[HEADER_ROWS - 1]]
        return [dict(zip(headings, row, strict=True)) for row in rows[HEADER_ROWS:]]

    def ledger(self) -> list[dict[str, Any]]:
        """Read the ledger."""
        return self.sheet("台账", "台账")

    def deviations(self, kind: str = "") -> list[dict[str, Any]]:
        """Read the deviations, or those of a kind."""
        lines = self.sheet("例外清单", "例外清单")
        return [line for line in lines if kind in ("", line["类别"])]

    def statement(self) -> str:
        """Read all that the statement says."""
        document = Document(BytesIO(self.files["情况说明.docx"]))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(each.text for each in document.paragraphs), *cells])

    def places(self) -> dict[tuple[str, int], int]:
        """Give the leaf of each record of the bundle, by case number or the house, and seq."""
        numbers = {
            line["id"]: line["payload"]["form"].get("case_number", line["id"])
            for line in lines_of(self.bundle, "payloads.jsonl")
            if line["seq"] == 1 and line["id"].startswith("c_")
        }
        return {
            (numbers.get(line["id"], line["id"]), line["seq"]): line["index"]
            for line in lines_of(self.bundle, "positions.jsonl")
        }


def opened(package: Path) -> Opened:
    """Open a package and put its bundle beside it."""
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        assert all(each.flag_bits & 0x800 for each in archive.infolist()), "names say UTF-8"
        files = {name: archive.read(name) for name in archive.namelist()}
    bundle = package.with_suffix(".bundle.zip")
    bundle.write_bytes(files["审计包.zip"])
    return Opened(files, bundle)


def day(text: str) -> date:
    """Read a day as cells give it."""
    return date.fromisoformat(text)
