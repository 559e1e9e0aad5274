"""What of a case is made public, and only by a decision: never by itself (DOMAIN 3.5, 8.1).

The program publishes nothing. It keeps who decided what is put up where, for whom, until when:
one proposes, the principal or the committee decides by its minutes, and a record of the case
says so. Measures below the fourth rung are not published but where the rules allow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.roles import Actor, Role
from workflows.services.access import OwnCase, is_concerned, is_same_person, role_serving
from workflows.services.journal import Act
from workflows.services.separation import refuse_kept_out
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.recording import write_intervention
from workflows.store.base import table_of
from workflows.store.tables import PersonEffect, Publication

PUBLISH = "publish"
PROPOSERS = (Role.HANDLER, Role.REVIEWER, Role.DEPUTY)
DECIDERS = (Role.PRINCIPAL, Role.COMMITTEE)
# The parameter of a pack by which measures below the fourth rung may be published too: 1.
ALLOWED_BELOW = "PUBLISH_BELOW"
_PUBLISHED_RUNG = 4
LONGEST_TEXT = 500


class PublicationInvalid(InvalidInput):
    """It needs what, where, for whom, the minutes' number, and a last day that is not past."""

    code: ClassVar[str] = "publication_invalid"


class NotPublished(NotAllowed):
    """This is not published: the case is open or sealed, or the rules keep its measure inside."""

    code: ClassVar[str] = "not_published"


class PublicationDecided(Conflict):
    """It was decided, or whoever proposed it does not decide it."""

    code: ClassVar[str] = "publication_decided"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made public, where, for whom, until when; by which minutes; why."""

    what: str
    place: str
    audience: str
    until_on: date
    minutes_no: str
    reason: str = ""


def may_publish(session: Session, case: LockedCase) -> bool:
    """Say whether a case's measure is ever published: of the fourth rung, and it stands."""
    is_over = case.state == "ended" and case.level != "L3"
    return is_over and case.rung == _PUBLISHED_RUNG and _stands(session, case.id)


def _stands(session: Session, case_id: str) -> bool:
    """Say whether a measure was taken in a case that no later decision set aside."""
    effect = table_of(PersonEffect)
    statement = select(effect.c.id).where(effect.c.case_id == case_id, effect.c.standing != "void")
    return session.connection().execute(statement).first() is not None


def _refuse_unfit(session: Session, case: LockedCase, wish: Wish) -> None:
    """Refuse what is kept inside; below the fourth rung the rules must allow it, with a reason."""
    if may_publish(session, case):
        return
    allowed = case.definition.pack.constants.get(ALLOWED_BELOW) == 1
    is_over = case.state == "ended" and case.level != "L3"
    if not (allowed and is_over and wish.reason.strip()):
        raise NotPublished


def propose(session: Session, actor: Actor, now: datetime, case_id: str, wish: Wish) -> Publication:
    """Propose that something of a case is made public.

    Raises:
        NotFound: There is no such case in the session's scope.
        RoleMissing, OwnCase, Recused, RecusalPending: Not this actor.
        NotPublished: The rules keep it inside.
        PublicationInvalid: Something is missing.
    """
    case = load_locked(session, case_id)
    _refuse_own(session, case, actor)
    role_serving(actor, PROPOSERS, case.place.org_path)
    _check(wish, local_date(now))
    _refuse_unfit(session, case, wish)
    row = Publication(
        case_id=case_id,
        what=wish.what.strip(),
        place=wish.place.strip(),
        audience=wish.audience.strip(),
        until_on=wish.until_on,
        reason=wish.reason.strip(),
        minutes_no=wish.minutes_no.strip(),
        asked_by=actor.account_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _check(wish: Wish, today: date) -> None:
    needed = ((wish.what, 200), (wish.place, 120), (wish.audience, 120), (wish.minutes_no, 80))
    is_bad = any(not 0 < len(text.strip()) <= most for text, most in needed)
    if is_bad or len(wish.reason) > LONGEST_TEXT or wish.until_on < today:
        raise PublicationInvalid


def _refuse_own(session: Session, case: LockedCase, actor: Actor) -> None:
    """Keep off whoever it is about, and whoever keeps out of it: a refusal writes no record."""
    if is_concerned(actor, case.subject_person_id):
        raise OwnCase
    refuse_kept_out(session, actor, (case.id,))


def decide(
    session: Session, actor: Actor, now: datetime, publication_id: int, *, is_granted: bool
) -> None:
    """Decide on a proposal as the principal or for the committee; granted, the case tells of it.

    Raises:
        NotFound: There is none whose case the session's scope shows.
        RoleMissing, OwnCase, Recused, RecusalPending: Not this actor.
        PublicationDecided: It was decided, or he proposed it.
    """
    row = session.get(Publication, publication_id, with_for_update=True)
    if row is None:
        raise NotFound(what="publication", key=str(publication_id))
    case = load_locked(session, row.case_id)
    _refuse_own(session, case, actor)
    role = role_serving(actor, DECIDERS, case.place.org_path)
    if row.state != "asked" or is_same_person(session, actor, row.asked_by):
        raise PublicationDecided
    seq = _record(session, case, row, Act(actor, now, now, role)) if is_granted else None
    row.state, row.seq = "decided" if is_granted else "refused", seq
    row.decided_by, row.decided_at = actor.account_id, now
    session.flush()


def _record(session: Session, case: LockedCase, row: Publication, act: Act) -> int:
    form = {
        "what": row.what,
        "place": row.place,
        "audience": row.audience,
        "until": row.until_on.isoformat(),
        "minutes": row.minutes_no,
        "proposed_by": row.asked_by,
    }
    reason = row.reason or None
    return write_intervention(session, case, act, PUBLISH, case.id, reason=reason, form=form)


def publications_of(session: Session, case_id: str) -> Sequence[Publication]:
    """Give what was proposed and decided in a case that the session's scope shows."""
    statement = select(Publication).where(Publication.case_id == case_id)
    return session.scalars(statement.order_by(Publication.id.desc())).all()
