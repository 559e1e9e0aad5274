"""Reading the journal, and the keys that open it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from workflows.domain.pairs import Deed
from workflows.store.base import table_of, upsert
from workflows.store.tables import Clock, JournalPayload, JournalRecord, StreamHead, SubjectKey

_RECORD = table_of(JournalRecord)
_PAYLOAD = table_of(JournalPayload)
_KEY = table_of(SubjectKey)
_CLOCK = table_of(Clock)
_HEAD = table_of(StreamHead)
_STREAM = (
    select(
        _RECORD.c.seq,
        _RECORD.c.body,
        _RECORD.c.recorded_at,
        _PAYLOAD.c.key_id,
        _PAYLOAD.c.sealed,
    )
    .outerjoin(
        _PAYLOAD, (_PAYLOAD.c.stream_id == _RECORD.c.stream_id) & (_PAYLOAD.c.seq == _RECORD.c.seq)
    )
    .order_by(_RECORD.c.seq)
)
_ROLES = (
    select(_RECORD.c.role, func.min(_RECORD.c.seq), func.min(_RECORD.c.recorded_at))
    .where(
        _RECORD.c.stream_id == bindparam("stream_id"),
        _RECORD.c.role.is_not(None),
        or_(
            and_(
                _RECORD.c.actor.in_(bindparam("accounts", expanding=True)),
                _RECORD.c.performed_by.is_(None),
            ),
            _RECORD.c.performed_by.in_(bindparam("persons", expanding=True)),
            _RECORD.c.acting_for.in_(bindparam("accounts", expanding=True)),
        ),
    )
    .group_by(_RECORD.c.role)
)


def read_stream(session: Session, stream_id: str, from_seq: int = 1) -> Sequence[Any]:
    """Read the records of a stream with their sealed payloads: seq, body, key_id, sealed."""
    statement = _STREAM.where(_RECORD.c.stream_id == stream_id, _RECORD.c.seq >= from_seq)
    return session.connection().execute(statement).all()


def read_record(session: Session, stream_id: str, seq: int) -> Any:
    """Read one record, as `read_stream` gives them."""
    statement = _STREAM.where(_RECORD.c.stream_id == stream_id, _RECORD.c.seq == seq)
    return session.connection().execute(statement).one()


def read_last(session: Session, stream_id: str) -> Any:
    """Read the last record of a stream, as `read_stream` gives them; None of an empty one."""
    statement = _STREAM.where(_RECORD.c.stream_id == stream_id).order_by(None)
    last = statement.order_by(_RECORD.c.seq.desc()).limit(1)
    return session.connection().execute(last).one_or_none()


def read_streams(session: Session, stream_ids: Sequence[str]) -> Mapping[str, Sequence[Any]]:
    """Read the records of some streams at once, each in order, as `read_stream` gives them."""
    statement = _STREAM.add_columns(_RECORD.c.stream_id).where(_RECORD.c.stream_id.in_(stream_ids))
    found: dict[str, list[Any]] = {}
    for row in session.connection().execute(statement):
        found.setdefault(row.stream_id, []).append(row)
    return found


def first_firings(session: Session) -> Sequence[tuple[datetime, datetime]]:
    """Read the moments at which clocks were due that fired, each with its first firing."""
    fired_at = func.min(_RECORD.c.recorded_at)
    statement = (
        select(_CLOCK.c.due_at, fired_at)
        .join(
            _RECORD,
            (_RECORD.c.stream_id == _CLOCK.c.case_id) & (_RECORD.c.seq == _CLOCK.c.ended_seq),
        )
        .where(_CLOCK.c.state == "fired")
        .group_by(_CLOCK.c.due_at)
    )
    return [(due_at, first) for due_at, first in session.connection().execute(statement)]


def roles_acted_under(
    session: Session, stream_id: str, accounts: Collection[str], persons: Collection[str]
) -> dict[str, Deed]:
    """Give the roles under which somebody has acted in a stream, each with his first record.

    He may have acted himself, on paper, or through somebody who acted for him. Who typed a
    paper acted under no role: it counts for the one who acted on it.
    """
    who = {"stream_id": stream_id, "accounts": list(accounts), "persons": list(persons)}
    rows = session.connection().execute(_ROLES, who)
    return {role: Deed(role, seq, at) for role, seq, at in rows}


def read_key(session: Session, key_id: str) -> bytes | None:
    """Read a subject's wrapped key, if it is still there."""
    statement = select(_KEY.c.wrapped).where(_KEY.c.id == key_id)
    wrapped: bytes | None = session.connection().execute(statement).scalar_one_or_none()
    return wrapped


def read_keys(session: Session, key_ids: Collection[str]) -> Mapping[str, bytes]:
    """Read the wrapped keys of those ids that are still there."""
    statement = select(_KEY.c.id, _KEY.c.wrapped).where(_KEY.c.id.in_(key_ids))
    return {row.id: row.wrapped for row in session.connection().execute(statement)}


def key_id_of(session: Session, subject_id: str) -> str | None:
    """Give the id of the key that a subject has now."""
    statement = select(_KEY.c.id).where(_KEY.c.subject_id == subject_id)
    found: str | None = session.connection().execute(statement).scalar_one_or_none()
    return found


def insert_key(
    session: Session, subject_id: str, key_id: str, wrapped: bytes, now: datetime
) -> str:
    """Keep a new subject's wrapped key, unless another writer was faster; say which one is kept."""
    connection = session.connection()
    statement = upsert(connection, SubjectKey).values(
        id=key_id, subject_id=subject_id, wrapped=wrapped, created_at=now
    )
    connection.execute(statement.on_conflict_do_nothing(index_elements=["subject_id"]))
    kept: str = connection.execute(
        select(_KEY.c.id).where(_KEY.c.subject_id == subject_id)
    ).scalar_one()
    return kept


def lock_head(session: Session, stream_id: str) -> Row[Any] | None:
    """Lock and read the head of a house stream."""
    statement = select(_HEAD).where(_HEAD.c.stream_id == stream_id).with_for_update()
    return session.connection().execute(statement).one_or_none()


def move_head(session: Session, stream_id: str, seq: int, record_hash: str, at: datetime) -> None:
    """Write the head of a house stream."""
    connection = session.connection()
    statement = upsert(connection, StreamHead).values(
        stream_id=stream_id, seq=seq, hash=record_hash, head_at=at
    )
    changes = {name: statement.excluded[name] for name in ("seq", "hash", "head_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["stream_id"], set_=changes))
