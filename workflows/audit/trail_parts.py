"""Follow all records of a bundle, in parts of whole streams, on as many cores as there are.

Parts are cut where the files' lines pass an id, on the belief that they are in order. If
they are not, a part meets lines that it does not expect and names them: each byte of each
file belongs to exactly one part. Part of verify.py.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias, TypeVar

from workflows.audit.beside import Known
from workflows.audit.container import Container
from workflows.audit.lines import LineReader
from workflows.audit.manifest import withheld_places
from workflows.audit.trail import (
    ChainBroken,
    Stage,
    Trail,
    TrailFindings,
    TrailPart,
    TrailReaders,
)
from workflows.audit.zipform import ZipMember

_Item = TypeVar("_Item")
_Halves: TypeAlias = tuple[list[_Item], list[_Item]]
PART_BYTES = 24 * 1024 * 1024
_FILES = ("records.jsonl", "payloads.jsonl", "state.jsonl", "positions.jsonl")


@dataclass(frozen=True, slots=True)
class _Task:
    """One part: where its lines stand in each file, and what the manifest says of it."""

    path: Path
    members: tuple[ZipMember, ...]
    spans: tuple[tuple[int, int], ...]
    part: TrailPart


def core_count() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def follow_trail(
    container: Container, known: Known, workers: int, part_bytes: int = PART_BYTES
) -> TrailFindings:
    """Follow every record and give what was found, the first problem among it.

    Args:
        container: the bundle.
        known: what its records may refer to.
        workers: how many processes to use.
        part_bytes: how much of records.jsonl makes a part.
    """
    tasks = list(_tasks(container, known, part_bytes))
    if workers > 1 and len(tasks) > 1:
        try:
            with ProcessPoolExecutor(min(workers, len(tasks)), _context()) as pool:
                return _joined(pool.map(_follow, tasks))
        except (OSError, ImportError, BrokenProcessPool):
            # A machine without semaphores or with little memory: one process is enough.
            pass
    return _joined(map(_follow, tasks))


def _context() -> multiprocessing.context.BaseContext:
    """Fork where that is safe, which spares reading the program again."""
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    is_alone = threading.active_count() == 1
    return multiprocessing.get_context("fork" if can_fork and is_alone else "spawn")


def _follow(task: _Task) -> TrailFindings:
    with ExitStack() as stack:
        readers = [
            LineReader(stack.enter_context(task.path.open("rb")), member, *span)
            for member, span in zip(task.members, task.spans, strict=True)
        ]
        records, payloads, states = readers[:3]
        positions = readers[3] if len(readers) > 3 else None
        return Trail(task.part, TrailReaders(records, payloads, states, positions)).follow()


def _joined(parts: Iterable[TrailFindings]) -> TrailFindings:
    """Put the findings of parts together; of equal checks the first part's is named."""
    whole = TrailFindings()
    for part in parts:
        if whole.last_id and part.first_id and part.first_id <= whole.last_id:
            broken = ChainBroken(
                id=part.first_id,
                seq="any",
                key="id",
                found=part.first_id,
                expected=f"after {whole.last_id}",
            )
            whole.note(Stage.CHAIN, broken)
        if part.problem is not None:
            whole.note(part.stage, part.problem)
        whole.counts.add(part.counts)
        whole.indices.extend(part.indices)
        whole.leaves += part.leaves
        whole.statements += part.statements
        whole.last_id = part.last_id or whole.last_id
    return whole


# ------------------------------------------------------------------ cutting


def _tasks(container: Container, known: Known, part_bytes: int) -> Iterator[_Task]:
    manifest = container.manifest
    names = _FILES if container.is_signed else _FILES[:3]
    members = tuple(container.members[name] for name in names)
    with container.path.open("rb") as file:
        cuts = _cuts(file, members, part_bytes)
    cuts.append(_Cut(None, tuple(member.size_bytes for member in members)))
    starts = (0,) * len(members)
    ids, places = sorted(manifest["streams"]), sorted(withheld_places(manifest))
    for cut in cuts:
        ids_here, ids = cut.split(ids, lambda stream_id: stream_id)
        places_here, places = cut.split(places, lambda place: place[0])
        part = TrailPart(
            streams={stream_id: manifest["streams"][stream_id] for stream_id in ids_here},
            withheld=set(places_here),
            may_skip_house=container.is_signed and manifest["scope"]["type"] != "all",
            known=known,
        )
        spans = tuple(zip(starts, cut.offsets, strict=True))
        yield _Task(container.path, members, spans, part)
        starts = cut.offsets


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a part ends in each file: behind all lines of an id, or at the end of all."""

    last_id: str | None
    offsets: tuple[int, ...]

    def split(self, items: list[_Item], id_of: Callable[[_Item], str]) -> _Halves[_Item]:
        """Part sorted items into those of ids up to this cut and the rest."""
        at = len(items) if self.last_id is None else bisect_right(items, self.last_id, key=id_of)
        return items[:at], items[at:]


def _cuts(file: BinaryIO, members: tuple[ZipMember, ...], part_bytes: int) -> list[_Cut]:
    """Find where to cut; nowhere where lines cannot be read, which the one part then names."""
    found: list[_Cut] = []
    try:
        for offset in range(part_bytes, members[0].size_bytes, part_bytes):
            last_id = _id_at(file, members[0], _line_from(file, members[0], offset))
            if last_id is None:
                break
            cut = _Cut(last_id, tuple(_end_of(file, member, last_id) for member in members))
            before = found[-1].offsets if found else (0,) * len(members)
            if all(here > there for here, there in zip(cut.offsets, before, strict=True)):
                found.append(cut)
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return found


def _end_of(file: BinaryIO, member: ZipMember, last_id: str) -> int:
    """Give the offset of the first line whose id comes after this one, by halving."""
    low, high = 0, member.size_bytes
    while low < high:
        middle = (low + high) // 2
        found = _id_at(file, member, _line_from(file, member, middle))
        if found is None or found > last_id:
            high = middle
        else:
            low = middle + 1
    return _line_from(file, member, low)


def _line_from(file: BinaryIO, member: ZipMember, offset: int) -> int:
    """Give the offset of the first line that starts here or later, or the member's end."""
    if offset == 0:
        return 0
    file.seek(member.content_offset + offset - 1)
    left = member.size_bytes - offset + 1
    return offset - 1 + len(file.readline(left))


def _id_at(file: BinaryIO, member: ZipMember, offset: int) -> str | None:
    if offset >= member.size_bytes:
        return None
    file.seek(member.content_offset + offset)
    found = json.loads(file.readline(member.size_bytes - offset))["id"]
    if type(found) is not str:
        raise TypeError("an id is text")
    return found
