"""Tables as spreadsheets of officers save them: what is read, and what is refused of a row."""

import re
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.support.made_up import write_xlsx
from workflows.services.imports.orgs import checked_row
from workflows.services.imports.plan import Source
from workflows.services.imports.problems import SENTENCES, ColumnsMissing, FileRefused, Problem
from workflows.services.imports.refused_files import REASONS, Reason
from workflows.services.imports.rejected import write_left_out
from workflows.services.imports.spreadsheet import read_workbook
from workflows.services.imports.tables import Entry, find_table_among, read_sheets, text_of

HEADERS = {"code": ("代码",), "name": ("名称",), "from_on": ("时间",)}
ROWS = [["代码", "名称", "时间"], ["0150", "甲，乙\n丙", "2026年3月1日"], [], ["0151", "𠮷𪚥", ""]]


def entries(file: Path) -> list[Entry]:
    return list(find_table_among(file, read_sheets(file), HEADERS, tuple(HEADERS)).entries())


def csv_of(rows: Sequence[Sequence[str]], sign: str) -> str:
    return "\r\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_is_read_in_each_encoding_with_each_parting_sign(
    tmp_path: Path, encoding: str, sign: str, mark: str
) -> None:
    """Rows are numbered as a spreadsheet does: a line break in a cell begins none."""
    file = tmp_path / "table.csv"
    mark = mark if encoding == "gb18030" else ""
    file.write_bytes(f"{mark}{csv_of(ROWS, sign)}".encode(encoding))
    first, second = entries(file)
    assert (first.text("code"), first.text("name"), first.line) == ("0150", ROWS[1][1], 2)
    assert (second.text("code"), second.text("name"), second.line) == ("0151", "𠮷𪚥", 4)
    assert first.date("from_on") == date(2026, 3, 1)


def test_a_cell_merged_downwards_stands_for_each_row_that_holds_something(tmp_path: Path) -> None:
    file = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["代码", "名称", "时间"])
        sheet.merge_range("B2:B4", "合并")
        sheet.merge_range("C8:C9", "在表外")
        for row in (1, 2):
            sheet.write_string(row, 0, f"0{row}")
    found = [(each.text("code"), each.text("name")) for each in entries(file)]
    assert found == [("01", "合并"), ("02", "合并"), ("", "")]


def test_a_failed_formula_is_told_and_not_taken_for_empty_or_for_text(tmp_path: Path) -> None:
    file = tmp_path / "failed.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        book.add_worksheet("封面").write_string(0, 0, "说明")
        sheet = book.add_worksheet("表 & 一")
        sheet.write_row(0, 0, ["代码", "名称", "时间"])
        sheet.write_formula("B2", "=NA()", None, "#N/A")
        sheet.write_formula("C2", "=1+1", None, 46_000)
        sheet.write_formula("C3", "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["#REF!", "Err:502"])
    first, second = entries(file)
    assert first.text("name")
    assert first.date("from_on") == date(2025, 12, 9)
    assert [bool(second.text(name)) for name in ("code", "name")] == [True, True]
    assert second.date("from_on") is None
    told = [(problem.line, problem.code, problem.name) for problem in first.problems]
    assert told == [(2, "formula_error", "name")]
    assert {problem.code for problem in second.problems} == {"formula_error"}
    assert {problem.name for problem in second.problems} == {"code", "name", "from_on"}


@pytest.mark.parametrize("cell", [150_222_001_201_987_654.0, "1.50222001201988E+17", "1E+015"])
def test_a_number_whose_last_figures_are_lost_is_no_code(tmp_path: Path, cell: Any) -> None:
    file = write_xlsx(tmp_path / "long.xlsx", [ROWS[0], [cell, "甲", ""], [123_456.0, "乙", ""]])
    long, short = entries(file)
    assert (long.text("code") and [each.code for each in long.problems]) == ["too_many_digits"]
    assert (short.text("code"), short.problems) == ("123456", [])


def test_a_name_that_lost_a_sign_is_refused() -> None:
    assert checked_row("A1", "王?", "", "1", 2)[1] == Problem(
        2, "lost_sign", {"value": "王?"}, name="name"
    )
    assert checked_row("A1", "王𠮷", "", "1", 2)[1] is None


def test_the_sheet_with_the_columns_is_read_and_its_repeated_heading_left(tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "cover.xlsx", [["说明"]], [*ROWS, ROWS[0], ["3", "丙", ""]])
    assert [each.text("code") for each in entries(file)] == ["0150", "0151", "3"]
    other = write_xlsx(tmp_path / "none.xlsx", [["说明"]], [["无"]])
    with pytest.raises(ColumnsMissing, match="表1"):
        entries(other)


def test_a_workbook_without_a_visible_sheet_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chart.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        book.add_worksheet("隐藏")
        book.add_chartsheet("图").activate()
        book.worksheets()[0].hide()
    with pytest.raises(FileRefused, match="no visible sheet"):
        read_workbook(file)


def test_a_wrong_cell_is_marked_and_says_why_and_the_workbook_comes_back(tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "wrong.xlsx", [ROWS[0], ["0150", "", "春天"]])
    table = find_table_among(file, read_sheets(file), HEADERS, tuple(HEADERS))
    (entry,) = table.entries()
    entry.text("name", required=True)
    entry.date("from_on")
    out = tmp_path / "out.xlsx"
    assert write_left_out(out, (table,), entry.problems) == 1
    comments = zipfile.ZipFile(out).read("xl/comments1.xml").decode()
    assert re.findall(r' ref="([A-Z]+2)"', comments) == ["B2", "C2"]
    assert "“春天”不是日期" in comments
    back = Source.read(out)
    assert [text_of(cell) for cell in back.sheets[0].rows[1][:3]] == ["0150", "", "春天"]
    assert "“春天”不是日期" in text_of(back.sheets[0].rows[1][3])


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_days_in_a_problem_are_written_as_people_write_them(code: str) -> None:
    names = re.findall(r"{(\w+)}", SENTENCES[code][0])
    problem = Problem(2, code, dict.fromkeys(names, date(2026, 3, 1)))
    assert problem.sentence("zh").count("2026年3月1日") >= len(names)
    assert "2026-03-01" not in problem.sentence("en").replace("or 2026-03-10", "")


def test_each_reason_for_refusing_a_file_reads_in_both_languages() -> None:
    for code, (chinese, _) in REASONS.items():
        reason = Reason(code, dict.fromkeys(re.findall(r"{(\w+)}", chinese), "7"))
        assert reason.sentence("zh") != str(reason)
        assert "{" not in reason.sentence("zh") + str(reason)
