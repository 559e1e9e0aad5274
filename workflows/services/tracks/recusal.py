"""Recusal: the declaration at the door of a case, and the request (DOMAIN 3.4).

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
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
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
from workflows.domain.texts import whole
from workflows.services.access import is_concerned, is_same_person, load_actor, role_serving
from workflows.services.journal import append_house
from workflows.services.recused import keeps_out
from workflows.services.separation import doer_behind
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.paper import OFFICER_ROLES, PaperInFuture, PaperNeeded
from workflows.services.tracks.recusal_decision import (
    LONGEST_TEXT,
    OwnRecusal,
    RecusalInvalid,
    deciding_office,
    note,
)
from workflows.store.tables import Declaration, Recusal

LONGEST_DOCUMENT = 120
_SIDES = (RecusalSource.SUBJECT, RecusalSource.COMPLAINANT)


class DeclarationNeeded(NotAllowed):
    """Before this case is opened it has to be declared whether anything binds to its side."""

    code: ClassVar[str] = "declaration_needed"


class DeclaredAlready(Conflict):
    """It was declared for this case on {at}; a ground that came up later is a request."""

    code: ClassVar[str] = "declared_already"


class RecusalUnfit(InvalidInput):
    """Only who works on this case can be recused from it."""

    code: ClassVar[str] = "recusal_unfit"


class RecusalAsked(Conflict):
    """It was asked for on {on} already, or decided."""

    code: ClassVar[str] = "recusal_asked"


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

    What a side asks for comes on paper, or from the account of the subject itself.

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
        _refuse_other_side(case, actor, source)
    else:
        role_serving(actor, OFFICER_ROLES, path)
        _refuse_paper(case, now, source, paper)


def _refuse_other_side(case: LockedCase, actor: Actor, source: RecusalSource) -> None:
    """Let only the subject itself ask from an account: the person, or the organisation's own."""
    if source is not RecusalSource.SUBJECT:
        raise PaperNeeded
    if case.subject_person_id is None:
        role_serving(actor, (Role.RECTIFIER,), case.place.org_path)
    elif not is_concerned(actor, case.subject_person_id):
        raise PaperNeeded


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
        document=whole(paper.document, LONGEST_DOCUMENT) if paper else "",
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
