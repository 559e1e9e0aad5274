"""A move in memory held against its record: whatever the record says else is a difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.backtests import history_of
from tests.support.casework import memory_world
from workflows.engine.simulation.deeds import Deed, read_deeds
from workflows.engine.simulation.reproduction import Told, first_difference
from workflows.engine.walk import Walk


def altered(value: Any) -> Iterator[Any]:
    """Give a JSON value with one of its leaves changed, for each leaf."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: other} for other in altered(inner))
    elif isinstance(value, list):
        yield [*value, "more"]
        for at, inner in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in altered(inner))
    elif isinstance(value, bool):
        yield not value
    else:
        yield f"{value}0"


def forged(deed: Deed) -> Iterator[Deed]:
    """Give a record that says one thing else, for each thing that it says of the step."""
    for key in ("to", "trace", "effects"):
        for other in altered(deed.record[key]):
            yield deed._replace(record={**deed.record, key: other})
    for other in altered(deed.payload["facts"]):
        yield deed._replace(payload={**deed.payload, "facts": other})
    form = {**deed.payload["form"], "carried_out": {"outcome": "closed"}}
    yield deed._replace(payload={**deed.payload, "form": form})


def test_whatever_a_record_says_else_is_a_difference() -> None:
    world = memory_world()
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    book, (matter,) = history_of(world)
    (history,) = matter.cases
    deeds = read_deeds(history)
    assert deeds is not None
    opened, accepted = deeds
    definition = book.definition(opened.record["definition"])
    walk = Walk(definition, book.dates(history.org_path, opened.at))
    offices = {
        each["activity"]: each["office"]
        for deed in deeds
        for each in deed.record["effects"]["opened"]
    }
    for deed, path in ((opened, ""), (accepted, "accept")):
        before, typed = (
            walk.facts,
            {name: each["new"] for name, each in deed.payload["facts"].items()},
        )
        change = walk.complete(path, typed, deed.on) if path else walk.open(typed, deed.on)
        told = Told(definition, change, before, typed, lambda activity: offices[activity.id])
        assert first_difference(book, history.number, deed, told) is None
        others = list(forged(deed))
        assert len(others) > 20
        for other in others:
            assert first_difference(book, history.number, other, told) is not None, other
