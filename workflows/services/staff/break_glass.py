"""A case opened in need: the auditor asks, the principal agrees, for a day (DOMAIN 8.16).

Whoever gets it serves the place of the case already and does not see it by his roles. It ends
by itself; the case's record, the exceptions, the auditor's page and the superior tell of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import CASE_ROLES, Actor, Role
from workflows.services.access import (
    OwnCase,
    is_concerned,
    is_same_person,
    load_actor,
    role_deciding,
    role_serving,
)
from workflows.services.journal import Act, append_house
from workflows.services.offices import office_for
from workflows.services.recused import closed_cases
from workflows.services.separation import refuse_kept_out
from workflows.services.steps.handing_on import superior_of
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.recording import write_intervention
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import Account, BreakGlass, Case, Organisation

BREAK_GLASS = "break_glass"
LASTS = timedelta(hours=24)
LONGEST_REASON = 500
_JOB = "break_glass"
_GLASS = table_of(BreakGlass)


class BreakGlassInvalid(InvalidInput):
    """It needs a case that is not sealed, a reason, and somebody who may work on the case."""

    code: ClassVar[str] = "break_glass_invalid"


class BreakGlassDecided(Conflict):
    """It was decided already."""

    code: ClassVar[str] = "break_glass_decided"


class OwnGlass(NotAllowed):
    """Whoever asked for it, or would get it, does not agree to it."""

    code: ClassVar[str] = "own_glass"


def ask_to_open(
    session: Session, actor: Actor, now: datetime, case_number: str, username: str, reason: str
) -> BreakGlass:
    """Ask, as audit administrator, that a case is opened to an account for a day.

    Raises:
        RoleMissing: Somebody else asks.
        Recused, RecusalPending: He keeps out of the case himself.
        BreakGlassInvalid: The case, the account or the reason will not do.
    """
    role_deciding(actor, (Role.AUDIT_ADMIN,))
    with as_system(session, _JOB):
        case = session.scalar(select(Case).where(Case.number == case_number.strip()))
    account = session.scalar(select(Account).where(Account.username == username.strip()))
    if case is None or case.level == "L3" or account is None:
        raise BreakGlassInvalid
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise BreakGlassInvalid
    refuse_kept_out(session, actor, (case.id,))
    _refuse_target(session, case.id, case.org_path, case.subject_person_id, account.id, now)
    row = BreakGlass(
        case_id=case.id,
        account_id=account.id,
        reason=reason.strip(),
        asked_by=actor.account_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    _tell(session, actor, now, "break_glass_asked", row)
    return row


def _refuse_target(
    session: Session,
    case_id: str,
    org_path: str,
    subject: str | None,
    account_id: str,
    now: datetime,
) -> None:
    try:
        target = load_actor(session, account_id, local_date(now))
        refuse_kept_out(session, target, (case_id,))
    except (NotFound, NotAllowed) as error:
        raise BreakGlassInvalid from error
    roles = CASE_ROLES - {Role.RECTIFIER, Role.LIAISON}
    if is_concerned(target, subject) or target.serves(roles, org_path) is None:
        raise BreakGlassInvalid


def decide_glass(
    session: Session, actor: Actor, now: datetime, glass_id: int, *, is_agreed: bool
) -> None:
    """Agree as the principal, who serves the place of the case; it is open from now on.

    Raises:
        NotFound: There is none.
        RoleMissing, OwnCase, Recused, RecusalPending, OwnGlass: Not this actor.
        BreakGlassDecided: Somebody was faster.
        BreakGlassInvalid: The account lost what it needs.
    """
    with as_system(session, _JOB):
        row = session.get(BreakGlass, glass_id, with_for_update=True)
        if row is None:
            raise NotFound(what="break_glass", key=str(glass_id))
        case = load_locked(session, row.case_id)
        role_deciding(actor, (Role.PRINCIPAL,))
        role = role_serving(actor, (Role.PRINCIPAL,), case.place.org_path)
        _refuse_decider(session, actor, case, row)
        if is_agreed:
            path, subject = case.place.org_path, case.subject_person_id
            _refuse_target(session, case.id, path, subject, row.account_id, now)
            above = _superior_path(session, case)
            _record(session, case, row, now + LASTS, Act(actor, now, now, role))
            row.until_at, row.superior_path = now + LASTS, above
        row.state = "agreed" if is_agreed else "refused"
        row.decided_by, row.decided_at = actor.account_id, now
        session.flush()
        _tell(session, actor, now, f"break_glass_{row.state}", row)


def _refuse_decider(session: Session, actor: Actor, case: LockedCase, row: BreakGlass) -> None:
    if is_concerned(actor, case.subject_person_id):
        raise OwnCase
    refuse_kept_out(session, actor, (case.id,))
    if row.state != "asked":
        raise BreakGlassDecided
    for each in (row.asked_by, row.account_id):
        if is_same_person(session, actor, each):
            raise OwnGlass


def _superior_path(session: Session, case: LockedCase) -> str | None:
    office = office_for(session, "banner_organisation", case.place)
    above = superior_of(session, session.get_one(Organisation, office.id))
    return None if above is None else above.path


def _record(
    session: Session, case: LockedCase, row: BreakGlass, until_at: datetime, act: Act
) -> None:
    form = {
        "opened_to": row.account_id,
        "asked_by": row.asked_by,
        "until_at": until_at.isoformat(),
    }
    write_intervention(session, case, act, BREAK_GLASS, case.id, reason=row.reason, form=form)


def opened_cases(session: Session, account_id: str, now: datetime) -> tuple[str, ...]:
    """Give the cases that are open to an account at this moment, by break-glass alone."""
    statement = select(_GLASS.c.case_id).where(
        _GLASS.c.account_id == account_id,
        _GLASS.c.state == "agreed",
        _GLASS.c.decided_at <= now,
        _GLASS.c.until_at > now,
    )
    return tuple(session.connection().execute(statement).scalars())


def take_note(session: Session, actor: Actor, now: datetime, glass_id: int) -> None:
    """Note, as a principal of the superior office, that the report was seen.

    Raises:
        NotFound: There is none that was reported to him.
    """
    row = session.get(BreakGlass, glass_id, with_for_update=True)
    if row is None or not _is_superior(actor, row):
        raise NotFound(what="break_glass", key=str(glass_id))
    if row.seen_by is None:
        row.seen_by, row.seen_at = actor.account_id, now
        session.flush()
        _tell(session, actor, now, "break_glass_seen", row)


def _is_superior(actor: Actor, row: BreakGlass) -> bool:
    path = row.superior_path
    return path is not None and actor.holds((Role.PRINCIPAL,), path) is not None


def glasses_for(session: Session, actor: Actor) -> Sequence[tuple[BreakGlass, str, bool, bool]]:
    """Give what somebody asks, decides or is told of: row, number, may decide, may take note."""
    is_auditor = any(grant.role == Role.AUDIT_ADMIN for grant in actor.grants)
    case = table_of(Case)
    statement = (
        select(BreakGlass, case.c.number, case.c.org_path, case.c.subject_person_id)
        .join(case, case.c.id == BreakGlass.case_id)
        .order_by(BreakGlass.id.desc())
        .limit(200)
    )
    if not is_auditor:
        mine = [grant.unit_path for grant in actor.grants if grant.role == Role.PRINCIPAL]
        within = (case.c.org_path.startswith(path, autoescape=True) for path in mine)
        statement = statement.where(or_(false(), *within))
    kept_out = closed_cases(session, actor.account_id, actor.person_id)
    found: list[tuple[BreakGlass, str, bool, bool]] = []
    for row, number, path, subject in session.execute(statement):
        if is_concerned(actor, subject) or row.case_id in kept_out:
            continue
        decides = row.state == "asked" and _may_decide(session, actor, row, path)
        found.append((row, number, decides, row.seen_by is None and _is_superior(actor, row)))
    return found


def _may_decide(session: Session, actor: Actor, row: Any, org_path: str) -> bool:
    try:
        role_deciding(actor, (Role.PRINCIPAL,))
        role_serving(actor, (Role.PRINCIPAL,), org_path)
    except NotAllowed:
        return False
    return not any(is_same_person(session, actor, each) for each in (row.asked_by, row.account_id))


def _tell(session: Session, actor: Actor, now: datetime, name: str, row: BreakGlass) -> None:
    form: dict[str, JsonValue] = {"case": row.case_id, "account": row.account_id, "levels": ("L2",)}
    append_house(session, actor, now, name, str(row.id), form=form, reason=row.reason)
