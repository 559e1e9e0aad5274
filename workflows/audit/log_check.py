"""Rebuild the log's roots from a bundle's records and nodes, and compare them.

Part of verify.py.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from workflows.audit.container import Container
from workflows.audit.lines import LineReader
from workflows.audit.manifest import FileMissing, checkpoint_name, claimed_range
from workflows.audit.merkle import HASH_BYTES, GrowingTree, TreeBroken, is_aligned, is_consistent
from workflows.audit.notes import (
    Checkpoint,
    CheckpointBroken,
    parse_checkpoint,
    parse_note,
    verify_note,
)
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_kinds import LARGEST_INTEGER
from workflows.domain.record_shape import JsonObject, is_hash

_NODES, _PROOFS = "nodes.jsonl", "consistency.jsonl"


class LeafMissing(BundleError):
    """Leaf {index} of the log is neither a record nor under a node of this bundle."""

    code = "tree_leaf_missing"


class LeafDoubled(BundleError):
    """Leaf {index} of the log is claimed twice, by a record or a node beside another."""

    code = "tree_leaf_doubled"


class RangeNotWhole(BundleError):
    """{missing} of the {count} leaves that the bundle claims whole are missing, first {index}."""

    code = "range_not_whole"


class SealedWrong(BundleError):
    """The manifest says that leaf {index} is sealed, but it is a record or no single node."""

    code = "range_sealed_wrong"


class RootDiffers(BundleError):
    """The log of {size} leaves has the root {found} by its records, but {expected} by {source}."""

    code = "tree_root_differs"


class CheckpointUnproven(BundleError):
    """Neither nodes nor consistency.jsonl reach the checkpoint of size {size}."""

    code = "checkpoint_unproven"


class ConsistencyBroken(BundleError):
    """consistency.jsonl line {line} does not prove that the log grew from {size} leaves."""

    code = "consistency_broken"


@dataclass(frozen=True, slots=True)
class RebuiltLog:
    """The log as the bundle shows it.

    ``roots`` are those of the sizes that were asked for and could be rebuilt or proven.
    """

    size: int
    roots: dict[int, bytes]
    sealed_count: int
    last_checkpoint: Checkpoint


class _Rebuilding:
    """A tree that grows from records and nodes, noting its root at some sizes."""

    def __init__(self, indices: array[int], leaves: bytearray, sizes: Iterable[int]) -> None:
        self._indices, self._leaves = indices, memoryview(leaves)
        self._order = sorted(range(len(indices)), key=indices.__getitem__)
        self._at = 0
        self._stops = sorted(set(sizes), reverse=True)
        self._tree = GrowingTree()
        self.roots: dict[int, bytes] = {}

    def add_node(self, start: int, end: int, root: bytes) -> None:
        """Add the records before a node, then the node."""
        self.add_records(start)
        if self._tree.size != start:
            raise LeafDoubled(index=start)
        self._tree.add_range(start, end, root)
        while self._stops and self._stops[-1] < end:
            self._stops.pop()
        self._note_root()

    def add_records(self, end: int) -> None:
        """Add the records up to a leaf; none may be missing."""
        while self._tree.size < end:
            stop = min(end, self._stops[-1]) if self._stops else end
            self._tree.add_leaves(self._run(self._tree.size, stop))
            self._note_root()

    def check_end(self) -> None:
        """Make sure that no record is left over."""
        if self._at < len(self._order):
            raise LeafDoubled(index=self._indices[self._order[self._at]])

    def _run(self, start: int, stop: int) -> Iterator[bytes]:
        order, indices, leaves, at = self._order, self._indices, self._leaves, self._at
        for index in range(start, stop):
            if at == len(order):
                raise LeafMissing(index=index)
            place = order[at]
            if indices[place] != index:
                raise self._misplaced(indices[place], index)
            yield bytes(leaves[place * HASH_BYTES : (place + 1) * HASH_BYTES])
            at += 1
        self._at = at

    def _misplaced(self, found: int, expected: int) -> BundleError:
        return LeafMissing(index=expected) if found > expected else LeafDoubled(index=found)

    def _note_root(self) -> None:
        if self._stops and self._stops[-1] == self._tree.size:
            self.roots[self._stops.pop()] = self._tree.root()


def rebuild_log(
    container: Container,
    file: BinaryIO,
    indices: array[int],
    leaves: bytearray,
    anchor_sizes: Iterable[int],
) -> RebuiltLog:
    """Rebuild the log, compare it with every checkpoint of the bundle, and count its range.

    Args:
        container: the bundle.
        file: its file, open for reading.
        indices: where each record stands in the log.
        leaves: the leaf hashes of the records, in the same order.
        anchor_sizes: further sizes at which the root is wanted.

    Raises:
        BundleError: naming the first thing that is wrong.
    """
    manifest = container.manifest
    size = manifest["tree_size"]
    checkpoints = _read_checkpoints(container, file)
    wanted = {*checkpoints, *anchor_sizes, size}
    rebuilding = _Rebuilding(indices, leaves, (each for each in wanted if 0 < each <= size))
    completeness = _Completeness(manifest)
    for start, end, root in _nodes(container, file):
        rebuilding.add_node(start, end, root)
        completeness.meet(start, end)
    rebuilding.add_records(size)
    rebuilding.check_end()
    last = checkpoints[size]
    _compare_root(last, rebuilding.roots[size])
    roots = {**_proven(container, file, last), **rebuilding.roots}
    for checkpoint in checkpoints.values():
        if checkpoint.size not in roots:
            raise CheckpointUnproven(size=checkpoint.size)
        _compare_root(checkpoint, roots[checkpoint.size])
    completeness.check()
    return RebuiltLog(size, roots, len(manifest["sealed"]), last)


class _Completeness:
    """Counts the leaves of the claimed range that no record of the bundle is."""

    def __init__(self, manifest: JsonObject) -> None:
        self._start, self._end = claimed_range(manifest)
        self._sealed = {entry["index"] for entry in manifest["sealed"]}
        self._missing, self._first = 0, -1

    def meet(self, start: int, end: int) -> None:
        """Take note of a node; a sealed record is a node of its own."""
        if end - start == 1 and start in self._sealed:
            self._sealed.discard(start)
            return
        first, last = max(start, self._start), min(end, self._end)
        if first < last:
            self._first = first if self._missing == 0 else self._first
            self._missing += last - first

    def check(self) -> None:
        """Make sure that nothing is missing and that what is called sealed is."""
        if self._missing:
            count = self._end - self._start
            raise RangeNotWhole(missing=self._missing, count=count, index=self._first)
        if self._sealed:
            raise SealedWrong(index=min(self._sealed))


def _read_checkpoints(container: Container, file: BinaryIO) -> dict[int, Checkpoint]:
    """Read the bundle's checkpoints by size and check their form and signatures."""
    last = checkpoint_name(container.manifest["tree_size"])
    if last not in container.members:
        raise FileMissing(file=last)
    names = sorted(name for name in container.members if name.startswith("checkpoints/"))
    # The last checkpoint is checked first: everything else hangs on it.
    names.sort(key=lambda name: name != last)
    found = {}
    for name in names:
        note = parse_note(container.content(file, name), name)
        checkpoint = parse_checkpoint(note.text, name)
        if checkpoint_name(checkpoint.size) != name:
            raise CheckpointBroken(file=name, reason=f"its size is {checkpoint.size}")
        if checkpoint.size > container.manifest["tree_size"]:
            raise CheckpointBroken(file=name, reason="it is larger than the bundle's log")
        if checkpoint.origin != container.manifest["origin"]:
            raise CheckpointBroken(file=name, reason="it is of another origin than the bundle")
        verify_note(note, container.key, name)
        found[checkpoint.size] = checkpoint
    return found


