"""The pages with the made-up world behind them, worked as a browser does: form by form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.declaring import DeclaringClient
from tests.support.made_up import install_world
from webapp.app import create_app
from webapp.extensions import db
from webapp.settings import Settings
from workflows.audit.commitment import load_or_create_master_key
from workflows.jobs.sweep import run_sweep
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, session_factory
from workflows.store.scope import SystemScope
from workflows.store.tables import Account, Installation, Organisation, Person, Task
from workflows.store.transaction import Session, transaction


@dataclass
class Effort:
    """What the work cost: how often somebody sent a form, and typed free text into a field."""

    submits: int = 0
    typed: list[str] = field(default_factory=list)


@dataclass
class CaseSite:
    """An app on the made-up world at a time of its own."""

    app: Flask
    sessions: Any
    effort: Effort = field(default_factory=Effort)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session that sees everything and commits at its end."""
        with transaction(self.sessions, SystemScope("test")) as opened:
            yield opened

    def at(self, on: str, hour: int = 10) -> datetime:
        """Set the clock to an hour of a day in China."""
        now = datetime.combine(date.fromisoformat(on), time(hour - 8), UTC)
        with self.session() as session:
            offset = (now - datetime.now(UTC)).total_seconds()
            session.get_one(Installation, 1).clock_offset_seconds = round(offset)
        return now

    def sweep(self, on: str) -> None:
        """Sweep in the morning of a day."""
        run_sweep(self.sessions, self.at(on, 9))

    def officer(self, username: str) -> Officer:
        """Log somebody in."""
        with self.session() as session:
            account = session.scalars(select(Account).where(Account.username == username)).one()
            token = account.token
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["token"] = token
        return Officer(self, client)

    def branch(self, name: str = "阿日善图") -> str:
        """Give the id of a gacha's Party branch."""
        with self.session() as session:
            statement = select(Organisation.id).where(
                Organisation.name.startswith(name), Organisation.kind == "branch"
            )
            return session.execute(statement).scalar_one()

    def person(self, username: str) -> str:
        """Give the person behind an account."""
        with self.session() as session:
            statement = select(Account.person_id).where(Account.username == username)
            return str(session.execute(statement).scalar_one())

    def name(self, person_id: str) -> str:
        """Name a person."""
        with self.session() as session:
            return session.get_one(Person, person_id).name

    def open_tasks(self, case_id: str) -> list[str]:
        """Give the open activities of a case."""
        with self.session() as session:
            statement = select(Task.activity).where(Task.case_id == case_id, Task.state == "open")
            return sorted(session.execute(statement).scalars())

    def address(self, case_id: str, activity: str) -> str:
        """Give the address of an open task."""
        with self.session() as session:
            task = session.scalars(
                select(Task).where(
                    Task.case_id == case_id, Task.activity == activity, Task.state == "open"
                )
            ).one()
            return f"/cases/{case_id}/tasks/{task.path}/{task.n}"


@dataclass
class Officer:
    """Somebody at a browser."""

    site: CaseSite
    client: FlaskClient

    def open(self, address: str) -> Page:
        """Open an address, following where it leads."""
        return Page(self, address, self.client.get(address, follow_redirects=True))

    def do(self, case_id: str, activity: str, /, **values: Any) -> Page:
        """Open a task and send its form, filled in as it is but for some values."""
        address = self.site.address(case_id, activity)
        return self.open(address).form(address).fill(**values).send()

    def enter_paper(self, case_id: str, activity: str, /, **values: Any) -> Page:
        """Enter a task from paper."""
        address = f"{self.site.address(case_id, activity)}/paper"
        return self.open(address).form(address).fill(**values).send()


@dataclass
class Page:
    """A page as it came."""

    officer: Officer
    address: str
    answer: TestResponse

    @property
    def status(self) -> int:
        """Give the status of the answer."""
        return self.answer.status_code

    @property
    def text(self) -> str:
        """Give what the page says, without its marks."""
        return " ".join(self.root.text_content().split())

    @property
    def root(self) -> Any:
        """Give the page as a tree."""
        return html.fromstring(self.answer.text)

    @property
    def heading(self) -> str:
        """Give the page's one heading."""
        (heading,) = self.root.xpath("//h1")
        return " ".join(heading.text_content().split())

    def form(self, action: str) -> Form:
        """Find the form that is sent to an address."""
        found = [
            each
            for each in self.root.xpath("//form[@method='post']")
            if each.get("action").partition("?")[0] == action.partition("?")[0]
        ]
        assert found, [each.get("action") for each in self.root.xpath("//form")]
        return Form(self.officer, found[-1])


class Form:
    """A form as a browser holds it: filled in as the page gave it, then by the officer."""

    def __init__(self, officer: Officer, element: Any) -> None:
        """Take over what is filled in."""
        self.officer = officer
        self.action: str = element.get("action")
        self.element = element
        self.values: dict[str, Any] = {}
        texts = {each.get("name") for each in element.xpath(".//textarea")}
        for key, value in element.form_values():
            # A browser drops the line end that a page puts at the start of a text.
            shown = value.lstrip("\r").removeprefix("\n") if key in texts else value
            self.values.setdefault(key, []).append(shown)

    def value(self, key: str) -> str:
        """Give what stands in a field."""
        return str((self.values.get(key) or [""])[0])

    def fill(self, **values: Any) -> Form:
        """Fill in fields; what is free text and was not there is counted as typed."""
        for key, value in values.items():
            inputs = self.element.xpath(f".//*[@name='{key}']")
            assert inputs, f"{self.action} has no field {key}"
            if hasattr(value, "read") or isinstance(value, tuple):
                self.values[key] = [value]
                continue
            several = [str(each) for each in value] if isinstance(value, list) else [str(value)]
            first = inputs[0]
            is_text = first.tag == "textarea" or first.get("type", "text") == "text"
            if first.tag != "select" and is_text and self.values.get(key) != several:
                self.officer.site.effort.typed.append(key)
            if first.tag == "select":
                offered = {option.get("value") for option in first.xpath(".//option")}
                assert set(several) <= offered, (key, value, offered)
            self.values[key] = several
        return self

    def send(self, follow: bool = True, **buttons: str) -> Page:
        """Send the form and count it."""
        self.officer.site.effort.submits += 1
        payload = {**self.values, **buttons}
        files = [
            each for value in self.values.values() for each in value if isinstance(each, tuple)
        ]
        if files and self.element.xpath(".//*[@name='_no_secrets']"):
            payload.setdefault("_no_secrets", ["1"])
        answer = self.officer.client.post(
            self.action,
            data=payload,
            content_type="multipart/form-data",
            follow_redirects=follow,
        )
        return Page(self.officer, self.action, answer)


@contextmanager
def open_case_site(
    folder: Path, database_url: str, *, is_built: bool = False
) -> Iterator[CaseSite]:
    """Open the pages on a database with the schema; the world is built where it is missing."""
    key = load_or_create_master_key(folder / "master.key")
    engine = open_engine(database_url)
    sessions = session_factory(engine, Vault(key).session_marks())
    if not is_built:
        with sessions() as session:
            install_world(session, key)
            session.commit()
    app = create_app(
        Settings(database_url=database_url, instance=folder), TESTING=True, RATELIMIT_ENABLED=False
    )
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = DeclaringClient
    site = CaseSite(app, sessions)
    site.at("2026-03-10")
    try:
        yield site
    finally:
        engine.dispose()
        with app.app_context():
            db.engine.dispose()
