"""The gate between an organisation's case and a person: post, duty, period, cause (DOMAIN 8.3)."""

from datetime import date
from typing import Any

import pytest

from tests.support.casework import World, memory_world
from tests.support.persons import FirstChoice, Player, open_activities, person_case
from workflows.engine.form_errors import FieldError
from workflows.services.casework import ValidationFailed
from workflows.services.steps.attribution import offered_texts
from workflows.store.tables import Duty, Tenure

NAME = "组织委员"
APPOINTED, LEFT = date(2024, 3, 1), date(2025, 6, 30)
DAYS = {"facts_from_on": "2025-01-10", "facts_until_on": "2025-03-10"}


@pytest.fixture(scope="module")
def gate() -> tuple[World, str]:
    """A case that tests ask and that none of them moves."""
    return at_the_gate()


def at_the_gate() -> tuple[World, str]:
    """Make a case about somebody who held two posts, the first from 2024-03-01 to 2025-06-30."""
    world = memory_world()
    world.cast.described = {NAME: {"from_on": date(2025, 7, 1), "post": "副镇长"}}
    case_id = person_case(world, NAME)
    with world.transaction() as session:
        place, path = world.cast.units[2]
        session.add(
            Tenure(
                person_id=world.cast.people[NAME],
                organisation_id=place,
                org_path=path,
                post="组织委员",
                subject_category="banner_cadre",
                from_on=APPOINTED,
                until_on=LEFT,
            )
        )
        for from_on, content in ((date(2020, 1, 1), "核对台账"), (date(2025, 5, 1), "每月到村")):
            session.add(
                Duty(
                    organisation_id=place,
                    org_path=path,
                    post="组织委员",
                    content=content,
                    basis="责任清单",
                    from_on=from_on,
                )
            )
    return world, case_id


def answers(gate: tuple[World, str], **changed: Any) -> dict[str, Any]:
    world, case_id = gate
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        texts = offered_texts(session, world.cast.people[NAME])
        given = {
            "tenure": next(text for text in texts["tenure"] if "2024年3月1日" in text),
            "duty": next(text for text in texts["duty"] if "核对台账" in text),
            **DAYS,
            **changed,
        }
        return Player(world, FirstChoice()).fill(session, stage, "attribution", **given)


def refused(gate: tuple[World, str], **changed: Any) -> dict[str, FieldError]:
    world, case_id = gate
    return refused_as_filled(world, case_id, answers(gate, **changed))


def refused_as_filled(world: World, case_id: str, values: dict[str, Any]) -> dict[str, FieldError]:
    known = world.cast.known()
    with pytest.raises(ValidationFailed) as caught:
        world.complete(case_id, "attribution", "承办人", **values)
    world.cast.forget_but(known)
    errors: dict[str, FieldError] = caught.value.fields
    return errors


def test_a_day_before_the_appointment_is_refused(gate: tuple[World, str]) -> None:
    found = refused(gate, facts_from_on="2024-02-29")
    assert found.keys() == {"facts_from_on"}
    assert "任职开始日 2024年3月1日" in found["facts_from_on"].text()


def test_facts_after_the_post_was_left_are_refused(gate: tuple[World, str]) -> None:
    found = refused(gate, facts_until_on="2025-07-01")
    assert found.keys() == {"facts_until_on"}
    assert "分段认定" in found["facts_until_on"].text()


def test_facts_to_come_and_days_in_the_wrong_order_are_refused(gate: tuple[World, str]) -> None:
    assert "晚于今天" in refused(gate, facts_until_on="2031-01-01")["facts_until_on"].text()
    assert refused(gate, facts_until_on="2025-01-09").keys() == {"facts_until_on"}


def test_a_post_that_is_not_on_record_is_refused(gate: tuple[World, str]) -> None:
    assert refused(gate, tenure="旗长，2019年至今").keys() == {"tenure"}


@pytest.mark.parametrize("duty", ["副镇长：督促", "组织委员：每月到村", "自己写的职责"])
def test_a_duty_that_did_not_bind_the_post_then_is_refused(
    gate: tuple[World, str], duty: str
) -> None:
    world, _ = gate
    with world.transaction() as session:
        texts = offered_texts(session, world.cast.people[NAME])["duty"]
    chosen = next((text for text in texts if text.startswith(duty)), duty)
    found = refused(gate, duty=chosen)
    assert found.keys() == {"duty"}
    assert "先在单位页补登" in found["duty"].text()


@pytest.mark.parametrize(
    "causes", [{"cause_main": "no_authority"}, {"cause_main": "unable", "causes": ["disaster"]}]
)
def test_a_cause_above_the_person_asks_for_a_reason_and_minutes(
    gate: tuple[World, str], causes: dict[str, Any]
) -> None:
    asked = {"attribution_reason", "attribution_minutes_no"}
    values = answers(gate, **causes)
    assert asked <= values.keys()
    left = {key: value for key, value in values.items() if key not in asked}
    assert refused_as_filled(*gate, left).keys() == asked
    assert asked.isdisjoint(answers(gate, cause_main="unwilling"))


def test_what_the_register_bears_out_is_attributed() -> None:
    gate = world, case_id = at_the_gate()
    world.complete(case_id, "attribution", "承办人", **answers(gate))
    world.complete(case_id, "attribution", "承办人乙")
    assert open_activities(world, case_id) == ["approve_start"]
