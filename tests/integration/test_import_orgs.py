"""Importing the organisation tree into both databases."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.made_up import NOW, install
from workflows.domain.worlds import REGION_SIZE, made_up_tree
from workflows.services.access import SYSTEM
from workflows.services.imports.orgs import UnitRow, UnitsImported, import_file, import_units
from workflows.services.imports.problems import RowsRefused
from workflows.store.tables import JournalRecord, Organisation

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "regions-15.csv"
UNITS = [
    ("S1", "苍原自治区", "", 1),
    ("S101", "塔林盟", "S1", 2),
    ("S10101", "苏布德旗", "S101", 3),
    ("S10101001", "吉日嘎图苏木", "S10101", 4),
    ("S10101001001", "阿日善图嘎查", "S10101001", 5),
]


def rows(*units: tuple[str, str, str, int]) -> list[UnitRow]:
    return [UnitRow(*unit, line) for line, unit in enumerate(units, start=2)]


def stored(session: Session) -> dict[str, Organisation]:
    session.expire_all()
    return {place.code: place for place in session.scalars(select(Organisation))}


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Organisation)) or 0


def test_units_get_their_bodies_and_paths(session: Session) -> None:
    install(session)
    done = import_units(session, rows(*UNITS), "units.csv")
    places = stored(session)
    assert done == UnitsImported(units=5, bodies=10, renamed=0, unchanged=0)
    branch = places["S10101001001-B"]
    assert (branch.name, branch.kind, branch.level) == ("阿日善图嘎查党支部", "branch", 5)
    assert branch.path == "S1.S101.S10101.S10101001.S10101001001.S10101001001-B."
    assert branch.parent_id == places["S10101001001"].id
    assert places["S10101001-C"].kind == "committee"


def test_children_may_stand_before_their_parents(session: Session) -> None:
    install(session)
    import_units(session, rows(*reversed(UNITS)), "units.csv")
    assert stored(session)["S10101001001"].path.startswith("S1.S101.")


def test_the_same_file_again_changes_nothing_but_names(session: Session) -> None:
    install(session)
    import_units(session, rows(*UNITS), "units.csv")
    before = {code: place.id for code, place in stored(session).items()}
    renamed = [*UNITS[:4], ("S10101001001", "格根图嘎查", "S10101001", 5)]
    done = import_units(session, rows(*renamed), "units.csv")
    places = stored(session)
    assert done == UnitsImported(units=0, bodies=0, renamed=1, unchanged=4)
    assert {code: place.id for code, place in places.items()} == before
    assert places["S10101001001"].spelt.startswith("g")
    assert places["S10101001001-B"].name == "格根图嘎查党支部"


def test_moving_a_unit_is_refused(session: Session) -> None:
    install(session)
    import_units(session, rows(*UNITS), "units.csv")
    other = ("S10102", "那日图旗", "S101", 3)
    moved = ("S10101001", "吉日嘎图苏木", "S10102", 4)
    with pytest.raises(RowsRefused, match="moving a unit"):
        import_units(session, rows(other, moved), "units.csv")


def test_a_later_file_may_hang_units_below_those_imported_before(session: Session) -> None:
    install(session)
    import_units(session, rows(*UNITS[:3]), "first.csv")
    import_units(session, rows(*UNITS[3:]), "second.csv")
    assert stored(session)["S10101001001"].path == "S1.S101.S10101.S10101001.S10101001001."


@pytest.mark.parametrize(
    "line,code",
    [
        (("S10102001", "海日图苏木", "S10109", 4), "unknown_parent"),
        (("S101", "塔林盟", "S1", 2), "duplicate_code"),
        (("S10102", "那日图旗", "S101", 4), "wrong_level"),
        (("S10102", "那日图旗", "", 3), "root_too_low"),
    ],
)
def test_a_wrong_row_keeps_every_row_out(
    session: Session, line: tuple[str, str, str, int], code: str
) -> None:
    install(session)
    before = count(session)
    with pytest.raises(RowsRefused) as refused:
        import_units(session, rows(*UNITS, line), "units.csv")
    assert [(problem.line, problem.code) for problem in refused.value.problems] == [(7, code)]
    assert count(session) == before


def test_the_first_twenty_problems_are_told_and_the_rest_counted(session: Session) -> None:
    install(session)
    lost = [(f"X{number}", "某旗", "NOWHERE", 3) for number in range(50)]
    with pytest.raises(RowsRefused, match="and 30 more") as refused:
        import_units(session, rows(*lost), "units.csv")
    assert len(refused.value.problems) == 50


def test_an_import_is_a_record_of_the_house(session: Session, tmp_path: Path) -> None:
    install(session)
    file = tmp_path / "units.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([("code", "name", "parent", "level"), *UNITS])
    seen: list[tuple[int, int]] = []
    import_file(session, SYSTEM["init"], NOW, file, lambda done, total: seen.append((done, total)))
    last = session.scalars(select(JournalRecord).order_by(JournalRecord.seq.desc())).first()
    assert last is not None
    assert '"organisations_imported"' in last.body
    assert seen[-1] == (5, 5)


def test_a_made_up_region_is_imported_whole(session: Session) -> None:
    install(session)
    found = [UnitRow(*unit, 0) for unit in made_up_tree(7)]
    done = import_units(session, found, "made up")
    assert done.units == sum(REGION_SIZE)
    assert done.bodies == REGION_SIZE[4] + REGION_SIZE[3] + 4 * (REGION_SIZE[2] + REGION_SIZE[1])


@pytest.mark.skipif(not REAL.exists(), reason="the tables of real units are not here")
def test_the_real_region_is_imported_whole(session: Session) -> None:
    install(session)
    done = import_file(session, SYSTEM["init"], NOW, REAL)
    assert done.units == 15_825
