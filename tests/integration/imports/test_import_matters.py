"""Importing a ledger of matters as officers keep it."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.made_up import NOW, write_xlsx
from workflows.domain.errors import NotFound
from workflows.services.imports.matters import (
    ImportedAlready,
    Ledger,
    import_ledger,
    read_ledger,
    registrar,
)
from workflows.services.imports.rejected import write_rejected
from workflows.services.imports.spreadsheet import read_workbook
from workflows.store.tables import Case, Matter

HEADER = [
    "序号", "嘎查村（党组织）", "问题类型", "存在的主要问题", "问题来源", "发现时间", "认定文号",
]  # fmt: skip
TODAY = date(2026, 3, 10)
GOOD: list[object] = [1, "阿日善图嘎查", "101", "未按期召开党员大会", "随机抽查", 46_080, ""]
DETERMINED: list[object] = [
    2, "海日图苏木萨如拉图嘎查", "201书记出缺超过3个月", "书记出缺四个月", "巡察", "2026.2.3",
    "旗委常委会纪要〔2026〕3号",
]  # fmt: skip
BAD: list[object] = [3, "没有的嘎查", "999", '=HYPERLINK("x")', "道听途说", "去年", ""]


def read(world: Session, file: Path, by: str = "dengji") -> Ledger:
    return read_ledger(world, registrar(world, by, TODAY), NOW, file)


def ledger(folder: Path, *rows: list[object], name: str = "台账.xlsx") -> Path:
    return write_xlsx(folder / name, [["2026年问题台账"], [], HEADER, *rows])


def matters(session: Session) -> list[Matter]:
    return list(session.scalars(select(Matter).order_by(Matter.number)))


def test_rows_become_matters_with_cases_reported_or_determined(
    world: Session, tmp_path: Path
) -> None:
    officer = registrar(world, "dengji", TODAY)
    done = import_ledger(world, officer, NOW, read(world, ledger(tmp_path, GOOD, DETERMINED)))
    reported, determined = matters(world)
    assert done.matters == (reported.number, determined.number)
    assert (reported.problem_type, reported.source) == ("P101", "spot_check")
    assert reported.found_on == date(2026, 2, 27)
    assert (reported.determination, reported.determined_minutes) == ("reported", None)
    assert determined.determination == "determined"
    assert determined.determined_minutes == "旗委常委会纪要〔2026〕3号"
    assert world.scalar(select(func.count()).select_from(Case)) == 2


def test_a_preview_writes_nothing(world: Session, tmp_path: Path) -> None:
    found = read(world, ledger(tmp_path, GOOD, BAD))
    assert [row.line for row in found.rows] == [4]
    assert {problem.code for problem in found.problems} == {
        "unknown_organisation",
        "unknown_problem_type",
        "unknown_source",
        "not_a_date",
    }
    assert {problem.line for problem in found.problems} == {5}
    assert matters(world) == []


def test_bad_rows_come_back_with_reasons_and_no_formula(world: Session, tmp_path: Path) -> None:
    found = read(world, ledger(tmp_path, GOOD, BAD))
    out = tmp_path / "errors.xlsx"
    assert write_rejected(out, found) == 1
    header, row = read_workbook(out)[0].rows
    assert header[-1] == "未导入原因"
    assert row[1] == "没有的嘎查"
    assert row[3] == '\'=HYPERLINK("x")'
    assert "没有单位“没有的嘎查”" in str(row[-1])
    assert "道听途说" in str(row[-1])


def test_a_mended_workbook_of_bad_rows_is_imported(world: Session, tmp_path: Path) -> None:
    out = tmp_path / "errors.xlsx"
    write_rejected(out, read(world, ledger(tmp_path, GOOD, BAD)))
    header, row = (list(cells) for cells in read_workbook(out)[0].rows)
    row[1:6] = ["格根图嘎查", "三会一课不按期", row[3], "督查", "2026年3月1日"]
    mended = write_xlsx(tmp_path / "mended.xlsx", [header, row])
    found = read(world, mended)
    assert found.problems == ()
    assert found.rows[0].values["description"] == '=HYPERLINK("x")'


def test_the_same_file_is_taken_once(world: Session, tmp_path: Path) -> None:
    file = ledger(tmp_path, GOOD)
    import_ledger(world, registrar(world, "dengji", TODAY), NOW, read(world, file))
    with pytest.raises(ImportedAlready):
        read(world, file)


def test_a_matter_registered_before_is_not_registered_again(world: Session, tmp_path: Path) -> None:
    officer = registrar(world, "dengji", TODAY)
    import_ledger(world, officer, NOW, read(world, ledger(tmp_path, GOOD)))
    again = read(world, ledger(tmp_path, GOOD, DETERMINED, DETERMINED, name="二.xlsx"))
    assert [(problem.line, problem.code) for problem in again.problems] == [
        (4, "registered_already"),
        (6, "same_row"),
    ]


def test_a_csv_from_excel_is_read_too(world: Session, tmp_path: Path) -> None:
    lines = [",".join(HEADER), "1,阿日善图嘎查,P101,未开会,督查,2026/3/1,"]
    file = tmp_path / "台账.csv"
    file.write_bytes("\r\n".join(lines).encode("gb18030"))
    assert len(read(world, file).rows) == 1


def test_a_ledger_may_name_only_places_of_the_officer_who_registers(
    world: Session, tmp_path: Path
) -> None:
    found = read(world, ledger(tmp_path, GOOD), by="sumu2")
    assert [problem.code for problem in found.problems] == ["unknown_organisation"]
    with pytest.raises(NotFound):
        registrar(world, "nobody", TODAY)


def test_a_date_to_come_is_refused(world: Session, tmp_path: Path) -> None:
    later = [*GOOD[:5], "2026-03-11", ""]
    assert [problem.code for problem in read(world, ledger(tmp_path, later)).problems] == [
        "date_in_future"
    ]
