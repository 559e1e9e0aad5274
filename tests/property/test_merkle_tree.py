"""The tree is RFC 6962's for any size, however it is put together again."""

import random
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    GrowingTree,
    TreeBroken,
    aligned_ranges,
    consistency_proof,
    is_aligned,
    is_consistent,
    leaf_hash,
    node_hash,
    proof_ranges,
    range_root,
)

LEAVES = [leaf_hash(bytes([n >> 8, n & 255])) for n in range(600)]
SIZES = st.integers(min_value=0, max_value=600)


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(root_by_definition(leaves[:split]), root_by_definition(leaves[split:]))


def root_of(start: int, end: int) -> bytes:
    return root_by_definition(LEAVES[start:end])


def proof_by_definition(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2, word by word."""
    if old == len(leaves):
        return [] if whole else [root_by_definition(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        rest = proof_by_definition(old, leaves[:split], whole)
        return [*rest, root_by_definition(leaves[split:])]
    rest = proof_by_definition(old - split, leaves[split:], False)
    return [*rest, root_by_definition(leaves[:split])]


def test_known_roots_of_the_rfcs_reference_implementation() -> None:
    """The inputs and roots that certificate transparency's own tests use."""
    inputs = [
        "", "00", "10", "2021", "3031", "40414243",
        "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]  # fmt: skip
    leaves = [leaf_hash(bytes.fromhex(content)) for content in inputs]
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, root in roots.items():
        assert range_root(leaves[:size]).hex() == root


@given(SIZES, SIZES)
def test_frontier_grown_in_two_goes_has_the_root_of_the_definition(one: int, other: int) -> None:
    first, size = sorted((one, other))
    grown = Frontier().extend(LEAVES[:first]).extend(iter(LEAVES[first:size]))
    assert grown.size == size
    assert grown.root() == root_of(0, size)
    assert Frontier.from_bytes(grown.to_bytes()) == grown
    assert grown.append(LEAVES[0]).root() == root_by_definition([*LEAVES[:size], LEAVES[0]])


@given(SIZES, SIZES)
def test_range_is_cut_into_the_fewest_aligned_ranges(one: int, other: int) -> None:
    start, end = sorted((one, other))
    cut = list(aligned_ranges(start, end))
    assert [leaf for part in cut for leaf in range(*part)] == list(range(start, end))
    assert all(is_aligned(*part) for part in cut)
    for left, right in pairwise(cut):
        assert not is_aligned(left[0], right[1])


@given(SIZES, st.randoms(use_true_random=False))
def test_root_is_rebuilt_from_any_mixture_of_nodes_and_leaves(
    size: int, rng: random.Random
) -> None:
    tree, at = GrowingTree(), 0
    while at < size:
        start, end = next(aligned_ranges(at, rng.randint(at + 1, size)))
        tree.add_range(start, end, root_of(start, end))
        at = end
        assert tree.root() == root_of(0, at)
    assert tree.frontier() == Frontier().extend(LEAVES[:size])


@given(SIZES, SIZES)
def test_proofs_are_those_of_the_definition_and_hold(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, root_of)
    if old:
        assert list(proof) == proof_by_definition(old, LEAVES[:new])
    assert is_consistent(old, root_of(0, old), new, root_of(0, new), proof)


@given(SIZES, SIZES, st.randoms(use_true_random=False))
def test_changed_proofs_do_not_hold(one: int, other: int, rng: random.Random) -> None:
    old, new = sorted((one, other))
    parts = [root_of(0, old), root_of(0, new), *consistency_proof(old, new, root_of)]
    changed = rng.randrange(len(parts))
    parts[changed] = bytes([parts[changed][0] ^ 1]) + parts[changed][1:]
    # The root of nothing stands in no proof: only its own change counts there.
    if old == 0 and changed == 1:
        assert is_consistent(0, parts[0], new, parts[1], []) is (new > 0)
        return
    assert not is_consistent(old, parts[0], new, parts[1], parts[2:])


@given(st.integers(1, 600), st.integers(1, 600))
def test_proofs_longer_or_shorter_do_not_hold(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = list(consistency_proof(old, new, root_of))
    for wrong in ([*proof, LEAVES[0]], proof[:-1], [LEAVES[0], *proof], [b"short", *proof[1:]]):
        if wrong != proof:
            assert not is_consistent(old, root_of(0, old), new, root_of(0, new), wrong)


def test_smaller_tree_is_no_continuation_of_a_larger_one() -> None:
    assert proof_ranges(5, 3) == ()
    assert not is_consistent(5, root_of(0, 5), 3, root_of(0, 3), [])


def test_what_is_no_frontier_is_refused() -> None:
    whole = Frontier(1, (LEAVES[0],)).to_bytes()
    for content in (b"", bytes(7), bytes(8) + LEAVES[0], whole[:-1], whole + b"x", whole[:8]):
        with pytest.raises(TreeBroken):
            Frontier.from_bytes(content)
    with pytest.raises(TreeBroken):
        Frontier(-1)
    with pytest.raises(TreeBroken):
        Frontier(3, (LEAVES[0],))
    assert Frontier().root() == EMPTY_ROOT


def test_nodes_that_overlap_leave_gaps_or_are_not_aligned_are_refused() -> None:
    tree = GrowingTree(Frontier().extend(LEAVES[:2]))
    for start, end in ((1, 2), (3, 4), (2, 2), (2, 5), (2, 6), (2, 1)):
        with pytest.raises(TreeBroken):
            tree.add_range(start, end, LEAVES[0])
    assert tree.size == 2
    tree.add_range(2, 4, root_of(2, 4))
    assert tree.root() == root_of(0, 4)
