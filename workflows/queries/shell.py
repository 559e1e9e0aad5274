"""What every page shows around its content: who is here, and whether the sweep beats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.services.access import bounded_grants
from workflows.store.tables import (
    Account,
    CalendarProposal,
    Clock,
    Heartbeat,
    Incident,
    Installation,
)

SWEEP = "sweep"
CHECK = "check"
SILENT_AFTER = timedelta(hours=26)
LATE_AFTER = timedelta(hours=1)
_TO_DEAL_WITH = select(
    select(func.count())
    .select_from(Incident)
    .where(Incident.resolved_at.is_(None))
    .scalar_subquery(),
    select(func.count())
    .select_from(CalendarProposal)
    .where(CalendarProposal.state == "waiting")
    .scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is logged in, as far as the frame of a page needs it.

    ``roles`` are those held anywhere today, his own and those lent to him.
    """

    account_id: str
    username: str
    display_name: str
    language: str
    must_change_password: bool
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last sweep: when it ended, or since when it runs.

    ``silent`` and ``late`` ask for a red banner.
    """

    finished_at: datetime | None
    running_since: datetime | None
    late_seconds: int
    silent: bool
    late: bool


@dataclass(frozen=True, slots=True)
class House:
    """What an installation is, and how it is; ``check_silent`` where no check ran last night.

    ``calendar_changes`` counts the changes of the calendar that wait for their decision.
    """

    mode: str
    title: str
    pulse: Pulse
    open_incidents: int
    calendar_changes: int
    check_silent: bool

    @property
    def has_demo_clock(self) -> bool:
        """Say whether the clock of this installation can be moved."""
        return self.mode != "production"


def visit_of(session: Session, token: str, today: date) -> Visit | None:
    """Find who a session's token belongs to; a withdrawn account has no visits."""
    account = session.scalar(select(Account).where(Account.token == token, Account.is_active))
    if account is None:
        return None
    held = (
        grant.role
        for grant in account.grants
        if grant.from_on <= today and (grant.until_on is None or today <= grant.until_on)
    )
    return Visit(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        language=account.language,
        must_change_password=account.must_change_password,
        roles=frozenset(held).union(
            *(each.roles for _, each in bounded_grants(session, today, account.id))
        ),
    )


def is_installed(session: Session) -> bool:
    """Say whether the database holds an installation."""
    return session.get(Installation, 1) is not None


def house_state(session: Session, now: datetime) -> House:
    """Read what the frame shows of the installation."""
    row = session.get_one(Installation, 1)
    beat = session.get(Heartbeat, SWEEP)
    finished_at = beat.finished_at if beat else None
    # One that runs has not ended yet, and is no silence.
    running_since = beat.started_at if beat and finished_at is None else None
    # A clock that somebody moved makes every sweep late: there it says nothing.
    late_seconds = beat.late_seconds if beat and row.mode == "production" else 0
    pulse = Pulse(
        finished_at=finished_at,
        running_since=running_since,
        late_seconds=late_seconds,
        silent=now - (finished_at or running_since or row.created_at) > SILENT_AFTER,
        late=timedelta(seconds=late_seconds) > LATE_AFTER,
    )
    checked = session.get(Heartbeat, CHECK)
    checked_at = (checked.finished_at or checked.started_at) if checked else row.created_at
    incidents, changes = session.execute(_TO_DEAL_WITH).one()
    is_silent = now - checked_at > SILENT_AFTER
    return House(row.mode, row.title, pulse, incidents, changes, is_silent)


def next_due_at(session: Session) -> datetime | None:
    """Find when the next running clock is due."""
    return session.scalar(select(func.min(Clock.due_at)).where(Clock.state == "running"))
