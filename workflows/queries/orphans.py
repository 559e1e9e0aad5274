"""Cases, tasks and clocks that nothing moves on any more; read set by set, nothing is locked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Text, and_, cast, exists, literal_column, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from workflows.domain.errors import DubanError
from workflows.domain.orphans import Orphan, OrphanKind
from workflows.domain.reviews import REVIEW
from workflows.engine import marking_hash, standing
from workflows.services.packs import definition_of
from workflows.store.base import table_of
from workflows.store.casework import read_marking
from workflows.store.duework import ATTEMPTS
from workflows.store.scope import require_scope
from workflows.store.tables import Account, Case, Clock, Incident, Task

# A sweep takes its time, and what another one holds it leaves for the next.
_PASSED_OVER = timedelta(hours=1)
_CASE, _TASK, _CLOCK = table_of(Case), table_of(Task), table_of(Clock)
_ACCOUNT, _INCIDENT = table_of(Account), table_of(Incident)
# Written as they stand in the partial indexes: with a parameter those would not serve.
_IS_OPEN = _TASK.c.state == literal_column("'open'")
_IS_RUNNING = _CLOCK.c.state == literal_column("'running'")
_IN_PROGRESS = _CASE.c.state == "open"
# A review of consequences may stand open in a case that has ended.
_TO_BE_DONE = or_(_IN_PROGRESS, _TASK.c.path == REVIEW)


def stranded_cases(session: Session) -> Iterator[Orphan]:
    """Find open cases without a task, a clock or a message that they wait for."""
    has_task = exists().where(_TASK.c.case_id == _CASE.c.id, _IS_OPEN)
    has_clock = exists().where(
        _CLOCK.c.case_id == _CASE.c.id, _CLOCK.c.state.in_(("running", "paused"))
    )
    statement = select(_CASE.c.id).where(
        _IN_PROGRESS, cast(_CASE.c.awaited, Text) == "[]", ~has_task, ~has_clock
    )
    for case_id in require_scope(session).execute(statement).scalars():
        yield Orphan(OrphanKind.CASE_STRANDED, case_id)


def missed_clocks(session: Session, swept_at: datetime) -> Iterator[Orphan]:
    """Find clocks that the sweep of a moment had to fire and did not.

    One that waits for its retry is none, nor one whose failures are an incident already.
    """
    is_told = exists().where(
        _INCIDENT.c.case_id == _CLOCK.c.case_id,
        _INCIDENT.c.kind == "clock_failed",
        _INCIDENT.c.resolved_at.is_(None),
    )
    statement = (
        select(_CLOCK.c.case_id, _CLOCK.c.path, _CLOCK.c.n)
        .join(_CASE, _CASE.c.id == _CLOCK.c.case_id)
        .where(
            _IS_RUNNING,
            _CLOCK.c.due_at <= swept_at - _PASSED_OVER,
            _IN_PROGRESS,
            or_(_CLOCK.c.retry_at.is_(None), _CLOCK.c.retry_at <= swept_at),
            or_(_CLOCK.c.attempts < ATTEMPTS, ~is_told),
        )
    )
    for case_id, path, n in require_scope(session).execute(statement):
        yield Orphan(OrphanKind.CLOCK_MISSED, case_id, f"{path}#{n}")


def held_tasks(session: Session) -> Iterator[Orphan]:
    """Find open tasks whose claimant has no account any more."""
    statement = (
        select(_TASK.c.case_id, _TASK.c.path, _TASK.c.n)
        .join(_ACCOUNT, _ACCOUNT.c.id == _TASK.c.claimant)
        .join(_CASE, _CASE.c.id == _TASK.c.case_id)
        .where(_IS_OPEN, _ACCOUNT.c.is_active.is_(False), _TO_BE_DONE)
    )
    for case_id, path, n in require_scope(session).execute(statement):
        yield Orphan(OrphanKind.TASK_HELD, case_id, f"{path}#{n}")


def unknown_markings(session: Session) -> Iterator[Orphan]:
    """Find cases whose stored marking is no place of their definition; each is looked at once."""
    connection = require_scope(session)
    place = (_CASE.c.pack_hash, _CASE.c.process_id, _CASE.c.marking_hash)
    unfinished = _CASE.c.state != literal_column("'ended'")
    for values in connection.execute(select(*place).where(unfinished).distinct()).all():
        if not _is_known(session, *values):
            here = and_(*(column == value for column, value in zip(place, values, strict=True)))
            statement = select(_CASE.c.id).where(unfinished, here)
            for case_id in connection.execute(statement).scalars():
                yield Orphan(OrphanKind.MARKING_UNKNOWN, case_id)


def _is_known(session: Session, pack_hash: str, process_id: str, stored_hash: str) -> bool:
    try:
        text = read_marking(session, stored_hash)
        standing(definition_of(session, pack_hash, process_id), text)
    except (DubanError, NoResultFound, LookupError, ValueError):
        return False
    return marking_hash(text) == stored_hash
