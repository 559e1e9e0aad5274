"""What came of a table that was applied: to be looked at again by those whose the table is."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.roles import Actor
from workflows.services.imports.exchange import KEPT_FOR, TableKind, require_exchange
from workflows.services.imports.plan import Plan
from workflows.services.imports.problems import Language, Problem
from workflows.services.imports.rejected import write_left_out
from workflows.store.tables import Account, ImportDraft

# The rows left out may name persons: long enough to put them right, no longer.
KEPT_DAYS = 30
_MOST_TOLD, _MOST_LISTED = 100, 20


@dataclass(frozen=True, slots=True)
class Applied:
    """A table that was applied: by whom, when, with how many rows, and what was left out.

    ``told`` are the first problems as sheet, line and sentence in both languages.
    """

    key: str
    file_name: str
    by: str
    at: datetime
    new: int
    changed: int
    unchanged: int
    left_out: int
    told: tuple[dict[str, Any], ...]


def keep_result(session: Session, now: datetime, key: str, plan: Plan, language: Language) -> None:
    """Keep what came of a draft instead of its rows; call it with the plan that was applied."""
    draft = session.get_one(ImportDraft, key)
    told = [_told(each) for each in plan.problems[:_MOST_TOLD]]
    counts = {"new": plan.new, "changed": plan.changed, "unchanged": plan.unchanged}
    draft.applied_at, draft.sheets = now, []
    draft.result = {**counts, "left_out": plan.left_out, "told": told}
    if plan.problems:
        book = io.BytesIO()
        write_left_out(book, plan.tables, plan.problems, language)
        draft.left_out = book.getvalue()
    session.flush()


def _told(problem: Problem) -> dict[str, Any]:
    sentences = {"zh": problem.sentence("zh"), "en": problem.sentence("en")}
    return {"sheet": problem.sheet, "line": problem.line, **sentences}


def applied_tables(session: Session, actor: Actor, kind: TableKind) -> tuple[Applied, ...]:
    """Give what was applied lately of a table, the latest first.

    Raises:
        RoleMissing: The table is not this actor's.
    """
    require_exchange(actor, kind)
    statement = _applied(actor, kind).order_by(ImportDraft.applied_at.desc()).limit(_MOST_LISTED)
    return tuple(_line(*row) for row in session.execute(statement))


def applied_table(session: Session, actor: Actor, kind: TableKind, key: str) -> Applied | None:
    """Give what came of a table; None where it was not applied."""
    require_exchange(actor, kind)
    row = session.execute(_applied(actor, kind).where(ImportDraft.id == key)).one_or_none()
    return None if row is None else _line(*row)


def left_out_of(session: Session, actor: Actor, kind: TableKind, key: str) -> bytes:
    """Give the workbook of the rows that were left out.

    Raises:
        NotFound: There is none.
    """
    draft = session.get(ImportDraft, key)
    if draft is None or applied_table(session, actor, kind, key) is None or not draft.left_out:
        raise NotFound(what="import", key=key)
    return draft.left_out


def forget_drafts(session: Session, now: datetime) -> None:
    """Delete what nobody applied within a day, and results after their days."""
    is_stale = (ImportDraft.applied_at.is_(None)) & (ImportDraft.made_at < now - KEPT_FOR)
    is_old = ImportDraft.applied_at < now - timedelta(days=KEPT_DAYS)
    session.execute(delete(ImportDraft).where(or_(is_stale, is_old)))


def _applied(actor: Actor, kind: TableKind) -> Any:
    """Select what an actor may see: of units and posts everybody's, of matters his own."""
    statement = (
        select(ImportDraft, Account.display_name)
        .join(Account, Account.id == ImportDraft.account_id)
        .where(ImportDraft.kind == kind.value, ImportDraft.applied_at.is_not(None))
    )
    is_own = ImportDraft.account_id == actor.account_id
    return statement.where(is_own) if kind is TableKind.MATTERS else statement


def _line(draft: ImportDraft, by: str) -> Applied:
    result: dict[str, Any] = draft.result or {}
    counts = {name: result[name] for name in ("new", "changed", "unchanged", "left_out")}
    told = tuple(result["told"])
    at = draft.applied_at or draft.made_at
    return Applied(draft.id, draft.file_name, by, at, **counts, told=told)
