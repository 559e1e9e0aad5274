"""Expiry notices (D38): a paper that an officer may issue once an effect is over.

The effect is over by itself, noticed or not; the notice only tells the person so.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.effects import Course
from workflows.domain.errors import Conflict, NotFound
from workflows.domain.roles import Actor, Role
from workflows.queries.papers.eligibility import effects_on
from workflows.services.access import role_serving
from workflows.services.journal import append_house
from workflows.services.numbers import next_number
from workflows.store.tables import Organisation, OverNotice, PersonEffect

NOTIFIERS = (Role.HANDLER, Role.PRINCIPAL)


class NotOverYet(Conflict):
    """The effect is not over yet, or was lifted: there is nothing to give notice of."""

    code: ClassVar[str] = "not_over_yet"


class NoticeIssued(Conflict):
    """A notice of this effect was issued already."""

    code: ClassVar[str] = "notice_issued"


def issue_notice(
    session: Session, actor: Actor, now: datetime, case_id: str, seq: int, kind: str
) -> OverNotice:
    """Give a notice its number, for an effect that is over.

    Raises:
        NotFound: There is no such effect in the session's scope.
        RoleMissing: This actor may not.
        NotOverYet: It runs, or is void.
        NoticeIssued: There is one.
    """
    effect = session.scalar(
        select(PersonEffect).where(
            PersonEffect.case_id == case_id, PersonEffect.seq == seq, PersonEffect.kind == kind
        )
    )
    if effect is None:
        raise NotFound(what="effect", key=f"{seq}/{kind}")
    role_serving(actor, NOTIFIERS, effect.org_path)
    today = local_date(now)
    known = {
        (each.case_id, each.seq, each.kind): each for each in effects_on(session, effect.person_id)
    }
    if known[case_id, seq, kind].course(today) is not Course.OVER:
        raise NotOverYet
    office_id = actor.office_id or _unit_of(session, effect.org_path)
    number = next_number(session, f"D38 {office_id[-16:]}", today.year)
    notice = OverNotice(
        case_id=case_id,
        seq=seq,
        kind=kind,
        person_id=effect.person_id,
        org_path=effect.org_path,
        office_id=office_id,
        number=f"期满〔{today.year}〕{number}号",
        issued_by=actor.account_id,
        issued_at=now,
    )
    try:
        with session.begin_nested():
            session.add(notice)
    except IntegrityError as error:
        raise NoticeIssued from error
    form = {"person": effect.person_id, "number": notice.number, "kind": kind}
    append_house(session, actor, now, "over_notice_issued", str(notice.id), form=form)
    return notice


def _unit_of(session: Session, path: str) -> str:
    return session.execute(select(Organisation.id).where(Organisation.path == path)).scalar_one()
