"""Clearance replies and notices that an effect is over for their pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.domain.effects import Course, Effect
from workflows.domain.errors import NotFound
from workflows.queries.papers.eligibility import effects_on
from workflows.store.scope import as_system
from workflows.store.tables import (
    Account,
    ClearanceReply,
    Organisation,
    OverNotice,
    Person,
    PersonEffect,
)

MOST_SHOWN = 200
_SIGNER = aliased(Account)


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """A reply with the names of whom it is about, who drafted it and who decided on it.

    ``must_renew`` says that an effect was lifted since it was issued; ``replaced_by`` names the
    later reply in its place, ``replaces`` the earlier one.
    """

    row: ClearanceReply
    person: str
    office: str
    drafter: str
    signer: str | None
    must_renew: bool
    replaces: str | None = None
    replaced_by: ClearanceReply | None = None


@dataclass(frozen=True, slots=True)
class OverLine:
    """An effect that is over, on whom, and the notice of it if one was issued."""

    effect: Effect
    person: str
    notice: OverNotice | None


def reply_lines(session: Session) -> tuple[ReplyLine, ...]:
    """Give the replies in the session's scope, the newest first."""
    statement = _REPLIES.order_by(ClearanceReply.id.desc()).limit(MOST_SHOWN)
    rows = session.execute(statement).all()
    renew = replies_to_renew(session, [row[0].id for row in rows])
    return tuple(ReplyLine(*row, row[0].id in renew) for row in rows)


def renewals_about(session: Session, person_id: str) -> tuple[ClearanceReply, ...]:
    """Give the issued replies about a person that an effect lifted since makes untrue."""
    issued = select(ClearanceReply).where(
        ClearanceReply.person_id == person_id, ClearanceReply.state == "issued"
    )
    replies = session.scalars(issued.order_by(ClearanceReply.id)).all()
    renew = replies_to_renew(session, [reply.id for reply in replies])
    return tuple(reply for reply in replies if reply.id in renew)


def reply_line(session: Session, reply_id: int) -> ReplyLine:
    """Give one reply.

    Raises:
        NotFound: There is none in the session's scope.
    """
    row = session.execute(_REPLIES.where(ClearanceReply.id == reply_id)).one_or_none()
    if row is None:
        raise NotFound(what="reply", key=str(reply_id))
    reply = row[0]
    later = select(ClearanceReply).where(
        ClearanceReply.replaces_id == reply_id, ClearanceReply.state != "refused"
    )
    before = select(ClearanceReply.number).where(ClearanceReply.id == reply.replaces_id)
    return ReplyLine(
        *row,
        reply_id in replies_to_renew(session, [reply_id]),
        session.scalar(before),
        session.scalars(later.order_by(ClearanceReply.id.desc()).limit(1)).first(),
    )


_REPLIES = (
    select(
        ClearanceReply,
        Person.name,
        Organisation.name,
        Account.display_name,
        _SIGNER.display_name,
    )
    .join(Person, Person.id == ClearanceReply.person_id)
    .join(Organisation, Organisation.id == ClearanceReply.office_id)
    .join(Account, Account.id == ClearanceReply.drafted_by)
    .outerjoin(_SIGNER, _SIGNER.id == ClearanceReply.decided_by)
)


def replies_to_renew(session: Session, reply_ids: Iterable[int]) -> frozenset[int]:
    """Tell which issued replies an effect makes untrue that was lifted since.

    All replies since the effect began are named, whatever they were asked for.
    """
    statement = (
        select(ClearanceReply.id)
        .join(PersonEffect, PersonEffect.person_id == ClearanceReply.person_id)
        .where(
            ClearanceReply.id.in_(tuple(reply_ids)),
            ClearanceReply.state == "issued",
            PersonEffect.ended_at >= ClearanceReply.decided_at,
            PersonEffect.from_on <= ClearanceReply.on_day,
        )
    )
    with as_system(session, "clearance"):
        return frozenset(session.scalars(statement))


def effects_over(session: Session, today: date) -> tuple[OverLine, ...]:
    """Give the effects in the session's scope that ended by themselves, without a notice yet."""
    told = select(OverNotice.case_id, OverNotice.seq, OverNotice.kind)
    notified = {tuple(row) for row in session.execute(told)}
    statement = (
        select(PersonEffect.person_id, Person.name)
        .join(Person, Person.id == PersonEffect.person_id)
        .where(PersonEffect.standing != "void")
        .distinct()
    )
    return tuple(
        OverLine(effect, name, None)
        for person_id, name in session.execute(statement.order_by(Person.name))
        for effect in effects_on(session, person_id)
        if effect.course(today) is Course.OVER
        and (effect.case_id, effect.seq, effect.kind) not in notified
    )


def notice_line(session: Session, notice_id: int) -> tuple[OverLine, str]:
    """Give a notice with its effect, and the name of the office that issued it.

    Raises:
        NotFound: There is none in the session's scope.
    """
    statement = (
        select(OverNotice, Person.name, Organisation.name)
        .join(Person, Person.id == OverNotice.person_id)
        .join(Organisation, Organisation.id == OverNotice.office_id)
        .where(OverNotice.id == notice_id)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(what="notice", key=str(notice_id))
    notice, name, office = row
    named = (notice.case_id, notice.seq, notice.kind)
    for effect in effects_on(session, notice.person_id):
        if (effect.case_id, effect.seq, effect.kind) == named:
            return OverLine(effect, name, notice), office
    raise NotFound(what="notice", key=str(notice_id))
