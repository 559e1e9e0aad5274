"""The one place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, DubanError
from workflows.store.schema import refuse_other_schema
from workflows.store.scope import Scope, SystemScope, set_scope

__all__ = ["Session", "Sessions", "StorageFailed", "savepoint", "transaction", "trial"]

# PostgreSQL's codes for a deadlock and for a serialisation failure.
_LOST_RACES = ("40P01", "40001")
# Its codes for a table and for a column that are not there, and what SQLite says of them.
_MISSING = ("42P01", "42703")
_MISSING_WORDS = ("no such table", "no such column", "has no column named")
Sessions: TypeAlias = Callable[[], Session]


class StorageFailed(DubanError):
    """The database did not take the change ({reason}); nothing of it was stored."""

    code: ClassVar[str] = "storage_failed"


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Undo only what is done inside, if it fails; the transaction goes on.

    Raises:
        Conflict: Another writer holds or changed the same rows.
        StorageFailed: The database cannot write at all.
    """
    with _told(session), session.begin_nested():
        yield


@contextmanager
def _told(session: Session) -> Iterator[None]:
    """Turn an error of the database into one of ours."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(reason=str(error.orig)) from error
    except (OperationalError, ProgrammingError) as error:
        if _is_about_schema(error):
            _refuse_other_schema(session)
        if isinstance(error, ProgrammingError):
            raise
        raise _storage_error(error) from error


def _storage_error(error: OperationalError) -> DubanError:
    if getattr(error.orig, "sqlstate", None) in _LOST_RACES:
        return Conflict(reason=str(error.orig))
    return StorageFailed(reason=str(error.orig))


def _is_about_schema(error: OperationalError | ProgrammingError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _MISSING:
        return True
    return any(words in str(error.orig) for words in _MISSING_WORDS)


def _refuse_other_schema(session: Session) -> None:
    """Say what is the matter with the schema, on a connection of its own that locks nothing."""
    bind = session.get_bind()
    engine = bind.engine if isinstance(bind, Connection) else bind
    refuse_other_schema(engine.execution_options(duban_read_only=True))


@contextmanager
def transaction(sessions: Sessions, scope: Scope | SystemScope | None = None) -> Iterator[Session]:
    """Open a session, commit what was done in it, or undo all of it.

    Raises:
        Conflict: Another writer holds or changed the same rows.
        StorageFailed: The database cannot write (full disk, lost connection).
        SchemaOlder, SchemaNewer, SchemaDiffers: It is not the one that this program knows.
    """
    session = sessions()
    if scope is not None:
        set_scope(session, scope)
    try:
        with _told(session), _undone(session):
            yield session
            session.commit()
    finally:
        session.close()


@contextmanager
def _undone(session: Session) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.rollback()
        raise


@contextmanager
def trial(sessions: Sessions) -> Iterator[Session]:
    """Open a session in which something is tried out: all that is written in it is undone.

    Its locks are held until then, so nothing slow belongs inside.

    Raises:
        Conflict: Another writer holds or changed the same rows.
        StorageFailed: The database cannot write at all.
    """
    session = sessions()
    try:
        with _told(session):
            yield session
    finally:
        session.rollback()
        session.close()
