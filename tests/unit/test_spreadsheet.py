"""Workbooks are scanned before anything unpacks them, and read by a process with limits."""

import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from tests.support.made_up import write_xlsx
from workflows.domain.written_days import NotADayError
from workflows.services.imports import sheet_guard
from workflows.services.imports.problems import FileRefused
from workflows.services.imports.sheets_out import TableOut, write_tables
from workflows.services.imports.spreadsheet import read_workbook
from workflows.services.imports.tables import FORMULA_STARTS, date_of, defused, read_sheets, text_of


def refused(file: Path) -> str:
    with pytest.raises(FileRefused) as refusal:
        read_workbook(file)
    return str(refusal.value)


def altered(file: Path, part: str, content: bytes) -> Path:
    """Copy a workbook with one part replaced."""
    copy = file.with_name("altered.xlsx")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return copy


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "plain.xlsx", [["序号", "名称"], [1, "=1+1"]], [["乙"]])


def test_cells_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "cells.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 0, ["甲", 12, True])
        sheet.write(2, 3, date(2026, 3, 10), day)
        book.add_worksheet("隐藏").hide()
    sheets = read_workbook(file)
    assert [sheet.name for sheet in sheets] == ["台账"]
    assert list(sheets[0].rows[2]) == ["甲", 12.0, True, date(2026, 3, 10)]
    assert len(sheets[0].rows) == 3


def test_one_cell_in_the_last_corner_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write("A1", 1)
        sheet.write("XFD1048576", 1)
    assert "has a cell at XFD1048576" in refused(file)


@pytest.mark.parametrize("cell", ["A100001", "GS1"])
def test_the_limit_is_a_hundred_thousand_rows_and_two_hundred_columns(
    tmp_path: Path, cell: str
) -> None:
    file = tmp_path / "large.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        book.add_worksheet().write(cell, 1)
    assert f"has a cell at {cell}" in refused(file)


def test_cells_without_references_are_counted(plain: Path) -> None:
    row = b"<row>" + b"<c><v>1</v></c>" * 201 + b"</row>"
    sheet = b"<worksheet><sheetData>" + row + b"</sheetData></worksheet>"
    assert "has a cell at GS1" in refused(altered(plain, "xl/worksheets/sheet1.xml", sheet))


def test_a_sheet_that_unpacks_a_thousandfold_is_refused(plain: Path) -> None:
    bomb = b"<worksheet>" + b" " * (8 << 20) + b"</worksheet>"
    assert "unpacks to far more" in refused(altered(plain, "xl/worksheets/sheet1.xml", bomb))


def test_a_doctype_is_refused(plain: Path) -> None:
    sheet = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    assert "DOCTYPE" in refused(altered(plain, "xl/worksheets/sheet1.xml", sheet))


def test_a_locked_or_old_workbook_is_told_apart_from_rubbish(tmp_path: Path) -> None:
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "password" in refused(locked)
    rubbish = tmp_path / "rubbish.xlsx"
    rubbish.write_bytes(b"no workbook at all")
    assert "no .xlsx workbook" in refused(rubbish)
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("content.xml", "<a/>")
    assert "no .xlsx workbook" in refused(other)


def test_a_damaged_workbook_is_refused(plain: Path) -> None:
    whole = plain.read_bytes()
    plain.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(plain)
    plain.write_bytes(whole)
    assert "damaged" in refused(altered(plain, "xl/worksheets/sheet1.xml", b"<worksheet><row"))


def test_a_file_beyond_the_limit_is_not_even_opened(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_guard, "MAX_FILE_BYTES", 1_000)
    assert "split it" in refused(plain)


def test_the_reading_process_has_no_memory_to_burst_with() -> None:
    greedy = (
        "from workflows.services.imports.sheet_reader import limit_this_process\n"
        "limit_this_process()\n"
        "bytearray(2 << 30)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", greedy],
        capture_output=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert ended.returncode != 0
    assert b"MemoryError" in ended.stderr


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 3, 10),
        46_091.0,
        "46091",
        "2026-03-10",
        "2026/3/10",
        "2026.3.10",
        "2026年3月10日",
        "2026 年 3 月 10 日",
        "20260310",
        "２０２６－０３－１０",
        "2026-03-10 00:00:00",
    ],
)
def test_a_date_is_read_however_it_was_typed(cell: str | float | date) -> None:
    assert date_of(cell) == date(2026, 3, 10)


@pytest.mark.parametrize("cell", ["", "3月10日", "2026-02-30", "去年", 12.0, "2026-13-01", 3.1])
def test_what_is_no_date_is_refused(cell: str | float) -> None:
    with pytest.raises(NotADayError):
        date_of(cell)


def test_a_day_without_a_year_is_the_last_one_where_the_column_is_of_the_past() -> None:
    assert date_of("3月10日", date(2026, 3, 1)) == date(2025, 3, 10)
    assert date_of("3月10日", date(2026, 3, 10)) == date(2026, 3, 10)


def test_a_number_reads_as_an_officer_wrote_it() -> None:
    assert text_of(101.0) == "101"
    assert text_of(" 甲 ") == "甲"
    assert text_of("'=1+1") == "=1+1"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+新",
        "-5",
        "@SUM(A1)",
        "＝1+1",
        "'=1",
        "''=1",
        "'甲",
        "甲=1",
        "'",
        "",
        "101",
        "甲\n=1",
    ],
)
def test_a_text_that_looks_like_a_formula_comes_back_as_it_was(text: str) -> None:
    written = defused(text)
    assert written[:1] not in FORMULA_STARTS
    assert text_of(written) == text


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_a_table_comes_back_as_it_was_written(tmp_path: Path, format_: str) -> None:
    rows = [["堃喆昇玥镕", "=1+1", "0150"], ["𠮷", 'a,b"c', "1e5"], ["联通", "", "'=x"]]
    file = tmp_path / f"table.{format_}"
    with file.open("w+b") as target:
        assert write_tables(target, format_, [TableOut("表", ("甲", "乙", "丙"), rows)]) == 3
    (sheet,) = read_sheets(file)
    assert [[text_of(cell) for cell in row] for row in sheet.rows] == [["甲", "乙", "丙"], *rows]
