"""Five people at the banner, a township secretary and the league: enough, and the check says so."""

from collections.abc import Iterable
from datetime import date, datetime

import pytest
from sqlalchemy import delete, select

from tests.support.casework import World, make_world
from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import local_date
from workflows.domain.roles import Actor
from workflows.jobs.scenario_cast import Cast
from workflows.jobs.scenarios import run_scenario
from workflows.queries.staff.staffing import StaffReport, staff_report
from workflows.services.access import load_actor
from workflows.services.vault import Vault
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import open_memory, session_factory
from workflows.store.schema import create_all
from workflows.store.tables import Grant
from workflows.store.transaction import Session

LEAGUE, BANNER, TOWNSHIP = range(3)
OFFICE = {
    "部长": ("R06", "R07", "R08", "R13"),
    "副部长": ("R05", "R07", "R13"),
    "科长": ("R03", "R13", "R14"),
    "科员甲": ("R01", "R02", "R17"),
    "科员乙": ("R02", "R03", "R08"),
}
# Whom a scenario calls by his part is one of the five, or the secretary.
PARTS = {
    "登记员": "科员甲",
    "核实人甲": "科员甲",
    "核实人乙": "科员乙",
    "承办人": "科长",
    "承办人乙": "科员乙",
    "督办员": "科长",
    "部务会成员甲": "部长",
    "部务会成员乙": "副部长",
    "主要负责人": "部长",
    "组织部部长": "部长",
    "分管副部长": "副部长",
    "旗委书记": "部长",
    "旗委常委甲": "部长",
    "旗委常委乙": "副部长",
    "记录员": "科员乙",
    "验收人甲": "副部长",
    "验收人乙": "科长",
    "验收人丙": "部长",
    "验收组组长": "副部长",
    "验收组成员": "科长",
    "谈话人": "镇党委书记",
    "苏木党委书记": "镇党委书记",
    "档案员": "科员甲",
}
# The league reviews: nobody there had to do with the case before.
REVIEWERS = ("复核组长", "复核员甲", "复核员乙", "旗委常委丙", "旗委常委丁")


class SmallOffice(Cast):
    """A cast that grants nobody anything on the way."""

    def account(self, session: Session, alias: str, now: datetime) -> str:
        """Give the account of whoever plays a part."""
        return super().account(session, PARTS.get(alias, alias), now)

    def person(self, session: Session, alias: str, now: datetime) -> str:
        """Give whoever plays a part."""
        return super().person(session, PARTS.get(alias, alias), now)

    def allow(
        self, session: Session, account_id: str, roles: Iterable[str], now: datetime
    ) -> Actor:
        """Give an account with the roles that it was given at the start."""
        return load_actor(session, account_id, local_date(now))


def settle(session: Session, cast: Cast, now: datetime) -> None:
    """Give the five, the secretary and the league their roles."""
    held = {name: (roles, BANNER) for name, roles in OFFICE.items()}
    held["镇党委书记"] = (("R05", "R06", "R08"), TOWNSHIP)
    held |= dict.fromkeys(REVIEWERS, (("R04", "R14", "R06", "R07"), LEAGUE))
    held["盟委组织部"] = (("R05", "R06", "R12"), LEAGUE)
    for name, (roles, level) in held.items():
        account_id = cast.account(session, name, now)
        unit_id, path = cast.units[level]
        for role in roles:
            grant = Grant(
                account_id=account_id,
                role=role,
                organisation_id=unit_id,
                org_path=path,
                from_on=date(2020, 1, 1),
            )
            session.add(grant)
    session.flush()


def gather(session: Session) -> Cast:
    cast = SmallOffice.gather(session)
    settle(session, cast, datetime(2025, 11, 1).astimezone())
    return cast


@pytest.mark.parametrize("name", ["c01", "c02", "c03", "c04"])
def test_five_people_finish_the_scenarios_without_an_exception(name: str) -> None:
    path = shipped_pack_dir() / "scenarios" / f"{name}.toml"
    for played in run_scenario(path, shipped_pack_dir(), gather):
        assert not played.failures, (played.number, played.what, played.failures)


@pytest.fixture
def office() -> World:
    engine = open_memory()
    create_all(engine)
    world = make_world(session_factory(engine, Vault(new_subject_key()).session_marks()))
    with world.transaction() as session:
        settle(session, world.cast, world.now)
    return world


def _report(world: World) -> StaffReport:
    with world.transaction() as session:
        return staff_report(session, local_date(world.now), [world.cast.units[BANNER][1]])


def test_check_says_that_five_people_suffice(office: World) -> None:
    report = _report(office)
    assert report.is_enough, [each.missing for each in report.units]
    needs = {need.process_id: need for need in report.needs}
    assert needs["ladder"].people <= len(OFFICE)
    assert needs["appeal"].is_apart
    assert needs["ladder"].with_exceptions <= needs["ladder"].people
    for each in report.units:
        assert 0 < each.with_exceptions <= max(each.people, each.with_exceptions)
    ladder = next(each for each in report.units if each.process_id == "ladder")
    assert 0 < ladder.people <= len(OFFICE) + 2


def test_check_names_the_step_that_nobody_can_do(office: World) -> None:
    with office.transaction() as session:
        session.execute(delete(Grant).where(Grant.role == "R13"))
    report = _report(office)
    assert not report.is_enough
    ladder = next(each for each in report.units if each.process_id == "ladder")
    (missing,) = ladder.missing
    assert missing.activity in {"acceptance_pair", "acceptance_group"}
    assert (missing.roles, missing.signatures) == (("R13",), 2)
    assert missing.units


def test_with_two_acceptors_who_verified_only_an_exception_helps(office: World) -> None:
    with office.transaction() as session:
        session.execute(delete(Grant).where(Grant.role == "R13"))
        for name in ("科员甲", "科员乙"):
            grant = session.scalars(
                select(Grant).where(
                    Grant.account_id == office.cast.accounts[name], Grant.role == "R02"
                )
            ).one()
            session.add(
                Grant(
                    account_id=grant.account_id,
                    role="R13",
                    organisation_id=grant.organisation_id,
                    org_path=grant.org_path,
                    from_on=grant.from_on,
                )
            )
    ladder = next(each for each in _report(office).units if each.process_id == "ladder")
    assert ladder.missing == ()
    assert ladder.people == 0
    assert ladder.with_exceptions > 0
