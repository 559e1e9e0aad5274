"""C12 of the officers' cases: what came back is a new matter, watched higher, begun no higher."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.support.casework import INTAKE, World, memory_world
from tests.support.filled import VERIFIED_ORDINARY
from tests.support.small_office import SCORED, TALKED
from workflows.domain.clocks import local_date
from workflows.domain.relapse import Liaison, raised
from workflows.queries.case.matter_page import MatterPage, earlier_matters, matter_page
from workflows.services import casework
from workflows.services.access import load_actor
from workflows.services.tracks.relapsing import NotRelapsed
from workflows.store.tables import Case

CAME_BACK = "2026-11-17"


def on(world: World, day: str, hour: int = 1) -> None:
    world.now = datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=UTC)


def to_notice(world: World, case_id: str, day: str) -> None:
    """Accept, verify as ordinary and talk; the notice is open then."""
    world.complete(case_id, "accept", "承办", acceptance="accept")
    verified = VERIFIED_ORDINARY | {"verified_on": day}
    world.complete(case_id, "verify", "核实甲", **verified)
    world.complete(case_id, "verify", "核实乙")
    with world.transaction() as session:
        people = {
            "talker": world.cast.person(session, "谈话人", world.now),
            "recorder": world.cast.person(session, "记录人", world.now),
        }
    world.complete(case_id, "talk", "镇长", **(TALKED | people | {"talked_on": day}))


def relapsed(world: World) -> str:
    """Register and serve 3-10, miss a letter, close on 5-18; a look-back of 8-18 finds it."""
    case_id = world.open_matter()
    to_notice(world, case_id, "2026-03-10")
    world.complete(
        case_id,
        "notice",
        "承办",
        served_on="2026-03-10",
        service_way="direct",
        requirements="限期整改",
        plan_required="no",
        progress_required="no",
    )
    on(world, "2026-05-12")
    world.sweep()
    on(world, "2026-05-16")
    world.sweep()
    world.complete(case_id, "report", "支部", reported_on="2026-05-16", completed="完成")
    on(world, "2026-05-18")
    world.complete(case_id, "initial_acceptance", "镇党委书记", initial_outcome="passed")
    world.complete(case_id, "acceptance_pair", "验收甲", **SCORED)
    world.complete(case_id, "acceptance_pair", "验收乙")
    closing: dict[str, Any] = {"closure": "approved", "closed_on": "2026-05-18"}
    world.complete(case_id, "close_approval", "分管", **closing, published="villagers")
    on(world, "2026-08-18")
    looked = {"look_back_outcome": "relapsed", "visited_on": "2026-08-18"}
    world.complete(case_id, "look_back", "承办", **looked, remark="又未召开支委会")
    return case_id


@pytest.fixture(scope="module")
def world() -> World:
    world = memory_world()
    relapsed(world)
    on(world, CAME_BACK)
    register_relapse(world, world.cases[0])
    return world


def register_relapse(world: World, earlier_case: str, **values: Any) -> str:
    with world.transaction() as session:
        clerk = world.cast.account(session, "登记人", world.now)
        world.cast.allow(session, clerk, ("R01",), world.now)
        opened = casework.open_matter(
            session,
            load_actor(session, clerk, local_date(world.now)),
            world.now,
            organisation_id=world.cast.subject_id,
            values={**INTAKE, "found_on": str(local_date(world.now)), **values},
            relapse_of=session.get_one(Case, earlier_case).matter_id,
        )
    world.cases.append(opened.case_id)
    return opened.case_id


def page_of(world: World, number: int) -> MatterPage:
    with world.transaction() as session:
        key = session.get_one(Case, world.cases[number]).matter_id
        return matter_page(session, key, local_date(world.now))


def test_the_link_stands_on_both_matters(world: World) -> None:
    before, after = page_of(world, 0), page_of(world, 1)
    assert after.relapses.earlier is not None
    assert after.relapses.earlier.id == before.matter.id
    assert [each.id for each in before.relapses.later] == [after.matter.id]
    assert not before.relapses.is_unlinked
    assert before.relapses.earlier is None


def test_the_liaison_is_raised_by_one_step(world: World) -> None:
    before, after = page_of(world, 0), page_of(world, 1)
    assert before.matter.liaison_level == Liaison.FIRST_SECRETARY
    assert after.matter.liaison_level == Liaison.SUMU_LEADER


def test_the_supervisors_delay_is_shown_as_such(world: World) -> None:
    assert page_of(world, 1).relapses.letters_missed == 1
    assert page_of(world, 0).relapses.letters_missed == 0


def test_only_an_ended_matter_of_the_same_problem_comes_back(world: World) -> None:
    with pytest.raises(NotRelapsed):
        register_relapse(world, world.cases[0], problem_type="P301")
    with pytest.raises(NotRelapsed):
        register_relapse(world, world.cases[1])


def test_what_could_have_come_back_is_offered(world: World) -> None:
    with world.transaction() as session:
        found = earlier_matters(session, world.cast.subject_id, date(2026, 11, 17), "P101")
        offered = [each.matter.id for each in found if each.could_relapse]
    assert offered == [page_of(world, 0).matter.id]


def test_a_relapse_suggests_the_rung_that_the_same_weight_suggested_before(world: World) -> None:
    verified = VERIFIED_ORDINARY | {"verified_on": CAME_BACK}
    assert [line.case.rung for line in page_of(world, 1).cases] == [0]
    world.complete(world.cases[1], "accept", "承办", acceptance="accept")
    world.complete(world.cases[1], "verify", "核实甲", **verified)
    world.complete(world.cases[1], "verify", "核实乙")
    with world.transaction() as session:
        suggested = [
            world.cast.stage(session, each, world.now).case.facts["suggested_rung"]
            for each in world.cases
        ]
    assert suggested == ["criticism", "criticism"]
    assert world.differences() == []


def test_the_highest_level_stays() -> None:
    assert raised(Liaison.SUMU_LEADER) == Liaison.BANNER_LEADER
    assert raised(Liaison.BANNER_LEADER) == Liaison.BANNER_LEADER


def test_a_relapse_that_a_look_back_found_asks_to_be_registered() -> None:
    fresh = memory_world()
    relapsed(fresh)
    assert page_of(fresh, 0).relapses.is_unlinked
