"""The log as people look at it: its head, its keys, who holds which checkpoint."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflows.audit.notes import Checkpoint, NoteKey, parse_note
from workflows.audit.signing_key import is_signed_by
from workflows.services.log.epochs import EPOCH_STARTED, unknown_outside
from workflows.services.log.events import CHECKPOINT_GIVEN, LOG_CHECKED, waits_for_check
from workflows.services.log.notary import public_keys_of
from workflows.services.log.sequencing import usual_since
from workflows.store.base import table_of
from workflows.store.log import count_records_without_leaf, events_of, last_checkpoint
from workflows.store.tables import Checkpoint as CheckpointRow
from workflows.store.tables import DailyCheckpoint

_ROW = table_of(CheckpointRow)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint; ``root`` is base64, as notes have it."""

    size: int
    root: str
    recorded_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class HandOut:
    """Who was given a checkpoint, by what means, when and by whom."""

    size: int
    root: str
    to: str
    means: str
    given_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """A restore: what was known before it, and from where the log went on."""

    lost_size: int
    lost_at: str
    resumed_size: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day's checkpoint, and whether it has left."""

    day: date
    size: int
    filed_at: datetime | None
    mailed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What verifying the log found, as its record says it; null while it goes on."""

    found: Mapping[str, str] | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogState:
    """How the log stands.

    ``waiting`` counts records without a leaf; ``behind`` is a checkpoint outside that the
    database does not know, which the next run begins a new epoch for.
    """

    head: SignedHead | None
    waiting: int
    key: NoteKey | None
    behind: Checkpoint | None
    epochs: tuple[Epoch, ...]
    hand_outs: tuple[HandOut, ...]


def log_state(session: Session, now: datetime, *, whole: bool = False) -> LogState:
    """Read how the log stands; with ``whole`` the waiting records are counted in all of it."""
    row, keys = last_checkpoint(session), public_keys_of(session)
    return LogState(
        head=None if row is None else _head(row),
        waiting=count_records_without_leaf(session, None if whole else usual_since(row, now)),
        key=keys[-1] if keys else None,
        behind=unknown_outside(session),
        epochs=epochs_of(session),
        hand_outs=hand_outs(session),
    )


def signed_head(session: Session) -> SignedHead | None:
    """Read the last checkpoint, if one was signed."""
    row = last_checkpoint(session)
    return None if row is None else _head(row)


def key_fingerprint(session: Session, note: str) -> str:
    """Give the fingerprint of the key that signed a note; empty where it is not known here."""
    parsed = parse_note(note.encode("utf-8"))
    keys = reversed(public_keys_of(session))
    return next((key.fingerprint for key in keys if is_signed_by(parsed, key)), "")


def checkpoint_list(
    session: Session, before: int | None = None, size: int = 50
) -> list[SignedHead]:
    """Read checkpoints, newest first: those over fewer leaves than ``before``."""
    statement = select(_ROW).order_by(_ROW.c.size.desc()).limit(size)
    if before is not None:
        statement = statement.where(_ROW.c.size < before)
    return [_head(row) for row in session.connection().execute(statement)]


def days_of(session: Session, limit: int = 60) -> list[Day]:
    """Read the last days that have a checkpoint, newest first."""
    statement = select(DailyCheckpoint).order_by(DailyCheckpoint.day.desc()).limit(limit)
    return [
        Day(row.day, row.size, row.filed_at, row.mailed_at) for row in session.scalars(statement)
    ]


def hand_outs(session: Session) -> tuple[HandOut, ...]:
    """Read who was given which checkpoint, newest first."""
    events = reversed(events_of(session, CHECKPOINT_GIVEN))
    return tuple(_hand_out(event.body, event.recorded_at) for event in events)


def last_check(session: Session) -> LogCheck | None:
    """Read what verifying the log found last; with nothing found where it still goes on."""
    if waits_for_check(session):
        return LogCheck(None, None)
    checked = events_of(session, LOG_CHECKED)
    return LogCheck(checked[-1].body, checked[-1].recorded_at) if checked else None


def epochs_of(session: Session) -> tuple[Epoch, ...]:
    """Read after which restores the log went on, oldest first."""
    return tuple(
        Epoch(
            int(event.body["size"]),
            event.body["time"],
            int(event.body["resumed_size"]),
            event.recorded_at,
        )
        for event in events_of(session, EPOCH_STARTED)
    )


def _hand_out(body: Mapping[str, str], at: datetime) -> HandOut:
    return HandOut(int(body["size"]), body["root"], body["to"], body["means"], at, body["by"])


def _head(row: Row[Any]) -> SignedHead:
    root = base64.b64encode(row.root).decode()
    return SignedHead(row.size, root, row.recorded_at, row.note)
