"""Running terms that deserve a look before they run out, in a subtree, the nearest first.

Terms of organisations' cases only, as far as the session's scope shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, literal_column, or_, select
from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import due_at_of, local_date
from workflows.domain.early_warnings import (
    HALF_PERCENT,
    Cause,
    Term,
    WarningRules,
    causes_of,
)
from workflows.engine import Pack
from workflows.queries.conditions import OF_ORGANISATIONS
from workflows.services.calendars import current_calendar
from workflows.store.base import days_between
from workflows.store.scope import within
from workflows.store.tables import Case, Clock, Organisation

MOST_WARNED = 200
_IS_RUNNING: ColumnElement[bool] = Clock.state == literal_column("'running'")
_IN_PROGRESS: ColumnElement[bool] = Case.state == literal_column("'open'")
# A region's own days off put the last of so many working days later than the common calendar.
_SLACK = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Warned:
    """A running term with its causes, each with its figure: percent, working days, days.

    ``place`` is the path#n of the task or the path of the scope whose term it is.
    """

    case_id: str
    case_number: str
    pack_hash: str
    organisation: str
    place: str
    rule: str
    due_on: date
    causes: tuple[tuple[Cause, int], ...]


@dataclass(frozen=True, slots=True)
class Warnings:
    """What is warned of, the nearest due date first, up to `MOST_WARNED`."""

    rules: WarningRules
    items: tuple[Warned, ...]
    has_more: bool


def warning_rules(pack: Pack) -> WarningRules:
    """Read the thresholds; a pack from before they came has those of the program."""
    names = ("R_WARN_SHARE", "R_WARN_LEFT", "R_WARN_SILENT")
    found = [pack.parameters.get(name) for name in names]
    amounts = [each.amount for each in found if each is not None and each.amount is not None]
    return WarningRules(*(each.value for each in amounts)) if len(amounts) == len(names) else _OLD


_OLD = WarningRules()


def early_warnings(session: Session, pack: Pack, path: str, today: date) -> Warnings:
    """Read the running terms below a place that deserve a look today."""
    rules, calendar = warning_rules(pack), current_calendar(session)
    rows = _candidates(session, rules, calendar, path, today)
    items = tuple(_warned(rows[:MOST_WARNED], rules, calendar, today))
    return Warnings(rules, items, len(rows) > MOST_WARNED)


def _candidates(
    session: Session, rules: WarningRules, calendar: Calendar, path: str, today: date
) -> Sequence[Any]:
    whole = days_between(Clock.anchor_on, Clock.due_on)
    used = 100 * days_between(Clock.anchor_on, literal(today, Clock.due_on.type))
    near_on = calendar.add_workdays(today, rules.left_workdays) + _SLACK
    silent_before = due_at_of(today - timedelta(days=rules.silent_days))
    statement = (
        select(
            Clock.anchor_on,
            Clock.due_on,
            Clock.due_of,
            Clock.rule,
            Case.id,
            Case.number,
            Case.pack_hash,
            Case.org_path,
            Case.last_acted_at,
            Organisation.name,
        )
        .join(Case, Case.id == Clock.case_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .where(
            _IS_RUNNING,
            Clock.due_of.is_not(None),
            Clock.due_at >= due_at_of(today),
            _IN_PROGRESS,
            OF_ORGANISATIONS,
            within(Case.org_path, (path,)),
            or_(
                used >= rules.used_percent * whole,
                and_(Clock.due_on <= near_on, used >= HALF_PERCENT * whole),
                Case.last_acted_at < silent_before,
            ),
        )
        .order_by(Clock.due_at, Clock.id)
        .limit(MOST_WARNED + 1)
    )
    return session.execute(statement).all()


def _warned(
    rows: Sequence[Any], rules: WarningRules, calendar: Calendar, today: date
) -> Iterator[Warned]:
    for row in rows:
        term = Term(row.anchor_on, row.due_on, local_date(row.last_acted_at))
        local = calendar.for_region(row.org_path)
        causes = tuple(causes_of(term, rules, local, today))
        if causes:
            yield Warned(
                row.id,
                row.number,
                row.pack_hash,
                row.name,
                row.due_of,
                row.rule,
                row.due_on,
                causes,
            )
