"""The records of a case, done again, lead to where it stands: late entries rest on that."""

import random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.casework import Player, World, memory_world
from workflows.services.steps.asif import Past
from workflows.services.steps.locked import load_locked
from workflows.store.tables import Case


def _check(world: World) -> None:
    with world.transaction() as session:
        for case_id in session.execute(select(Case.id)).scalars().all():
            case = load_locked(session, case_id)
            past = Past.of(session, case)
            again = past.before(len(past.entries) + 1)
            assert again.marking == case.marking
            assert _known(again.facts) == _known(case.facts)
            assert again.tasks == {path: f"{path}#{row.n}" for path, row in case.tasks.items()}
            assert set(again.clocks) == set(case.clocks)
            for path, clock in again.clocks.items():
                row = case.clocks[path]
                assert clock.place == f"{path}#{row.n}"
                assert clock.is_paused == (row.state == "paused")
                due = clock.term.due(case.calendar, clock.pauses)
                assert clock.is_paused or due.due_on == row.due_on


def _known(facts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value is not None}


# A run is a whole life: shrinking one would take longer than reading it.
@settings(max_examples=3, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 2**32))
def test_records_done_again_lead_to_where_the_case_stands(seed: int) -> None:
    world = memory_world()
    player = Player(world, random.Random(seed))
    for _ in range(2):
        world.open_matter()
        for _ in range(18):
            player.step()
    _check(world)
