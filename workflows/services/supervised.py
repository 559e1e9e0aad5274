"""Which cases somebody supervises for the discipline line, and that he does not act there."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.roles import Actor
from workflows.services.separation import Doer, doer_of
from workflows.store.base import table_of
from workflows.store.tables import Organisation, Supervision

SUPERVISE, END = "supervise", "end_supervision"
_ROW, _UNIT = table_of(Supervision).c, table_of(Organisation).c


class Supervises(NotAllowed):
    """Whoever supervises a case for the discipline line reads it and does nothing in it."""

    code: ClassVar[str] = "supervises"


def discipline_offices(session: Session, actor: Actor, roles: Collection[str]) -> dict[str, str]:
    """Give the discipline offices in which somebody holds some roles, ids by their paths."""
    paths = {grant.org_path for grant in actor.grants if grant.role in roles}
    if not paths:
        return {}
    found = select(_UNIT.path, _UNIT.id).where(_UNIT.path.in_(paths), _UNIT.kind == "discipline")
    return {row.path: row.id for row in session.connection().execute(found)}


def supervises(session: Session, actor: Actor, case_id: str) -> bool:
    """Say whether a case is supervised by an office in which somebody holds a role."""
    paths = {grant.org_path for grant in actor.grants}
    found = exists().where(
        _ROW.case_id == case_id, _ROW.ended_at.is_(None), _ROW.office_path.in_(paths)
    )
    return bool(session.connection().execute(select(found)).scalar())


def refuse_supervisor(session: Session, case_id: str, actor: Actor, role: str | None) -> None:
    """Keep out of a case's acts who supervises it: who began it, and his office's officers.

    Somebody who holds the role elsewhere too, for the line that handles the case, may act
    there, unless he began the supervision himself.

    Raises:
        Supervises: He does.
    """
    running = select(_ROW.office_path, _ROW.begun_by).where(
        _ROW.case_id == case_id, _ROW.ended_at.is_(None)
    )
    rows = session.connection().execute(running).all()
    if not rows:
        return
    if _began(doer_of(session, actor), {row.begun_by for row in rows}):
        raise Supervises
    mine = {grant.org_path for grant in actor.grants if grant.role == role}
    if mine and mine <= {row.office_path for row in rows}:
        raise Supervises


def _began(doer: Doer, accounts: Collection[str]) -> bool:
    return not doer.accounts.isdisjoint(accounts)
