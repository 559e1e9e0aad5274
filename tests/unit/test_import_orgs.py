"""Reading the organisation file."""

import gzip
from pathlib import Path

import pytest

from workflows.domain.organisations import bodies_of, place_name
from workflows.services.imports.orgs import read_units
from workflows.services.imports.problems import FileRefused

HEADER = "code,name,parent,level\n"
ROWS = "S1,苍原自治区,,1\nS101,塔林盟,S1,2\n"


def written(folder: Path, content: bytes, name: str = "units.csv") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_that_excel_writes_is_recognised(tmp_path: Path, encoding: str) -> None:
    file = written(tmp_path, (HEADER + ROWS).encode(encoding))
    found, problems = read_units(file)
    assert [row.name for row in found] == ["苍原自治区", "塔林盟"]
    assert problems == []


def test_a_gzip_of_the_file_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, gzip.compress((HEADER + ROWS).encode()), "units.csv.gz")
    assert len(read_units(file)[0]) == 2


def test_columns_may_stand_in_any_order_and_case(tmp_path: Path) -> None:
    file = written(tmp_path, "LEVEL,Name,code,parent,other\n1,苍原,S1,,x\n".encode())
    assert read_units(file)[0][0][:4] == ("S1", "苍原", "", 1)


def test_bytes_in_no_known_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    file = written(tmp_path, HEADER.encode() + b"S1,\xff\xff\xff,,1\n")
    with pytest.raises(FileRefused, match="line 2 is neither UTF-8 nor GB18030"):
        read_units(file)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    file = written(tmp_path, b"code,name\nS1,x\n")
    with pytest.raises(FileRefused, match="missing: parent, level"):
        read_units(file)


@pytest.mark.parametrize("content", [b"", HEADER.encode()])
def test_a_file_without_units_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_units(written(tmp_path, content))


def test_a_broken_gzip_is_refused_with_a_reason(tmp_path: Path) -> None:
    packed = gzip.compress((HEADER + ROWS * 500).encode())
    with pytest.raises(FileRefused, match="cannot be read"):
        read_units(written(tmp_path, packed[: len(packed) // 2], "units.csv.gz"))


@pytest.mark.parametrize(
    "line,code",
    [
        ("S/1,名,,1", "bad_code"),
        ("S1-B,名,,1", "bad_code"),
        ("S1,,,1", "name_missing"),
        ("S1,名\u200b,,1", "name_unusable"),
        ("S1,名,,6", "level_no_number"),
        ("S1,名", "too_few_columns"),
    ],
)
def test_a_wrong_cell_is_told_with_its_line(tmp_path: Path, line: str, code: str) -> None:
    file = written(tmp_path, f"{HEADER}{ROWS}{line}\n".encode())
    problems = read_units(file)[1]
    assert [(problem.line, problem.code) for problem in problems] == [(4, code)]
    assert problems[0].sentence("zh") != problems[0].sentence("en")


@pytest.mark.parametrize(
    "name,place",
    [
        ("阿日善图嘎查委员会", "阿日善图嘎查"),
        ("黑沙子村委会", "黑沙子村"),
        ("东滩湾村村民委员会", "东滩湾村"),
        ("驼铃社区居委会", "驼铃社区"),
        ("驼铃社区居民委员会", "驼铃社区"),
        ("牧场生活区", "牧场生活区"),
    ],
)
def test_a_branch_is_named_after_the_place_not_after_its_committee(name: str, place: str) -> None:
    assert place_name(name) == place
    assert [body.name for body in bodies_of("S1", name, 5)] == [f"{place}党支部"]


def test_a_banner_has_committee_departments_and_supervision() -> None:
    names = {body.code: body.name for body in bodies_of("S1", "苏布德旗", 3)}
    assert names == {
        "S1-C": "苏布德旗委",
        "S1-O": "苏布德旗委组织部",
        "S1-D": "苏布德旗纪委监委",
        "S1-S": "苏布德旗委督查室",
    }
    assert bodies_of("S2", "市辖区", 3) == ()
