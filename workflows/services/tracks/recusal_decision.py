"""Deciding on a recusal: which principal decides, and what a granted one does (DOMAIN 3.4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.recusals import RecusalState
from workflows.domain.roles import Actor, Role
from workflows.services.access import OwnCase, is_concerned, is_same_person, load_actor, role_over
from workflows.services.journal import append_house
from workflows.services.offices import office_for
from workflows.services.recused import keeps_out, refuse_recused
from workflows.services.separation import doer_behind, doer_of
from workflows.services.steps.handing_on import superior_of
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.tracks.recusing import recuse
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import Account, Case, Grant, Organisation, Recusal

LONGEST_TEXT = 500
_JOB = "recusal"


class RecusalInvalid(InvalidInput):
    """A recusal needs a ground, what it consists in, and a day not after today."""

    code: ClassVar[str] = "recusal_invalid"


class RecusalDecided(Conflict):
    """It was decided on {at} by {by}."""

    code: ClassVar[str] = "recusal_decided"


class OwnRecusal(NotAllowed):
    """Nobody decides about his own recusal."""

    code: ClassVar[str] = "own_recusal"


def deciding_office(
    session: Session, case: LockedCase, account_id: str, now: datetime
) -> Organisation:
    """Find the office whose principal decides: that of the one concerned, else above it.

    Somebody who is principal over it himself, or where nobody else is, is decided about by
    the superior (DOMAIN 3.4; X21). Where there is none above, the highest office has it.
    """
    target = load_actor(session, account_id, local_date(now))
    own = session.get(Organisation, target.office_id) if target.office_id else None
    if own is None or not case.place.org_path.startswith(_unit_of(session, own).path):
        at = office_for(session, "banner_organisation", case.place)
        own = session.get_one(Organisation, at.id)
    office = own
    out = _kept_out(session, case, account_id)
    while _leads(target, office) or not _others_lead(session, office, out, local_date(now)):
        above = superior_of(session, office)
        if above is None:
            break
        office = above
    return office


def _unit_of(session: Session, office: Organisation) -> Organisation:
    return office if office.kind == "unit" else session.get_one(Organisation, office.parent_id)


def _leads(target: Actor, office: Organisation) -> bool:
    return target.holds((Role.PRINCIPAL,), office.path) is not None


def _kept_out(session: Session, case: LockedCase, account_id: str) -> set[str]:
    """Give the accounts that cannot decide: his own, the subject's, those recused."""
    out = set(doer_behind(session, account_id).accounts)
    recused = select(Recusal.account_id).where(Recusal.case_id == case.id, keeps_out())
    subject = select(Account.id).where(Account.person_id == case.subject_person_id)
    out |= set(session.scalars(recused))
    return out | (set(session.scalars(subject)) if case.subject_person_id else set())


def _others_lead(session: Session, office: Organisation, out: set[str], today: date) -> bool:
    statement = (
        select(Grant.account_id, Grant.org_path)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Account.is_active,
            Grant.role == Role.PRINCIPAL,
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
    )
    return any(
        office.path.startswith(path) and account_id not in out
        for account_id, path in session.execute(statement)
    )


def decide(
    session: Session,
    actor: Actor,
    now: datetime,
    recusal_id: str,
    *,
    is_granted: bool,
    decision: str,
) -> None:
    """Decide on a recusal, with a reason; granted, it ends all access at this moment.

    The decider need not be able to see the case: the superior of its principal may not.

    Raises:
        RecusalDecided: Somebody was faster.
        OwnRecusal, OwnCase, Recused, RoleMissing: It is not his to decide.
        RecusalInvalid: No reason is given.
    """
    with as_system(session, _JOB):
        case = load_locked(session, held_case(session, recusal_id))
        row = session.get_one(Recusal, recusal_id, populate_existing=True)
        if row.state != RecusalState.ASKED:
            raise RecusalDecided(at=row.decided_at, by=row.decided_by)
        _refuse_decider(session, case, row, actor)
        if not decision.strip() or len(decision) > LONGEST_TEXT:
            raise RecusalInvalid
        row.state = (RecusalState.GRANTED if is_granted else RecusalState.REFUSED).value
        row.decided_by, row.decided_at = actor.account_id, now
        row.decision = decision.strip()
        session.flush()
        if is_granted:
            recuse(session, case, row, actor, now)
        name = "recusal_granted" if is_granted else "recusal_refused"
        note(session, actor, now, name, row)


def held_case(session: Session, recusal_id: str) -> str:
    """Give the case of a recusal, which is locked before it.

    Raises:
        NotFound: There is no such recusal.
    """
    case_id = session.scalar(select(Recusal.case_id).where(Recusal.id == recusal_id))
    if case_id is None:
        raise NotFound(what="recusal", key=recusal_id)
    return case_id


def may_decide(session: Session, actor: Actor, row: Recusal) -> bool:
    """Say whether somebody could decide a recusal that waits."""
    case = table_of(Case)
    about = select(case.c.subject_person_id).where(case.c.id == row.case_id)
    subject = session.connection().execute(about).scalar_one()
    try:
        _refuse_unfit(session, row, subject, actor)
    except NotAllowed:
        return False
    return row.state == RecusalState.ASKED


def _refuse_decider(session: Session, case: LockedCase, row: Recusal, actor: Actor) -> None:
    _refuse_unfit(session, row, case.subject_person_id, actor)


def _refuse_unfit(session: Session, row: Recusal, subject: str | None, actor: Actor) -> None:
    role_over(actor, (Role.PRINCIPAL,), row.office_path)
    if is_same_person(session, actor, row.account_id):
        raise OwnRecusal
    if is_concerned(actor, subject):
        raise OwnCase
    doer = doer_of(session, actor)
    refuse_recused(session, row.case_id, doer.accounts, doer.persons)


def note(session: Session, actor: Actor, now: datetime, name: str, row: Recusal) -> None:
    """Record it in the house; the sealed payload names a case, the record itself none."""
    append_house(
        session,
        actor,
        now,
        name,
        row.id,
        form={
            "case": row.case_id,
            "account": row.account_id,
            "source": row.source,
            "ground": row.ground,
            "ground_since": row.ground_since.isoformat() if row.ground_since else None,
            "statement": row.statement,
            "performed_by": row.performed_by,
            "document": row.document,
            "due_on": row.due_on.isoformat(),
        },
        reason=row.decision or None,
    )
