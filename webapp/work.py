"""The edge where a request becomes a transaction: views get what they need and never commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import wraps
from typing import Any, Protocol, TypeVar

from flask import Flask, Response, current_app, g, make_response, request

from webapp.dates import today_of
from webapp.extensions import db
from webapp.settings import Settings
from workflows.audit.commitment import load_master_key
from workflows.domain.roles import Actor
from workflows.services.access import load_actor, scope_in
from workflows.services.installation import clock_now
from workflows.services.secrecy.informant_guard import attempts_of, keep_attempts
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.services.staff.break_glass import opened_cases
from workflows.services.vault import Vault
from workflows.store.connection import prepare_engine, session_factory
from workflows.store.scope import set_scope
from workflows.store.transaction import transaction

_KEY = "duban_sessions"
_SETTINGS = "duban_settings"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])


class Sessions(Protocol):
    """Makes a database session."""

    def __call__(self) -> Any:
        """Open a session."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a view works with, inside one transaction with the visitor's scope."""

    session: Any
    actor: Actor
    now: datetime

    @property
    def today(self) -> date:
        """Give the day of ``now`` at the place."""
        return today_of(self.now)


class _Undone(Exception):
    """A page with an error status: what was written for it is not kept."""

    def __init__(self, response: Response) -> None:
        self.response = response


def prepare_sessions(app: Flask, settings: Settings) -> None:
    """Give the app its two kinds of sessions, on the engine that Flask-SQLAlchemy made."""
    vault = Vault(load_master_key(settings.instance / "master.key"))
    marks = {**vault.session_marks(), **settings.notary().session_marks()}
    with app.app_context():
        engine = prepare_engine(db.engine)
    reading = engine.execution_options(duban_read_only=True)
    app.extensions[_SETTINGS] = settings
    kinds = session_factory(engine), session_factory(reading)
    for sessions in kinds:
        sessions.configure(info=marks)
    app.extensions[_KEY] = kinds


def writing_sessions(app: Flask | None = None) -> Sessions:
    """Give the sessions that may write; also for commands and the scheduler."""
    sessions: Sessions = (app or current_app).extensions[_KEY][0]
    return sessions


def settings_of(app: Flask | None = None) -> Settings:
    """Give what the app was made with."""
    settings: Settings = (app or current_app).extensions[_SETTINGS]
    return settings


def reading_sessions(app: Flask | None = None) -> Sessions:
    """Give the sessions that hold no write lock on SQLite."""
    sessions: Sessions = (app or current_app).extensions[_KEY][1]
    return sessions


def in_transaction(view: View) -> View:
    """Run a view inside one transaction of its visitor and hand it a `Work` first.

    A GET reads only. What a view wrote is kept when its page has a status below 400;
    a page that shows errors (422) keeps nothing. Looks that a view noted are recorded
    before its page leaves, whatever it answers.
    """

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Response:
        sessions = reading_sessions() if request.method in _READING else writing_sessions()
        marks: dict[Any, Any] = {}
        try:
            with transaction(sessions) as session:
                marks = session.info
                work = begin_work(session)
                response = make_response(view(work, *args, **kwargs))
                if response.status_code >= 400:
                    raise _Undone(response)
        except _Undone as undone:
            response = undone.response
        finally:
            keep_attempts_of(marks)
        _record_looks(work, response)
        return response

    return wrapped  # type: ignore[return-value]


def note_look(what: Looked, case_id: str | None = None, detail: str = "") -> None:
    """Note that the page which is being made lets its visitor look at something.

    An answer without a page shows nothing, and who acted is recorded with what he did.
    """
    g.setdefault("glances", {})[Glance(what, case_id, detail)] = None


def _record_looks(work: Work, response: Response) -> None:
    glances = g.pop("glances", None)
    if glances and not _is_empty(response):
        with transaction(writing_sessions()) as session:
            keep_looks(session, work.actor, work.now, glances)


def keep_attempts_of(marks: Mapping[Any, Any]) -> None:
    """Keep, by a session's marks, that somebody was refused to write who reported."""
    attempts = attempts_of(marks)
    if attempts:
        with transaction(writing_sessions()) as session:
            keep_attempts(session, attempts)


def _is_empty(response: Response) -> bool:
    """Say whether an answer leads elsewhere or has no content."""
    return response.status_code == 204 or 300 <= response.status_code < 400


def begin_work(session: Any) -> Work:
    """Bind a session to the scope that its visitor has at this moment."""
    now = clock_now(session)
    actor = load_actor(session, g.visit.account_id, today_of(now))
    scope = scope_in(session, actor)
    opened = opened_cases(session, actor.account_id, now)
    set_scope(session, replace(scope, case_ids=(*scope.case_ids, *opened)) if opened else scope)
    return Work(session, actor, now)
