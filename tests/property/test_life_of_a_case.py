"""Whatever people and clocks do: no task is lost, none twice, rows are the fold of records."""

import random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.casework import Player, World, memory_world
from workflows.engine import standing
from workflows.store.tables import Case


def _check(world: World) -> None:
    with world.transaction() as session:
        for case_id, state in session.execute(select(Case.id, Case.state)).all():
            case = world.cast.stage(session, case_id, world.now).case
            places = standing(case.definition, case.marking)
            assert sorted(case.tasks) == list(places.tasks)
            assert sorted(case.clocks) == list(places.clocks)
            assert sorted(case.awaited) == list(places.messages)
            if state == "ended":
                assert not case.tasks
                assert not case.clocks
    assert world.differences() == []


# A run is a whole life: shrinking one would take longer than reading it.
@settings(max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 2**32))
def test_open_work_is_where_the_marking_stands(seed: int) -> None:
    world = memory_world()
    player = Player(world, random.Random(seed))
    for _ in range(3):
        world.open_matter()
        for _ in range(14):
            player.step()
        _check(world)
