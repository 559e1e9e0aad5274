"""The log's rows: records without a leaf, leaves, checkpoints, and who may write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Session

from workflows.store.base import table_of
from workflows.store.bulk import insert_rows
from workflows.store.tables import Checkpoint, JournalRecord, LogEvent, LogLeaf, Sm3Checkpoint

_RECORD = table_of(JournalRecord)
_LEAF = table_of(LogLeaf)
_CHECKPOINT = table_of(Checkpoint)
_EVENT = table_of(LogEvent)
# One number for all of Duban's databases: "dubanlog".
_LOCK = int.from_bytes(b"dubanlog", "big")
_PLACE = (_RECORD.c.recorded_at, _RECORD.c.stream_id, _RECORD.c.seq)
_STREAMED_ROWS = 5_000
Place: TypeAlias = tuple[datetime, str, int]
Tree: TypeAlias = type[Checkpoint] | type[Sm3Checkpoint]


def lock_log(session: Session) -> None:
    """Wait until nobody else writes the log, and keep it so until the transaction ends.

    A write transaction on SQLite keeps everybody else away by itself.
    """
    if _is_postgresql(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def try_lock_log(session: Session) -> bool:
    """Lock the log as ``lock_log`` does, or say that somebody else writes it just now."""
    if not _is_postgresql(session):
        return True
    lock = text("SELECT pg_try_advisory_xact_lock(:key)")
    return bool(session.execute(lock, {"key": _LOCK}).scalar_one())


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


# ------------------------------------------------------------ records without a leaf


def _has_leaf(seq: ColumnElement[int]) -> ColumnElement[bool]:
    leaf = _LEAF.alias()
    return exists(
        select(leaf.c.seq).where(leaf.c.stream_id == _RECORD.c.stream_id, leaf.c.seq == seq)
    )


def records_without_leaf(
    session: Session, since: datetime | None, after: Place | None, limit: int
) -> Sequence[Row[Any]]:
    """Read records that have no leaf: stream_id, seq, recorded_at, body, follows.

    They come by recorded_at, then stream, then seq; so those of one stream in its order.
    ``follows`` says whether the record before it in its stream has a leaf, or there is none.

    Args:
        session: An open session.
        since: Only those recorded from this moment on; None looks at all there are.
        after: Only those behind this place in the order.
        limit: At most so many.
    """
    statement = _found().where(_missing(since, after)).order_by(*_PLACE).limit(limit)
    rows: Sequence[Any] = session.connection().execute(statement).all()
    return rows


def has_records_without_leaf(session: Session, since: datetime | None) -> bool:
    """Say whether there is any such record."""
    statement = select(_RECORD.c.seq).where(_missing(since, None)).order_by(*_PLACE).limit(1)
    return session.connection().execute(statement).first() is not None


def count_records_without_leaf(session: Session, since: datetime | None) -> int:
    """Count such records."""
    statement = select(func.count()).select_from(_RECORD).where(_missing(since, None))
    return session.connection().execute(statement).scalar_one()


def stream_without_leaf(session: Session, stream_id: str) -> Sequence[Row[Any]]:
    """Read the records of one stream that have no leaf, in order."""
    statement = (
        _found()
        .where(_RECORD.c.stream_id == stream_id, ~_has_leaf(_RECORD.c.seq))
        .order_by(_RECORD.c.seq)
    )
    rows: Sequence[Any] = session.connection().execute(statement).all()
    return rows


def _found() -> Select[Any]:
    follows = or_(_RECORD.c.seq == 1, _has_leaf(_RECORD.c.seq - 1))
    return select(*_PLACE, _RECORD.c.body, follows.label("follows"))


def _missing(since: datetime | None, after: Place | None) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [~_has_leaf(_RECORD.c.seq)]
    if since is not None:
        parts.append(_RECORD.c.recorded_at >= since)
    if after is not None:
        # The first part alone is what SQLite's index takes.
        parts += [_RECORD.c.recorded_at >= after[0], tuple_(*_PLACE) > tuple_(*after)]
    return and_(*parts)


def is_recorded(session: Session, stream_id: str, seq: int) -> bool:
    """Say whether there is a record."""
    statement = select(_RECORD.c.seq).where(_RECORD.c.stream_id == stream_id, _RECORD.c.seq == seq)
    return session.connection().execute(statement).first() is not None


# ------------------------------------------------------------ leaves and checkpoints


def insert_leaves(session: Session, rows: Iterable[tuple[int, str, int, bytes]]) -> int:
    """Write leaves: index, stream, seq, hash; give how many.

    Raises:
        Conflict: One of them has a leaf already.
    """
    return insert_rows(session, LogLeaf, ("index", "stream_id", "seq", "leaf_hash"), rows)


def last_checkpoint(session: Session, of: Tree = Checkpoint) -> Row[Any] | None:
    """Read the checkpoint that covers every leaf, if there is any leaf."""
    table = table_of(of)
    statement = select(table).order_by(table.c.size.desc()).limit(1)
    return session.connection().execute(statement).one_or_none()


def checkpoint_of_size(session: Session, size: int) -> Row[Any] | None:
    """Read the checkpoint over exactly so many leaves."""
    statement = select(_CHECKPOINT).where(_CHECKPOINT.c.size == size)
    return session.connection().execute(statement).one_or_none()


def checkpoints_in_order(session: Session, of: Tree = Checkpoint) -> Iterator[Row[Any]]:
    """Read all checkpoints, smallest first, as a stream."""
    table = table_of(of)
    return _streamed(session, select(table).order_by(table.c.size))


def insert_checkpoint(session: Session, values: Mapping[str, Any], of: Tree = Checkpoint) -> None:
    """Write a checkpoint: size, root, frontier, note, recorded_at."""
    session.connection().execute(insert(table_of(of)), dict(values))


def checkpoint_up_to(session: Session, size: int, of: Tree = Checkpoint) -> Row[Any] | None:
    """Read the last checkpoint over at most so many leaves."""
    table = table_of(of)
    statement = select(table).where(table.c.size <= size).order_by(table.c.size.desc()).limit(1)
    return session.connection().execute(statement).one_or_none()


def leaf_hashes(session: Session, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Read the leaf hashes of [start, end) in order, as a stream."""
    statement = select(_LEAF.c.leaf_hash).where(_LEAF.c.index >= start).order_by(_LEAF.c.index)
    if end is not None:
        statement = statement.where(_LEAF.c.index < end)
    return (row.leaf_hash for row in _streamed(session, statement))


