"""A back-test against the pack that cases ran on leads each of them where it went."""

import random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.backtests import assert_reproduced
from tests.support.casework import Player, memory_world


# A run is a whole life: shrinking one would take longer than reading it.
@settings(max_examples=3, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 2**32))
def test_an_unchanged_pack_reproduces_history_record_by_record(seed: int) -> None:
    world = memory_world()
    player = Player(world, random.Random(seed))
    for _ in range(2):
        world.open_matter()
        for _ in range(16):
            player.step()
    assert_reproduced(world)
