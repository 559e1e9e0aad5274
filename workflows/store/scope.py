"""Who sees which rows: scopes on the organisation tree (DESIGN 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, and_, event, false, or_, true
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from workflows.domain.errors import DubanError
from workflows.store.base import Base, Scoped
from workflows.store.tables import (
    Case,
    ClearanceReply,
    IssuedDocument,
    Matter,
    OverNotice,
    PersonEffect,
    Task,
)

_KEY = "duban_scope"


class ScopeMissing(DubanError):
    """A statement on {table} needs a scope."""

    code: ClassVar[str] = "scope_missing"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person may see: subtrees, and person-level cases one by one.

    ``paths`` are subtrees of the organisation tree for internal matters (L1); ``person_paths``
    those whose person-level cases (L2) are open by role; ``case_ids`` single cases that the
    person works on, the only way to a sealed one (L3). Cases about ``own_person`` himself are
    never visible, not even with a role over them, nor are ``closed_cases``, from which he is
    recused. Nothing is visible by default.
    """

    paths: tuple[str, ...] = ()
    person_paths: tuple[str, ...] = ()
    case_ids: tuple[str, ...] = ()
    own_person: str | None = None
    closed_cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemScope:
    """Everything, for a named job."""

    job: str


def set_scope(session: Session, scope: Scope | SystemScope) -> None:
    """Bind a scope to a session, for all its statements from now on."""
    session.info[_KEY] = scope


def scope_of(session: Session) -> Scope | SystemScope | None:
    """Give the scope that a session carries."""
    scope: Scope | SystemScope | None = session.info.get(_KEY)
    return scope


@contextmanager
def as_system(session: Session, job: str) -> Iterator[None]:
    """Let a named part of the program see everything for a while, whoever set it going."""
    before = session.info.get(_KEY)
    session.info[_KEY] = SystemScope(job)
    try:
        yield
    finally:
        session.info[_KEY] = before


def require_scope(session: Session) -> Connection:
    """Give the connection for Core statements of the store, if a scope is bound.

    Raises:
        ScopeMissing: The session carries no scope.
    """
    if _KEY not in session.info:
        raise ScopeMissing(table="a scoped table")
    return session.connection()


def within(column: Any, paths: Iterable[str]) -> ColumnElement[bool]:
    """Say that a path lies in one of the subtrees; a range, so that an index serves it."""
    ranges = [and_(column >= path, column < f"{path[:-1]}/") if path else true() for path in paths]
    return or_(false(), *ranges)


def _criteria(entity: type[Any], scope: Scope) -> ColumnElement[bool]:
    if entity in {Case, Task, IssuedDocument}:
        key = entity.id if entity is Case else entity.case_id
        in_reach = or_(
            and_(entity.level == "L1", within(entity.org_path, scope.paths)),
            and_(entity.level == "L2", within(entity.org_path, scope.person_paths)),
            key.in_(scope.case_ids),
        )
        return and_(in_reach, _of_others(key, scope), _not_closed(key, scope))
    if entity in {ClearanceReply, OverNotice}:
        about_others = entity.person_id != (scope.own_person or "")
        return and_(within(entity.org_path, scope.person_paths), about_others)
    if entity is PersonEffect:
        others = entity.person_id != (scope.own_person or "")
        in_reach = and_(within(entity.org_path, scope.person_paths), others)
        mine = or_(in_reach, entity.case_id.in_(scope.case_ids))
        return and_(mine, _not_closed(entity.case_id, scope))
    if entity is Matter:
        opened = Case.__table__.alias()
        own = Matter.id.in_(
            opened.select()
            .with_only_columns(opened.c.matter_id)
            .where(opened.c.id.in_(scope.case_ids))
        )
        return or_(within(entity.org_path, scope.paths), own)
    return within(entity.org_path, scope.paths)


def _not_closed(case_id: Any, scope: Scope) -> ColumnElement[bool]:
    closed: ColumnElement[bool] = case_id.not_in(scope.closed_cases)
    return closed if scope.closed_cases else true()


def _of_others(case_id: Any, scope: Scope) -> ColumnElement[bool]:
    """Say that a person's case is not about the viewer himself."""
    if scope.own_person is None:
        return true()
    about = Case.__table__.alias()
    own = (
        about.select()
        .with_only_columns(about.c.id)
        .where(about.c.subject_person_id == scope.own_person)
    )
    others: ColumnElement[bool] = case_id.not_in(own)
    return others


@lru_cache(maxsize=256)
def _options(scope: Scope) -> tuple[ExecutableOption, ...]:
    """Give the filters of all scoped tables; tables that are only joined need theirs too."""
    return tuple(
        with_loader_criteria(entity, _criteria(entity, scope), include_aliases=True)
        for entity in _scoped_entities()
    )


def _scoped_entities() -> list[type[Any]]:
    mappers = Base.registry.mappers
    return [mapper.class_ for mapper in mappers if issubclass(mapper.class_, Scoped)]


def _filter(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    scope = scope_of(state.session)
    if scope is None:
        for mapper in state.all_mappers:
            if issubclass(mapper.class_, Scoped):
                raise ScopeMissing(table=str(mapper.local_table))
    elif isinstance(scope, Scope):
        state.statement = state.statement.options(*_options(scope))


event.listen(Session, "do_orm_execute", _filter)
