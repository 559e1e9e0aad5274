"""Acts on paper: what somebody without an account did, entered by an officer (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import InvalidInput, NotAllowed
from workflows.domain.organisations import is_unit_code
from workflows.domain.records import Source
from workflows.domain.roles import Actor, Role
from workflows.engine import Activity, MessageEvent, Opening
from workflows.services.access import RoleMissing, role_serving, unit_path
from workflows.services.journal import Act
from workflows.services.offices import Office
from workflows.services.steps.locked import LockedCase
from workflows.store.tables import Account, JournalRecord, Person, Tenure

_NOON = time(12)
_TOWNSHIP = 4  # the level of a sumu or town
# Officers of a case: those who drive, register or supervise it.
OFFICER_ROLES = ("R01", "R02", "R03", "R09", "R12")
DECIDING_ROLES = ("R05", "R06", "R07")


class PaperNeeded(InvalidInput):
    """An act on paper needs its paper: a scan or a file number."""

    code: ClassVar[str] = "paper_needed"


class PaperInFuture(InvalidInput):
    """An act on paper cannot lie in the future ({on})."""

    code: ClassVar[str] = "paper_in_future"


class LateEntryNeeded(InvalidInput):
    """The act of {on} lies before a deadline that has fired: enter it late, with two people."""

    code: ClassVar[str] = "late_entry_needed"


class OwnAccountNeeded(NotAllowed):
    """{name} has an account and does this himself, not on paper."""

    code: ClassVar[str] = "own_account_needed"


class PaperOfStranger(InvalidInput):
    """{name} held no post in {office} or its township on {on}: its paper is by somebody there."""

    code: ClassVar[str] = "paper_of_stranger"


class PaperOfAnother(InvalidInput):
    """{name} is not the person concerned, whose own step this is."""

    code: ClassVar[str] = "paper_of_another"


class DecidesCase(NotAllowed):
    """Nobody types the paper of a person whose case he decides."""

    code: ClassVar[str] = "decides_case"


@dataclass(frozen=True, slots=True)
class PaperAct:
    """Who acted, on which day, by which paper.

    ``document`` is a file number or the name of the scan; without a scan yet,
    ``scan_follows`` marks it 原件待补.
    """

    performed_by: str
    acted_on: date
    document: str
    scan_follows: bool = False

    def noted(self) -> dict[str, str | bool]:
        """Give what the payload keeps of the paper."""
        return {"paper_document": self.document, "paper_scan_follows": self.scan_follows}


def act_on_paper(
    session: Session,
    case: LockedCase,
    what: Activity | MessageEvent | Opening,
    office: Office,
    actor: Actor,
    now: datetime,
    paper: PaperAct,
) -> Act:
    """Check that a paper may be entered by this officer, and give the act it stands for.

    Raises:
        PaperNeeded, PaperInFuture: What was given does not do.
        RoleMissing: The actor is no officer of the case.
        OwnAccountNeeded: Who acted can do it himself.
        DecidesCase: The actor decides the case of the person whose paper it is.
        PaperOfAnother: It is for the person concerned alone to act, and this is somebody else.
        PaperOfStranger: It is for the case's organisation to act, and he is nobody of it.
    """
    today = local_date(now)
    if not paper.document.strip():
        raise PaperNeeded
    if paper.acted_on > today:
        raise PaperInFuture(on=paper.acted_on)
    role_serving(actor, OFFICER_ROLES, case.place.org_path)
    person = session.get(Person, paper.performed_by)
    if person is None:
        raise PaperNeeded
    _refuse_own_account(session, person)
    if case.subject_person_id == person.id:
        _refuse_decider(session, case, actor)
    elif case.subject_person_id is not None and is_own_step(what.roles):
        raise PaperOfAnother(name=person.name)
    elif office.id == case.place.subject_organisation_id:
        _refuse_stranger(session, office, person, paper.acted_on)
    moment = datetime.combine(paper.acted_on, _NOON, SHANGHAI)
    occurred_at = now if paper.acted_on == today else moment
    role = _role_on_paper(case, what.roles, person)
    return Act(actor, now, occurred_at, role, office.id, person.id, Source.PAPER)


def is_own_step(roles: Iterable[str]) -> bool:
    """Say whether a step is for the person concerned and nobody beside him."""
    return set(roles) == {Role.PERSON_CONCERNED.value}


def _role_on_paper(case: LockedCase, roles: tuple[str, ...], person: Person) -> str:
    """Give the role of who acted: the person concerned, else the first that is not only his."""
    concerned = Role.PERSON_CONCERNED.value
    if not roles or (concerned in roles and case.subject_person_id == person.id):
        return concerned
    return next((role for role in roles if role != concerned), concerned)


def _refuse_own_account(session: Session, person: Person) -> None:
    own = select(Account.id).where(Account.person_id == person.id, Account.is_active)
    if session.execute(own).first() is not None:
        raise OwnAccountNeeded(name=person.name)


def _refuse_stranger(session: Session, office: Office, person: Person, on: date) -> None:
    """Refuse who holds no post in the unit of an organisation, nor in its township."""
    held = select(Tenure.org_path).where(
        Tenure.person_id == person.id,
        Tenure.from_on <= on,
        Tenure.until_on.is_(None) | (Tenure.until_on >= on),
    )
    own = _unit_of(office.path)
    township = "".join(f"{code}." for code in own.split(".")[:_TOWNSHIP])
    if {own, township}.isdisjoint(map(_unit_of, session.scalars(held))):
        raise PaperOfStranger(name=person.name, office=office.name, on=on)


def _unit_of(path: str) -> str:
    """Give the path of a unit, or of the unit whose body it is."""
    return path if is_unit_code(path.strip(".").rpartition(".")[2]) else unit_path(path)


def _refuse_decider(session: Session, case: LockedCase, actor: Actor) -> None:
    try:
        role_serving(actor, DECIDING_ROLES, case.place.org_path)
    except RoleMissing:
        acted = select(JournalRecord.seq).where(
            JournalRecord.stream_id == case.id,
            JournalRecord.actor == actor.account_id,
            JournalRecord.role.in_(DECIDING_ROLES),
        )
        if session.execute(acted).first() is None:
            return
    raise DecidesCase
