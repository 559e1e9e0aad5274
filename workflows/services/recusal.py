"""Recusal: the declaration at the door of a case, the request, the decision (DOMAIN 3.4).

What is decided moves no case: it changes who may see and do it. So declarations and requests
are records of the house; only the decision to recuse stands in the case, which lost a hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.recusals import (
    DECISION_BUDGET,
    DECISION_KIND,
    Reason,
    RecusalSource,
    RecusalState,
)
from workflows.domain.roles import CASE_ROLES, Actor, Role
from workflows.domain.terms import Term
from workflows.services.access import OwnCase, is_same_person, load_actor, role_over, role_serving
from workflows.services.handing_on import superior_of
from workflows.services.journal import append_house
from workflows.services.locked import LockedCase, load_locked
from workflows.services.offices import office_for
from workflows.services.paper import OFFICER_ROLES, PaperInFuture, PaperNeeded
from workflows.services.recused import keeps_out, refuse_recused
from workflows.services.recusing import recuse
from workflows.services.separation import doer_behind, doer_of
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import Account, Case, Declaration, Grant, Organisation, Recusal

LONGEST_TEXT = 500
_JOB, _SIDES = "recusal", (RecusalSource.SUBJECT, RecusalSource.COMPLAINANT)


class DeclarationNeeded(NotAllowed):
    """Before this case is opened it has to be declared whether anything binds to its side."""

    code: ClassVar[str] = "declaration_needed"


class DeclaredAlready(Conflict):
    """It was declared for this case on {at}; a ground that came up later is a request."""

    code: ClassVar[str] = "declared_already"


class RecusalInvalid(InvalidInput):
    """A recusal needs a ground, what it consists in, and a day not after today."""

    code: ClassVar[str] = "recusal_invalid"


class RecusalUnfit(InvalidInput):
    """Only who works on this case can be recused from it."""

    code: ClassVar[str] = "recusal_unfit"


class RecusalAsked(Conflict):
    """It was asked for on {on} already, or decided."""

    code: ClassVar[str] = "recusal_asked"


class RecusalDecided(Conflict):
    """It was decided on {at} by {by}."""

    code: ClassVar[str] = "recusal_decided"


class OwnRecusal(NotAllowed):
    """Nobody decides about his own recusal."""

    code: ClassVar[str] = "own_recusal"


@dataclass(frozen=True, slots=True)
class FromPaper:
    """A side's request on paper: its day and number, and who signed it.

    A complainant is never named: ``performed_by`` is null then.
    """

    acted_on: date
    document: str
    performed_by: str | None


def declare(
    session: Session, actor: Actor, now: datetime, case_id: str, reason: Reason | None
) -> str | None:
    """Say whether anything binds somebody to the side of a case; give the request it makes.

    With a ground the case stays closed to him until it is decided.

    Raises:
        NotFound: There is no such case in the session's scope.
        DeclaredAlready: Once per case and account.
        RecusalInvalid: The ground is not told.
    """
    case = load_locked(session, case_id)
    before = session.get(Declaration, (case_id, actor.account_id))
    if before is not None:
        raise DeclaredAlready(at=before.declared_at)
    has_ground = reason is not None
    session.add(
        Declaration(
            case_id=case_id, account_id=actor.account_id, has_ground=has_ground, declared_at=now
        )
    )
    session.flush()
    said = "ground" if has_ground else "none"
    append_house(session, actor, now, "recusal_declared", said, form={"case": case_id})
    if reason is None:
        return None
    return _ask(session, case, actor, now, actor.account_id, RecusalSource.DECLARED, reason)


def declare_for_all(session: Session, actor: Actor, now: datetime, case_id: str) -> None:
    """Say of one case among many that nothing binds; what was declared before stands."""
    if session.get(Declaration, (case_id, actor.account_id)) is None:
        declare(session, actor, now, case_id, None)


def has_declared(session: Session, actor: Actor, case_id: str) -> bool:
    """Tell whether an account has declared for a case."""
    return session.get(Declaration, (case_id, actor.account_id)) is not None


def ask(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    account_id: str,
    source: RecusalSource,
    reason: Reason,
    paper: FromPaper | None = None,
) -> str:
    """Ask for somebody's recusal: himself, a side of the case, or his leader; give its id.

    What a side asks for comes on paper, or from the organisation's own account.

    Raises:
        NotFound: There is no such case in the session's scope.
        RoleMissing, OwnRecusal, PaperNeeded, PaperInFuture: Not this actor, or not so.
        RecusalUnfit: The other one has nothing to do with the case.
        RecusalAsked: It waits or was decided already.
        RecusalInvalid: The ground is not told.
    """
    case = load_locked(session, case_id)
    _refuse_asker(session, case, actor, now, account_id, source, paper)
    target = load_actor(session, account_id, local_date(now))
    if not _works_on(target, case):
        raise RecusalUnfit
    return _ask(session, case, actor, now, account_id, source, reason, paper)


def _refuse_asker(
    session: Session,
    case: LockedCase,
    actor: Actor,
    now: datetime,
    account_id: str,
    source: RecusalSource,
    paper: FromPaper | None,
) -> None:
    path = case.place.org_path
    if source is RecusalSource.OWN:
        if not is_same_person(session, actor, account_id):
            raise OwnRecusal
    elif source is RecusalSource.LEADER:
        role_serving(actor, (Role.PRINCIPAL,), path)
    elif source not in _SIDES:
        raise RecusalInvalid
    elif paper is None:
        if source is not RecusalSource.SUBJECT or case.subject_person_id is not None:
            raise PaperNeeded
        role_serving(actor, (Role.RECTIFIER,), path)
    else:
        role_serving(actor, OFFICER_ROLES, path)
        _refuse_paper(case, now, source, paper)


def _refuse_paper(case: LockedCase, now: datetime, source: RecusalSource, paper: FromPaper) -> None:
    if not paper.document.strip():
        raise PaperNeeded
    if paper.acted_on > local_date(now):
        raise PaperInFuture(on=paper.acted_on)
    if source is RecusalSource.COMPLAINANT:
        if paper.performed_by is not None:
            raise RecusalInvalid
    elif case.subject_person_id is not None and paper.performed_by != case.subject_person_id:
        raise RecusalInvalid


def _works_on(target: Actor, case: LockedCase) -> bool:
    lent = any(
        each.case_id in (None, case.id) and case.place.org_path.startswith(each.unit_path)
        for each in target.bounded
    )
    return lent or target.serves(CASE_ROLES, case.place.org_path) is not None


def _ask(
    session: Session,
    case: LockedCase,
    actor: Actor,
    now: datetime,
    account_id: str,
    source: RecusalSource,
    reason: Reason,
    paper: FromPaper | None = None,
) -> str:
    asked_on = paper.acted_on if paper else local_date(now)
    _check(reason, local_date(now))
    _refuse_second(session, case.id, account_id)
    office = deciding_office(session, case, account_id, now)
    row = Recusal(
        id=new_id("r"),
        case_id=case.id,
        account_id=account_id,
        source=source.value,
        ground=reason.ground.value,
        ground_since=reason.since,
        statement=reason.statement.strip(),
        asked_by=actor.account_id,
        performed_by=paper.performed_by if paper else None,
        document=paper.document.strip()[:120] if paper else "",
        asked_on=asked_on,
        asked_at=now,
        office_id=office.id,
        office_path=office.path,
        due_on=Term(asked_on, DECISION_BUDGET, DECISION_KIND).due(case.calendar).due_on,
        state=RecusalState.ASKED.value,
    )
    session.add(row)
    session.flush()
    note(session, actor, now, "recusal_asked", row)
    return row.id


def _check(reason: Reason, today: date) -> None:
    text = reason.statement.strip()
    if not text or len(text) > LONGEST_TEXT or (reason.since is not None and reason.since > today):
        raise RecusalInvalid


def _refuse_second(session: Session, case_id: str, account_id: str) -> None:
    """Refuse a second request while one waits, or once it was granted."""
    doer = doer_behind(session, account_id)
    statement = (
        select(Recusal.asked_on)
        .where(Recusal.case_id == case_id, Recusal.account_id.in_(doer.accounts))
        .where(or_(Recusal.state == RecusalState.ASKED, keeps_out()))
    )
    on = session.scalar(statement)
    if on is not None:
        raise RecusalAsked(on=on)


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
    if subject is not None and subject == actor.person_id:
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
