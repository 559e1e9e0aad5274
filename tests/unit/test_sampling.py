"""Drawing by lot: the same for everybody, whatever the order of the pool."""

import hashlib
import random

import pytest

from workflows.domain.sampling import Draw, SeedMissing, pool_hash, ranked

POOL = [f"督〔2026〕{number}号-1" for number in range(1, 41)]


def test_a_draw_can_be_made_by_hand() -> None:
    def digest(name: str) -> str:
        return hashlib.sha256("八面骰 7".encode() + b"\x00" + name.encode()).hexdigest()

    by_hand = sorted(POOL, key=digest)[:5]
    assert [lot.name for lot in Draw("八面骰 7", 5).from_pool(POOL)] == by_hand
    assert [lot.digest for lot in ranked(POOL, "八面骰 7")][:5] == list(map(digest, by_hand))


def test_the_order_and_doubles_of_the_pool_do_not_matter() -> None:
    shuffled = [*POOL, *POOL]
    random.Random(4).shuffle(shuffled)
    assert ranked(shuffled, "1") == ranked(POOL, "1")
    assert pool_hash(shuffled) == pool_hash(POOL)


def test_another_seed_draws_others_and_more_keeps_those_before() -> None:
    one, other = (Draw(seed, 10).from_pool(POOL) for seed in ("1", "2"))
    assert {lot.name for lot in one} != {lot.name for lot in other}
    assert Draw("1", 20).from_pool(POOL)[:10] == one
    assert len(Draw("1", 99).from_pool(POOL)) == len(POOL)


def test_seed_and_name_do_not_run_into_each_other() -> None:
    assert ranked(["b"], "a")[0].digest != ranked(["ab"], "")[0].digest
    assert pool_hash(["a", "b"]) != pool_hash(["ab"])


def test_every_place_is_equally_likely() -> None:
    first = [Draw(str(seed), 1).from_pool(POOL[:4])[0].name for seed in range(2000)]
    assert all(400 < first.count(name) < 600 for name in POOL[:4])


@pytest.mark.parametrize("seed, count", [("", 1), ("  ", 1), ("x" * 101, 1), ("1", 0)])
def test_what_cannot_be_drawn_is_refused(seed: str, count: int) -> None:
    with pytest.raises(SeedMissing):
        Draw(seed, count)
