"""Making an installation, and the one clock that everything is told by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, NotAllowed
from workflows.domain.ids import new_id
from workflows.services.access import SYSTEM
from workflows.services.calendars import install_calendar
from workflows.services.journal import ClockBackwards, append_house
from workflows.services.packs import install_shipped_pack
from workflows.store.calendar_source import official_calendar
from workflows.store.tables import Installation

MODES = ("production", "demo", "test")


class InstalledAlready(Conflict):
    """This database holds the installation "{title}" of {created_at} already."""

    code: ClassVar[str] = "installed_already"


class TrueClockOnly(NotAllowed):
    """The clock of a production installation cannot be moved."""

    code: ClassVar[str] = "true_clock_only"


@dataclass(frozen=True, slots=True)
class Installed:
    """What `init` leaves behind."""

    mode: str
    house_id: str
    pack_hash: str
    calendar_version: str


def init_installation(
    session: Session, now: datetime, mode: str, title: str, pack_folder: Path
) -> Installed:
    """Make an empty database an installation: its mode, calendar and shipped pack.

    The mode never changes. Run it in one transaction: of two that race, one wins.

    Raises:
        InstalledAlready: The database is one already.
    """
    found = session.get(Installation, 1)
    if found is not None:
        raise InstalledAlready(title=found.title, created_at=found.created_at)
    house_id = new_id("h")
    session.add(
        Installation(
            id=1,
            mode=mode,
            house_id=house_id,
            title=title,
            created_at=now,
            clock_offset_seconds=0,
            last_seen_at=now,
        )
    )
    session.flush()
    actor = SYSTEM["init"]
    append_house(session, actor, now, "installed", house_id, form={"mode": mode, "title": title})
    calendar = official_calendar()
    install_calendar(session, actor, now, calendar)
    pack = install_shipped_pack(session, actor, now, pack_folder)
    return Installed(mode, house_id, pack.hash, calendar.version)


def installation_of(session: Session) -> Installation:
    """Give the installation's row."""
    return session.execute(select(Installation)).scalar_one()


def origin_of(installation: Installation) -> str:
    """Give the name that checkpoints and bundles are made under; a demo or test says so."""
    return f"{' '.join(installation.title.split())} ({installation.mode})"


def clock_now(session: Session) -> datetime:
    """Give the time of this installation: the server's, moved in a demo or test."""
    offset = session.execute(select(Installation.clock_offset_seconds)).scalar_one()
    return datetime.now(UTC) + timedelta(seconds=offset)


def note_time(session: Session, now: datetime) -> None:
    """Remember the time of a sweep, and refuse to work at one that lies well before it.

    Raises:
        ClockBackwards: The server's clock was put back by more than five minutes.
    """
    last_seen_at = session.execute(select(Installation.last_seen_at)).scalar_one()
    if now < last_seen_at - timedelta(minutes=5):
        raise ClockBackwards(now=now, last_seen_at=last_seen_at)
    if now > last_seen_at:
        session.execute(update(Installation).values(last_seen_at=now))


def move_clock(session: Session, seconds: int) -> None:
    """Move the clock of a demo or test installation on.

    Raises:
        TrueClockOnly: It is a production installation.
    """
    installation = installation_of(session)
    if installation.mode == "production" or seconds < 0:
        raise TrueClockOnly
    installation.clock_offset_seconds += seconds
    session.flush()
