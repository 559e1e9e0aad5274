"""Every step that services recorded can be taken again from the records before it alone."""

import random
from collections import Counter

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.casework import Player, World, memory_world
from tests.support.replayed import records_of, replay, surroundings_of
from workflows.engine.replay import Replayed

_WHOLE = [Phase.explicit, Phase.reuse, Phase.generate]  # a whole life is not shrunk


def _lived(seed: int) -> World:
    world = memory_world()
    player = Player(world, random.Random(seed))
    for _ in range(2):
        world.open_matter()
        for _ in range(18):
            player.step()
    return world


@settings(max_examples=4, phases=_WHOLE)
@given(st.integers(0, 2**32))
def test_the_engine_reaches_what_records_say(seed: int) -> None:
    with _lived(seed).transaction() as session:
        surroundings = surroundings_of(session)
        counts = sum((replay(surroundings, each) for each in records_of(session)), Counter())
    assert counts[Replayed.EVALUATED] > 0
    assert counts[Replayed.FOLLOWED] == 0


@settings(max_examples=3, phases=_WHOLE)
@given(st.integers(0, 2**32))
def test_steps_with_payloads_kept_back_follow_their_trace(seed: int) -> None:
    chance = random.Random(seed)
    with _lived(seed).transaction() as session:
        surroundings = surroundings_of(session)
        for records in records_of(session):
            kept = {record["seq"] for record, _ in records if chance.random() < 0.3}
            counts = replay(
                surroundings,
                records,
                lambda record, payload, kept=kept: None if record["seq"] in kept else payload,
            )
            assert counts[Replayed.FOLLOWED] <= len(records)
            assert kept or not counts[Replayed.FOLLOWED]
