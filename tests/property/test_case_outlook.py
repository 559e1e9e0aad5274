"""Whatever people do was told before as possible, and can be explained afterwards."""

import random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.casework import Player, World, memory_world
from workflows.domain.budgets import Budget, ClockKind
from workflows.domain.clocks import local_date
from workflows.domain.derivations import explain
from workflows.domain.records import Record, RecordKind
from workflows.queries.case.outlook import each_clock, forks_of, road_of
from workflows.queries.case.page import CasePage, case_page
from workflows.queries.case.reasons import reasons_of
from workflows.queries.case.timeline import whole_timeline
from workflows.services.calendars import calendar_of
from workflows.services.steps.clockwork import pauses_of
from workflows.store.tables import Case

_STEPS = (RecordKind.TASK_COMPLETED, RecordKind.CLOCK_FIRED)


def _ends(effects: Any) -> tuple[list[str], list[str], bool]:
    """Give what a record opened and closed, as paths."""
    opened = sorted(each.task.partition("#")[0] for each in effects.opened)
    return opened, sorted(place.partition("#")[0] for place in effects.closed), effects.ended


def _foreseen(session: Any, page: CasePage, world: World) -> dict[str, list[Any]]:
    """Give all ends that the outlook tells, by the path of the task, event or clock."""
    told: dict[str, list[Any]] = {}
    for fork in forks_of(session, page):
        assert fork.prospect is not None
        told[fork.path] = [
            (sorted(each.opened), sorted(each.closed), each.ended) for each in fork.branches
        ]
    for path, step in each_clock(session, page, world.now).items():
        told[path] = [(sorted(step.opened), sorted(step.closed), step.ended)]
    return told


def _check_foreseen(record: Record, told: dict[str, list[Any]]) -> None:
    if record.kind in _STEPS:
        assert _ends(record.effects) in told[record.trigger.ref.partition("#")[0]]


def _check_dates(session: Any, page: CasePage) -> None:
    """See that the derivation of each clock leads to the date that it has."""
    for clock in page.clocks:
        derivation = explain(
            clock.anchor_on,
            Budget.of(clock.budget, clock.unit),
            ClockKind(clock.kind),
            calendar_of(session, clock.calendar).for_region(page.case.org_path),
            pauses_of(page.pauses, clock.path, clock.n),
            extension_days=clock.extension_days,
        )
        assert (derivation.due.due_on, derivation.due.provisional) == (
            clock.due_on,
            clock.provisional,
        )


def _check_reasons(session: Any, page: CasePage) -> None:
    """See that each record of the chain can be told again, back to the first."""
    chain = reasons_of(session, page).chain
    assert chain[0].entry.record.seq == 1
    assert [reason.entry.record.seq for reason in chain if reason.told is None] == []


def _check_road(session: Any, page: CasePage, world: World) -> None:
    """See that the clocks alone end somewhere, and take no measure about anybody."""
    road = road_of(session, page, world.now)
    assert not road.is_cut
    names = [
        page.definition.place(path).element.attributes.get("operation")
        for step in road.steps
        for path in step.passed
    ]
    assert {"open_case", "start_effect"}.isdisjoint(names)


# A run is a whole life: shrinking one would take longer than reading it.
@settings(max_examples=2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 2**32))
def test_what_happens_was_foreseen_and_can_be_explained(seed: int) -> None:
    world = memory_world()
    player = Player(world, random.Random(seed))
    world.open_matter()
    foreseen: dict[str, dict[str, list[Any]]] = {}
    seen: dict[str, int] = {}
    for _ in range(16):
        player.step()
        with world.transaction() as session:
            for case_id in session.scalars(select(Case.id)):
                page = case_page(session, case_id, local_date(world.now))
                new = whole_timeline(session, case_id, after=seen.get(case_id, 0)).entries
                if new and case_id in foreseen:
                    _check_foreseen(new[0].record, foreseen[case_id])
                seen[case_id] = page.case.version
                _check_reasons(session, page)
                _check_dates(session, page)
                if page.case.state == "open":
                    _check_road(session, page, world)
                    foreseen[case_id] = _foreseen(session, page, world)
