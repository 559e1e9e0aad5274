"""Migrations for the pages: what was planned, how far it is, what became of each case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.engine import Definition, standing
from workflows.services.packs import pack_of
from workflows.services.steps.locked import marking_text
from workflows.store.tables import Case, CaseMigration, MigratedCase, PackVersion

LISTED = 200


@dataclass(frozen=True, slots=True)
class MigrationLine:
    """A migration with the labels of its versions and how many cases it has met."""

    migration: CaseMigration
    old_label: str
    new_label: str
    outcomes: Mapping[str, int]

    @property
    def planned(self) -> int:
        """Count the cases that the plan spoke of."""
        return sum(each["count"] for each in self.migration.plan["markings"])

    @property
    def met(self) -> int:
        """Count the cases that were met so far."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class StayedCase:
    """A case that a migration left where it was, and why."""

    number: str
    why: str


def migration_lines(session: Session) -> list[MigrationLine]:
    """Read all migrations, the latest first."""
    migrations = session.scalars(select(CaseMigration).order_by(CaseMigration.id.desc())).all()
    return [_line(session, each) for each in migrations]


def migration_line(session: Session, migration_id: int) -> MigrationLine:
    """Read one migration.

    Raises:
        NotFound: There is none of that number.
    """
    migration = session.get(CaseMigration, migration_id)
    if migration is None:
        raise NotFound(what="migration", key=str(migration_id))
    return _line(session, migration)


def stayed_cases(session: Session, migration_id: int) -> list[StayedCase]:
    """Read the cases that stayed, as far as the viewer sees them; at most the first ones."""
    statement = (
        select(Case.number, MigratedCase.why)
        .join(MigratedCase, MigratedCase.case_id == Case.id)
        .where(MigratedCase.migration_id == migration_id, MigratedCase.outcome == "stayed")
        .order_by(Case.number)
        .limit(LISTED)
    )
    return [StayedCase(number, why) for number, why in session.execute(statement)]


def not_brought_back(session: Session, migration_id: int) -> list[str]:
    """Give the numbers of the cases whose undoing failed, as far as the viewer sees them."""
    statement = (
        select(Case.number)
        .join(MigratedCase, MigratedCase.case_id == Case.id)
        .where(
            MigratedCase.migration_id == migration_id,
            MigratedCase.outcome == "moved",
            MigratedCase.why != "",
        )
        .order_by(Case.number)
        .limit(LISTED)
    )
    return list(session.scalars(statement))


def places_of(
    session: Session, pack_hash: str, markings: Sequence[Mapping[str, Any]]
) -> list[tuple[str, ...]]:
    """Give what is open at each planned marking: its tasks, else what it waits for."""
    pack = pack_of(session, pack_hash)
    return [
        _open_at(session, pack.processes[each["process"]], each["marking"]) for each in markings
    ]


def _open_at(session: Session, definition: Definition, marking_hash: str) -> tuple[str, ...]:
    places = standing(definition, marking_text(session, marking_hash))
    return places.tasks or (*places.messages, *places.clocks)


def _line(session: Session, migration: CaseMigration) -> MigrationLine:
    labels = dict(
        session.execute(
            select(PackVersion.hash, PackVersion.label).where(
                PackVersion.hash.in_((migration.old_hash, migration.new_hash))
            )
        ).all()
    )
    counted = session.execute(
        select(MigratedCase.outcome, func.count())
        .where(MigratedCase.migration_id == migration.id)
        .group_by(MigratedCase.outcome)
    )
    return MigrationLine(
        migration,
        labels[migration.old_hash],
        labels[migration.new_hash],
        dict(counted.all()),
    )
