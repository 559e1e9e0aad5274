"""Erasing what was written about a subject, by two people and never by a timer (AUDIT.md).

The archivist puts a subject on a destroy list, the security administrator signs (DOMAIN 5.7):
the key of its payloads is deleted, each of their records is told of by another one, and the
rows that repeat them are emptied. The chain, and what the records themselves say, stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.informants import YEARS_KEPT as YEARS_OF_INFORMANTS
from workflows.domain.records import About, JsonValue, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor, Role
from workflows.services.access import (
    OwnCase,
    is_concerned,
    is_same_person,
    role_deciding,
    role_serving,
)
from workflows.services.journal import Act, append_house
from workflows.services.secrecy.informant_erasing import (
    Due,
    due_informant,
    empty_entry,
    is_informant,
)
from workflows.services.secrecy.informants import VAULT
from workflows.services.separation import doer_of, refuse_forbidden_pair
from workflows.services.steps.changes import Changes
from workflows.services.steps.locked import load_locked
from workflows.services.steps.recording import Cause, write_record
from workflows.services.vault import key_of_house, vault_of
from workflows.store.erasing import (
    cases_about,
    delete_key,
    empty_matters_at,
    empty_rows_of,
    forget_name,
)
from workflows.store.journal import key_id_of, read_stream
from workflows.store.tables import Erasure, Informant, LateEntry, Organisation, Person, Task

# A full round of inspection goes by before anything is destroyed (DOMAIN 5.7.7).
YEARS_KEPT = 5
LONGEST_REASON = 2_000


class NothingToErase(NotFound):
    """Nothing is kept about {subject} that could be erased."""

    code: ClassVar[str] = "nothing_to_erase"


class KeptStill(Conflict):
    """{count} cases about {subject} are unfinished, or ended less than {years} years ago."""

    code: ClassVar[str] = "kept_still"


class ErasureUnfounded(InvalidInput):
    """Erasing needs the number of the destroy list and a reason of at most {longest} characters."""

    code: ClassVar[str] = "erasure_unfounded"


class ErasureWaiting(Conflict):
    """Somebody asked for this already; it waits for the second signature."""

    code: ClassVar[str] = "erasure_waiting"


class ErasureDecided(Conflict):
    """The erasing no. {number} does not wait for anybody."""

    code: ClassVar[str] = "erasure_decided"


class OwnErasure(NotAllowed):
    """Whoever asked for an erasing does not sign it."""

    code: ClassVar[str] = "own_erasure"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    cases: int
    records: int


def subject_named(session: Session, name: str) -> str:
    """Find a subject by the code of an organisation, the staff code of a person, or its id.

    Raises:
        NothingToErase: There is none.
    """
    unit = select(Organisation.id).where((Organisation.code == name) | (Organisation.id == name))
    person = select(Person.id).where((Person.staff_code == name) | (Person.id == name))
    entry = select(Informant.id).where(Informant.id == name, Informant.sealed.is_not(None))
    found = session.scalar(unit) or session.scalar(person) or session.scalar(entry)
    if found is None:
        raise NothingToErase(subject=name)
    return found


def ask_to_erase(
    session: Session, actor: Actor, now: datetime, subject_id: str, document: str, reason: str
) -> Erasure:
    """Put a subject on a destroy list, as its archivist; somebody else signs.

    Raises:
        ErasureUnfounded: The list or the reason is missing.
        NothingToErase: It has no key, so nothing was ever written or all was erased.
        KeptStill: A case about it is open, or ended too short a time ago.
        RoleMissing, RolesForbidden, OwnCase: This actor may not.
        ErasureWaiting: It was asked for already.
    """
    if not document.strip() or not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise ErasureUnfounded(longest=LONGEST_REASON)
    if is_concerned(actor, subject_id):
        raise OwnCase
    if is_informant(subject_id):
        role_serving(actor, (Role.ARCHIVIST,), _due_entry(session, now, subject_id).org_path)
    else:
        _refuse_archivist(session, actor, _erasable(session, now, subject_id)[1])
    erasure = Erasure(
        subject_id=subject_id,
        document=document.strip(),
        reason=reason.strip(),
        asked_by=actor.account_id,
        asked_at=now,
        state="waiting",
    )
    try:
        with session.begin_nested():
            session.add(erasure)
    except IntegrityError as error:
        raise ErasureWaiting from error
    _tell(session, actor, now, "erasure_asked", erasure, erasure.reason)
    return erasure


def _refuse_archivist(session: Session, actor: Actor, cases: list[tuple[str, str]]) -> None:
    for case_id, org_path in cases:
        role_serving(actor, (Role.ARCHIVIST,), org_path)
        refuse_forbidden_pair(session, case_id, Role.ARCHIVIST, doer_of(session, actor))


def refuse_to_erase(
    session: Session, actor: Actor, now: datetime, number: int, reason: str
) -> None:
    """Refuse what somebody asked for.

    Raises:
        ErasureDecided: It does not wait.
        RoleMissing: This actor may not.
    """
    role_deciding(actor, (Role.SECURITY_ADMIN,))
    erasure = _waiting(session, number)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise ErasureUnfounded(longest=LONGEST_REASON)
    erasure.state, erasure.decided_by, erasure.decided_at = "refused", actor.account_id, now
    _tell(session, actor, now, "erasure_refused", erasure, reason)


def erase(session: Session, actor: Actor, now: datetime, number: int) -> Erased:
    """Sign what an archivist asked for, and erase it.

    The key is gone with the caller's commit; other processes forget it within a minute.

    Raises:
        ErasureDecided: It does not wait.
        KeptStill: A case was opened since, or opened again.
        RoleMissing, OwnErasure: This actor may not.
    """
    role = role_deciding(actor, (Role.SECURITY_ADMIN,))
    erasure = _waiting(session, number)
    if is_same_person(session, actor, erasure.asked_by):
        raise OwnErasure
    subject_id = erasure.subject_id
    if is_informant(subject_id):
        return _erase_entry(session, actor, now, erasure)
    key_id, cases = _erasable(session, now, subject_id)
    act = Act(actor, now, now, role)
    case_ids = [case_id for case_id, _ in cases]
    records = sum(_tell_of_records(session, act, erasure, key_id, each) for each in case_ids)
    delete_key(session, key_id)
    vault_of(session).forget(key_id)
    empty_rows_of(session, case_ids)
    if subject_id.startswith("p_"):
        forget_name(session, subject_id, local_date(now))
    else:
        empty_matters_at(session, subject_id)
    erasure.state, erasure.decided_by, erasure.decided_at = "done", actor.account_id, now
    _tell(session, actor, now, "erased", erasure, erasure.reason, records=records)
    return Erased(len(case_ids), records)


def _erase_entry(session: Session, actor: Actor, now: datetime, erasure: Erasure) -> Erased:
    """Erase an entry of the informant vault: no record of a case repeats anything of it."""
    due = _due_entry(session, now, erasure.subject_id)
    delete_key(session, due.key_id)
    vault_of(session).forget(due.key_id)
    empty_entry(session, due, local_date(now))
    erasure.state, erasure.decided_by, erasure.decided_at = "done", actor.account_id, now
    _tell(session, actor, now, "erased", erasure, erasure.reason)
    return Erased(0, 1)


def _due_entry(session: Session, now: datetime, informant_id: str) -> Due:
    due = due_informant(session, local_date(now), informant_id)
    if due is None:
        raise KeptStill(count=1, subject=informant_id, years=YEARS_OF_INFORMANTS)
    return due


def erasures(session: Session) -> list[Erasure]:
    """Give all that was ever asked for, the oldest first."""
    return list(session.scalars(select(Erasure).order_by(Erasure.id)))


def _erasable(
    session: Session, now: datetime, subject_id: str
) -> tuple[str, list[tuple[str, str]]]:
    """Lock the cases about a subject and make sure that all of them are long over."""
    cases = cases_about(session, subject_id)
    key_id = key_id_of(session, subject_id)
    if not cases or key_id is None:
        raise NothingToErase(subject=subject_id)
    before = _years_before(now)
    unfinished = _unfinished(session, [each.id for each in cases])
    kept = [
        each
        for each in cases
        if each.state != "ended" or each.ended_at > before or each.id in unfinished
    ]
    if kept:
        raise KeptStill(count=len(kept), subject=subject_id, years=YEARS_KEPT)
    return key_id, [(each.id, each.org_path) for each in cases]


def _unfinished(session: Session, case_ids: list[str]) -> set[str]:
    """Give the cases in which something outlives the end.

    A review of consequences is a task still, a correction waits for its second person.
    """
    task = select(Task.case_id).where(Task.case_id.in_(case_ids), Task.state == "open")
    entry = select(LateEntry.case_id).where(
        LateEntry.case_id.in_(case_ids), LateEntry.state == "waiting"
    )
    return {*session.scalars(task), *session.scalars(entry)}


def _years_before(now: datetime) -> datetime:
    try:
        return now.replace(year=now.year - YEARS_KEPT)
    except ValueError:  # the 29th of February
        return (now - timedelta(days=1)).replace(year=now.year - YEARS_KEPT)


def _tell_of_records(
    session: Session, act: Act, erasure: Erasure, key_id: str, case_id: str
) -> int:
    """Write into a case that the payloads of its records are erased, a record for each."""
    case = load_locked(session, case_id)
    # Their own payloads outlive the subject's key.
    case.key_id = key_of_house(session, act.now)
    told = [row.seq for row in read_stream(session, case_id) if row.key_id == key_id]
    for seq in told:
        cause = Cause(
            kind=RecordKind.PAYLOAD_ERASED,
            trigger=TriggerRef(TriggerKind.OFFICER, "erase", str(erasure.id)),
            form={"document": erasure.document, "asked_by": erasure.asked_by},
            reason=erasure.reason,
            about=About(case_id, seq),
        )
        write_record(session, case, act, cause, Changes(), case.facts, case.marking_hash)
    return len(told)


def _waiting(session: Session, number: int) -> Erasure:
    statement = select(Erasure).where(Erasure.id == number).with_for_update()
    erasure = session.scalars(statement).one_or_none()
    if erasure is None or erasure.state != "waiting":
        raise ErasureDecided(number=number)
    return erasure


def _tell(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    erasure: Erasure,
    reason: str,
    **counts: JsonValue,
) -> None:
    form = {"subject": erasure.subject_id, "document": erasure.document, **counts}
    ref = str(erasure.id)
    if is_informant(erasure.subject_id):
        form, name, ref = {"act": name, "erasure": ref, **form}, VAULT, VAULT
    append_house(session, actor, now, name, ref, form=form, reason=reason.strip())
