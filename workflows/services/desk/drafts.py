"""Drafts: what an officer typed and has not sent; nobody else sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput, NotFound
from workflows.store.base import table_of, upsert
from workflows.store.tables import Case, Draft

_DRAFT = table_of(Draft)
MOST_CHARACTERS = 100_000


class DraftTooLarge(InvalidInput):
    """A draft cannot have more than {limit} characters."""

    code: ClassVar[str] = "draft_too_large"


def save_draft(
    session: Session,
    account_id: str,
    now: datetime,
    case_id: str,
    task: str,
    values: Mapping[str, Any],
) -> None:
    """Keep what somebody has typed so far for a task; the last one counts.

    Raises:
        NotFound: There is no such case in the session's scope.
        DraftTooLarge: It holds more than a form can.
    """
    if session.execute(select(Case.id).where(Case.id == case_id)).first() is None:
        raise NotFound(what="case", key=case_id)
    if sum(len(str(value)) for value in values.values()) > MOST_CHARACTERS:
        raise DraftTooLarge(limit=MOST_CHARACTERS)
    connection = session.connection()
    statement = upsert(connection, Draft).values(
        case_id=case_id,
        task=task[:210],
        account_id=account_id,
        values=dict(values),
        saved_at=now,
    )
    changes = {name: statement.excluded[name] for name in ("values", "saved_at")}
    keys = ["case_id", "task", "account_id"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))


def draft_of(
    session: Session, account_id: str, case_id: str, task: str
) -> tuple[Mapping[str, Any], datetime] | None:
    """Give somebody's draft for a task, and when it was saved."""
    row = session.get(Draft, (case_id, task, account_id))
    return None if row is None else (row.values, row.saved_at)


def drop_drafts(session: Session, case_id: str, task: str) -> None:
    """Drop everybody's drafts for a task that is done."""
    statement = delete(_DRAFT).where(_DRAFT.c.case_id == case_id, _DRAFT.c.task == task)
    session.connection().execute(statement)
