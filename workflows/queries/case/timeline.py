"""The records of a case for people to read: opened, named, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.records import Record, RecordKind
from workflows.domain.roles import Actor
from workflows.engine import Pack
from workflows.queries.names import names_of
from workflows.services.secrecy.clearance import readable_form
from workflows.services.secrecy.leaks import closed_records
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.base import table_of
from workflows.store.tables import JournalPayload, JournalRecord

PAGE_SIZE = 30
_RECORD = table_of(JournalRecord)
_PAYLOAD = table_of(JournalPayload)
_PEOPLE = ("u_", "p_", "o_")
_RECORDS = select(_RECORD.c.seq, _RECORD.c.body, _PAYLOAD.c.key_id, _PAYLOAD.c.sealed).outerjoin(
    _PAYLOAD,
    (_PAYLOAD.c.stream_id == _RECORD.c.stream_id) & (_PAYLOAD.c.seq == _RECORD.c.seq),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with what it carries; ``payload`` is empty where it was erased.

    ``withdrawn_by`` is the later record that took it back; ``corrections`` are the later
    records that corrected what it wrote, oldest first.
    """

    record: Record
    payload: Mapping[str, Any]
    withdrawn_by: int | None = None
    is_erased: bool = False
    corrections: tuple[Entry, ...] = ()

    @property
    def changes(self) -> Mapping[str, Mapping[str, Any]]:
        """Give the facts that it changed, each with old and new."""
        changes: Mapping[str, Mapping[str, Any]] = self.payload.get("facts", {})
        return changes

    @property
    def form(self) -> Mapping[str, Any]:
        """Give what was filled in."""
        form: Mapping[str, Any] = self.payload.get("form", {})
        return form


@dataclass(frozen=True, slots=True)
class Timeline:
    """Some records of a case, newest first, with the names that they mention."""

    entries: tuple[Entry, ...]
    total: int
    names: Mapping[str, str] = field(default_factory=dict)


def timeline_of(session: Session, case_id: str, total: int, before: int | None = None) -> Timeline:
    """Read the records before a seq, a page of them; the case itself must be in scope.

    Args:
        session: Carries the vault.
        case_id: The case, which the caller has read within its scope.
        total: The seq of the last record that is told of; later ones took nothing back yet.
        before: Only records before this one; the newest without it.
    """
    statement = (
        _RECORDS.where(
            _RECORD.c.stream_id == case_id, _RECORD.c.seq < min(before or total + 1, total + 1)
        )
        .order_by(_RECORD.c.seq.desc())
        .limit(PAGE_SIZE)
    )
    return _told(session, case_id, statement, total)


def whole_timeline(session: Session, case_id: str, after: int = 0) -> Timeline:
    """Read all records after a seq, oldest first; the case itself must be in scope."""
    statement = _RECORDS.where(_RECORD.c.stream_id == case_id, _RECORD.c.seq > after)
    return _told(session, case_id, statement.order_by(_RECORD.c.seq))


def _told(session: Session, case_id: str, statement: Any, total: int | None = None) -> Timeline:
    rows = session.connection().execute(statement).all()
    taken_back, closed = _withdrawals(session, case_id, total), _closed(session, case_id)
    corrected = _corrections(session, case_id, total, closed)
    entries = tuple(
        replace(
            _entry(session, case_id, row, taken_back, closed),
            corrections=tuple(corrected.get(row.seq, ())),
        )
        for row in rows
    )
    return Timeline(entries, total or len(entries), names_of(session, _mentioned(entries)))


def without_undone(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Leave out what was taken back within the minute, and its taking back."""
    entries = tuple(entries)
    undoing = {each.record.seq for each in entries if each.record.kind is RecordKind.UNDONE}
    return tuple(
        each
        for each in entries
        if each.record.seq not in undoing and each.withdrawn_by not in undoing
    )


def readable_timeline(
    timeline: Timeline, pack: Pack, levels: frozenset[str], actor: Actor | None
) -> Timeline:
    """Give a timeline with only that content which somebody may read (see `readable_form`)."""

    def readable(entry: Entry) -> Entry:
        payload = readable_form(pack, entry.record, entry.payload, levels, actor)
        corrections = tuple(readable(each) for each in entry.corrections)
        return replace(entry, payload=payload, corrections=corrections)

    return replace(timeline, entries=tuple(readable(entry) for entry in timeline.entries))


def _closed(session: Session, case_id: str) -> frozenset[int]:
    """Give the records of a case whose content is closed."""
    return frozenset(seq for _, seq in closed_records(session, [case_id]))


def _entry(
    session: Session, case_id: str, row: Any, taken_back: Mapping[int, int], closed: Set[int]
) -> Entry:
    record = Record.from_json(json.loads(row.body))
    withdrawn_by = taken_back.get(row.seq)
    if row.seq in closed:
        return Entry(record, {}, withdrawn_by, is_erased=True)
    try:
        payload = read_payload(session, row.key_id, case_id, row.seq, row.sealed)
    except PayloadErased:
        return Entry(record, {}, withdrawn_by, is_erased=True)
    return Entry(record, payload, withdrawn_by)


def _withdrawals(session: Session, case_id: str, total: int | None) -> dict[int, int]:
    """Give which records were taken back, and by which; there are few of them."""
    statement = select(_RECORD.c.seq, _RECORD.c.body).where(
        _RECORD.c.stream_id == case_id, _RECORD.c.kind.in_(("withdrawn", "undone"))
    )
    if total is not None:
        statement = statement.where(_RECORD.c.seq <= total)
    found = {}
    for row in session.connection().execute(statement):
        about = json.loads(row.body)["about"]
        if about is not None:
            found[int(about["seq"])] = int(row.seq)
    return found


def _corrections(
    session: Session, case_id: str, total: int | None, closed: Set[int]
) -> dict[int, list[Entry]]:
    """Give the corrections of a case by the record that they are about; there are few."""
    statement = _RECORDS.where(_RECORD.c.stream_id == case_id, _RECORD.c.kind == "corrected")
    if total is not None:
        statement = statement.where(_RECORD.c.seq <= total)
    found: dict[int, list[Entry]] = {}
    for row in session.connection().execute(statement.order_by(_RECORD.c.seq)):
        entry = _entry(session, case_id, row, {}, closed)
        if entry.record.about is not None:
            found.setdefault(entry.record.about.seq, []).append(entry)
    return found


def corrected_facts(session: Session, case_id: str, total: int) -> dict[str, tuple[int, Any]]:
    """Give which facts corrections wrote, each with the last one and its value."""
    found = _corrections(session, case_id, total, _closed(session, case_id))
    corrections = (each for of in found.values() for each in of)
    return {
        name: (entry.record.seq, change["new"])
        for entry in sorted(corrections, key=lambda each: each.record.seq)
        for name, change in entry.changes.items()
    }


def _mentioned(entries: Iterable[Entry]) -> set[str]:
    ids: set[str] = set()
    for entry in (one for each in entries for one in (each, *each.corrections)):
        record = entry.record
        ids.update(
            filter(None, (record.actor, record.acting_for, record.performed_by, record.office))
        )
        ids.update(each.claimant for each in record.effects.assigned if each.claimant)
        ids.update(str(each["by"]) for each in entry.form.get("co_signed", ()))
        changed = [value for change in entry.changes.values() for value in change.values()]
        for value in (*entry.form.values(), *changed):
            several = value if isinstance(value, list) else [value]
            ids.update(each for each in several if isinstance(each, str) and each[:2] in _PEOPLE)
    return ids
