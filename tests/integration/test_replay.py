"""Replaying what was recorded: the first record that the engine does not reach is named."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.casework import World, memory_world
from tests.support.replayed import Records, records_of, replay, surroundings_of
from workflows.engine.replay import Replayed, StepNotReached, Surroundings
from workflows.jobs.replaying import path_in


@pytest.fixture(scope="module")
def recorded() -> tuple[Surroundings, Records]:
    world = _stalled()
    with world.transaction() as session:
        (records,) = records_of(session)
        return surroundings_of(session), records


def _stalled() -> World:
    """A rectification that nobody did anything about until its first clock fired."""
    world = memory_world()
    world.open_rectification()
    for _ in range(60):
        world.now += timedelta(days=1)
        if world.sweep().fired:
            return world
    raise AssertionError("no clock fired")


def _with(records: Records, number: int, change: Callable[[Any, Any], object]) -> Records:
    changed = copy.deepcopy(records)
    change(*changed[number])
    return changed


def _first(records: Records, effect: str) -> int:
    return next(i for i, (record, _) in enumerate(records) if record["effects"][effect])


def test_what_was_recorded_is_reached(recorded: tuple[Surroundings, Records]) -> None:
    counts = replay(*recorded)
    assert counts[Replayed.EVALUATED] >= 5
    assert counts[Replayed.FOLLOWED] == 0


def test_another_due_date_is_named(recorded: tuple[Surroundings, Records]) -> None:
    surroundings, records = recorded
    number = _first(records, "armed")
    later = {"due_on": "2027-01-04", "due_at": "2027-01-04T16:00:00.000000Z"}
    changed = _with(records, number, lambda record, _: record["effects"]["armed"][0].update(later))
    with pytest.raises(StepNotReached) as caught:
        replay(surroundings, changed)
    assert caught.value.attributes["seq"] == records[number][0]["seq"]
    assert caught.value.attributes["what"] == "effects.armed.0.due_at"
    assert "2027-01-04" in caught.value.attributes["recorded"]


def _another_marking(record: Any, _: Any) -> None:
    record["to"] = "0" * 64


def _another_answer(record: Any, _: Any) -> None:
    record["trace"][0][1] = not record["trace"][0][1]


def _another_fact(_: Any, payload: Any) -> None:
    name = next(iter(payload["facts"]))
    payload["facts"][name]["new"] = "invented"


def _another_role(record: Any, _: Any) -> None:
    record["effects"]["opened"][0]["roles"] = ["R22"]


def _another_definition(record: Any, _: Any) -> None:
    record["definition"] = f"{'0' * 64}/ladder"


def _nothing_closed(record: Any, _: Any) -> None:
    record["effects"]["closed"] = []


@pytest.mark.parametrize(
    "change, what",
    [
        (_another_marking, "to"),
        (_another_answer, "trace.0.1"),
        (_another_fact, "facts."),
        (_another_role, "effects.opened.0.roles"),
        (_nothing_closed, "effects.closed"),
        (_another_definition, "step"),
    ],
)
def test_what_the_engine_does_not_reach_is_named(
    recorded: tuple[Surroundings, Records], change: Callable[[Any, Any], None], what: str
) -> None:
    surroundings, records = recorded
    number = next(
        i
        for i, (record, payload) in enumerate(records)
        if record["trace"] and payload["facts"] and record["seq"] > 1
    )
    with pytest.raises(StepNotReached) as caught:
        replay(surroundings, _with(records, number, change))
    assert caught.value.attributes["what"].startswith(what)
    assert caught.value.attributes["seq"] == records[number][0]["seq"]


def test_a_payload_kept_back_is_followed_and_what_comes_after_goes_on(
    recorded: tuple[Surroundings, Records],
) -> None:
    surroundings, records = recorded
    counts = replay(
        surroundings, records, lambda record, payload: None if record["seq"] == 2 else payload
    )
    assert counts[Replayed.FOLLOWED] >= 1
    assert counts[Replayed.EVALUATED] >= 1


def test_a_trace_that_leads_elsewhere_is_named_though_the_payload_is_kept_back(
    recorded: tuple[Surroundings, Records],
) -> None:
    surroundings, records = recorded
    number = next(i for i, (record, _) in enumerate(records) if record["trace"])
    changed = _with(records, number, _another_answer)
    with pytest.raises(StepNotReached) as caught:
        replay(surroundings, changed, lambda _record, _payload: None)
    assert caught.value.attributes["seq"] == records[number][0]["seq"]


TREE = {
    "o_1": {"code": "15", "parent": None},
    "o_2": {"code": "1525", "parent": "o_1"},
    "o_3": {"code": "9", "parent": "o_4"},
    "o_4": {"code": "8", "parent": "o_3"},
    "o_5": {"code": "7", "parent": "o_0"},
}


@pytest.mark.parametrize(
    "organisation, path",
    [("o_2", "15.1525."), ("o_1", "15."), ("o_3", None), ("o_5", None), ("o_9", None)],
)
def test_the_place_in_the_tree_is_told_only_where_all_above_is_shown(
    organisation: str, path: str | None
) -> None:
    assert path_in(TREE, organisation) == path


def test_dates_are_not_worked_out_where_regions_differ_and_the_place_is_not_known(
    recorded: tuple[Surroundings, Records],
) -> None:
    surroundings, records = recorded
    version = next(record["calendar"] for record, _ in records if record["calendar"])
    days = surroundings.calendar_of(version)
    feast = days.splitlines()[-1].replace(b'"region":""', b'"region":"15."')
    regional = replace(surroundings, calendar_of=lambda _: days + feast + b"\n", path_of=PLACES.get)
    assert regional.dates("x", "o_known") is not None
    assert regional.dates("x", "o_unknown") is None


PLACES = {"o_known": "15.1525."}
