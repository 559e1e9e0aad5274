"""Recusals for pages: what waits for whom, what was decided, what was done and seen before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.recusals import RecusalState
from workflows.domain.roles import CASE_ROLES, Actor, Role
from workflows.queries.names import case_numbers, names_of
from workflows.queries.organisations.finding import Found
from workflows.services.access import unit_path
from workflows.services.separation import doer_behind, doer_of
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import (
    Account,
    Case,
    Grant,
    JournalRecord,
    Look,
    Organisation,
    Recusal,
    RecusedAct,
)

MOST_LISTED = 200
_JOB = "recusal"


@dataclass(frozen=True, slots=True)
class RecusalLine:
    """A recusal with the names on it; the number of its case is shown even to who sees it not."""

    row: Recusal
    who: str
    number: str
    office: str
    asked_by: str
    performed_by: str
    decided_by: str

    @property
    def waits(self) -> bool:
        """Say whether it is still to be decided."""
        return self.row.state == RecusalState.ASKED


@dataclass(frozen=True, slots=True)
class ActLine:
    """Something done before the recusal, by its record, and what became of it."""

    seq: int
    trigger: str
    ref: str
    kind: str
    recorded_at: datetime
    outcome: str | None
    settled_by: str
    settled_at: datetime | None
    note: str


def level_seen(session: Session, case_id: str) -> str | None:
    """Give how confidential a case in the session's scope is, or None without one."""
    return session.scalar(select(Case.level).where(Case.id == case_id))


def waiting_for(session: Session, actor: Actor) -> tuple[RecusalLine, ...]:
    """Give what waits for somebody's decision, the nearest day first; never his own."""
    own = doer_of(session, actor).accounts
    led = tuple(grant.org_path for grant in actor.grants if grant.role == Role.PRINCIPAL)
    if not led:
        return ()
    over = (Recusal.office_path.startswith(path, autoescape=True) for path in led)
    statement = select(Recusal).where(
        Recusal.state == RecusalState.ASKED, Recusal.account_id.not_in(own), or_(*over)
    )
    return _lines(session, statement.order_by(Recusal.due_on, Recusal.asked_at))


def own_recusals(session: Session, actor: Actor) -> tuple[RecusalLine, ...]:
    """Give the recusals of somebody himself, the newest first."""
    own = doer_of(session, actor).accounts
    statement = select(Recusal).where(Recusal.account_id.in_(own))
    return _lines(session, statement.order_by(Recusal.asked_at.desc()))


def recusals_of(session: Session, case_id: str) -> tuple[RecusalLine, ...]:
    """Give the recusals of a case, which is in the session's scope, the newest first."""
    statement = select(Recusal).where(Recusal.case_id == case_id)
    return _lines(session, statement.order_by(Recusal.asked_at.desc()))


def recusal_seen(session: Session, actor: Actor, recusal_id: str) -> RecusalLine:
    """Give a recusal to whom it is about, to who leads its office, and to who sees its case.

    Raises:
        NotFound: There is none such for him.
    """
    found = _lines(session, select(Recusal).where(Recusal.id == recusal_id))
    for line in found:
        is_own = line.row.account_id in doer_of(session, actor).accounts
        leads = actor.holds((Role.PRINCIPAL,), line.row.office_path) is not None
        if is_own or leads or level_seen(session, line.row.case_id) is not None:
            return line
    raise NotFound(what="recusal", key=recusal_id)


def acts_before(session: Session, line: RecusalLine) -> tuple[ActLine, ...]:
    """Give what was done before a recusal, in the order of the case's records."""
    record, act = table_of(JournalRecord), table_of(RecusedAct)
    statement = (
        select(act, record.c.kind, record.c.recorded_at, record.c.body)
        .join(record, record.c.seq == act.c.seq)
        .where(act.c.recusal_id == line.row.id, record.c.stream_id == line.row.case_id)
        .order_by(act.c.seq)
    )
    rows = session.connection().execute(statement).all()
    names = names_of(session, [row.settled_by for row in rows])
    return tuple(_act(row, names.get(row.settled_by or "", "")) for row in rows)


