"""Drawing cases by lot out of a package that was made, each draw a record of the house."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.domain.sampling import Draw, Lot, pool_hash
from workflows.services.journal import append_house

DRAWN = "cases_drawn"


def draw_cases(
    session: Session,
    actor: Actor,
    now: datetime,
    export_seq: int,
    draw: Draw,
    pool: Collection[str],
) -> tuple[Lot, ...]:
    """Draw cases from the pool of an export and record it: who tries many seeds is seen to.

    The record tells seed and pool, from which anybody gets the same cases.
    """
    form: dict[str, JsonValue] = {
        "export": export_seq,
        "seed": draw.seed,
        "count": draw.count,
        "pool": pool_hash(pool),
        "cases": len(pool),
    }
    append_house(session, actor, now, DRAWN, str(export_seq), form=form)
    return draw.from_pool(pool)
