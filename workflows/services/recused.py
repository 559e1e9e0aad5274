"""Who is recused from a case: he sees nothing of it and no record of it is his (DOMAIN 3.4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.recusals import RecusalSource, RecusalState
from workflows.store.base import table_of
from workflows.store.tables import Account, Recusal

_RECUSAL, _ACCOUNT = table_of(Recusal), table_of(Account)


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
        _RECUSAL.c.state == RecusalState.ASKED, _RECUSAL.c.source == RecusalSource.DECLARED
    )
    return or_(_RECUSAL.c.state == RecusalState.GRANTED, at_the_door)


_OWNED = _RECUSAL.join(_ACCOUNT, _ACCOUNT.c.id == _RECUSAL.c.account_id)
# Each step and each page asks these, and mostly of cases that nobody is recused from: they
# are made once, and who it is about is looked for among the few rows.
_OUT_OF = (
    select(
        _RECUSAL.c.case_id,
        _RECUSAL.c.state,
        _RECUSAL.c.decided_at,
        _RECUSAL.c.account_id,
        _ACCOUNT.c.person_id,
    )
    .select_from(_OWNED)
    .where(_RECUSAL.c.case_id.in_(bindparam("cases", expanding=True)), keeps_out())
)
_CLOSED_TO = (
    select(_RECUSAL.c.case_id)
    .distinct()
    .select_from(_OWNED)
    .where(
        keeps_out(),
        or_(
            _ACCOUNT.c.id == bindparam("account"),
            _ACCOUNT.c.person_id == bindparam("person"),
        ),
    )
    .order_by(_RECUSAL.c.case_id)
)


def closed_cases(session: Session, account_id: str, person_id: str | None) -> tuple[str, ...]:
    """Give the cases that somebody is kept out of, through whichever of his accounts."""
    who = {"account": account_id, "person": person_id}
    return tuple(session.connection().execute(_CLOSED_TO, who).scalars())


def refuse_recused(
    session: Session, case_id: str, accounts: Collection[str], persons: Collection[str]
) -> None:
    """Refuse whoever is kept out of a case, under whichever name he comes.

    The caller holds the case's lock where it goes on to write.

    Raises:
        Recused: It was decided so.
        RecusalPending: He declared a ground himself before the case was open to him.
    """
    his = [
        row
        for row in _out_of(session, (case_id,))
        if row.account_id in accounts or row.person_id in persons
    ]
    for row in his:
        if row.state == RecusalState.GRANTED:
            raise Recused(at=row.decided_at)
    if his:
        raise RecusalPending


def recused_in(session: Session, case_ids: Collection[str]) -> dict[str, set[str]]:
    """Give who is kept out of cases, with all his accounts and as a person, by the case."""
    found: dict[str, set[str]] = {}
    for row in _out_of(session, case_ids):
        found.setdefault(row.case_id, set()).update(filter(None, (row.account_id, row.person_id)))
    return found


def _out_of(session: Session, case_ids: Collection[str]) -> Sequence[Any]:
    """Read who is kept out of cases; what the session has not written yet counts."""
    session.flush()
    return session.connection().execute(_OUT_OF, {"cases": list(case_ids)}).all()
