"""The discipline line supervises a case of the organisation line: on record, and reading only."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.persons import person_case
from tests.support.small_office import act, actor_in, employ
from workflows.domain.errors import NotFound
from workflows.queries.case.timeline import whole_timeline
from workflows.queries.tracks.supervisions import running_in, supervised_cases, works_for_discipline
from workflows.services import casework
from workflows.services.access import RoleMissing
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.services.supervised import Supervises
from workflows.services.tracks.supervising import (
    NotSupervisable,
    SupervisedAlready,
    SupervisionInvalid,
    begin_supervision,
    end_supervision,
)
from workflows.store.tables import Case, Clock, Grant, Look, Organisation

WHY = "群众反映长期未整改"
FRESH = 2


@pytest.fixture(scope="module")
def world() -> World:
    """A branch's case with a term that runs, a person's case; 纪委甲, 纪委书记, 组织部长."""
    world = memory_world()
    world.cases.append(person_case(world, "某书记"))
    world.open_matter()
    for name in ("纪委甲", "纪委书记"):
        employ(world, name, ())
    employ(world, "组织部长", ("R06",))
    employ(world, "承办甲", ("R03",))
    for name, role in (("纪委甲", "R03"), ("纪委书记", "R06")):
        granted(world, name, role)
    return world


def granted(world: World, name: str, role: str) -> None:
    """Give somebody a role in the discipline office of the banner."""
    with world.transaction() as session:
        case = session.get_one(Case, world.cases[0])
        banner = ".".join(case.org_path.split(".")[:3]) + "."
        office = session.scalars(
            select(Organisation).where(
                Organisation.kind == "discipline", Organisation.path.startswith(banner)
            )
        ).first()
        assert office is not None
        grant = Grant(
            account_id=world.cast.accounts[name],
            role=role,
            organisation_id=office.id,
            org_path=office.path,
            from_on=date(2020, 1, 1),
        )
        session.add(grant)


def looks_of(world: World, name: str) -> int:
    with world.transaction() as session:
        account = world.cast.accounts[name]
        return len(session.scalars(select(Look).where(Look.account_id == account)).all())


def looked(world: World, name: str) -> None:
    with world.transaction() as session:
        glance = Glance(Looked.CASE, world.cases[FRESH])
        keep_looks(session, actor_in(session, world, name), world.now, [glance])


def paused(world: World, name: str) -> None:
    """Stop the term of the case as a leader does."""
    with world.transaction() as session:
        clock = session.scalars(
            select(Clock).where(Clock.case_id == world.cases[FRESH], Clock.state == "running")
        ).first()
        assert clock is not None
        place = f"{clock.path}#{clock.n}"
    named: dict[str, Any] = {"reason": "等待批复", "approver": world.cast.accounts[name]}
    act(world, name, casework.pause, world.cases[FRESH], place, **named)


def test_a_supervised_case_is_read_on_record_and_not_acted_in(world: World) -> None:
    case_id = world.cases[FRESH]
    with pytest.raises(RoleMissing):
        paused(world, "纪委书记")  # principal of a body that has no step in this process
    for name in ("组织部长", "承办甲"):
        with pytest.raises(RoleMissing):
            act(world, name, begin_supervision, case_id, WHY)
    for reason in (" ", "长" * 501):
        with pytest.raises(SupervisionInvalid):
            act(world, "纪委甲", begin_supervision, case_id, reason)
    looked(world, "纪委甲")
    assert looks_of(world, "纪委甲") == 0, "what is about organisations only is no look"
    act(world, "纪委甲", begin_supervision, case_id, WHY)
    with pytest.raises(SupervisedAlready):
        act(world, "纪委书记", begin_supervision, case_id, WHY)
    for name in ("纪委甲", "纪委书记", "组织部长"):
        looked(world, name)
    assert [looks_of(world, name) for name in ("纪委甲", "纪委书记", "组织部长")] == [1, 1, 0]
    with world.transaction() as session:
        (line,) = supervised_cases(session, actor_in(session, world, "纪委书记"))
        assert (line.case.id, line.looked_at) == (case_id, world.now)
        assert not supervised_cases(session, actor_in(session, world, "组织部长"))
        assert not works_for_discipline(session, actor_in(session, world, "组织部长"))
        ((row, office),) = running_in(session, case_id)
        assert (row.reason, row.office_id) == (WHY, line.row.office_id)
        assert office
    acted_in_vain(world, case_id)
    act(world, "纪委书记", end_supervision, case_id, "已按期整改")
    with pytest.raises(NotFound):
        act(world, "纪委书记", end_supervision, case_id, "再次")
    with world.transaction() as session:
        names = [each.record.trigger.name for each in whole_timeline(session, case_id).entries]
        assert names[-3:] == ["supervise", "pause", "end_supervision"]
        actor = actor_in(session, world, "纪委甲")
        assert not supervised_cases(session, actor)
        (over,) = supervised_cases(session, actor, is_running=False)
        assert over.row.result == "已按期整改"
    looked(world, "纪委甲")
    assert looks_of(world, "纪委甲") == 1
    assert world.differences() == []


def acted_in_vain(world: World, case_id: str) -> None:
    """Try a task with the role for it; a leader of the handling office stops a clock."""
    employ(world, "纪委甲", ("R01",))
    with world.transaction() as session:
        case_tasks = world.cast.stage(session, case_id, world.now)
        task = case_tasks.task("accept")
    with pytest.raises(Supervises):
        act(world, "纪委甲", casework.claim, case_id=case_id, task=task)
    values = {"acceptance": "accept"}
    with pytest.raises(Supervises):
        act(world, "纪委甲", casework.complete, case_id, task, values)
    paused(world, "组织部长")


def test_no_case_about_a_person_is_supervised_so(world: World) -> None:
    with world.transaction() as session:
        person = session.scalars(select(Case.id).where(Case.level == "L2")).one()
    with pytest.raises(NotSupervisable):
        act(world, "纪委书记", begin_supervision, person, WHY)
