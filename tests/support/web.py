"""An installation with made-up people for tests of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.declaring import DeclaringClient
from webapp.app import create_app
from webapp.extensions import db
from webapp.settings import Settings
from workflows.audit.commitment import load_or_create_master_key
from workflows.domain.calendars import Calendar, CalendarDay
from workflows.domain.ids import new_id
from workflows.services.staff.accounts import new_token
from workflows.services.staff.passwords import hash_password
from workflows.store.connection import open_engine, session_factory
from workflows.store.tables import (
    Account,
    CalendarVersion,
    Grant,
    Heartbeat,
    Installation,
    Organisation,
)
from workflows.store.tables import CalendarDay as DayRow

PASSWORD = "blue-river-seven-lamps"
# Hashing is slow on purpose; the made-up people share one password and so one hash.
_HASH = hash_password(PASSWORD)
BANNER_PATH = "15.1590.159001."


@dataclass(frozen=True, slots=True)
class Site:
    """An app on a database of its own, and how to get into both."""

    app: Flask
    sessions: Any
    places: dict[str, str]

    def client(self) -> FlaskClient:
        """Open a browser with no cookie."""
        return self.app.test_client()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session that commits at its end."""
        with self.sessions() as opened:
            yield opened
            opened.commit()


@contextmanager
def open_site(
    folder: Path, database_url: str, mode: str = "test", **overrides: Any
) -> Iterator[Site]:
    """Make an installation with a small tree in a database with the schema, and an app on it."""
    engine = open_engine(database_url)
    try:
        sessions = session_factory(engine)
        with sessions() as session:
            places = _install(session, mode)
            session.commit()
        load_or_create_master_key(folder / "master.key")
        settings = Settings(database_url=database_url, instance=folder)
        app = create_app(settings, TESTING=True, RATELIMIT_ENABLED=False, **overrides)
        # Errors are pages here too: tests look at what a visitor sees.
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.test_client_class = DeclaringClient
        yield Site(app, sessions, places)
        with app.app_context():
            db.engine.dispose()
    finally:
        engine.dispose()


def _install(session: Session, mode: str) -> dict[str, str]:
    now = datetime.now(UTC)
    two_hours_ago = now - timedelta(hours=2)
    session.add(
        Installation(
            id=1,
            mode=mode,
            house_id=new_id("h"),
            title="苏布德旗督办",
            created_at=now,
            clock_offset_seconds=0,
            last_seen_at=now,
        )
    )
    session.add(
        Heartbeat(
            job="sweep",
            started_at=two_hours_ago,
            finished_at=two_hours_ago,
            late_seconds=0,
            outcome={"due": 0},
        )
    )
    session.flush()
    _install_calendar(session, now)
    return _make_tree(session)


def _install_calendar(session: Session, now: datetime) -> None:
    """Put a calendar of one day in force: enough where nothing is counted."""
    calendar = Calendar.of([CalendarDay(now.date(), is_workday=True)])
    session.add(
        CalendarVersion(
            version=calendar.version,
            created_at=now,
            created_by="system:init",
            horizon_on=calendar.horizon_on,
            is_current=True,
            counted_at=now,
        )
    )
    session.flush()
    for day in calendar.days:
        row = DayRow(version=calendar.version, region="", date=day.on, is_workday=True)
        row.name, row.status, row.source = "", day.status.value, ""
        session.add(row)


def make_account(
    session: Session,
    username: str,
    *grants: tuple[str, str],
    display_name: str | None = None,
    is_active: bool = True,
    must_change_password: bool = False,
    language: str = "zh",
) -> str:
    """Make an account with ``(role, organisation code)`` grants, and give its id."""
    account = Account(
        id=new_id("u"),
        username=username,
        display_name=display_name or username,
        password_hash=_HASH,
        token=new_token(),
        is_active=is_active,
        must_change_password=must_change_password,
        created_at=datetime.now(UTC),
        language=language,
    )
    session.add(account)
    session.flush()
    for role, code in grants:
        place = session.query(Organisation).filter_by(code=code).one()
        session.add(
            Grant(
                account_id=account.id,
                role=role,
                organisation_id=place.id,
                org_path=place.path,
                from_on=date(2020, 1, 1),
            )
        )
    session.flush()
    return account.id


def token_in(answer: TestResponse) -> str:
    """Find the CSRF token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert found, answer.text[:500]
    return found[1]


def post(
    client: FlaskClient, address: str, seen_on: str | None = None, **values: Any
) -> TestResponse:
    """Send a form as a browser does, with the token of the page that it stands on."""
    token = token_in(client.get(seen_on or address))
    return client.post(address, data={"csrf_token": token, **values})


def log_in(client: FlaskClient, username: str, password: str = PASSWORD) -> TestResponse:
    """Log in through the login page."""
    return post(client, "/login", username=username, password=password)


def _make_tree(session: Session) -> dict[str, str]:
    tree = [
        ("15", "示范自治区", "unit", 1, None),
        ("1590", "塔林盟", "unit", 2, "15"),
        ("159001", "苏布德旗", "unit", 3, "1590"),
        ("159001.ORG", "苏布德旗委组织部", "organisation", 3, "159001"),
        ("159001101", "哈日阿图苏木", "unit", 4, "159001"),
        ("159001101201", "呼布尔嘎查", "unit", 5, "159001101"),
        ("159002", "那日图旗", "unit", 3, "1590"),
    ]
    made: dict[str, Organisation] = {}
    for code, name, kind, level, above in tree:
        parent = made.get(above or "")
        place = Organisation(
            id=new_id("o"),
            code=code,
            name=name,
            kind=kind,
            level=level,
            parent_id=parent.id if parent else None,
            path=f"{parent.path if parent else ''}{code.rsplit('.')[-1]}.",
        )
        session.add(place)
        session.flush()
        made[code] = place
    return {code: place.id for code, place in made.items()}
