"""Tasks that wait until what was asked for beside their case is over (`duban:heldBy`)."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict
from workflows.engine import Activity
from workflows.services.steps.operations import MESSAGE
from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import Case, Outbox


class HeldByBeside(Conflict):
    """{process} is under way beside this case in {number}; this step waits for its end."""

    code: ClassVar[str] = "held_by_beside"


def holder_of(session: Session, case_id: str, activity: Activity) -> tuple[str, str] | None:
    """Give process and number of a case beside this one for whose end a task waits.

    A case that is over still counts while a message of its lies in the outbox: what it
    found has not reached this one yet.
    """
    if not activity.held_by:
        return None
    case, outbox = table_of(Case), table_of(Outbox)
    is_under_way = exists().where(
        outbox.c.case_id == case.c.id, outbox.c.kind == MESSAGE, outbox.c.sent_at.is_(None)
    )
    statement = (
        select(case.c.process_id, case.c.number)
        .where(
            case.c.parent_case_id == case_id,
            case.c.process_id.in_(activity.held_by),
            or_(case.c.state != "ended", is_under_way),
        )
        .order_by(case.c.number)
    )
    found = require_scope(session).execute(statement).first()
    return None if found is None else (found.process_id, found.number)


def refuse_held(session: Session, case_id: str, activity: Activity) -> None:
    """Refuse a task while what it waits for is under way; the case's lock keeps it so.

    Raises:
        HeldByBeside: Naming the case beside this one.
    """
    held = holder_of(session, case_id, activity)
    if held is not None:
        raise HeldByBeside(process=held[0], number=held[1])
