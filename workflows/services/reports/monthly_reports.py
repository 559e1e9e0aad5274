"""Taking a monthly report (月报) of a place out of the house: who may, and the record of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.errors import InvalidInput
from workflows.domain.levels import INTERNAL
from workflows.domain.months import Month
from workflows.domain.roles import Actor
from workflows.services.exports.permits import place_of_scope
from workflows.services.journal import append_house
from workflows.services.reports.case_files import checked_purpose

RECORD_NAME = "monthly_report_made"


class MonthInvalid(InvalidInput):
    """A report is made of a month that has begun, not of {month}."""

    code: ClassVar[str] = "month_invalid"


@dataclass(frozen=True, slots=True)
class MonthlyOrder:
    """Of which place and month a report is made, what for, and as which kind of file."""

    organisation: str
    month: Month
    purpose: str
    format: str


def checked_month(text: str, today: date) -> Month:
    """Read a month; nothing typed is the one before today's.

    Raises:
        MonthInvalid: It is no month, or has not begun.
    """
    month = Month.read(text) if text else Month.of(today).before
    if month is None or month > Month.of(today):
        raise MonthInvalid(month=text)
    return month


def check_order(session: Session, actor: Actor, order: MonthlyOrder) -> None:
    """Make sure that somebody may take a report of a place out, and says what for.

    Raises:
        NotFound: There is no such organisation, or he does not see it.
        NotAllowed: He may take nothing of it out of the house.
        PurposeMissing: It says not what for.
    """
    checked_purpose(order.purpose)
    scope = BundleScope(ScopeKind.ORGANISATION, (order.organisation,))
    place_of_scope(session, actor, scope, frozenset({INTERNAL}))


def record_monthly(
    session: Session, actor: Actor, now: datetime, order: MonthlyOrder, content: bytes
) -> int:
    """Write the house record of a report and give its seq; hand the bytes on after that."""
    form = {
        "format": order.format,
        "scope": f"organisation {order.organisation}",
        "month": str(order.month),
        "purpose": order.purpose.strip(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return append_house(session, actor, now, RECORD_NAME, order.organisation, form=form)
