"""Who has worked on a case, under which role, and who keeps out of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.store.tables import Account, JournalRecord, Recusal


@dataclass(frozen=True, slots=True)
class Doing:
    """Somebody who acted in a case: an account, or a person on paper; perhaps for another."""

    role: str
    who: str
    acting_for: str | None


def doings_of(session: Session, case_id: str) -> tuple[Doing, ...]:
    """Give who acted in a case which is in the session's scope, the first first."""
    record = JournalRecord
    who = func.coalesce(record.performed_by, record.actor)
    statement = (
        select(record.role, who, record.acting_for)
        .where(record.stream_id == case_id, record.role.is_not(None))
        .group_by(record.role, who, record.acting_for)
        .order_by(func.min(record.seq))
    )
    rows = session.execute(statement)
    return tuple(Doing(role or "", doer, lender) for role, doer, lender in rows)


def kept_out_of(session: Session, case_id: str) -> tuple[tuple[str, str], ...]:
    """Give the names of whose recusal was asked in a case, with how that stands."""
    statement = (
        select(Account.display_name, Recusal.state)
        .join(Account, Account.id == Recusal.account_id)
        .where(Recusal.case_id == case_id)
        .order_by(Recusal.asked_at, Recusal.id)
    )
    return tuple((name, state) for name, state in session.execute(statement))
