"""Who is recused from a case: he sees nothing of it and no record of it is his (DOMAIN 3.4)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.recusals import RecusalSource, RecusalState
from workflows.store.tables import Account, Recusal


class Recused(NotAllowed):
    """Recused from this case since {at}: no part in it, and no look at it."""

    code: ClassVar[str] = "recused"


class RecusalPending(NotAllowed):
    """A ground was declared for this case and is being decided: until then it stays closed."""

    code: ClassVar[str] = "recusal_pending"


def keeps_out() -> ColumnElement[bool]:
    """Say of a recusal that it keeps somebody out: decided so, or declared at the door.

    Who brings up a ground later, or of whom somebody else does, works on until it is decided.
    """
    at_the_door = and_(
        Recusal.state == RecusalState.ASKED, Recusal.source == RecusalSource.DECLARED
    )
    return or_(Recusal.state == RecusalState.GRANTED, at_the_door)


def closed_cases(session: Session, account_id: str, person_id: str | None) -> tuple[str, ...]:
    """Give the cases that somebody is kept out of, through whichever of his accounts."""
    statement = (
        select(Recusal.case_id)
        .join(Account, Account.id == Recusal.account_id)
        .where(keeps_out(), _is_one(Account, {account_id}, {person_id} if person_id else ()))
    )
    return tuple(sorted(set(session.scalars(statement))))


def refuse_recused(
    session: Session, case_id: str, accounts: Collection[str], persons: Collection[str]
) -> None:
    """Refuse whoever is kept out of a case, under whichever name he comes.

    The caller holds the case's lock where it goes on to write.

    Raises:
        Recused: It was decided so.
        RecusalPending: He declared a ground himself before the case was open to him.
    """
    statement = (
        select(Recusal.state, Recusal.decided_at)
        .join(Account, Account.id == Recusal.account_id)
        .where(Recusal.case_id == case_id, keeps_out(), _is_one(Account, accounts, persons))
        .order_by(Recusal.state.desc())
    )
    found = session.execute(statement).first()
    if found is None:
        return
    if found.state == RecusalState.GRANTED:
        raise Recused(at=found.decided_at)
    raise RecusalPending


def recused_in(session: Session, case_ids: Collection[str]) -> dict[str, set[str]]:
    """Give who is kept out of cases, with all his accounts and as a person, by the case."""
    statement = (
        select(Recusal.case_id, Recusal.account_id, Account.person_id)
        .join(Account, Account.id == Recusal.account_id)
        .where(Recusal.case_id.in_(case_ids), keeps_out())
    )
    found: dict[str, set[str]] = {}
    for case_id, account_id, person_id in session.execute(statement):
        found.setdefault(case_id, set()).update(filter(None, (account_id, person_id)))
    return found


def _is_one(account: Any, accounts: Collection[str], persons: Collection[str]) -> Any:
    return or_(account.id.in_(accounts), account.person_id.in_(persons))