def _act(row: Any, settled_by: str) -> ActLine:
    trigger = _trigger_of(row.body)
    return ActLine(
        row.seq,
        trigger["name"],
        trigger["ref"],
        row.kind,
        row.recorded_at,
        row.outcome,
        settled_by,
        row.settled_at,
        row.note,
    )


def _trigger_of(body: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(body)["trigger"]
    return found


def looks_of(session: Session, line: RecusalLine) -> Sequence[Any]:
    """Give when and at what somebody looked in a case, through all his accounts."""
    look, accounts = table_of(Look), doer_behind(session, line.row.account_id).accounts
    statement = (
        select(look.c.looked_at, look.c.what)
        .where(look.c.case_id == line.row.case_id, look.c.account_id.in_(accounts))
        .order_by(look.c.looked_at)
        .limit(MOST_LISTED)
    )
    return session.connection().execute(statement).all()


def subject_of(session: Session, case_id: str) -> tuple[str, str]:
    """Give the number of a case in the session's scope, and whom or what it is about.

    Raises:
        NotFound: There is none such.
    """
    case = session.scalar(select(Case).where(Case.id == case_id))
    if case is None:
        raise NotFound(what="case", key=case_id)
    about = case.subject_person_id or case.subject_organisation_id
    names = names_of(session, [about, case.subject_organisation_id])
    named = [names.get(each, "") for each in dict.fromkeys((about, case.subject_organisation_id))]
    return case.number, " · ".join(named)


def officers_on(session: Session, org_path: str, today: date) -> tuple[Found, ...]:
    """Give who serves the place of a case in a role of case work, to be asked about."""
    statement = (
        select(Account.id, Account.display_name, Grant.org_path, Organisation.kind)
        .join(Grant, Grant.account_id == Account.id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(
            Account.is_active,
            Grant.role.in_(CASE_ROLES),
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
        .order_by(Account.display_name, Account.id)
    )
    found = {
        key: Found(key, name, "")
        for key, name, path, kind in session.execute(statement)
        if org_path.startswith(path if kind == "unit" else unit_path(path))
    }
    return tuple(found.values())[:MOST_LISTED]


# Whom the person concerned may have met: who verified, handles, reviews, talks and records.
_MET = (
    Role.VERIFIER,
    Role.HANDLER,
    Role.REVIEWER,
    Role.TALKER,
    Role.RECORDER,
    Role.APPEAL_REVIEWER,
)


def officers_met(session: Session, case_id: str) -> tuple[Found, ...]:
    """Give who has worked on a case in a role that its subject meets, for his request."""
    record = table_of(JournalRecord)
    acted = select(record.c.actor).where(record.c.stream_id == case_id, record.c.role.in_(_MET))
    statement = (
        select(Account.id, Account.display_name)
        .where(Account.id.in_(acted), Account.is_active)
        .order_by(Account.display_name, Account.id)
    )
    return tuple(Found(key, name, "") for key, name in session.execute(statement))


def _lines(session: Session, statement: Any) -> tuple[RecusalLine, ...]:
    rows: Sequence[Recusal] = session.scalars(statement.limit(MOST_LISTED)).all()
    with as_system(session, _JOB):
        numbers = case_numbers(session, [row.case_id for row in rows])
    names = names_of(session, {each for row in rows for each in _ids(row)})
    return tuple(
        RecusalLine(
            row,
            names.get(row.account_id, ""),
            numbers.get(row.case_id, ""),
            names.get(row.office_id, ""),
            names.get(row.asked_by, ""),
            names.get(row.performed_by or "", ""),
            names.get(row.decided_by or "", ""),
        )
        for row in rows
    )


def _ids(row: Recusal) -> Iterable[str]:
    every = (row.account_id, row.office_id, row.asked_by, row.performed_by, row.decided_by)
    return filter(None, every)