def _compare_root(checkpoint: Checkpoint, root: bytes) -> None:
    if checkpoint.root != root:
        raise RootDiffers(
            size=checkpoint.size,
            found=root.hex(),
            expected=checkpoint.root.hex(),
            source=checkpoint_name(checkpoint.size),
        )


def _nodes(container: Container, file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    reader = LineReader(file, container.members[_NODES])
    size, before = container.manifest["tree_size"], 0
    for _, line in reader:
        if (
            type(line) is not dict
            or line.keys() != {"from", "to", "hash"}
            or not (_is_index(line["from"]) and _is_index(line["to"]) and is_hash(line["hash"]))
        ):
            raise reader.broken("not {from, to, hash}")
        start, end = line["from"], line["to"]
        if start < before or end > size or not is_aligned(start, end):
            raise TreeBroken(reason=f"the node [{start}, {end}) is out of order or not aligned")
        before = end
        yield start, end, bytes.fromhex(line["hash"])


def _proven(container: Container, file: BinaryIO, last: Checkpoint) -> dict[int, bytes]:
    """Give the earlier roots that consistency.jsonl proves against the last checkpoint."""
    reader = LineReader(file, container.members[_PROOFS])
    found: dict[int, bytes] = {}
    before = 0
    for _, line in reader:
        if not _is_proof(line) or not before < line["size"] < last.size:
            raise reader.broken("not {size, root, proof} in order of size")
        before, root = line["size"], bytes.fromhex(line["root"])
        proof = [bytes.fromhex(node) for node in line["proof"]]
        if not is_consistent(before, root, last.size, last.root, proof):
            raise ConsistencyBroken(line=reader.number(), size=before)
        found[before] = root
    return found


def _is_index(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_INTEGER


def _is_proof(line: Any) -> bool:
    return (
        type(line) is dict
        and line.keys() == {"size", "root", "proof"}
        and _is_index(line["size"])
        and is_hash(line["root"])
        and type(line["proof"]) is list
        and all(map(is_hash, line["proof"]))
    )
