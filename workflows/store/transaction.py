"""The one place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeAlias

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, DubanError
from workflows.store.scope import Scope, SystemScope, set_scope

__all__ = ["Session", "Sessions", "StorageFailed", "savepoint", "transaction", "trial"]

# PostgreSQL's codes for a deadlock and for a serialisation failure.
_LOST_RACES = ("40P01", "40001")
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
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        raise Conflict(reason=str(error.orig)) from error
    except OperationalError as error:
        raise _storage_error(error) from error


def _storage_error(error: OperationalError) -> DubanError:
    if getattr(error.orig, "sqlstate", None) in _LOST_RACES:
        return Conflict(reason=str(error.orig))
    return StorageFailed(reason=str(error.orig))


@contextmanager
def transaction(sessions: Sessions, scope: Scope | SystemScope | None = None) -> Iterator[Session]:
    """Open a session, commit what was done in it, or undo all of it.

    Raises:
        Conflict: Another writer holds or changed the same rows.
        StorageFailed: The database cannot write (full disk, lost connection).
    """
    session = sessions()
    if scope is not None:
        set_scope(session, scope)
    try:
        yield session
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise Conflict(reason=str(error.orig)) from error
    except OperationalError as error:
        session.rollback()
        raise _storage_error(error) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


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
        yield session
    except IntegrityError as error:
        raise Conflict(reason=str(error.orig)) from error
    except OperationalError as error:
        raise _storage_error(error) from error
    finally:
        session.rollback()
        session.close()
