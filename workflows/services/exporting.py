"""Gathering a bundle: the records of cases with all that is needed to verify them (AUDIT.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.audit.bundle import BundleSummary, PayloadLine, Withheld, heads_hash
from workflows.audit.unsigned_bundle import UnsignedContents, write_unsigned_bundle
from workflows.domain.errors import NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.calendars import calendar_of
from workflows.services.clearance import levels_of
from workflows.services.installation import installation_of
from workflows.services.journal import append_house
from workflows.services.packs import pack_files, pack_of, split_definition
from workflows.services.stored import state_line_of_rows
from workflows.services.vault import PayloadErased, read_payload, unseal
from workflows.store.base import table_of
from workflows.store.journal import read_stream
from workflows.store.tables import (
    Account,
    CalendarVersion,
    Case,
    JournalRecord,
    Marking,
    Organisation,
    Person,
)

_BATCH = 400
_PERSON_ID = re.compile(rb"[up]_[a-z2-7]{26}")


class NothingToExport(NotFound):
    """There is no case to export."""

    code: ClassVar[str] = "nothing_to_export"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote and which house record tells of it."""

    summary: BundleSummary
    house_seq: int


def export_cases(
    session: Session,
    actor: Actor,
    now: datetime,
    target: Path,
    *,
    numbers: Sequence[str] | None,
    recipient: str,
    purpose: str,
    app_version: str,
    levels: frozenset[str] | None = None,
) -> Exported:
    """Write a bundle of some cases by number, or of everything where ``numbers`` is None.

    Payloads above the ``levels`` of content are withheld and named so; None withholds none.
    The record of the export is part of the caller's transaction: hand the file on only
    after it was committed. The bundle covers the records before it.

    Raises:
        NotFound: A number names no case in the session's scope.
    """
    cases = _cases(session, numbers)
    streams = sorted(case_id for case_id, _, _ in cases)
    heads = {case_id: (last, head) for case_id, last, head in cases}
    if numbers is None:
        house = installation_of(session).house_id
        last = read_stream(session, house)[-1]
        heads[house] = (last.seq, _hash_of(session, house, last.seq))
        streams = sorted(heads)
    digest = heads_hash(heads)
    form: dict[str, JsonValue] = {
        "recipient": recipient,
        "purpose": purpose,
        "heads": digest,
        "streams": len(heads),
    }
    house_seq = append_house(session, actor, now, "exported", digest, form=form)
    made_at = read_stream(session, installation_of(session).house_id, house_seq)[0].recorded_at
    contents = _contents(session, made_at, streams, heads, numbers, recipient, app_version)
    if levels is not None:
        kept = _kept_back(session, streams, heads, levels)
        contents = _without(contents, kept, actor.account_id)
    if numbers is not None:
        contents = replace(contents, directory=_named(contents, session, streams, heads))
    return Exported(write_unsigned_bundle(target, contents), house_seq)


@dataclass(frozen=True, slots=True)
class _KeptBack:
    """Records whose payload is withheld, and by case the facts that one of them wrote last."""

    places: frozenset[tuple[str, int]]
    facts: Mapping[str, frozenset[str]]


def _kept_back(
    session: Session,
    streams: list[str],
    heads: dict[str, tuple[int, str]],
    levels: frozenset[str],
) -> _KeptBack:
    """Find what lies above some levels of content (DOMAIN 3.5)."""
    places: set[tuple[str, int]] = set()
    facts: dict[str, set[str]] = {}
    hashes = dict(
        session.execute(select(Case.id, Case.pack_hash).where(Case.id.in_(streams))).all()
    )
    for stream_id, row in _rows(session, streams, heads):
        try:
            payload = read_payload(session, row.key_id, stream_id, row.seq, row.sealed)
        except PayloadErased:
            continue
        written, named = set(payload.get("facts", {})), facts.setdefault(stream_id, set())
        if levels >= levels_of(pack_of(session, hashes[stream_id]), payload):
            named -= written
        else:
            places.add((stream_id, row.seq))
            named |= written
    return _KeptBack(frozenset(places), {key: frozenset(names) for key, names in facts.items()})


def _without(contents: UnsignedContents, kept: _KeptBack, by: str) -> UnsignedContents:
    """Leave out of a bundle what is kept back, and say that it is."""
    withheld = tuple(Withheld(id_, seq, "confidential", by) for id_, seq in sorted(kept.places))
    return replace(
        contents,
        payloads=(line for line in contents.payloads if (line.id, line.seq) not in kept.places),
        withheld=(*contents.withheld, *withheld),
        state_lines=(
            _state_without(line, kept.facts.get(line["id"], frozenset()))
            for line in contents.state_lines
        ),
    )


