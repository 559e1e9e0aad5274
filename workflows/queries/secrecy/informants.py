"""The informant vault for pages: whose entries somebody has, what he must tell; the openings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.informants import NOTICE_BUDGET, NOTICE_KIND, NoticeKind
from workflows.domain.roles import Actor, Role
from workflows.domain.terms import Term
from workflows.queries.names import names_of
from workflows.services.calendars import current_calendar
from workflows.services.secrecy.informants import closed_on, entry_for, is_named, leads
from workflows.store.scope import as_system
from workflows.store.tables import (
    Informant,
    InformantNotice,
    InformantOpening,
    InformantReader,
    Matter,
)

_JOB = "informants"
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """What an informant is to be told by which day, or was; ``due_on`` is None before closing."""

    kind: NoticeKind
    due_on: date | None
    done_on: date | None
    done_by: str
    manner: str

    @property
    def waits(self) -> bool:
        """Say whether somebody has to tell him now."""
        return self.due_on is not None and self.done_on is None


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """Somebody who is or was named for an entry."""

    account_id: str
    name: str
    named_by: str
    until_on: date


@dataclass(frozen=True, slots=True)
class InformantLine:
    """An entry as those see it who name its readers or are some; never who it is."""

    entry: Informant
    matter_number: str
    matter_path: str
    is_named: bool
    leads: bool
    notices: tuple[NoticeLine, ...]
    readers: tuple[ReaderLine, ...]

    @property
    def due_on(self) -> date | None:
        """Give the next day by which he has to be told something."""
        return min(
            (each.due_on for each in self.notices if each.waits and each.due_on), default=None
        )


def entries_of(session: Session, actor: Actor, today: date) -> tuple[InformantLine, ...]:
    """Give the entries whose readers somebody names, or that he may open; nearest day first."""
    led = [grant.org_path for grant in actor.grants if grant.role == Role.PRINCIPAL]
    named = select(InformantReader.informant_id).where(
        InformantReader.account_id == actor.account_id, InformantReader.until_on >= today
    )
    over = (Informant.office_path.startswith(path, autoescape=True) for path in led)
    statement = (
        select(Informant)
        .where(or_(Informant.id.in_(named), *over))
        .order_by(Informant.kept_on.desc(), Informant.id)
        .limit(MOST_LISTED)
    )
    lines = (_line(session, actor, each, today) for each in session.scalars(statement).all())
    mine = [each for each in lines if each.is_named or each.leads]
    return tuple(sorted(mine, key=lambda each: (each.due_on is None, each.due_on or today)))


def has_vault(session: Session, actor: Actor, today: date) -> bool:
    """Say whether somebody has business with the vault; a principal always, so it tells nothing."""
    if any(grant.role == Role.PRINCIPAL for grant in actor.grants):
        return True
    named = select(InformantReader.informant_id).where(
        InformantReader.account_id == actor.account_id, InformantReader.until_on >= today
    )
    return session.scalar(named.limit(1)) is not None


def entry_line(session: Session, actor: Actor, informant_id: str, today: date) -> InformantLine:
    """Give one entry to whoever names its readers or is one.

    Raises:
        NotFound: There is none for him.
    """
    return _line(session, actor, entry_for(session, actor, informant_id, today), today)


def _line(session: Session, actor: Actor, entry: Informant, today: date) -> InformantLine:
    with as_system(session, _JOB):
        matter = session.get_one(Matter, entry.matter_id)
    return InformantLine(
        entry,
        matter.number,
        matter.org_path,
        is_named(session, actor, entry, today),
        leads(session, actor, entry),
        _notices(session, entry, matter.org_path),
        _readers(session, entry),
    )


def _notices(session: Session, entry: Informant, org_path: str) -> tuple[NoticeLine, ...]:
    """Give what a real-name informant is told; others cannot be told anything."""
    if not entry.is_real_name:
        return ()
    calendar = current_calendar(session).for_region(org_path)
    anchors = {
        NoticeKind.ACCEPTED: entry.kept_on,
        NoticeKind.RESULT: closed_on(session, entry.matter_id),
    }
    statement = select(InformantNotice).where(InformantNotice.informant_id == entry.id)
    done = {row.kind: row for row in session.scalars(statement)}
    names = names_of(session, [row.done_by for row in done.values()])
    lines = []
    for kind, anchor in anchors.items():
        due_on = None
        if anchor is not None:
            due_on = Term(anchor, NOTICE_BUDGET, NOTICE_KIND).due(calendar).due_on
        row = done.get(kind)
        by = names.get(row.done_by, "") if row else ""
        told = (row.done_on, by, row.manner) if row else (None, "", "")
        lines.append(NoticeLine(kind, due_on, *told))
    return tuple(lines)


def _readers(session: Session, entry: Informant) -> tuple[ReaderLine, ...]:
    statement = (
        select(InformantReader)
        .where(InformantReader.informant_id == entry.id)
        .order_by(InformantReader.until_on.desc(), InformantReader.account_id)
    )
    rows = session.scalars(statement).all()
    names = names_of(session, [key for row in rows for key in (row.account_id, row.named_by)])
    return tuple(
        ReaderLine(row.account_id, names[row.account_id], names[row.named_by], row.until_on)
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """An opening as the auditor sees it: who, when, what for; not of which matter."""

    house_seq: int
    who: str
    purpose: str
    opened_at: datetime


def openings_between(
    session: Session, from_at: datetime, until_at: datetime
) -> Sequence[OpeningLine]:
    """Give the openings of the vault in a period, the newest first."""
    statement = (
        select(InformantOpening)
        .where(InformantOpening.opened_at >= from_at, InformantOpening.opened_at < until_at)
        .order_by(InformantOpening.house_seq.desc())
        .limit(MOST_LISTED)
    )
    rows = session.scalars(statement).all()
    names = names_of(session, [row.account_id for row in rows])
    return [
        OpeningLine(row.house_seq, names[row.account_id], row.purpose, row.opened_at)
        for row in rows
    ]
