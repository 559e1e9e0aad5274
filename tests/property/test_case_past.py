"""A case as of any moment is what its page showed at that moment."""

import random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.casework import Player, World, memory_world
from workflows.domain.clocks import local_date
from workflows.queries.case.matter_page import case_lines
from workflows.queries.case.page import CasePage, case_page, entered_places, firings_of
from workflows.queries.case.past import case_at, case_lines_at
from workflows.services import casework
from workflows.store.base import table_of
from workflows.store.tables import Case

# Row ids are the database's, attempts the sweep's own bookkeeping.
_OWN = ("id", "attempts", "retry_at")


def _values(rows: Any, entity: Any = None) -> list[dict[str, Any]]:
    return [
        {
            column.name: getattr(row, column.name)
            for column in table_of(entity or type(row)).columns
            if column.name not in _OWN
        }
        for row in rows
    ]


def _firing(firing: Any) -> tuple[Any, ...]:
    return *_values([firing.clock]), firing.fired_at, sorted(firing.opened)


def _shown(page: CasePage, been: Any, firings: Any) -> dict[str, Any]:
    tasks = [(_values([task.row]), task.office, task.claimant, task.light) for task in page.tasks]
    return {
        "case": _values([page.case]),
        "due_on": page.due_on,
        "light": page.light,
        "tasks": sorted(tasks, key=lambda task: task[0][0]["path"]),
        "clocks": sorted(_values(page.clocks), key=lambda clock: clock["path"]),
        "pauses": _values(page.pauses),
        "facts": {name: value for name, value in page.facts.items() if value is not None},
        "effects": _values(page.effects),
        "incidents": len(page.incidents),
        "been": sorted(been),
        "firings": [_firing(firing) for firing in firings],
    }


def _line(line: Any) -> tuple[Any, ...]:
    return line.case.number, line.subject, line.light, line.due_on, line.passed


def _now(world: World, case_id: str) -> tuple[dict[str, Any], list[Any]]:
    with world.transaction() as session:
        today = local_date(world.now)
        page = case_page(session, case_id, today)
        been, firings = entered_places(session, case_id), firings_of(session, case_id)
        lines = [_line(line) for line in case_lines(session, page.matter.id, today)]
        return _shown(page, been, firings), lines


def _then(world: World, case_id: str, at: Any) -> tuple[dict[str, Any], list[Any]]:
    with world.transaction() as session:
        past = case_at(session, case_id, at)
        lines = [_line(line) for line in case_lines_at(session, past.page.matter.id, at)]
        return _shown(past.page, past.been, past.firings), lines


def _stop_or_resume(world: World, draw: random.Random) -> None:
    """Now and then stop a clock, or let a stopped one go on."""
    with world.transaction() as session:
        case_id = draw.choice(world.cases)
        stage = world.cast.stage(session, case_id, world.now)
        if stage.case.state != "open" or not stage.case.clocks or draw.random() > 0.3:
            return
        path, clock = draw.choice(sorted(stage.case.clocks.items()))
        leader, place = stage.actor("分管领导", ("R05",)), f"{path}#{clock.n}"
        if clock.state == "paused":
            casework.resume(session, leader, world.now, case_id, place, reason="材料已返回")
        else:
            casework.pause(
                session,
                leader,
                world.now,
                case_id,
                place,
                reason="材料送检",
                approver=leader.account_id,
            )


@settings(max_examples=2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 2**32))
def test_a_case_as_of_a_moment_is_what_its_page_showed_then(seed: int) -> None:
    world = memory_world()
    player = Player(world, random.Random(seed))
    world.open_matter()
    seen = []
    for _ in range(11):
        player.step()
        _stop_or_resume(world, player.draw)
        with world.transaction() as session:
            cases = sorted(session.scalars(select(Case.id)))
        seen += [(case_id, world.now, _now(world, case_id)) for case_id in cases]
    for case_id, at, shown in seen:
        assert _then(world, case_id, at) == shown
