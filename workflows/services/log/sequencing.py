"""The log over all records: leaves for records that have none, and signed checkpoints.

Leaves are written together with the checkpoint that covers them, so the last checkpoint
is all there is to know about the tree. Nothing here counts on the order in which
transactions commit: whoever looks at every record without a leaf loses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflows.audit.key_history import first_key, read_key_history, write_key_history
from workflows.audit.merkle import Frontier, GrowingTree, leaf_hash
from workflows.audit.notes import Checkpoint, checkpoint_text, sign_note
from workflows.audit.signing_key import SigningKey
from workflows.domain.records import format_time
from workflows.services.access import SYSTEM
from workflows.services.installation import installation_of, origin_of
from workflows.services.journal import not_before
from workflows.services.log.epochs import begin_epoch_if_behind
from workflows.services.log.events import KEY_STARTED, note_key
from workflows.services.log.notary import notary_of, signing_key_of
from workflows.store.log import (
    Place,
    events_of,
    insert_checkpoint,
    insert_leaves,
    last_checkpoint,
    lock_log,
    records_without_leaf,
    stream_without_leaf,
    try_lock_log,
)

BATCH = 5_000
# The whole log is sealed in one transaction: it holds no more of it at once than this.
SEALED_AT_ONCE = 2_000
# No transaction is open for so long. If one is all the same, its records are found when the
# whole journal is looked at.
USUAL_WIDTH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one transaction added to the log.

    ``held_back`` are the first records of streams, by id and seq, whose predecessor has no
    leaf yet; ``after`` is the place of the last record that was looked at, None where there
    was none left.
    """

    size: int
    added: int
    held_back: tuple[tuple[str, int], ...] = ()
    after: Place | None = None


def seal_log(session: Session, now: datetime) -> Sealed:
    """Give every record its leaf and sign a checkpoint, in the caller's transaction.

    Waits for whoever else writes the log, and keeps it locked until the transaction ends.
    The files outside follow with the sequencer's next run.

    Raises:
        ClockBackwards: The server's clock was put back since the last checkpoint.
        SigningKeyMissing: Or another error about the key; then nothing is written.
        CheckpointFileBroken: The checkpoint outside cannot be read.
    """
    lock_log(session)
    growth = _begin(session, now)
    after: Place | None = None
    while rows := records_without_leaf(session, None, after, SEALED_AT_ONCE):
        growth.add(rows)
        after = _place(rows[-1])
        # Not held while the next ones are read.
        del rows
    return growth.sign()


def seal_batch(
    session: Session, now: datetime, since: datetime | None, after: Place | None, limit: int = BATCH
) -> Sealed | None:
    """Do the same for some records only; None where somebody else writes the log just now.

    Args:
        session: An open session.
        now: The moment of the checkpoint.
        since: Only records from this moment on; None for the whole journal.
        after: Only those behind this place.
        limit: At most so many, so that writers on SQLite are not held up.
    """
    if not try_lock_log(session):
        return None
    growth = _begin(session, now)
    rows = records_without_leaf(session, since, after, limit)
    growth.add(rows)
    return growth.sign(_place(rows[-1]) if len(rows) == limit else None)


def usual_since(head: Row[Any] | None, now: datetime) -> datetime | None:
    """Give from when on the usual run looks at records; everything before the first checkpoint."""
    return None if head is None else min(head.recorded_at, now) - USUAL_WIDTH


def _begin(session: Session, now: datetime) -> _Growth:
    """Open the tree, and let the house say first what must be said before signing."""
    head, key = last_checkpoint(session), signing_key_of(session)
    at = now if head is None else not_before(head.recorded_at, now)
    frontier = Frontier() if head is None else Frontier.from_bytes(head.frontier)
    growth = _Growth(session, key, at, head, GrowingTree(frontier))
    if head is None:
        _note_first_key(session, key, at)
    if begin_epoch_if_behind(session, head, at):
        # The epoch's record goes before whatever else has no leaf.
        growth.add(stream_without_leaf(session, installation_of(session).house_id))
    return growth


def _note_first_key(session: Session, key: SigningKey, now: datetime) -> None:
    if events_of(session, KEY_STARTED):
        return
    line = first_key(key, now)
    note_key(session, SYSTEM["sequencer"], now, KEY_STARTED, line)
    path = notary_of(session).history_path
    known = read_key_history(path)
    if key.note_key not in [each.note_key for each in known]:
        write_key_history(path, (*known, line))


@dataclass(slots=True)
class _Growth:
    """The tree as it grows in one transaction."""

    session: Session
    key: SigningKey
    at: datetime
    head: Row[Any] | None
    tree: GrowingTree
    _held_back: dict[str, int] = field(default_factory=dict)

    def add(self, rows: Sequence[Row[Any]]) -> None:
        """Add the records that may follow; a stream's never come before their predecessors."""
        last: dict[str, int] = {}
        kept = [row for row in rows if self._may_follow(row, last)]
        leaves = [leaf_hash(row.body.encode("utf-8")) for row in kept]
        first = self.tree.size
        self.tree.add_leaves(leaves)
        insert_leaves(
            self.session,
            (
                (index, row.stream_id, row.seq, leaf)
                for index, (row, leaf) in enumerate(zip(kept, leaves, strict=True), start=first)
            ),
        )

    def _may_follow(self, row: Row[Any], last: dict[str, int]) -> bool:
        """Say whether a record may have its leaf, and note it with the others of its rows.

        What earlier rows came to was written before these were read: they know of it.
        """
        before = last.get(row.stream_id)
        may = row.follows if before is None else before == row.seq - 1
        if may:
            last[row.stream_id] = row.seq
        else:
            self._held_back.setdefault(row.stream_id, row.seq)
        return bool(may)

    def sign(self, after: Place | None = None) -> Sealed:
        """Sign the tree where it grew."""
        size_before = 0 if self.head is None else self.head.size
        added = self.tree.size - size_before
        if added:
            self._write_checkpoint(self.tree.frontier())
        return Sealed(self.tree.size, added, tuple(self._held_back.items()), after)

    def _write_checkpoint(self, frontier: Frontier) -> None:
        origin = origin_of(installation_of(self.session))
        checkpoint = Checkpoint(origin, frontier.size, frontier.root(), format_time(self.at))
        note = sign_note(checkpoint_text(checkpoint), self.key.note_key, self.key.sign)
        insert_checkpoint(
            self.session,
            {
                "size": frontier.size,
                "root": checkpoint.root,
                "frontier": frontier.to_bytes(),
                "note": note.decode("utf-8"),
                "recorded_at": self.at,
            },
        )


def _place(row: Row[Any]) -> Place:
    return row.recorded_at, row.stream_id, row.seq
