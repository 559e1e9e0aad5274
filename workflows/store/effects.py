"""Effects on a person in the tables: those of a case, how long a term of office lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from workflows.domain.effects import Effect
from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import PersonEffect, Tenure

_EFFECT, _TENURE = table_of(PersonEffect), table_of(Tenure)


def effect_of(row: Any) -> Effect:
    """Give a row of the table as a value."""
    return Effect(
        row.case_id,
        row.seq,
        row.kind,
        row.rule,
        row.basis,
        row.from_on,
        row.until_on,
        row.standing,
        row.ended_on,
    )


def effects_of_case(session: Session, case_id: str) -> tuple[Effect, ...]:
    """Give all effects that a case started, in order, within the session's scope."""
    statement = select(PersonEffect).where(PersonEffect.case_id == case_id)
    return tuple(map(effect_of, session.scalars(statement.order_by(PersonEffect.id))))


def standing_effects(session: Session, case_id: str) -> Sequence[Row[Any]]:
    """Give the effects of a case that nobody has lifted, in the order in which they started."""
    statement = select(_EFFECT).where(_EFFECT.c.case_id == case_id, _EFFECT.c.standing == "stands")
    return require_scope(session).execute(statement.order_by(_EFFECT.c.id)).all()


def lift_effect(
    session: Session, row_id: int, standing: str, ended_on: date | None, ended_at: datetime
) -> None:
    """Write that an effect is void or ended early."""
    statement = update(_EFFECT).where(_EFFECT.c.id == row_id)
    values = {"standing": standing, "ended_on": ended_on, "ended_at": ended_at}
    require_scope(session).execute(statement.values(values))


def term_until(session: Session, person_id: str, day: date) -> date | None:
    """Give when the term of office of a day ends, where the tenures tell; else None.

    Of several posts held at once the first to end counts, which favours the person.
    """
    statement = select(_TENURE.c.until_on).where(
        _TENURE.c.person_id == person_id,
        _TENURE.c.from_on <= day,
        _TENURE.c.until_on >= day,
    )
    ends = require_scope(session).execute(statement.order_by(_TENURE.c.until_on).limit(1))
    found: date | None = ends.scalar()
    return found
