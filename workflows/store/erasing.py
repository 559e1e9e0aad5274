"""Emptying the rows that repeat what erased payloads said, and deleting the key itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from workflows.store.base import Base, table_of
from workflows.store.scope import require_scope
from workflows.store.tables import (
    Account,
    Attachment,
    Case,
    CaseFact,
    ClockPause,
    Draft,
    Errand,
    FollowUp,
    LateEntry,
    Matter,
    Outbox,
    Person,
    PersonEffect,
    Recusal,
    Signature,
    SubjectKey,
    Tenure,
)

ERASED_NAME = "已删除"
_WHOLE_ROWS: tuple[type[Base], ...] = (CaseFact, Draft, PersonEffect, Attachment, Errand, FollowUp)
_CONTENT: tuple[tuple[type[Base], dict[str, Any]], ...] = (
    (Signature, {"values": {}, "reason": None}),
    (LateEntry, {"values": {}, "document": ""}),
    (ClockPause, {"reason": ""}),
    (Outbox, {"body": {}}),
    (Recusal, {"statement": "", "decision": ""}),
)


def cases_about(session: Session, subject_id: str) -> Sequence[Row[Any]]:
    """Give the cases about a person, or about an organisation itself, in the order of their ids.

    They are locked in that order on PostgreSQL, as everybody does who locks several.
    """
    case = table_of(Case)
    of_organisation = (case.c.subject_organisation_id == subject_id) & (
        case.c.subject_person_id.is_(None)
    )
    statement = (
        select(case.c.id, case.c.state, case.c.ended_at, case.c.org_path)
        .where(or_(case.c.subject_person_id == subject_id, of_organisation))
        .order_by(case.c.id)
    )
    connection = require_scope(session)
    if connection.dialect.name == "postgresql":
        statement = statement.with_for_update()
    rows: Sequence[Any] = connection.execute(statement).all()
    return rows


def delete_key(session: Session, key_id: str) -> None:
    """Delete a subject's key: what was sealed under it can never be read again."""
    key = table_of(SubjectKey)
    session.connection().execute(delete(key).where(key.c.id == key_id))


def empty_rows_of(session: Session, case_ids: Sequence[str]) -> None:
    """Remove from the rows of cases what payloads said; where they stand stays."""
    connection = require_scope(session)
    for entity in _WHOLE_ROWS:
        table = table_of(entity)
        connection.execute(delete(table).where(table.c.case_id.in_(case_ids)))
    for entity, values in _CONTENT:
        table = table_of(entity)
        connection.execute(update(table).where(table.c.case_id.in_(case_ids)).values(values))


def empty_matters_at(session: Session, organisation_id: str) -> None:
    """Remove what was found at an organisation from its matters."""
    matter = table_of(Matter)
    statement = update(matter).where(matter.c.organisation_id == organisation_id)
    require_scope(session).execute(statement.values(summary=""))


def forget_name(session: Session, person_id: str, today: date) -> None:
    """Remove the name of somebody who holds no post any more and has no account."""
    person, tenure, account = table_of(Person), table_of(Tenure), table_of(Account)
    in_office = exists().where(
        tenure.c.person_id == person.c.id,
        or_(tenure.c.until_on.is_(None), tenure.c.until_on >= today),
    )
    has_account = exists().where(account.c.person_id == person.c.id)
    statement = update(person).where(person.c.id == person_id, ~in_office, ~has_account)
    require_scope(session).execute(statement.values(name=ERASED_NAME, staff_code=None))
