"""The Merkle tree over all records: RFC 6962, section 2.1, with SHA-256.

Indices are those of leaves, from 0; a range is [start, end). An *aligned* range has 2^k
leaves and starts at a multiple of 2^k: whatever else grows, its root stays a node of the
tree. Standard library only: part of verify.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from workflows.domain.journal_errors import BundleError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
_SIZE_BYTES = 8
_LARGEST_TREE = 2**63 - 1


class TreeBroken(BundleError):
    """These nodes are no Merkle tree: {reason}."""

    code = "tree_broken"


def leaf_hash(content: bytes) -> bytes:
    """Hash a record's canonical bytes as a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two nodes, or leaves, into the one above them."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """What is needed of a tree to add leaves and to give its root.

    ``nodes`` are the roots of its largest aligned ranges from left to right, one for each
    bit that is set in ``size``.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is the frontier of no tree.

        Raises:
            TreeBroken: where size and nodes do not go together.
        """
        if not 0 <= self.size <= _LARGEST_TREE or len(self.nodes) != self.size.bit_count():
            raise TreeBroken(reason=f"{len(self.nodes)} nodes for {self.size} leaves")
        if any(len(node) != HASH_BYTES for node in self.nodes):
            raise TreeBroken(reason="a node is not 32 bytes long")

    def append(self, leaf: bytes) -> Frontier:
        """Give the frontier after one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """Give the frontier after more leaf hashes, which are read once."""
        tree = GrowingTree(self)
        tree.add_leaves(leaves)
        return tree.frontier()

    def root(self) -> bytes:
        """Give the root; of an empty tree, the hash of nothing."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def after(self, start: int) -> Frontier:
        """Give the frontier of the leaves from ``start`` on as a tree of their own.

        Args:
            start: where one of the nodes begins, or the size.

        Raises:
            TreeBroken: where none does.
        """
        at, kept = 0, list(self.nodes)
        while kept and at < start:
            at += 1 << (self.size - at).bit_length() - 1
            del kept[0]
        if at != start:
            raise TreeBroken(reason=f"no node of {self.size} leaves begins at {start}")
        return Frontier(self.size - start, tuple(kept))

    def to_bytes(self) -> bytes:
        """Write size (8 bytes, most significant first) and nodes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what ``to_bytes`` wrote.

        Raises:
            TreeBroken: for anything else.
        """
        if len(content) < _SIZE_BYTES:
            raise TreeBroken(reason="a frontier begins with 8 bytes of size")
        size, rest = int.from_bytes(content[:_SIZE_BYTES], "big"), content[_SIZE_BYTES:]
        starts = range(0, len(rest), HASH_BYTES)
        return cls(size, tuple(rest[start : start + HASH_BYTES] for start in starts))


class GrowingTree:
    """A tree that grows in place: leaves or whole aligned nodes, from left to right."""

    __slots__ = ("_nodes", "size")

    def __init__(self, start: Frontier = Frontier()) -> None:
        self.size = start.size
        self._nodes = list(start.nodes)

    def add_leaves(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes at the end."""
        nodes, size, sha256 = self._nodes, self.size, hashlib.sha256
        for leaf in leaves:
            node, rest = leaf, size
            # A set bit is a node of the same height to the left: both become one.
            while rest & 1:
                node = sha256(b"\x01" + nodes.pop() + node).digest()
                rest >>= 1
            nodes.append(node)
            size += 1
        self.size = size

    def add_range(self, start: int, end: int, root: bytes) -> None:
        """Add the root of an aligned range that begins where the tree ends.

        Raises:
            TreeBroken: where the range is not aligned or starts elsewhere.
        """
        if start != self.size:
            raise TreeBroken(reason=f"a node starts at leaf {start}, not at {self.size}")
        if not is_aligned(start, end):
            raise TreeBroken(reason=f"[{start}, {end}) is not an aligned range")
        rest, node = start >> (end - start).bit_length() - 1, root
        while rest & 1:
            node = node_hash(self._nodes.pop(), node)
            rest >>= 1
        self._nodes.append(node)
        self.size = end

    def frontier(self) -> Frontier:
        """Give the frontier of what is there."""
        return Frontier(self.size, tuple(self._nodes))

    def root(self) -> bytes:
        """Give the root of what is there."""
        return self.frontier().root()


def range_root(leaves: Iterable[bytes]) -> bytes:
    """Give the root of these leaf hashes as a tree of their own."""
    return Frontier().extend(leaves).root()


def is_aligned(start: int, end: int) -> bool:
    """Tell whether a range has 2^k leaves and starts at a multiple of 2^k."""
    length = end - start
    return start >= 0 and length > 0 and length & (length - 1) == 0 and start % length == 0


def aligned_ranges(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a range into the fewest aligned ranges, from left to right."""
    while start < end:
        largest = 1 << (end - start).bit_length() - 1
        length = min(start & -start, largest) if start else largest
        yield start, start + length
        start += length


def proof_ranges(old_size: int, new_size: int) -> tuple[tuple[int, int], ...]:
    """Give the ranges whose roots prove that a tree grew from a smaller one.

    They stand in the order of RFC 6962, section 2.1.2. There are none where the sizes
    are the same or the smaller tree is empty: then there is nothing to prove.
    """
    found: list[tuple[int, int]] = []
    start, end = 0, new_size
    if not 0 < old_size < new_size:
        return ()
    while old_size != end:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if old_size <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:
        found.append((start, end))
    return tuple(reversed(found))


def consistency_proof(
    old_size: int, new_size: int, root_of: Callable[[int, int], bytes]
) -> tuple[bytes, ...]:
    """Give the proof that a tree grew from a smaller one.

    Args:
        old_size: leaves of the smaller tree.
        new_size: leaves of the larger tree.
        root_of: gives the root of the leaves [start, end) as a tree of their own.
    """
    return tuple(root_of(start, end) for start, end in proof_ranges(old_size, new_size))


def is_consistent(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether a proof shows that the larger tree begins with the smaller one."""
    if not 0 <= old_size <= new_size or any(len(node) != HASH_BYTES for node in proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    return _proven_roots(old_size, new_size, old_root, proof) == (old_root, new_root)


def _proven_roots(
    old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Give both roots as the proof has them, or None where it has not the right length."""
    ranges = proof_ranges(old_size, new_size)
    if len(ranges) != len(proof):
        return None
    nodes = iter(zip(ranges, proof, strict=True))
    old = new = old_root
    if not is_aligned(0, old_size):
        (_, old) = next(nodes)
        new = old
    for (start, _), node in nodes:
        if start >= old_size:
            new = node_hash(new, node)
        else:
            old, new = node_hash(node, old), node_hash(node, new)
    return old, new
