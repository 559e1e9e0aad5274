"""The calendar of a region as the administration shows it, and the versions there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.calendar_changes import CalendarChange
from workflows.domain.calendars import Calendar, CalendarDay
from workflows.domain.errors import NotFound
from workflows.queries.names import names_of
from workflows.services.calendars import current_calendar
from workflows.services.versions.calendar_proposals import change_from_json
from workflows.store.tables import Account, CalendarProposal, CalendarVersion, Organisation

_MOST_VERSIONS = 20
_MOST_PROPOSALS = 20


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A calendar that is or was in force; ``by`` is empty where a job installed it."""

    version: str
    created_at: datetime
    by: str
    is_current: bool
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region with days of its own."""

    code: str
    name: str
    days: int


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A change that was put forward; ``place`` names its region, ``code`` too while it is there."""

    proposal: CalendarProposal
    change: CalendarChange
    place: str
    code: str
    by: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The days of a year that a region or a wider one names, and what stands around them.

    ``here`` is the calendar of the region; ``named`` are the rows that decide there, each
    with the name of its region, empty for the whole country.
    """

    here: Calendar
    named: tuple[tuple[CalendarDay, str], ...]
    regions: tuple[RegionRow, ...]
    versions: tuple[VersionRow, ...]


def calendar_page(session: Session, path: str, year: int) -> CalendarPage:
    """Read the calendar in force of a region, and a year of it."""
    calendar = current_calendar(session)
    # Of the rows of a day, those of nearer regions come later.
    nearest = {
        day.on: day for day in calendar.days if day.on.year == year and path.startswith(day.region)
    }
    names = _names(session, {day.region for day in calendar.days if day.region})
    shown = (day for day in nearest.values() if day.name)
    return CalendarPage(
        calendar.for_region(path),
        tuple((day, names.get(day.region, ("", ""))[1]) for day in shown),
        _regions(calendar, names),
        _versions(session),
    )


def proposal_rows(session: Session) -> tuple[ProposalRow, ...]:
    """Read the changes that were put forward: those that wait, then the latest others."""
    is_waiting = CalendarProposal.state == "waiting"
    statement = select(CalendarProposal).order_by(is_waiting.desc(), CalendarProposal.id.desc())
    return _proposal_rows(session, session.scalars(statement.limit(_MOST_PROPOSALS)).all())


def proposal_row(session: Session, proposal_id: int) -> ProposalRow:
    """Read one change that was put forward.

    Raises:
        NotFound: There is none of this number.
    """
    found = session.get(CalendarProposal, proposal_id)
    if found is None:
        raise NotFound(what="calendar_proposal", key=str(proposal_id))
    (row,) = _proposal_rows(session, (found,))
    return row


def _proposal_rows(session: Session, found: Sequence[CalendarProposal]) -> tuple[ProposalRow, ...]:
    changes = [change_from_json(each.change) for each in found]
    places = _names(session, {each.region for each in changes})
    people = names_of(
        session, (name for each in found for name in (each.submitted_by, each.decided_by))
    )
    rows = []
    for proposal, change in zip(found, changes, strict=True):
        code, place = places.get(change.region, ("", change.region))
        by = people.get(proposal.submitted_by, proposal.submitted_by)
        decided_by = people.get(proposal.decided_by or "", "")
        rows.append(ProposalRow(proposal, change, place, code, by, decided_by))
    return tuple(rows)


def unit_of(session: Session, code: str) -> Organisation | None:
    """Find a unit of the tree by its code."""
    return session.scalar(
        select(Organisation).where(Organisation.code == code, Organisation.kind == "unit")
    )


def unit_at(session: Session, path: str) -> Organisation | None:
    """Find the unit at a path, or the first of the tree."""
    units = select(Organisation).where(Organisation.kind == "unit")
    here = session.scalar(units.where(Organisation.path == path))
    return here or session.scalar(units.order_by(Organisation.path).limit(1))


def _names(session: Session, paths: set[str]) -> dict[str, tuple[str, str]]:
    rows = session.scalars(select(Organisation).where(Organisation.path.in_(paths)))
    return {row.path: (row.code, row.name) for row in rows}


def _regions(calendar: Calendar, names: dict[str, tuple[str, str]]) -> tuple[RegionRow, ...]:
    counts = Counter(day.region for day in calendar.days if day.region)
    return tuple(RegionRow(*names.get(path, (path, path)), counts[path]) for path in sorted(counts))


def _versions(session: Session) -> tuple[VersionRow, ...]:
    statement = (
        select(CalendarVersion, Account.display_name)
        .outerjoin(Account, Account.id == CalendarVersion.created_by)
        .order_by(CalendarVersion.created_at.desc())
        .limit(_MOST_VERSIONS)
    )
    return tuple(
        VersionRow(row.version, row.created_at, name or "", row.is_current, row.counted_at)
        for row, name in session.execute(statement)
    )
