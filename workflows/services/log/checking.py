"""Verify now: the tree computed anew from the journal, held against what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflows.audit.checkpoint_files import daily_files, latest_path, read_checkpoint_file
from workflows.audit.merkle import Frontier, GrowingTree, TreeBroken, leaf_hash
from workflows.audit.notes import (
    Checkpoint,
    CheckpointBroken,
    NoteBroken,
    NoteKey,
    checkpoint_text,
    parse_note,
)
from workflows.audit.signing_key import is_signed_by
from workflows.audit.sm3 import sm3_grown, sm3_root
from workflows.domain.errors import DubanError
from workflows.domain.journal_errors import JournalError
from workflows.domain.records import format_time
from workflows.services.installation import installation_of, origin_of
from workflows.services.log.epochs import EPOCH_STARTED
from workflows.services.log.notary import notary_of, public_keys_of
from workflows.store.log import (
    checkpoint_of_size,
    checkpoints_in_order,
    count_records_without_leaf,
    events_of,
    leaves_with_records,
)
from workflows.store.tables import Sm3Checkpoint

_TOLD_EVERY = 1_000


class LogDiffers(JournalError):
    """The log does not hold together: {reason}."""

    code: ClassVar[str] = "log_differs"


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What verifying the log found; ``problem`` is the first thing that is wrong.

    ``waiting`` records have no leaf yet. ``files`` outside agree with the log, and
    ``lost_files`` are of what a restore has lost, as the log itself says.
    """

    problem: DubanError | None
    leaves: int
    checkpoints: int
    waiting: int
    files: int
    lost_files: int

    @property
    def is_right(self) -> bool:
        """Whether nothing was found to be wrong."""
        return self.problem is None


def verify_log(session: Session, on_leaves: Callable[[int], None] = lambda _: None) -> LogVerdict:
    """Compute the tree anew and compare leaves, roots, signatures and the files outside.

    Args:
        session: An open session that sees one state of the database.
        on_leaves: Called now and then with how many leaves were looked at.
    """
    found = _Found(session, on_leaves)
    problem: DubanError | None = None
    try:
        found.follow()
        found.follow_sm3()
        found.compare_files()
    except DubanError as error:
        problem = error
    return LogVerdict(
        problem,
        found.tree.size,
        found.checkpoints,
        count_records_without_leaf(session, None),
        found.files,
        found.lost_files,
    )


@dataclass(slots=True)
class _Found:
    """The tree as it grows again, leaf by leaf."""

    session: Session
    on_leaves: Callable[[int], None]
    tree: GrowingTree = field(default_factory=GrowingTree)
    checkpoints: int = 0
    files: int = 0
    lost_files: int = 0
    _last: dict[str, int] = field(default_factory=dict)

    def follow(self) -> None:
        """Go through leaves and checkpoints together."""
        origin = origin_of(installation_of(self.session))
        keys, rows = public_keys_of(self.session), checkpoints_in_order(self.session)
        leaves, waiting = leaves_with_records(self.session), list[bytes]()
        for row in rows:
            for leaf in _next(leaves, row.size - self.tree.size):
                waiting.append(self._checked(leaf, self.tree.size + len(waiting)))
            self.tree.add_leaves(waiting)
            waiting.clear()
            frontier = self.tree.frontier()
            _check_checkpoint(row, frontier, frontier.root(), origin, keys)
            self.checkpoints += 1
        if next(leaves, None) is not None:
            reason = f"leaf {self.tree.size} and those after it have no checkpoint"
            raise LogDiffers(reason=reason)

    def _checked(self, leaf: Any, expected: int) -> bytes:
        index, stream_id, seq, kept, body = leaf
        what = f"leaf {index}, record {seq} of {stream_id}"
        if index != expected:
            raise LogDiffers(reason=f"leaf {expected} is missing")
        if body is None:
            raise LogDiffers(reason=f"{what}: the record is gone")
        computed = leaf_hash(body.encode("utf-8"))
        if computed != kept:
            raise LogDiffers(reason=f"{what}: the record was changed")
        if seq != self._last.get(stream_id, 0) + 1:
            raise LogDiffers(reason=f"{what}: the record before it has no leaf before this one")
        self._last[stream_id] = seq
        if index % _TOLD_EVERY == 0:
            self.on_leaves(index)
        return computed

    def follow_sm3(self) -> None:
        """Go through the tree with SM3, where this installation keeps one."""
        if not notary_of(self.session).with_sm3:
            return
        origin = f"{origin_of(installation_of(self.session))} SM3"
        keys, frontier = public_keys_of(self.session), Frontier()
        leaves = leaves_with_records(self.session)
        for row in checkpoints_in_order(self.session, Sm3Checkpoint):
            part = _next(leaves, row.size - frontier.size)
            frontier = sm3_grown(frontier, (leaf.body.encode("utf-8") for leaf in part))
            _check_checkpoint(row, frontier, sm3_root(frontier), origin, keys)

    def compare_files(self) -> None:
        """Hold the checkpoints outside against those of the database."""
        folder, keys = notary_of(self.session).checkpoints, public_keys_of(self.session)
        for path in (*daily_files(folder), latest_path(folder)):
            outside = read_checkpoint_file(path, keys)
            if outside is not None:
                self._compare(path, outside)

    def _compare(self, path: Path, outside: Checkpoint) -> None:
        row = checkpoint_of_size(self.session, outside.size)
        if row is not None and row.root == outside.root:
            self.files += 1
        elif self._is_told(outside):
            self.lost_files += 1
        else:
            reason = f"the log never was as {path.name} says, {outside.size} leaves"
            raise LogDiffers(reason=reason)

    def _is_told(self, outside: Checkpoint) -> bool:
        """Say whether the log tells that this checkpoint's leaves were lost in a restore."""
        return any(
            int(event.body["resumed_size"]) < outside.size
            and outside.recorded_at <= event.body["time"]
            for event in events_of(self.session, EPOCH_STARTED)
        )


def _next(leaves: Iterator[Row[Any]], count: int) -> Iterator[Row[Any]]:
    for _ in range(count):
        leaf = next(leaves, None)
        if leaf is None:
            return
        yield leaf


def _check_checkpoint(
    row: Row[Any], frontier: Frontier, root: bytes, origin: str, keys: tuple[NoteKey, ...]
) -> None:
    """Compare a checkpoint with the tree as it is now, and its note with the checkpoint."""
    what = f"checkpoint {row.size} of {origin}"
    if row.size != frontier.size:
        raise LogDiffers(reason=f"{what}: there are only {frontier.size} leaves")
    if row.root != root:
        raise LogDiffers(reason=f"{what}: the leaves have another root")
    try:
        note, kept = parse_note(row.note.encode("utf-8")), Frontier.from_bytes(row.frontier)
        text = checkpoint_text(Checkpoint(origin, row.size, row.root, format_time(row.recorded_at)))
    except (NoteBroken, CheckpointBroken, TreeBroken) as error:
        raise LogDiffers(reason=f"{what}: {error}") from error
    if note.text != text:
        raise LogDiffers(reason=f"{what}: its note says something else")
    if kept != frontier:
        raise LogDiffers(reason=f"{what}: its frontier is another tree's")
    if not any(is_signed_by(note, key) for key in keys):
        raise LogDiffers(reason=f"{what}: no key of this installation signed its note")
