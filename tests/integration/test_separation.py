"""Four eyes between steps, and how far an extension may go."""

from datetime import timedelta

import pytest

from tests.support.casework import INTAKE, World, memory_world
from tests.support.filled import NOTICE, VERIFIED
from workflows.domain.clocks import local_date
from workflows.domain.terms import ExtensionTooLong
from workflows.services import casework
from workflows.services.access import load_actor
from workflows.services.packs import current_pack
from workflows.services.separation import SamePerson


@pytest.fixture
def world() -> World:
    return memory_world()


def _fixed_on_the_spot(world: World) -> str:
    values = {**INTAKE, "disposition": "immediate_fix"}
    with world.transaction() as session:
        clerk = world.cast.account(session, "登记人", world.now)
        world.cast.allow(session, clerk, ("R01",), world.now)
        schema = current_pack(session, local_date(world.now)).forms["intake"]
        reading = schema.read(values, {})
        values |= {key: "已当场整改" for key in reading.errors if schema.field(key)}
        opened = casework.open_matter(
            session,
            load_actor(session, clerk, local_date(world.now)),
            world.now,
            organisation_id=world.cast.subject_id,
            values=values,
        )
    return opened.case_id


def test_fix_on_the_spot_is_confirmed_by_another_than_its_registrar(world: World) -> None:
    case_id = _fixed_on_the_spot(world)
    with pytest.raises(SamePerson):
        world.complete(case_id, "confirm_fix", "登记人", fix_confirmation="confirmed")
    world.complete(case_id, "confirm_fix", "另一人", fix_confirmation="confirmed")
    assert world.differences() == []


def test_extension_beyond_the_share_of_the_term_is_refused(world: World) -> None:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED)
    world.complete(case_id, "verify", "核实乙")
    world.complete(case_id, "notice", "承办", **NOTICE)
    world.now += timedelta(days=5)
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        roles, _ = stage.message_form("extension_requested")
        actor = stage.actor("支部", roles)
        asked = {"extension_days": "60", "reason": "等待资金"}
        casework.send_message(session, actor, world.now, case_id, "extension_requested", asked)
    granted = {"extension_outcome": "granted", "extension_days": "60", "reason": "同意"}
    with pytest.raises(ExtensionTooLong) as caught:
        world.complete(case_id, "extension_decision", "承办", **granted)
    assert caught.value.attributes["most"] == 45
    world.complete(case_id, "extension_decision", "承办", **{**granted, "extension_days": "45"})
    assert world.differences() == []
