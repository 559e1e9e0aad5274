"""Exports as their pages show them: who took what out of the house, for whom and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.errors import DubanError, NotFound
from workflows.domain.roles import Actor, Role
from workflows.queries.names import names_of
from workflows.services.exports.permits import APPROVERS, check_approver
from workflows.services.secrecy.clearance import EXPORTING_ROLES
from workflows.store.base import table_of
from workflows.store.scope import within
from workflows.store.tables import BundleJob, Case, Matter, Organisation

MOST_LISTED = 200
_MOST_NAMED = 3
_LEVELS_LISTED = 2


@dataclass(frozen=True, slots=True)
class ExportLine:
    """An export with the words for what it covers; ``more`` counts cases not named.

    ``may_decide`` says that it waits for this visitor's agreement.
    """

    job: BundleJob
    scope: BundleScope
    names: tuple[str, ...]
    more: int
    people: Mapping[str, str]
    may_decide: bool
    is_own: bool

    @property
    def levels(self) -> frozenset[str]:
        """Give the levels of content that were asked for."""
        return frozenset(self.job.levels.split())


def export_lines(session: Session, actor: Actor) -> tuple[ExportLine, ...]:
    """List one's own exports, newest first, and those that wait for one's agreement.

    The audit administrator sees everybody's.
    """
    waiting: ColumnElement[bool] = false()
    if any(grant.role in APPROVERS for grant in actor.grants):
        waiting = BundleJob.state == "waiting"
    statement = select(BundleJob).order_by(BundleJob.id.desc()).limit(MOST_LISTED)
    if not is_auditor(actor):
        statement = statement.where(or_(BundleJob.asked_by == actor.account_id, waiting))
    lines = [_line(session, actor, job) for job in session.scalars(statement)]
    return tuple(line for line in lines if _may_see(actor, line))


def export_line(session: Session, actor: Actor, job_id: int) -> ExportLine:
    """Give one export that a visitor may see.

    Raises:
        NotFound: There is none, or it is none of his affairs.
    """
    job = session.get(BundleJob, job_id)
    line = None if job is None else _line(session, actor, job)
    if line is None or not _may_see(actor, line):
        raise NotFound(what="export", key=str(job_id))
    return line


def is_auditor(actor: Actor) -> bool:
    """Say whether somebody sees what everybody took."""
    return any(grant.role == Role.AUDIT_ADMIN for grant in actor.grants)


def _may_see(actor: Actor, line: ExportLine) -> bool:
    has_decided = line.job.decided_by == actor.account_id
    return line.is_own or line.may_decide or has_decided or is_auditor(actor)


def _line(session: Session, actor: Actor, job: BundleJob) -> ExportLine:
    scope = BundleScope.from_json(job.scope)
    names = _names(session, scope)
    return ExportLine(
        job,
        scope,
        tuple(names),
        max(0, len(scope.ids) - len(names)),
        names_of(session, filter(None, (job.asked_by, job.decided_by))),
        job.state == "waiting" and _may_decide(session, actor, job),
        job.asked_by == actor.account_id,
    )


def _may_decide(session: Session, actor: Actor, job: BundleJob) -> bool:
    try:
        check_approver(session, actor, job.asked_by, job.org_path)
    except DubanError:
        return False
    return True


def _names(session: Session, scope: BundleScope) -> Sequence[str]:
    """Name what an export covers; by number and place only, never by person."""
    # Whoever sees the export sees what it covers: Core statements, without his scope.
    if scope.kind is ScopeKind.CASES:
        return _texts(session, Case, "number", scope.ids[:_MOST_NAMED])
    if scope.kind is ScopeKind.MATTER:
        return _texts(session, Matter, "number", scope.ids)
    return _texts(session, Organisation, "name", scope.ids)


def _texts(session: Session, entity: type, column: str, ids: Iterable[str]) -> Sequence[str]:
    table = table_of(entity)
    statement = select(table.c[column]).where(table.c.id.in_(list(ids))).order_by(table.c[column])
    found: Sequence[str] = session.connection().execute(statement).scalars().all()
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation whose cases somebody may take out; ``depth`` below the topmost."""

    id: str
    name: str
    depth: int


def places_to_take_from(
    session: Session, actor: Actor, organisation_id: str = ""
) -> tuple[Place, ...]:
    """List the units at and below which somebody may take cases out, as they lie in the tree.

    Only so many levels that they can be listed, and the one that was come from.
    """
    paths = sorted({each.unit_path for each in actor.grants if each.role in EXPORTING_ROLES})
    statement = (
        select(Organisation.id, Organisation.name, Organisation.path, Organisation.kind)
        .where(within(Organisation.path, paths))
        .order_by(Organisation.path)
    )
    rows = session.execute(statement).all() if paths else []
    depths = [row.path.count(".") for row in rows]
    top = min(depths, default=0)
    return tuple(
        Place(row.id, row.name, depth - top)
        for row, depth in zip(rows, depths, strict=True)
        if row.id == organisation_id or (row.kind == "unit" and depth <= top + _LEVELS_LISTED)
    )


def cases_numbered(session: Session, numbers: Sequence[str]) -> tuple[str, ...]:
    """Find cases by their numbers.

    Raises:
        NotFound: A number names no case in the session's scope.
    """
    rows = session.execute(select(Case.number, Case.id).where(Case.number.in_(numbers)))
    found = {row.number: row.id for row in rows}
    for number in numbers:
        if number not in found:
            raise NotFound(what="case", key=number)
    return tuple(sorted(found.values()))


def matter_numbered(session: Session, number: str) -> str:
    """Find a matter by its number.

    Raises:
        NotFound: There is none in the session's scope.
    """
    return _found(session, select(Matter.id).where(Matter.number == number), "matter", number)


def organisation_coded(session: Session, code: str) -> str:
    """Find an organisation by its code.

    Raises:
        NotFound: There is none.
    """
    statement = select(Organisation.id).where(Organisation.code == code)
    return _found(session, statement, "organisation", code)


def _found(session: Session, statement: Select[str], what: str, key: str) -> str:
    found = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound(what=what, key=key)
    return str(found)
