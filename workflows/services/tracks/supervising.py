"""The discipline line supervises a case of the organisation line: it reads, and that shows.

Beginning and ending are records of the case, so whoever handles it knows; reading is recorded
as a look. What it finds it says by its own ways: advice, or the question why nothing was
started (DOMAIN 5.7.8).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.roles import Actor, Role
from workflows.services.access import RoleMissing, unit_path
from workflows.services.journal import Act
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.recording import write_intervention
from workflows.services.supervised import END, SUPERVISE, discipline_offices
from workflows.store.tables import Supervision

SUPERVISING_ROLES = (Role.HANDLER, Role.DEPUTY, Role.PRINCIPAL)
LONGEST_TEXT = 500
_DISCIPLINE_LINE = "discipline"


class SupervisionInvalid(InvalidInput):
    """Supervising a case, and its end, need words of at most {longest} signs."""

    code: ClassVar[str] = "supervision_invalid"


class NotSupervisable(NotAllowed):
    """Supervised are open cases of organisations that the organisation line handles."""

    code: ClassVar[str] = "not_supervisable"


class SupervisedAlready(Conflict):
    """The office supervises this case already."""

    code: ClassVar[str] = "supervised_already"


def may_supervise(case: LockedCase) -> bool:
    """Say whether a case is an organisation's, open, and not in the discipline line's hands."""
    is_open = case.state == "open" and case.level == "L1"
    lines = {case.definition.activity(path).line for path in case.tasks}
    return is_open and _DISCIPLINE_LINE not in lines


def begin_supervision(
    session: Session, actor: Actor, now: datetime, case_id: str, reason: str
) -> Supervision:
    """Put a case under the supervision of the actor's discipline office.

    Raises:
        NotFound: There is no such case in the session's scope.
        RoleMissing: He holds no such role in a discipline office over its place.
        NotSupervisable: It is about a person, sealed, ended, or the discipline line's own.
        SupervisionInvalid: No reason, or too long a one.
        SupervisedAlready: It is supervised.
    """
    case = load_locked(session, case_id)
    path, office_id = _office_over(session, actor, case.place.org_path)
    if not may_supervise(case):
        raise NotSupervisable
    said = _said(reason)
    row = Supervision(
        case_id=case_id,
        office_id=office_id,
        office_path=path,
        reason=said,
        begun_by=actor.account_id,
        begun_at=now,
    )
    act = _act(actor, now, path, office_id)
    write_intervention(session, case, act, SUPERVISE, case_id, reason=said)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise SupervisedAlready from error
    return row


def end_supervision(
    session: Session, actor: Actor, now: datetime, case_id: str, result: str
) -> None:
    """End the supervision of a case by the actor's office, and say what it came to.

    Raises:
        NotFound: It is not supervised, or not by his office.
        RoleMissing: He holds no such role in a discipline office over its place.
        SupervisionInvalid: No result, or too long a one.
    """
    case = load_locked(session, case_id)
    path, office_id = _office_over(session, actor, case.place.org_path)
    statement = select(Supervision).where(
        Supervision.case_id == case_id,
        Supervision.office_id == office_id,
        Supervision.ended_at.is_(None),
    )
    row = session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(what="supervision", key=case_id)
    said = _said(result)
    row.result, row.ended_by, row.ended_at = said, actor.account_id, now
    session.flush()
    act = _act(actor, now, path, office_id)
    write_intervention(session, case, act, END, case_id, reason=said)


def _office_over(session: Session, actor: Actor, org_path: str) -> tuple[str, str]:
    """Give path and id of the nearest discipline office over a place that somebody works for."""
    offices = discipline_offices(session, actor, SUPERVISING_ROLES)
    near = [path for path in offices if org_path.startswith(unit_path(path))]
    if not near:
        raise RoleMissing(roles=", ".join(SUPERVISING_ROLES), office=org_path)
    path = max(near, key=len)
    return path, offices[path]


def _act(actor: Actor, now: datetime, path: str, office_id: str) -> Act:
    return Act(actor, now, now, actor.holds(SUPERVISING_ROLES, path), office_id)


def _said(text: str) -> str:
    if not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise SupervisionInvalid(longest=LONGEST_TEXT)
    return text.strip()
