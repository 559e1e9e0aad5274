"""Who may take what out of the house, and how much of its content (DOMAIN 3.2, 3.3, 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.errors import InvalidInput, NotAllowed, NotFound
from workflows.domain.levels import CLUES, INTERNAL, PERSONAL
from workflows.domain.roles import Actor, Role
from workflows.services.access import is_same_person, role_deciding, role_serving, scope_in
from workflows.services.secrecy.clearance import EXPORTING_ROLES, may_export
from workflows.store.scope import Scope
from workflows.store.tables import Case, Matter, Organisation

APPROVERS = (Role.PRINCIPAL, Role.COMMITTEE)
EVERYWHERE = ("",)


class LevelTooLow(InvalidInput):
    """Case {number} is about a person: its bundle needs the level {level}."""

    code: ClassVar[str] = "export_level_too_low"


class LevelNotExported(NotAllowed):
    """Content of level {level} leaves the house in no bundle but by the command, case by case."""

    code: ClassVar[str] = "export_level_forbidden"


class OwnExport(NotAllowed):
    """Whoever asked for an export does not approve it himself."""

    code: ClassVar[str] = "own_export"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a bundle may show: the cases of a scope, and content up to some levels.

    Cases of the covered place outside ``scope`` are sealed or absent; content above
    ``levels`` is withheld.
    """

    scope: Scope
    levels: frozenset[str]

    def content(self, org_path: str, case_level: str) -> frozenset[str]:
        """Give the levels of content that the bundle shows of one of its cases."""
        if case_level != INTERNAL or org_path.startswith(self.scope.person_paths):
            return self.levels
        return self.levels & {INTERNAL}

    def covers(self, other: Reach, place: str) -> bool:
        """Say whether it shows all that another one shows of persons by role, at some place."""
        if self.scope.own_person != other.scope.own_person:
            return False
        near = (path for path in other.scope.person_paths if _overlap(path, place))
        return all(max(path, place, key=len).startswith(self.scope.person_paths) for path in near)

    def to_json(self) -> dict[str, Any]:
        """Write it for the record of the export."""
        scope = self.scope
        return {
            "paths": list(scope.paths),
            "person_paths": list(scope.person_paths),
            "cases": list(scope.case_ids),
            "own_person": scope.own_person,
            "closed": list(scope.closed_cases),
            "levels": sorted(self.levels),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(
            Scope(
                tuple(value["paths"]),
                tuple(value["person_paths"]),
                tuple(value["cases"]),
                value["own_person"],
                tuple(value["closed"]),
            ),
            frozenset(value["levels"]),
        )


def place_of_scope(
    session: Session, actor: Actor, scope: BundleScope, levels: frozenset[str]
) -> str:
    """Give the path over which somebody must serve to take a scope out; refuse who may not.

    The session carries the scope of the one who asks.

    Raises:
        NotFound: What is asked for does not exist, or he does not see it.
        NotAllowed: He may not take it out of the house.
        LevelNotExported: Sealed content is asked for, or a sealed case.
        LevelTooLow: A case about a person is asked for without its level.
    """
    if CLUES in levels and not (actor.is_job and scope.kind is ScopeKind.CASES):
        raise LevelNotExported(level=CLUES)
    if actor.is_job:
        return _path_in(session, scope, levels)
    if scope.has_house:
        role_deciding(actor, (Role.AUDIT_ADMIN,))
        return ""
    _refuse_sealed(session, scope)
    path = _path_in(session, scope, levels)
    if not may_export(actor, path):
        raise NotAllowed(reason="export")
    return path


def needs_approval(actor: Actor, scope: BundleScope, levels: Iterable[str]) -> bool:
    """Say whether a second person must agree first.

    Content about persons needs one from everybody; from the audit administrator, who sees
    no content of cases, any content does (DOMAIN 3.3, 3.5).
    """
    wanted = set(levels)
    if actor.is_job:
        return False
    return bool(wanted) if scope.has_house else PERSONAL in wanted


def check_approver(session: Session, actor: Actor, asked_by: str, org_path: str) -> None:
    """Refuse whoever may not approve an export.

    Raises:
        OwnExport: He asked for it himself.
        RoleMissing: He is no principal or committee over all that it covers.
    """
    if is_same_person(session, actor, asked_by):
        raise OwnExport
    if org_path:
        role_serving(actor, APPROVERS, org_path)
    else:
        role_deciding(actor, APPROVERS)


def reach_of(session: Session, actor: Actor, scope: BundleScope, levels: frozenset[str]) -> Reach:
    """Give what a bundle may show that somebody takes out today."""
    people = EVERYWHERE if PERSONAL in levels else ()
    if actor.is_job or scope.has_house:
        sealed = scope.ids if CLUES in levels else ()
        return Reach(Scope(EVERYWHERE, people, sealed, own_person=actor.person_id), levels)
    seen = scope_in(session, actor)
    served = {grant.unit_path for grant in actor.grants if grant.role in EXPORTING_ROLES}
    return Reach(
        replace(
            seen,
            paths=tuple(sorted(served)),
            person_paths=seen.person_paths if people else (),
            case_ids=_open_to_export(session, seen.case_ids) if people else (),
        ),
        levels,
    )


def _open_to_export(session: Session, case_ids: Iterable[str]) -> tuple[str, ...]:
    """Leave out the sealed ones among the cases that somebody works on."""
    wanted = tuple(case_ids)
    sealed = select(Case.id).where(Case.id.in_(wanted), Case.level == CLUES)
    closed = set(session.scalars(sealed))
    return tuple(each for each in wanted if each not in closed)


def _refuse_sealed(session: Session, scope: BundleScope) -> None:
    sealed = select(Case.id).where(Case.id.in_(scope.ids), Case.level == CLUES)
    if scope.kind is ScopeKind.CASES and session.scalars(sealed).first() is not None:
        raise LevelNotExported(level=CLUES)


def _path_in(session: Session, scope: BundleScope, levels: frozenset[str]) -> str:
    if scope.kind is ScopeKind.CASES:
        return _path_of_cases(session, scope.ids, levels)
    if scope.kind is ScopeKind.MATTER:
        return _one(session, select(Matter.org_path).where(Matter.id == scope.id), "matter", scope)
    if scope.kind is ScopeKind.ORGANISATION:
        statement = select(Organisation.path).where(Organisation.id == scope.id)
        return _one(session, statement, "organisation", scope)
    return ""


def _one(session: Session, statement: Any, what: str, scope: BundleScope) -> str:
    path: str | None = session.execute(statement).scalar_one_or_none()
    if path is None:
        raise NotFound(what=what, key=scope.id)
    return path


def _path_of_cases(session: Session, ids: Iterable[str], levels: frozenset[str]) -> str:
    wanted = set(ids)
    statement = select(Case.id, Case.number, Case.level, Case.org_path).where(Case.id.in_(wanted))
    rows = session.execute(statement.order_by(Case.id)).all()
    for missing in sorted(wanted - {row.id for row in rows}):
        raise NotFound(what="case", key=missing)
    for row in rows:
        if row.level != INTERNAL and row.level not in levels:
            raise LevelTooLow(number=row.number, level=row.level)
    return common_path([row.org_path for row in rows])


def _overlap(path: str, other: str) -> bool:
    return path.startswith(other) or other.startswith(path)


def common_path(paths: Iterable[str]) -> str:
    """Give the lowest path that all of some paths lie in."""
    parts = [path.split(".")[:-1] for path in paths]
    shared: list[str] = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(f"{level[0]}.")
    return "".join(shared)
