"""The informant vault: who reported, sealed apart, opened by those whom the principal named.

No record of a case tells that there is an entry. Those of the house all bear one name, need
the level of clues in a bundle, and that an entry was made is told the night after, with all of
its day: nobody can hold its time beside that of a matter (DOMAIN 8.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.audit.canonical import canonical
from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.informants import Channel, Identity, NoticeKind, Purpose
from workflows.domain.records import JsonValue
from workflows.domain.roles import CASE_ROLES, Actor, Role
from workflows.services.access import SYSTEM, is_concerned, is_same_person, load_actor
from workflows.services.journal import append_house
from workflows.services.offices import office_by_id
from workflows.services.recused import refuse_recused
from workflows.services.secrecy.looking import Looked, list_look
from workflows.services.separation import doer_of
from workflows.services.vault import key_for, seal, unseal
from workflows.store.base import table_of
from workflows.store.journal import key_id_of
from workflows.store.scope import as_system
from workflows.store.tables import (
    Case,
    Informant,
    InformantNotice,
    InformantOpening,
    InformantReader,
    Matter,
)

# The one name of all house records about the vault.
VAULT = "vault"
LONGEST_TEXT = 500
LONGEST_NAME = 60
_JOB = "informants"


class InformantInvalid(InvalidInput):
    """A real-name report needs a name; name, contact and wishes have at most {longest} signs."""

    code: ClassVar[str] = "informant_invalid"


class OpeningUnfounded(InvalidInput):
    """Opening an entry of the vault needs a reason of at most {longest} signs."""

    code: ClassVar[str] = "opening_unfounded"


class ReaderUnfit(InvalidInput):
    """Named can be who works on the matter: not its registrar, its subject, nor who names him."""

    code: ClassVar[str] = "reader_unfit"


class InformantErased(Conflict):
    """Who reported was erased on {on}."""

    code: ClassVar[str] = "informant_erased"


class NoticeUntimely(Conflict):
    """He was told already, or the matter is not closed yet."""

    code: ClassVar[str] = "notice_untimely"


def keep_informant(session: Session, now: datetime, matter_id: str, identity: Identity) -> None:
    """Seal who reported a matter, in the transaction that registers it.

    Raises:
        InformantInvalid: A real-name report without a name, or too much text.
    """
    _check(identity)
    with as_system(session, _JOB):
        matter = session.get_one(Matter, matter_id)
    office = matter.registering_office_id
    count = select(func.count()).select_from(Informant).where(Informant.matter_id == matter_id)
    entry = Informant(
        id=new_id("i"),
        matter_id=matter_id,
        no=session.scalar(count) + 1,  # type: ignore[operator]
        office_id=office,
        office_path=office_by_id(session, office).path,
        is_real_name=identity.is_real_name,
        kept_on=local_date(now),
    )
    key_id = key_for(session, entry.id, begin_of(entry.kept_on))
    sealed = seal(session, key_id, entry.id, 1, _written(identity))
    entry.commitment, entry.sealed = sealed.commitment, sealed.sealed
    session.add(entry)
    session.flush()


def _check(identity: Identity) -> None:
    texts = (identity.name, identity.contact, identity.wishes)
    is_long = any(len(text) > LONGEST_TEXT for text in texts) or len(identity.name) > LONGEST_NAME
    if is_long or (identity.is_real_name and not identity.name.strip()):
        raise InformantInvalid(longest=LONGEST_TEXT)


def _written(identity: Identity) -> bytes:
    return canonical(
        {
            "is_real_name": identity.is_real_name,
            "channel": identity.channel.value,
            "name": identity.name.strip(),
            "contact": identity.contact.strip(),
            "wishes": identity.wishes.strip(),
        }
    )


def begin_of(day: date) -> datetime:
    """Give the first moment of a day: the key shows no finer time than the entry."""
    return datetime.combine(day, time(), SHANGHAI)


def leads(session: Session, actor: Actor, entry: Informant) -> bool:
    """Say whether somebody is the principal who names readers, and nothing keeps him from it."""
    is_principal = actor.holds((Role.PRINCIPAL,), entry.office_path) is not None
    return is_principal and not is_involved(session, actor, entry.matter_id)


def is_named(session: Session, actor: Actor, entry: Informant, today: date) -> bool:
    """Say whether somebody may open an entry today."""
    row = session.get(InformantReader, (entry.id, actor.account_id))
    if row is None or not row.named_on <= today <= row.until_on:
        return False
    return not is_involved(session, actor, entry.matter_id)


def is_involved(session: Session, actor: Actor, matter_id: str) -> bool:
    """Say whether a case of the matter is about somebody, or he keeps out of one."""
    case, doer = table_of(Case), doer_of(session, actor)
    statement = select(case.c.id, case.c.subject_person_id).where(case.c.matter_id == matter_id)
    rows = session.connection().execute(statement).all()
    if any(is_concerned(actor, row.subject_person_id) for row in rows):
        return True
    try:
        for row in rows:
            refuse_recused(session, row.id, doer.accounts, doer.persons)
    except NotAllowed:
        return True
    return False


def entry_for(session: Session, actor: Actor, informant_id: str, today: date) -> Informant:
    """Give an entry to whoever names its readers or is one; to all others there is none.

    Raises:
        NotFound: There is none for him.
    """
    entry = session.get(Informant, informant_id)
    if entry is None or not (
        leads(session, actor, entry) or is_named(session, actor, entry, today)
    ):
        raise NotFound(what="informant", key=informant_id)
    return entry


def name_reader(
    session: Session,
    actor: Actor,
    now: datetime,
    informant_id: str,
    account_id: str,
    until_on: date,
) -> None:
    """Name somebody who may open an entry until a day, as its principal; a past day ends it.

    Raises:
        NotFound: There is no such entry for this actor.
        ReaderUnfit: The other one registered it, is involved, serves elsewhere, or names himself.
    """
    today = local_date(now)
    entry = session.get(Informant, informant_id)
    if entry is None or not leads(session, actor, entry):
        raise NotFound(what="informant", key=informant_id)
    row = session.get(InformantReader, (informant_id, account_id))
    is_ended = row is not None and until_on < today
    if not is_ended and not may_be_named(session, actor, entry, account_id, today):
        raise ReaderUnfit
    if row is None:
        row = InformantReader(informant_id=informant_id, account_id=account_id)
        session.add(row)
    row.named_by, row.named_on, row.until_on = actor.account_id, today, until_on
    session.flush()
    told = {"act": "named", "account": account_id, "until": until_on.isoformat()}
    _tell(session, actor, now, entry.id, told)


def may_be_named(
    session: Session, actor: Actor, entry: Informant, account_id: str, today: date
) -> bool:
    """Say whether a principal may name somebody else as a reader.

    Nobody who registered the matter, is involved in it, or serves elsewhere.
    """
    with as_system(session, _JOB):
        matter = session.get_one(Matter, entry.matter_id)
    try:
        target = load_actor(session, account_id, today)
    except NotFound:
        return False
    return not (
        target.serves(CASE_ROLES - {Role.RECTIFIER, Role.LIAISON}, matter.org_path) is None
        or is_same_person(session, actor, account_id)
        or is_same_person(session, target, matter.registered_by)
        or is_involved(session, target, entry.matter_id)
    )


def open_entry(
    session: Session,
    actor: Actor,
    now: datetime,
    informant_id: str,
    purpose: Purpose,
    reason: str,
) -> Identity:
    """Open an entry, with a reason; it is recorded as a look and told to the auditor.

    Raises:
        NotFound: There is no such entry, or he is not named for it today.
        OpeningUnfounded: No reason is given.
        InformantErased: There is nothing to read any more.
    """
    entry = _entry_of_reader(session, actor, informant_id, local_date(now))
    if not 0 < len(reason.strip()) <= LONGEST_TEXT:
        raise OpeningUnfounded(longest=LONGEST_TEXT)
    identity = read_identity(session, entry)
    told = {"act": "opened", "purpose": purpose.value}
    seq = _tell(session, actor, now, entry.id, told, reason.strip())
    session.add(
        InformantOpening(
            house_seq=seq,
            informant_id=entry.id,
            account_id=actor.account_id,
            purpose=purpose.value,
            opened_at=now,
        )
    )
    list_look(session, actor, now, seq, Looked.INFORMANT)
    return identity


def _entry_of_reader(session: Session, actor: Actor, informant_id: str, today: date) -> Informant:
    """Give an entry to somebody who is named for it today; to all others there is none."""
    entry = session.get(Informant, informant_id)
    if entry is None or not is_named(session, actor, entry, today):
        raise NotFound(what="informant", key=informant_id)
    return entry


def read_identity(session: Session, entry: Informant) -> Identity:
    """Unseal who reported; the caller knows that it may be read.

    Raises:
        InformantErased: It was erased.
    """
    key_id = key_id_of(session, entry.id)
    if entry.sealed is None or key_id is None:
        raise InformantErased(on=entry.erased_on)
    said: dict[str, Any] = orjson.loads(unseal(session, key_id, entry.id, 1, entry.sealed).content)
    return Identity(
        is_real_name=said["is_real_name"],
        channel=Channel(said["channel"]),
        name=said["name"],
        contact=said["contact"],
        wishes=said["wishes"],
    )


def note_notice(
    session: Session,
    actor: Actor,
    now: datetime,
    informant_id: str,
    kind: NoticeKind,
    done_on: date,
    manner: str,
) -> None:
    """Note that an informant was told, by somebody who is named for it.

    Raises:
        NotFound: There is no such entry, or he is not named for it today.
        NoticeUntimely: He was told before, or there is no result yet.
        OpeningUnfounded: It is not said how, or the day lies ahead.
    """
    today = local_date(now)
    entry = _entry_of_reader(session, actor, informant_id, today)
    is_early = kind is NoticeKind.RESULT and closed_on(session, entry.matter_id) is None
    if is_early or session.get(InformantNotice, (informant_id, kind.value)) is not None:
        raise NoticeUntimely
    if not 0 < len(manner.strip()) <= 120 or not entry.kept_on <= done_on <= today:
        raise OpeningUnfounded(longest=120)
    session.add(
        InformantNotice(
            informant_id=informant_id,
            kind=kind.value,
            done_by=actor.account_id,
            done_on=done_on,
            manner=manner.strip(),
        )
    )
    session.flush()
    _tell(session, actor, now, entry.id, {"act": "told", "kind": kind.value})


def closed_on(session: Session, matter_id: str) -> date | None:
    """Give the day on which the last case of a matter ended, or None while one is open.

    Cases about persons and sealed ones do not count: their end would tell of them.
    """
    case = table_of(Case)
    statement = select(case.c.state, case.c.ended_at).where(
        case.c.matter_id == matter_id, case.c.level == "L1"
    )
    rows = session.connection().execute(statement).all()
    ends = [row.ended_at for row in rows if row.state == "ended" and row.ended_at is not None]
    return local_date(max(ends)) if rows and len(ends) == len(rows) else None


def record_kept(session: Session, now: datetime) -> int:
    """Tell in one house record of the entries made before today, in the order of their ids."""
    statement = (
        select(Informant)
        .where(Informant.is_recorded.is_(False), Informant.kept_on < local_date(now))
        .order_by(Informant.id)
    )
    entries = session.scalars(statement).all()
    if not entries:
        return 0
    kept: list[JsonValue] = [{"id": each.id, "commitment": each.commitment} for each in entries]
    _tell_of(session, SYSTEM["sequencer"], now, {"act": "kept", "entries": kept})
    for each in entries:
        each.is_recorded = True
    session.flush()
    return len(entries)


def _tell(
    session: Session,
    actor: Actor,
    now: datetime,
    informant_id: str,
    told: Mapping[str, JsonValue],
    reason: str | None = None,
) -> int:
    return _tell_of(session, actor, now, {"entry": informant_id, **told}, reason)


def _tell_of(
    session: Session,
    actor: Actor,
    now: datetime,
    form: Mapping[str, JsonValue],
    reason: str | None = None,
) -> int:
    """Record something of the vault; the record itself says no more than that."""
    return append_house(session, actor, now, VAULT, VAULT, form=form, reason=reason)
