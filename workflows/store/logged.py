"""Reading records by their place in the log: what a bundle of a certain tree holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import (
    Case,
    Checkpoint,
    DailyCheckpoint,
    JournalPayload,
    JournalRecord,
    LogEvent,
    LogLeaf,
)

_LEAVES_AT_ONCE = 20_000
_LEAF = table_of(LogLeaf)
_RECORD = table_of(JournalRecord)
_PAYLOAD = table_of(JournalPayload)
_CASE = table_of(Case)
_SAME_RECORD = (_RECORD.c.stream_id == _LEAF.c.stream_id) & (_RECORD.c.seq == _LEAF.c.seq)
_RECORDS = (
    select(
        _LEAF.c.stream_id,
        _LEAF.c.seq,
        _LEAF.c.index,
        _RECORD.c.body,
        _PAYLOAD.c.key_id,
        _PAYLOAD.c.sealed,
    )
    .join(_RECORD, _SAME_RECORD)
    .outerjoin(
        _PAYLOAD, (_PAYLOAD.c.stream_id == _LEAF.c.stream_id) & (_PAYLOAD.c.seq == _LEAF.c.seq)
    )
    .where(_LEAF.c.index < bindparam("end_index"))
    .order_by(_LEAF.c.stream_id, _LEAF.c.seq)
)
_WHOLE = _RECORDS.where(_LEAF.c.stream_id.in_(bindparam("streams", expanding=True)))
_PART = _RECORDS.where(
    _LEAF.c.stream_id == bindparam("stream"),
    _LEAF.c.seq.between(bindparam("first"), bindparam("last")),
)
_LASTS = (
    select(
        _LEAF.c.stream_id,
        func.max(_LEAF.c.seq).label("last"),
        func.max(_LEAF.c.index).label("last_index"),
    )
    .where(
        _LEAF.c.stream_id.in_(bindparam("streams", expanding=True)),
        _LEAF.c.index < bindparam("end_index"),
    )
    .group_by(_LEAF.c.stream_id)
    .subquery()
)
_HEADS = select(_LASTS, _RECORD.c.hash).join(
    _RECORD, and_(_RECORD.c.stream_id == _LASTS.c.stream_id, _RECORD.c.seq == _LASTS.c.last)
)


def read_whole(session: Session, streams: Sequence[str], end_index: int) -> Sequence[Row[Any]]:
    """Read the records of streams before a leaf, by stream, then seq, with sealed payloads."""
    parameters = {"streams": list(streams), "end_index": end_index}
    rows: Sequence[Any] = session.connection().execute(_WHOLE, parameters).all()
    return rows


def read_part(
    session: Session, stream: str, first: int, last: int, end_index: int
) -> Sequence[Any]:
    """Read some records of one stream, like `read_whole`."""
    parameters = {"stream": stream, "first": first, "last": last, "end_index": end_index}
    return session.connection().execute(_PART, parameters).all()


def heads_before(session: Session, streams: Sequence[str], end_index: int) -> dict[str, Row[Any]]:
    """Give last, hash and last_index of those streams that have a record before a leaf."""
    parameters = {"streams": list(streams), "end_index": end_index}
    rows = session.connection().execute(_HEADS, parameters)
    return {row.stream_id: row for row in rows}


def first_seq_from(session: Session, stream: str, first_index: int) -> int | None:
    """Give the first record of a stream at or after a leaf."""
    statement = select(func.min(_LEAF.c.seq)).where(
        _LEAF.c.stream_id == stream, _LEAF.c.index >= first_index
    )
    seq: int | None = session.connection().execute(statement).scalar_one()
    return seq


def record_hash(session: Session, stream: str, seq: int) -> str:
    """Give the hash of a record."""
    statement = select(_RECORD.c.hash).where(_RECORD.c.stream_id == stream, _RECORD.c.seq == seq)
    found: str = session.connection().execute(statement).scalar_one()
    return found


def index_of(session: Session, stream: str, seq: int) -> int | None:
    """Give the place of a record in the log."""
    statement = select(_LEAF.c.index).where(_LEAF.c.stream_id == stream, _LEAF.c.seq == seq)
    index: int | None = session.connection().execute(statement).scalar_one_or_none()
    return index


def first_index_since(session: Session, moment: datetime) -> int | None:
    """Give the first leaf whose record was made at or after a moment."""
    statement = (
        select(func.min(_LEAF.c.index))
        .join(_RECORD, _SAME_RECORD)
        .where(_RECORD.c.recorded_at >= moment)
    )
    index: int | None = session.connection().execute(statement).scalar_one()
    return index


def last_index_before(session: Session, moment: datetime) -> int | None:
    """Give the last leaf whose record was made before a moment."""
    statement = (
        select(func.max(_LEAF.c.index))
        .join(_RECORD, _SAME_RECORD)
        .where(_RECORD.c.recorded_at < moment)
    )
    index: int | None = session.connection().execute(statement).scalar_one()
    return index


def leaves_before(session: Session, end_index: int) -> Iterator[bytes]:
    """Read the leaf hashes before a leaf in order, some thousands at once.

    Whoever stops half-way leaves no cursor behind.
    """
    statement = (
        select(_LEAF.c.leaf_hash)
        .where(_LEAF.c.index >= bindparam("start"), _LEAF.c.index < bindparam("end"))
        .order_by(_LEAF.c.index)
    )
    for start in range(0, end_index, _LEAVES_AT_ONCE):
        part = {"start": start, "end": min(start + _LEAVES_AT_ONCE, end_index)}
        yield from session.connection().execute(statement, part).scalars().all()


def checkpoint_covering(session: Session, size: int) -> int | None:
    """Give the size of the first checkpoint over at least so many leaves."""
    statement = select(func.min(Checkpoint.size)).where(Checkpoint.size >= size)
    found: int | None = session.execute(statement).scalar_one()
    return found


def sizes_outside(session: Session, tree_size: int) -> list[int]:
    """Give the sizes below another of which copies may lie outside the house, in order."""
    daily = select(DailyCheckpoint.size).where(DailyCheckpoint.size < tree_size)
    given = select(LogEvent.body).where(LogEvent.kind == "checkpoint_given")
    found = set(session.execute(daily).scalars())
    found |= {int(body.get("size", 0)) for body in session.execute(given).scalars()}
    return sorted(size for size in found if 0 < size < tree_size)


def leaves_of_others(
    session: Session,
    first_index: int,
    end_index: int,
    shown: Collection[str],
    person_id: str | None,
) -> Iterator[int]:
    """Give the leaves of cases of other levels than some, and of those about one person."""
    of_cases = _CASE.c.id == _LEAF.c.stream_id
    others: ColumnElement[bool] = _CASE.c.level.not_in(sorted(shown))
    if person_id is not None:
        others = or_(others, _CASE.c.subject_person_id == person_id)
    statement = (
        select(_LEAF.c.index)
        .join(_CASE, of_cases)
        .where(others, _LEAF.c.index >= first_index, _LEAF.c.index < end_index)
        .order_by(_LEAF.c.index)
    )
    options = {"yield_per": _LEAVES_AT_ONCE}
    yield from require_scope(session).execute(statement, execution_options=options).scalars()
