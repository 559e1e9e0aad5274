"""Carrying an approved migration out, case by case, and taking it back (DESIGN 4.5).

Each case is moved under its own lock, with one record. Nothing is done that the plan does
not say: a case that went on to another place stays, and is told why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.records import JsonValue
from workflows.engine.migration import Carried
from workflows.services.access import SYSTEM
from workflows.services.journal import Act, append_house
from workflows.services.packs import pack_of
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.versions.migrating import (
    SomethingFollowed,
    migrate_case,
    return_case,
    terms_of,
)
from workflows.services.versions.migration_dates import Versions
from workflows.services.versions.migration_plan import carried_over, fits
from workflows.store.tables import CaseMigration, LateEntry, MigratedCase

# Why a case stays although its marking may move.
NOT_PLANNED, OBSTACLE, UNFIT = "not_planned", "obstacle", "unfit"
SHORTER, LATE_ENTRY = "shorter", "late_entry"
_LONGEST_WHY = 40


@dataclass(frozen=True, slots=True)
class Said:
    """What a stored plan says, to be looked up for many cases."""

    old: str
    new: str
    renames: Mapping[str, str]
    shortens: bool
    targets: Mapping[tuple[str, str], str | None]
    shorter: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, migration: CaseMigration) -> Said:
        """Read it from a migration."""
        plan = migration.plan
        return cls(
            migration.old_hash,
            migration.new_hash,
            plan["renames"],
            plan["shortens"],
            {(each["process"], each["marking"]): each["target"] for each in plan["markings"]},
            frozenset(
                (each["case_number"], each["clock"], each["to_on"]) for each in plan["shorter"]
            ),
        )

    def allows(self, case_number: str, clock: str, to_on: str) -> bool:
        """Tell whether a deadline that gets shorter is listed by name."""
        return (case_number, clock, to_on) in self.shorter


def open_migrations(session: Session) -> Sequence[int]:
    """Give the migrations that were approved, or are to be taken back, oldest first."""
    open_ = select(CaseMigration.id).where(CaseMigration.state.in_(("approved", "undoing")))
    return session.scalars(open_.order_by(CaseMigration.id)).all()


def hold_migration(session: Session, migration_id: int) -> CaseMigration:
    """Lock a migration, so that two runs take turns."""
    return session.get_one(CaseMigration, migration_id, with_for_update=True)


def carry_out(
    session: Session, migration: CaseMigration, said: Said, case_id: str, now: datetime
) -> str:
    """Move one case as its plan says, or note why it stays; give the outcome.

    Raises:
        DubanError: The case cannot be moved; nothing of it was written.
    """
    case, new = load_locked(session, case_id), pack_of(session, said.new)
    process, old = case.definition.process_id, case.definition.pack
    found = carried_over(session, old, new, process, case.marking_hash, said.renames)
    if not isinstance(found, Carried):
        return _note(session, migration, case_id, "stayed", None, OBSTACLE)
    why = _why_not(session, said, case, found)
    if why is not None:
        return _note(session, migration, case_id, "stayed", None, why)
    versions = Versions(case.definition, new.processes[process], said.shortens)
    terms = terms_of(session, case, versions, found, now)
    shorter = (term for term in terms if term.is_shorter)
    if not all(said.allows(case.number, each.clock.path, f"{each.due.due_on}") for each in shorter):
        return _note(session, migration, case_id, "stayed", None, SHORTER)
    act, ref = Act(SYSTEM["migration"], now, now), str(migration.id)
    seq = migrate_case(session, case, act, versions.new, found, terms, said.renames, ref)
    return _note(session, migration, case_id, "moved", seq)


def _why_not(session: Session, said: Said, case: LockedCase, found: Carried) -> str | None:
    process = case.definition.process_id
    if said.targets.get((process, case.marking_hash)) != found.marking_hash:
        return NOT_PLANNED
    if not fits(pack_of(session, said.new), process, found.marking, case.facts):
        return UNFIT
    late = select(LateEntry.id).where(LateEntry.case_id == case.id, LateEntry.state == "waiting")
    return LATE_ENTRY if session.scalar(late.limit(1)) is not None else None


def bring_back(session: Session, migration: CaseMigration, case_id: str, now: datetime) -> str:
    """Bring one case back where nothing has followed; give the outcome."""
    row = session.get_one(MigratedCase, (migration.id, case_id))
    case = load_locked(session, case_id)
    act = Act(SYSTEM["migration"], now, now)
    renames = migration.plan["renames"]
    try:
        row.seq = return_case(session, case, act, row.seq or 0, renames, str(migration.id))
        row.outcome = "undone"
    except SomethingFollowed:
        row.outcome = "went_on"
    session.flush()
    return row.outcome


def note_stayed(session: Session, migration: CaseMigration, case_id: str, why: str) -> str:
    """Note by which error a case could not be moved, or not be brought back; give the outcome.

    A case that could not be brought back stays ``moved``.
    """
    row = session.get(MigratedCase, (migration.id, case_id))
    if row is None:
        return _note(session, migration, case_id, "stayed", None, why)
    row.why = why[:_LONGEST_WHY]
    session.flush()
    return "failed"


def _note(
    session: Session,
    migration: CaseMigration,
    case_id: str,
    outcome: str,
    seq: int | None,
    why: str = "",
) -> str:
    session.add(
        MigratedCase(
            migration_id=migration.id,
            case_id=case_id,
            outcome=outcome,
            seq=seq,
            why=why[:_LONGEST_WHY],
        )
    )
    session.flush()
    return outcome


def finish(session: Session, migration: CaseMigration, now: datetime) -> None:
    """Close a migration of which no case is left."""
    state = "done" if migration.state == "approved" else "undone"
    migration.state, migration.finished_at = state, now
    rows = session.execute(
        select(MigratedCase.outcome, func.count().label("cases"))
        .where(MigratedCase.migration_id == migration.id)
        .group_by(MigratedCase.outcome)
    )
    form: dict[str, JsonValue] = {row.outcome: row.cases for row in rows}
    append_house(
        session, SYSTEM["migration"], now, f"migration_{state}", str(migration.id), form=form
    )
    session.flush()