def _state_without(line: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    shown = {name: value for name, value in line["facts"].items() if name not in names}
    return {**line, "facts": shown, "withheld": sorted(names)}


def _cases(session: Session, numbers: Sequence[str] | None) -> list[tuple[str, int, str]]:
    statement = select(Case.id, Case.version, Case.head, Case.number)
    if numbers is not None:
        statement = statement.where(Case.number.in_(numbers))
    rows = session.execute(statement).all()
    for number in set(numbers or ()) - {row.number for row in rows}:
        raise NotFound(what="case", key=number)
    if not rows:
        raise NothingToExport(what="case", key="*")
    return [(row.id, row.version, row.head) for row in rows]


def _hash_of(session: Session, stream_id: str, seq: int) -> str:
    record = table_of(JournalRecord)
    statement = select(record.c.hash).where(record.c.stream_id == stream_id, record.c.seq == seq)
    found: str = session.connection().execute(statement).scalar_one()
    return found


def _contents(
    session: Session,
    now: datetime,
    streams: list[str],
    heads: dict[str, tuple[int, str]],
    numbers: Sequence[str] | None,
    recipient: str,
    app_version: str,
) -> UnsignedContents:
    installation = installation_of(session)
    case_ids = [stream for stream in streams if stream.startswith("c_")]
    scope: dict[str, Any] = {"type": "all"}
    if numbers is not None:
        scope = {"type": "cases", "cases": case_ids}
    packs, markings = _packs_and_markings(session, streams, heads)
    return UnsignedContents(
        origin=f"{installation.title} ({installation.mode})",
        made_at=now,
        scope=scope,
        recipient=recipient,
        app_version=app_version,
        records=_records(session, streams, heads),
        payloads=_payloads(session, streams, heads),
        withheld=tuple(_erased(session, streams, heads)),
        state_lines=(state_line_of_rows(session, case_id) for case_id in case_ids),
        definitions=pack_files(session, packs),
        markings=_markings(session, markings),
        calendars=_calendars(session),
        directory=_directory(session),
        organisations=_organisations(session, case_ids),
        register=_register(session, case_ids),
    )


def _rows(
    session: Session, streams: list[str], heads: dict[str, tuple[int, str]]
) -> Iterator[tuple[str, Any]]:
    for stream_id in streams:
        for row in read_stream(session, stream_id):
            if row.seq <= heads[stream_id][0]:
                yield stream_id, row


def _records(
    session: Session, streams: list[str], heads: dict[str, tuple[int, str]]
) -> Iterator[bytes]:
    for _, row in _rows(session, streams, heads):
        yield row.body.encode("utf-8")


def _payloads(
    session: Session, streams: list[str], heads: dict[str, tuple[int, str]]
) -> Iterator[PayloadLine]:
    for stream_id, row in _rows(session, streams, heads):
        try:
            opened = unseal(session, row.key_id, stream_id, row.seq, row.sealed)
        except PayloadErased:
            continue
        yield PayloadLine(stream_id, row.seq, opened.salt, opened.content)


def _erased(
    session: Session, streams: list[str], heads: dict[str, tuple[int, str]]
) -> Iterator[Withheld]:
    for stream_id, row in _rows(session, streams, heads):
        try:
            unseal(session, row.key_id, stream_id, row.seq, row.sealed)
        except PayloadErased:
            yield Withheld(stream_id, row.seq, "erased", "system:init")


def _packs_and_markings(
    session: Session, streams: list[str], heads: dict[str, tuple[int, str]]
) -> tuple[set[str], set[str]]:
    """Give the packs and markings that the records name; they are few, however many records.

    A case that went over to another version has records on both.
    """
    packs: set[str] = set()
    markings: set[str] = set()
    for _, row in _rows(session, streams, heads):
        record = orjson.loads(row.body)
        markings.update(name for name in (record["from"], record["to"]) if name)
        if record["definition"]:
            packs.add(split_definition(record["definition"])[0])
    return packs, markings


def _markings(session: Session, named: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in _parts(sorted(named)):
        for row in session.execute(select(Marking).where(Marking.hash.in_(part))).scalars():
            found[row.hash] = row.body.encode("utf-8")
    return found


def _calendars(session: Session) -> dict[str, bytes]:
    versions = session.execute(select(CalendarVersion.version)).scalars().all()
    return {version: calendar_of(session, version).jsonl() for version in versions}


def _directory(session: Session) -> Iterator[dict[str, Any]]:
    for account in session.execute(select(Account).order_by(Account.id)).scalars():
        yield {"id": account.id, "name": account.display_name, "person": account.person_id}
    for person in session.execute(select(Person).order_by(Person.id)).scalars():
        yield {"id": person.id, "name": person.name, "person": None}


def _named(
    contents: UnsignedContents,
    session: Session,
    streams: list[str],
    heads: dict[str, tuple[int, str]],
) -> Iterator[Mapping[str, Any]]:
    """Give of the directory only those whom the records and payloads of the bundle name."""
    kept = {(each.id, each.seq) for each in contents.withheld}
    named: set[bytes] = set()
    for stream_id, row in _rows(session, streams, heads):
        named.update(_PERSON_ID.findall(row.body.encode("utf-8")))
        if (stream_id, row.seq) not in kept:
            opened = unseal(session, row.key_id, stream_id, row.seq, row.sealed)
            named.update(_PERSON_ID.findall(opened.content))
    return (each for each in contents.directory if each["id"].encode() in named)


def _organisations(session: Session, case_ids: list[str]) -> Iterator[dict[str, Any]]:
    """Give the organisations above and at the subjects of the cases."""
    paths: set[str] = set()
    for part in _parts(case_ids):
        paths.update(session.execute(select(Case.org_path).where(Case.id.in_(part))).scalars())
    above = {path[: end + 1] for path in paths for end, sign in enumerate(path) if sign == "."}
    for part in _parts(sorted(above)):
        statement = select(Organisation).where(Organisation.path.in_(part))
        for unit in session.execute(statement.order_by(Organisation.path)).scalars():
            yield {"id": unit.id, "code": unit.code, "name": unit.name, "kind": unit.kind}


def _register(session: Session, case_ids: list[str]) -> Iterator[dict[str, Any]]:
    for part in _parts(case_ids):
        statement = select(Case.number, Case.state).where(Case.id.in_(part)).order_by(Case.number)
        for number, state in session.execute(statement):
            yield {"number": number, "state": "closed" if state == "ended" else "open"}


def _parts(items: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
