"""Epochs: the log goes on after its database was put back to an older copy.

Leaves that checkpoints outside have covered are gone then. The house says so in a record
before anything else is signed, so that whoever holds such a checkpoint finds a gap with
its dates, and not a log that contradicts it for no reason.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflows.audit.checkpoint_files import daily_files, read_checkpoint_file
from workflows.audit.notes import Checkpoint
from workflows.services.access import SYSTEM
from workflows.services.incidents import raise_incident
from workflows.services.log.events import note_event
from workflows.services.log.notary import notary_of, outside_checkpoint, public_keys_of
from workflows.store.log import checkpoint_of_size, events_of

EPOCH_STARTED = "epoch_started"


def begin_epoch_if_behind(session: Session, head: Row[Any] | None, now: datetime) -> bool:
    """Begin a new epoch where the database does not know the last checkpoint outside.

    Args:
        session: An open session that holds the log's lock.
        head: The last checkpoint in the database.
        now: The moment of the epoch's record.

    Raises:
        CheckpointFileBroken: The checkpoint outside cannot be read.
    """
    lost = unknown_outside(session)
    if lost is None:
        return False
    resumed = _resumed(session, head, lost)
    body = {
        "origin": lost.origin,
        "size": str(lost.size),
        "root": _text(lost.root),
        "time": lost.recorded_at,
        "resumed_size": str(resumed.size if resumed else 0),
        "resumed_root": _text(resumed.root) if resumed else "",
    }
    note_event(session, SYSTEM["sequencer"], now, EPOCH_STARTED, body["size"], body)
    raise_incident(session, None, EPOCH_STARTED, f"{lost.size} {lost.recorded_at}", now)
    return True


def unknown_outside(session: Session) -> Checkpoint | None:
    """Give the last checkpoint outside, if the database has neither it nor an epoch since."""
    outside = outside_checkpoint(session)
    if outside is None:
        return None
    row = checkpoint_of_size(session, outside.size)
    if row is not None and row.root == outside.root:
        return None
    named = (outside.size, outside.root)
    epochs = events_of(session, EPOCH_STARTED)
    is_told = any((int(e.body["size"]), _bytes(e.body["root"])) == named for e in epochs)
    return None if is_told else outside


def _resumed(session: Session, head: Row[Any] | None, lost: Checkpoint) -> Row[Any] | None:
    """Give the checkpoint up to which the log is as it was.

    That is the head of the older copy. Where it has grown past the lost checkpoint meanwhile,
    only files outside tell: the last of them that the database knows.
    """
    if head is None or head.size < lost.size:
        return head
    found: Row[Any] | None = None
    for path in daily_files(notary_of(session).checkpoints):
        outside = read_checkpoint_file(path, public_keys_of(session))
        if outside is None or not (found.size if found else 0) < outside.size < lost.size:
            continue
        row = checkpoint_of_size(session, outside.size)
        found = row if row is not None and row.root == outside.root else found
    return found


def _text(root: bytes) -> str:
    return base64.b64encode(root).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
