"""The parallel tree with SM3: it follows the log, where an installation asks for it."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from workflows.audit.merkle import Frontier
from workflows.audit.notes import Checkpoint, checkpoint_text, sign_note
from workflows.audit.sm3 import sm3_grown, sm3_root
from workflows.domain.records import format_time
from workflows.services.installation import installation_of, origin_of
from workflows.services.journal import not_before
from workflows.services.log.notary import signing_key_of
from workflows.store.log import (
    insert_checkpoint,
    last_checkpoint,
    leaves_with_records,
    try_lock_log,
)
from workflows.store.tables import Sm3Checkpoint

BATCH = 5_000


def follow_with_sm3(session: Session, now: datetime, limit: int = BATCH) -> bool:
    """Let the SM3 tree take some of the leaves that it lacks, and sign its checkpoint.

    Returns:
        Whether it lacks more.

    Raises:
        Sm3Missing: This Python has no SM3.
    """
    if not try_lock_log(session):
        return False
    head, mine = last_checkpoint(session), last_checkpoint(session, Sm3Checkpoint)
    frontier = Frontier() if mine is None else Frontier.from_bytes(mine.frontier)
    if head is None or head.size == frontier.size:
        return False
    leaves = islice(leaves_with_records(session, frontier.size), limit)
    frontier = sm3_grown(frontier, (leaf.body.encode("utf-8") for leaf in leaves))
    at = now if mine is None else not_before(mine.recorded_at, now)
    # The root of another tree must never pass for this installation's own.
    origin = f"{origin_of(installation_of(session))} SM3"
    checkpoint = Checkpoint(origin, frontier.size, sm3_root(frontier), format_time(at))
    key = signing_key_of(session)
    note = sign_note(checkpoint_text(checkpoint), key.note_key, key.sign)
    values = {
        "size": frontier.size,
        "root": checkpoint.root,
        "frontier": frontier.to_bytes(),
        "note": note.decode("utf-8"),
        "recorded_at": at,
    }
    insert_checkpoint(session, values, Sm3Checkpoint)
    return bool(frontier.size < head.size)
