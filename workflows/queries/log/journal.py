"""Searching the journal for the auditor: who did what when; never what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, select, tuple_
from sqlalchemy.orm import Session

from workflows.queries.names import case_numbers, names_of, sealed_cases
from workflows.queries.staff.accounts import accounts_named
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import Case, JournalRecord, LogLeaf

_RECORD, _LEAF = table_of(JournalRecord), table_of(LogLeaf)
_PLACE = (_RECORD.c.recorded_at, _RECORD.c.stream_id, _RECORD.c.seq)
_JOB = "audit"


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records are wanted; times are from the first up to before the second.

    ``name`` is that of an act of the house; it is looked for among the house's records only.
    """

    from_at: datetime
    until_at: datetime
    who: str = ""
    case_number: str = ""
    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """The bones of a record, with the names behind its ids; ``index`` is its leaf in the log."""

    stream_id: str
    seq: int
    recorded_at: datetime
    occurred_at: str
    kind: str
    name: str
    actor: str
    who: str
    role: str
    case_number: str
    index: int | None
    hash: str

    @property
    def place(self) -> str:
        """Give where the next page begins."""
        return f"{self.recorded_at.isoformat()} {self.stream_id} {self.seq}"


def search_records(
    session: Session, wanted: RecordFilter, before: str, size: int
) -> tuple[RecordLine, ...]:
    """Read the records that are wanted, newest first, from before a place on."""
    with as_system(session, _JOB):
        rows = session.execute(
            select(_RECORD, _LEAF.c.index.label("leaf_index"))
            .outerjoin(
                _LEAF, (_LEAF.c.stream_id == _RECORD.c.stream_id) & (_LEAF.c.seq == _RECORD.c.seq)
            )
            .where(*_conditions(session, wanted, before))
            .order_by(*(column.desc() for column in _PLACE))
            .limit(size)
        ).all()
        names = names_of(session, [row.actor for row in rows])
        numbers = case_numbers(session, [row.stream_id for row in rows])
    return tuple(_line(row, names, numbers) for row in rows)


def _conditions(
    session: Session, wanted: RecordFilter, before: str
) -> Iterator[ColumnElement[bool]]:
    yield _RECORD.c.recorded_at >= wanted.from_at
    yield _RECORD.c.recorded_at < wanted.until_at
    # That there is a sealed case is for those to know whom it names.
    yield _RECORD.c.stream_id.not_in(sealed_cases())
    if wanted.who:
        yield _RECORD.c.actor.in_(accounts_named(session, wanted.who))
    if wanted.case_number:
        numbered = select(Case.id).where(Case.number == wanted.case_number)
        yield _RECORD.c.stream_id.in_(session.scalars(numbered).all())
    if wanted.kind:
        yield _RECORD.c.kind == wanted.kind
    if wanted.name:
        # A record is canonical: its trigger's name stands before its ref.
        yield _RECORD.c.body.contains(f'"trigger":{{"name":"{wanted.name}","ref"', autoescape=True)
        yield _RECORD.c.kind == "house"
    place = _read_place(before)
    if place is not None:
        # The first part alone is what SQLite's index takes.
        yield _RECORD.c.recorded_at <= place[0]
        yield tuple_(*_PLACE) < tuple_(*place)


def _read_place(text: str) -> tuple[datetime, str, int] | None:
    parts = text.split(" ")
    try:
        at, stream_id, seq = datetime.fromisoformat(parts[0]), parts[1], int(parts[2])
    except (ValueError, IndexError):
        return None
    return None if at.tzinfo is None else (at, stream_id, seq)


def _line(row: Row[Any], names: Mapping[str, str], numbers: Mapping[str, str]) -> RecordLine:
    record = orjson.loads(row.body)
    return RecordLine(
        row.stream_id,
        row.seq,
        row.recorded_at,
        record["occurred_at"],
        row.kind,
        record["trigger"]["name"],
        row.actor,
        names.get(row.actor, ""),
        row.role or "",
        numbers.get(row.stream_id, ""),
        row.leaf_index,
        row.hash,
    )
