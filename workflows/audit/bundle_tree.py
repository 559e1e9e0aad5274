"""Write of a bundle what proves where its records stand in the log: nodes and proofs.

Memory grows by one byte for each leaf of the log; the leaf hashes are read once, from first
to last.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from workflows.audit.manifest import checkpoint_name
from workflows.audit.merkle import (
    HASH_BYTES,
    GrowingTree,
    aligned_ranges,
    consistency_proof,
    leaf_hash,
    proof_ranges,
)
from workflows.audit.notes import Checkpoint, NoteKey, parse_checkpoint, parse_note, verify_note
from workflows.audit.spool import Spool
from workflows.domain.journal_errors import BundleError

_RECORD, _SEALED = 1, 2
_GAPS = re.compile(rb"\x00+|\x02")


class LogDiffers(BundleError):
    """What the log says does not fit what goes into the bundle: {reason}."""

    code = "bundle_log_differs"


class RangeIncomplete(BundleError):
    """Leaf {index} lies in the range that the bundle claims whole and is not in it."""

    code = "bundle_range_incomplete"


@dataclass(frozen=True, slots=True)
class SealedLeaf:
    """A record of the claimed range that goes in as a leaf hash only."""

    index: int
    level: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExcerpt:
    """The log as a bundle proves it.

    ``leaves`` are the leaf hashes of the whole log in order of index. ``checkpoints`` are
    signed notes in order of size; the size of the last is the tree's. For the earlier
    sizes in ``proven_sizes``, which copies outside may have, the bundle gets a proof too.
    ``first_index`` and ``sealed`` are those of the manifest; the latter are gone through
    twice, in order of their indices.
    """

    leaves: Iterable[bytes]
    checkpoints: Sequence[bytes]
    first_index: int = 0
    sealed: Iterable[SealedLeaf] = ()
    proven_sizes: Iterable[int] = ()


class PlacedLeaves:
    """Where the records of a bundle stand in the log; their leaf hashes lie in a file."""

    def __init__(self, tree_size: int, sealed: Iterable[SealedLeaf], file: BinaryIO) -> None:
        self._marks = bytearray(tree_size)
        self._file = file
        for leaf in sealed:
            self._mark(leaf.index, _SEALED)

    def add(self, index: int, content: bytes) -> None:
        """Note a record's canonical bytes as the leaf of an index.

        Raises:
            LogDiffers: where the log has no such leaf or it is taken.
        """
        self._mark(index, _RECORD)
        self._file.seek(index * HASH_BYTES)
        self._file.write(leaf_hash(content))

    def checked(self, leaves: Iterable[bytes]) -> Iterator[bytes]:
        """Give the log's leaf hashes on, making sure that they are those of the records.

        Raises:
            LogDiffers: naming the first record that the log has otherwise.
        """
        rest = iter(leaves)
        for index, (mark, leaf) in enumerate(zip(self._marks, rest, strict=False)):
            if mark == _RECORD and self._noted(index) != leaf:
                raise LogDiffers(reason=f"leaf {index} is another record")
            yield leaf
        yield from rest

    def node_ranges(self) -> Iterator[tuple[int, int]]:
        """Give the largest aligned ranges without a record; a sealed one stands alone."""
        for gap in _GAPS.finditer(self._marks):
            yield from aligned_ranges(*gap.span())

    def check_whole(self, start: int, end: int) -> None:
        """Make sure that each leaf of a range is a record or sealed.

        Raises:
            RangeIncomplete: naming the first that is not.
        """
        index = self._marks.find(b"\x00", start, end)
        if index >= 0:
            raise RangeIncomplete(index=index)

    def _mark(self, index: int, mark: int) -> None:
        if not 0 <= index < len(self._marks) or self._marks[index]:
            raise LogDiffers(reason=f"index {index} is taken or beyond the log")
        self._marks[index] = mark

    def _noted(self, index: int) -> bytes:
        place = index * HASH_BYTES
        # Asked for in order: mostly there is nothing to move in what was read already.
        if self._file.tell() != place:
            self._file.seek(place)
        return self._file.read(HASH_BYTES)


class _LeafPass:
    """The one reading of the log's leaves; roots are asked for in order of their ends.

    ``roots`` are those of the ranges that were wanted from the beginning, once they are
    read. A range is an aligned one, or reaches from a split of RFC 6962 to the log's end.
    """

    def __init__(self, leaves: Iterator[bytes], wanted: Iterable[tuple[int, int]]) -> None:
        self._leaves = leaves
        self._tree = GrowingTree()
        self._wanted: dict[int, set[int]] = {}
        for start, end in wanted:
            self._wanted.setdefault(end, set()).add(start)
        self._stops = sorted(self._wanted, reverse=True)
        self.roots: dict[tuple[int, int], bytes] = {}

    def root_of(self, start: int, end: int) -> bytes:
        """Read up to ``end`` and give the root of a range that ends there."""
        while self._stops and self._stops[-1] < end:
            self._read_to(self._stops.pop(), ())
        return self._read_to(end, (start,))[start]

    def finish(self, size: int) -> None:
        """Read the rest; no leaf may follow."""
        if self._tree.size < size:
            self.root_of(0, size)
        if next(self._leaves, None) is not None:
            raise LogDiffers(reason=f"there are leaves after the last, {self._tree.size - 1}")

    def _read_to(self, end: int, starts: Iterable[int]) -> dict[int, bytes]:
        """Read one leaf less than ``end``, so that no range has become part of a larger one."""
        self._grow(end - 1 - self._tree.size)
        before, last = self._tree.frontier(), next(self._leaves, None)
        if last is None:
            raise LogDiffers(reason=f"it ends before leaf {end - 1}")
        wanted = self._wanted.pop(end, set())
        if self._stops and self._stops[-1] == end:
            self._stops.pop()
        found = {start: before.after(start).append(last).root() for start in wanted.union(starts)}
        self.roots.update(((start, end), found[start]) for start in wanted)
        self._tree.add_leaves((last,))
        return found

    def _grow(self, count: int) -> None:
        expected = self._tree.size + count
        self._tree.add_leaves(islice(self._leaves, count))
        if self._tree.size != expected:
            raise LogDiffers(reason=f"it ends before leaf {self._tree.size}")


def read_checkpoints(notes: Sequence[bytes], key: NoteKey, origin: str) -> tuple[Checkpoint, ...]:
    """Read the checkpoints that go into a bundle.

    Raises:
        NoteBroken, CheckpointBroken, NoteUnsigned: where one is not as it must be.
        LogDiffers: where there is none, they are out of order or of another origin.
    """
    found = []
    for content in notes:
        note = parse_note(content)
        verify_note(note, key)
        found.append(parse_checkpoint(note.text))
    sizes = [checkpoint.size for checkpoint in found]
    if not sizes or sizes != sorted(set(sizes)) or sizes[0] == 0:
        raise LogDiffers(reason=f"checkpoints of the sizes {sizes}")
    for checkpoint in found:
        if checkpoint.origin != origin:
            raise LogDiffers(reason=f"a checkpoint is of {checkpoint.origin}, not of {origin}")
    return tuple(found)


def spool_tree(
    spool: Spool, log: LogExcerpt, checkpoints: Sequence[Checkpoint], placed: PlacedLeaves
) -> None:
    """Write checkpoints, nodes.jsonl and consistency.jsonl.

    Raises:
        LogDiffers: where leaves, records and checkpoints do not fit each other.
    """
    size = checkpoints[-1].size
    known = {checkpoint.size: checkpoint.root for checkpoint in checkpoints}
    sizes = sorted({*known, *(proven for proven in log.proven_sizes if 0 < proven < size)})
    unproven = tuple(_inside_nodes(placed.node_ranges(), sizes))
    proofs = (part for old in unproven for part in proof_ranges(old, size))
    reading = _LeafPass(placed.checked(log.leaves), (*((0, each) for each in sizes), *proofs))
    spool.add("nodes.jsonl", _node_lines(placed, reading))
    reading.finish(size)
    for known_size, root in known.items():
        if reading.roots[0, known_size] != root:
            raise LogDiffers(reason=f"the checkpoint of size {known_size} has another root")
    spool.add("consistency.jsonl", _proof_lines(unproven, size, reading.roots))
    for checkpoint, content in zip(checkpoints, log.checkpoints, strict=True):
        spool.add(checkpoint_name(checkpoint.size), [content])


def _inside_nodes(ranges: Iterable[tuple[int, int]], sizes: Sequence[int]) -> Iterator[int]:
    """Give the sizes at which a node of the bundle does not end but goes on."""
    for start, end in ranges:
        at = bisect_right(sizes, start)
        while at < len(sizes) and sizes[at] < end:
            yield sizes[at]
            at += 1


def _node_lines(placed: PlacedLeaves, reading: _LeafPass) -> Iterator[bytes]:
    for start, end in placed.node_ranges():
        root = reading.root_of(start, end).hex().encode()
        yield b'{"from":%d,"hash":"%s","to":%d}\n' % (start, root, end)


def _proof_lines(
    sizes: Iterable[int], tree_size: int, roots: Mapping[tuple[int, int], bytes]
) -> Iterator[bytes]:
    for size in sizes:
        proof = consistency_proof(size, tree_size, lambda start, end: roots[start, end])
        nodes = b",".join(b'"%s"' % node.hex().encode() for node in proof)
        root = roots[0, size].hex().encode()
        yield b'{"proof":[%s],"root":"%s","size":%d}\n' % (nodes, root, size)
