"""Importing people, posts and duties."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.made_up import NOW, write_xlsx
from workflows.services.access import SYSTEM
from workflows.services.imports.people import PeopleImported, import_people
from workflows.services.imports.problems import FileRefused, RowsRefused
from workflows.store.tables import Duty, Person, Tenure

TENURES = ["姓名", "人员编号", "职务", "所在组织", "任职起", "任职止", "对象类别"]
DUTIES = ["职责", "职务", "组织", "依据"]
SECRETARY = [
    "阿云嘎德", "X1", "党支部副书记", "阿日善图嘎查党支部", "2024年3月1日", "", "嘎查村党组织书记",
]  # fmt: skip


def imported(world: Session, folder: Path, *sheets: list[list[object]]) -> PeopleImported:
    file = write_xlsx(folder / "people.xlsx", *sheets)
    return import_people(world, SYSTEM["init"], NOW, file)


def people(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Person)) or 0


def test_a_post_and_its_duty_are_written_with_category_and_place(
    world: Session, tmp_path: Path
) -> None:
    duty = ["每月召开一次支委会", "党支部副书记", "吉日嘎图苏木阿日善图嘎查党支部", "本单位自定"]
    done = imported(world, tmp_path, [["人员名册"], TENURES, SECRETARY], [DUTIES, duty])
    assert done == PeopleImported(people=1, tenures=1, ended=0, duties=1, unchanged=0)
    tenure = world.scalars(
        select(Tenure).join(Person, Person.id == Tenure.person_id).where(Person.staff_code == "X1")
    ).one()
    assert (tenure.post, tenure.subject_category) == ("党支部副书记", "gacha_secretary")
    assert tenure.from_on == date(2024, 3, 1)
    assert tenure.org_path.endswith("-B.")
    written = world.scalars(select(Duty).where(Duty.content == duty[0])).one()
    assert written.organisation_id == tenure.organisation_id


def test_csv_holds_the_duties_below_the_posts_by_their_lines(
    world: Session, tmp_path: Path
) -> None:
    """As Excel saves it: GB18030, every line as wide as the widest."""
    duty = ["每月召开一次支委会", "党支部副书记", "阿日善图嘎查党支部", "本单位自定"]
    wide = [TENURES, SECRETARY, [""], ["责任清单"], DUTIES, duty, ["没有依据", *duty[1:3]]]
    lines = [",".join([*row, *[""] * (7 - len(row))]) for row in wide]
    file = tmp_path / "people.csv"
    file.write_text("\n".join(lines), "gb18030")
    with pytest.raises(RowsRefused) as refused:
        import_people(world, SYSTEM["init"], NOW, file)
    assert [(each.sheet, each.line) for each in refused.value.problems] == [("责任清单", 7)]
    file.write_text("\n".join(lines[:-1]), "gb18030")
    done = import_people(world, SYSTEM["init"], NOW, file)
    assert (done.tenures, done.duties) == (1, 1)


def test_the_same_file_again_changes_nothing(world: Session, tmp_path: Path) -> None:
    imported(world, tmp_path, [TENURES, SECRETARY])
    done = imported(world, tmp_path, [TENURES, SECRETARY])
    assert done == PeopleImported(people=0, tenures=0, ended=0, duties=0, unchanged=1)


def test_an_open_tenure_gets_its_end(world: Session, tmp_path: Path) -> None:
    imported(world, tmp_path, [TENURES, SECRETARY])
    ended = [*SECRETARY[:5], "2026.2.28", SECRETARY[6]]
    assert imported(world, tmp_path, [TENURES, ended]).ended == 1


@pytest.mark.parametrize(
    "place,value,code",
    [
        (6, "牧民", "not_public_duty"),
        (3, "没有的嘎查", "unknown_organisation"),
        (4, "春天", "not_a_date"),
        (4, "2026-12-01", "date_in_future"),
        (5, "2020-01-01", "dates_reversed"),
        (0, "", "required"),
        (1, "SYN-B01", "person_differs"),
    ],
)
def test_a_wrong_row_keeps_everybody_out(
    world: Session, tmp_path: Path, place: int, value: str, code: str
) -> None:
    before = people(world)
    wrong = [*SECRETARY]
    wrong[place] = value
    good = ["乌云格德", "X2", *SECRETARY[2:]]
    savepoint = world.begin_nested()
    with pytest.raises(RowsRefused) as refused:
        imported(world, tmp_path, [TENURES, good, wrong])
    savepoint.rollback()
    assert [(problem.line, problem.code) for problem in refused.value.problems] == [(3, code)]
    assert people(world) == before


def test_a_person_without_public_duty_is_named_in_the_refusal(
    world: Session, tmp_path: Path
) -> None:
    villager = [*SECRETARY[:6], "普通村民"]
    with pytest.raises(RowsRefused, match="no category of public duty"):
        imported(world, tmp_path, [TENURES, villager])


def test_overlapping_tenures_in_one_post_are_refused(world: Session, tmp_path: Path) -> None:
    later = [*SECRETARY[:4], "2025-01-01", *SECRETARY[5:]]
    with pytest.raises(RowsRefused, match="overlaps"):
        imported(world, tmp_path, [TENURES, SECRETARY, later])


def test_a_workbook_without_the_columns_says_which(world: Session, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="对象类别"):
        imported(world, tmp_path, [TENURES[:6], SECRETARY[:6]])


def test_x30_one_person_in_two_posts_is_one_person(world: Session, tmp_path: Path) -> None:
    before = people(world)
    second = [*SECRETARY[:2], "嘎查委员会主任", *SECRETARY[3:]]
    done = imported(world, tmp_path, [TENURES, SECRETARY, second])
    assert (done.people, done.tenures) == (1, 2)
    assert people(world) == before + 1


def test_x30_a_person_entered_twice_is_refused_with_what_to_do(
    world: Session, tmp_path: Path
) -> None:
    first, second = list(SECRETARY), list(SECRETARY)
    first[1], second[1], second[2] = "", "", "嘎查委员会主任"
    with pytest.raises(RowsRefused) as refused:
        imported(world, tmp_path, [TENURES, first, second])
    (problem,) = refused.value.problems
    assert problem.code == "person_twice"
    assert problem.values["post"] == "党支部副书记"
