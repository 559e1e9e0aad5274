"""Effects of measures on a person: which rows start, that they end by themselves, lifting them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.support.casework import Player, World, memory_world
from tests.support.packs import shipped_files
from tests.support.persons import FirstChoice, lift, measured, person_case, rows_of
from tests.support.versions import approved, version_of
from workflows.domain.effects import Purpose, Standing, longest
from workflows.domain.eligibility import ReplyClass
from workflows.queries.papers.eligibility import effects_on, suggestion_for
from workflows.store.tables import Case, PackVersion, PersonEffect, Tenure

DECIDED = date(2026, 8, 31)


@pytest.fixture
def world() -> World:
    return memory_world()


MEASURES: dict[str, set[tuple[str, str, date]]] = {
    "transfer": {
        ("promotion", "R_EFF_TRANSFER", date(2027, 8, 31)),
        ("annual_assessment", "", date(2026, 12, 31)),
    },
    "removal": {
        ("post_level", "R_EFF_POST", date(2027, 8, 31)),
        ("promotion", "R_EFF_PROMOTION", date(2028, 8, 31)),
        ("annual_assessment", "", date(2026, 12, 31)),
    },
    "demotion": {
        ("promotion", "R_EFF_PROMOTION", date(2028, 8, 31)),
        ("annual_assessment", "", date(2026, 12, 31)),
    },
    "suspension": {("post_level", "R_EFF_SUSPENSION", date(2027, 2, 28))},
}
MEASURES["resignation"] = MEASURES["removal"]


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_each_measure_starts_its_own_rows(world: World, measure: str) -> None:
    case_id = person_case(world, f"被{measure}者")
    measured(world, case_id, adjustment=measure, on=DECIDED)
    found = {(row.kind, row.rule, row.until_on) for row in rows_of(world, case_id)}
    assert found == MEASURES[measure]
    assert {row.from_on for row in rows_of(world, case_id)} == {DECIDED}
    assert world.differences() == []


@pytest.mark.parametrize("until_on", [None, date(2029, 6, 30)])
def test_awards_are_barred_until_the_term_of_office_ends(
    world: World, until_on: date | None
) -> None:
    case_id = person_case(world, f"任期至{until_on}者")
    _leave_post(world, case_id, until_on)
    measured(world, case_id, on=date(2026, 8, 28))
    ends = {row.kind: row.until_on for row in rows_of(world, case_id)}
    assert ends == {
        "promotion": date(2027, 2, 28),
        "annual_assessment": date(2026, 12, 31),
        "term_awards": until_on,
    }


def test_lifted_effects_are_a_record_and_come_back_from_it(world: World) -> None:
    void, ended = person_case(world, "申诉成立者"), person_case(world, "提前解除者")
    for case_id in (void, ended):
        measured(world, case_id, on=DECIDED)
    lift(world, void, Standing.VOID, date(2026, 10, 1))
    lift(world, ended, Standing.ENDED, date(2026, 10, 1))
    assert {(row.standing, row.ended_on) for row in rows_of(world, void)} == {("void", None)}
    assert {row.standing for row in rows_of(world, ended)} == {"ended"}
    assert {row.ended_on for row in rows_of(world, ended)} == {date(2026, 10, 1)}
    assert world.differences() == []


def test_what_ended_by_itself_is_not_ended_again(world: World) -> None:
    case_id = person_case(world, "已期满者")
    measured(world, case_id, on=DECIDED)
    lifted = lift(world, case_id, Standing.ENDED, date(2027, 3, 1))
    assert lifted == 1
    standing = {row.kind: row.standing for row in rows_of(world, case_id)}
    assert standing == {
        "promotion": "stands",
        "annual_assessment": "stands",
        "term_awards": "ended",
    }


def test_ten_years_change_no_effect_and_start_none() -> None:
    world = memory_world()
    case_id = person_case(world, "无人过问者")
    measured(world, case_id, on=DECIDED)
    before = _everything(world)
    assert before
    for _ in range(122):
        world.now += timedelta(days=30)
        assert world.sweep().failed == 0
    assert _everything(world) == before


def _everything(world: World) -> list[Any]:
    with world.transaction() as session:
        table = PersonEffect.__table__
        return [tuple(row) for row in session.connection().execute(select(table))]


def _leave_post(world: World, case_id: str, until_on: date | None) -> None:
    with world.transaction() as session:
        person = world.cast.stage(session, case_id, world.now).case.subject_person_id
        session.execute(update(Tenure).where(Tenure.person_id == person).values(until_on=until_on))


def test_of_an_admonishment_and_a_later_transfer_the_longer_is_shown_and_both_are_told(
    world: World,
) -> None:
    """X17: the effects overlap, each ends by itself."""
    admonished, moved = person_case(world, "先诫勉后调整者"), person_case(world, "先诫勉后调整者")
    measured(world, admonished, on=date(2026, 9, 30))
    measured(world, moved, adjustment="transfer", on=date(2026, 12, 31))
    between, later = date(2027, 2, 1), date(2027, 5, 1)
    with world.transaction() as session:
        person = world.cast.person(session, "先诫勉后调整者", world.now)
        effects = effects_on(session, person)
        asked = suggestion_for(session, person, Purpose.PROMOTION, between, later)
    assert longest(effects, between)["promotion"].until_on == date(2027, 12, 31)
    ends = [each.until_on for each in asked.running(between) if each.kind == "promotion"]
    assert sorted(map(str, ends)) == ["2027-03-30", "2027-12-31"]
    assert asked.reply_class is ReplyClass.DEFER
    running = [each for each in effects if each.kind == "promotion" and each.runs(later)]
    assert [each.until_on for each in running] == [date(2027, 12, 31)]


def test_a_rule_changed_within_a_case_counts_only_where_it_is_lighter(world: World) -> None:
    """X25: old facts by the old rule, the lighter one favoured; the basis tells both."""
    case_id = person_case(world, "镇党委副书记")
    with world.transaction() as session:
        walks = session.get_one(Case, case_id).pack_hash
        newer = approved(session, version_of(_longer_from(date(2026, 7, 1))))
        session.get_one(PackVersion, newer).decided_seq = 10_000
    period = {"facts_from_on": "2026-01-05", "facts_until_on": "2026-03-31"}
    Player(world, FirstChoice()).do(case_id, "attribution", **period)
    measured(world, case_id, on=date(2026, 9, 1))
    with world.transaction() as session:
        assert session.get_one(Case, case_id).pack_hash == walks
        facts = world.cast.stage(session, case_id, world.now).case.facts
    on, decided_on = facts["facts_until_on"], facts["approved_on"]
    assert str(on) < "2026-07-01" <= str(decided_on)
    promotion = next(row for row in rows_of(world, case_id) if row.kind == "promotion")
    assert promotion.until_on == date(2027, 3, 1)
    told = f"《旧规定》；从旧兼从轻：{on}为6个月、{decided_on}为12个月，取6个月"
    assert promotion.basis == told
    assert world.differences() == []


def _longer_from(day: date) -> dict[str, bytes]:
    """Give the shipped pack with an admonishment whose effect became twice as long on a day."""
    files = shipped_files()
    written = files["parameters.toml"].decode()
    head, found, rest = written.partition('[R_ADM_EFF]\nname = "诫勉影响期"\nvalue = 6\n')
    assert found
    dated = f"""{found.replace("6", "12")}from = {day}
before = [{{ from = 2005-12-19, value = 6, basis = "《旧规定》" }}]
on = ["facts_until_on", "approved_on"]
"""
    return {**files, "parameters.toml": (head + dated + rest).encode()}
