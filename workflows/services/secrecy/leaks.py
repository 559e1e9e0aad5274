"""A leak of who reported: registered when it is found, its text closed, looks since then listed.

The journal is append-only, so closing takes nothing out of it: no page and no bundle shows the
closed record's content or the closed file any more. It ends with the subject's key (ADR 0043).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.levels import CLUES
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.access import is_same_person
from workflows.services.incidents import close_incidents, raise_incident
from workflows.services.journal import append_house
from workflows.services.secrecy.informant_guard import LEAK
from workflows.services.secrecy.informants import VAULT, entry_for, leads
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import (
    Attachment,
    Case,
    Informant,
    InformantLeak,
    JournalRecord,
    Look,
    Matter,
)

LONGEST_NOTE = 500
_JOB = "informants"
_LOOK, _RECORD = table_of(Look), table_of(JournalRecord)


class LeakInvalid(InvalidInput):
    """A leak is a record or file of a case of this matter, with a note of at most {longest}."""

    code: ClassVar[str] = "leak_invalid"


class LeakClosed(Conflict):
    """It was closed, or who registered it does not close it alone."""

    code: ClassVar[str] = "leak_closed"


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody who may have read what leaked: he looked at the case since, or worked on it."""

    account_id: str
    at: datetime
    what: str


def register_leak(
    session: Session,
    actor: Actor,
    now: datetime,
    informant_id: str,
    case_number: str,
    seq: int | None,
    file_id: int | None,
    note: str,
) -> None:
    """Register that a record or a file of a case of the matter tells who reported.

    Raises:
        NotFound: There is no such entry for this actor.
        LeakInvalid: There is no such record or file.
    """
    entry = entry_for(session, actor, informant_id, local_date(now))
    with as_system(session, _JOB):
        found = select(Case.id).where(
            Case.number == case_number.strip(), Case.matter_id == entry.matter_id
        )
        case_id = session.scalar(found)
        is_there = case_id is not None and _is_there(session, case_id, seq, file_id)
    if not is_there or not 0 < len(note.strip()) <= LONGEST_NOTE:
        raise LeakInvalid(longest=LONGEST_NOTE)
    session.add(
        InformantLeak(
            informant_id=informant_id,
            case_id=case_id,
            seq=seq,
            file_id=file_id,
            kind="found",
            account_id=actor.account_id,
            noted_on=local_date(now),
            note=note.strip(),
        )
    )
    session.flush()
    raise_incident(session, None, LEAK, "", now)
    form: dict[str, JsonValue] = {
        "act": "leak_found",
        "entry": informant_id,
        "case": case_id,
        "seq": seq,
        "file": file_id,
    }
    append_house(session, actor, now, VAULT, VAULT, form=form, reason=note.strip())


def _is_there(session: Session, case_id: str, seq: int | None, file_id: int | None) -> bool:
    if (seq is None) == (file_id is None):
        return False
    if file_id is not None:
        kept = session.get(Attachment, file_id)
        return kept is not None and kept.case_id == case_id
    return session.get(JournalRecord, (case_id, seq)) is not None


def close_leak(session: Session, actor: Actor, now: datetime, leak_id: int) -> None:
    """Close the text of a leak as the entry's principal, who did not register it himself.

    Raises:
        NotFound: There is no such leak for this actor.
        LeakClosed: It is closed, or he registered it.
    """
    leak = session.get(InformantLeak, leak_id, with_for_update=True)
    entry = None if leak is None else session.get(Informant, leak.informant_id)
    if leak is None or entry is None or not leads(session, actor, entry):
        raise NotFound(what="leak", key=str(leak_id))
    is_own = leak.kind == "found" and is_same_person(session, actor, leak.account_id)
    if leak.closed_on is not None or is_own:
        raise LeakClosed
    leak.closed_on, leak.closed_by = local_date(now), actor.account_id
    with as_system(session, _JOB):
        if leak.file_id is not None:
            session.get_one(Attachment, leak.file_id).level = CLUES
        elif leak.seq == 1:
            session.get_one(Matter, entry.matter_id).summary = ""
    session.flush()
    form: dict[str, JsonValue] = {"act": "leak_closed", "entry": entry.id, "leak": leak.id}
    append_house(session, actor, now, VAULT, VAULT, form=form)
    open_ones = select(InformantLeak.id).where(
        InformantLeak.closed_on.is_(None), InformantLeak.kind != "refused"
    )
    if session.scalar(open_ones.limit(1)) is None:
        close_incidents(session, LEAK, now, actor.account_id)


def closed_records(session: Session, case_ids: Sequence[str]) -> set[tuple[str, int]]:
    """Give the records of cases whose content is closed."""
    leak = table_of(InformantLeak)
    statement = select(leak.c.case_id, leak.c.seq).where(
        leak.c.case_id.in_(case_ids), leak.c.closed_on.is_not(None), leak.c.seq.is_not(None)
    )
    return {(row.case_id, row.seq) for row in session.connection().execute(statement)}


def leaks_of(session: Session, informant_id: str) -> Sequence[InformantLeak]:
    """Give the leaks and the refused attempts of an entry, the newest first."""
    statement = select(InformantLeak).where(InformantLeak.informant_id == informant_id)
    return session.scalars(statement.order_by(InformantLeak.id.desc())).all()


def seen_since(session: Session, leak: InformantLeak) -> list[Seen]:
    """Give who looked at the case of a leak, or acted in it, since the text was there."""
    since = _since(session, leak)
    if since is None:
        return []
    looks = select(_LOOK.c.account_id, _LOOK.c.looked_at, _LOOK.c.what).where(
        _LOOK.c.case_id == leak.case_id, _LOOK.c.looked_at >= since
    )
    acts = select(_RECORD.c.actor, _RECORD.c.recorded_at, _RECORD.c.kind).where(
        _RECORD.c.stream_id == leak.case_id,
        _RECORD.c.recorded_at >= since,
        _RECORD.c.actor.startswith("u_", autoescape=True),
    )
    connection = session.connection()
    rows = (*connection.execute(looks), *connection.execute(acts))
    return sorted((Seen(*row) for row in rows), key=lambda each: each.at)


def _since(session: Session, leak: InformantLeak) -> datetime | None:
    if leak.file_id is not None:
        with as_system(session, _JOB):
            return session.scalar(
                select(Attachment.uploaded_at).where(Attachment.id == leak.file_id)
            )
    statement = select(_RECORD.c.recorded_at).where(
        _RECORD.c.stream_id == leak.case_id, _RECORD.c.seq == leak.seq
    )
    return session.connection().execute(statement).scalar_one_or_none()