def leaf_indices(session: Session, stream_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read where the records of some streams stand in the tree: stream_id, seq, index."""
    statement = (
        select(_LEAF.c.stream_id, _LEAF.c.seq, _LEAF.c.index)
        .where(_LEAF.c.stream_id.in_(stream_ids))
        .order_by(_LEAF.c.stream_id, _LEAF.c.seq)
    )
    rows: Sequence[Any] = session.connection().execute(statement).all()
    return rows


def leaves_with_records(session: Session, start: int = 0) -> Iterator[Row[Any]]:
    """Read leaves in order with their records, as a stream; ``body`` is None where one is gone."""
    statement = (
        select(_LEAF, _RECORD.c.body)
        .outerjoin(
            _RECORD, (_RECORD.c.stream_id == _LEAF.c.stream_id) & (_RECORD.c.seq == _LEAF.c.seq)
        )
        .where(_LEAF.c.index >= start)
        .order_by(_LEAF.c.index)
    )
    return _streamed(session, statement)


def _streamed(session: Session, statement: Any) -> Iterator[Row[Any]]:
    options = {"yield_per": _STREAMED_ROWS}
    yield from session.connection().execute(statement, execution_options=options)


# ------------------------------------------------------------ what the house recorded of it


def insert_event(
    session: Session, house_seq: int, kind: str, body: Mapping[str, str], at: datetime
) -> None:
    """List a house record about the log."""
    values = {"house_seq": house_seq, "kind": kind, "body": dict(body), "recorded_at": at}
    session.connection().execute(insert(_EVENT), values)


def events_of(session: Session, kind: str) -> Sequence[Row[Any]]:
    """Read the listed house records of a kind, oldest first."""
    statement = select(_EVENT).where(_EVENT.c.kind == kind).order_by(_EVENT.c.house_seq)
    return session.connection().execute(statement).all()
