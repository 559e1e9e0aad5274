"""Taking the file of a case (案件卷宗) out of the house: who may, and the record of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.errors import InvalidInput, NotAllowed
from workflows.domain.levels import CLUES, PERSONAL
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.exports.permits import LevelNotExported, LevelTooLow
from workflows.services.journal import append_house
from workflows.services.secrecy.clearance import cleared_levels, may_export
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.store.tables import BundleJob, Case

RECORD_NAME = "case_file_made"
MOST_PURPOSE = 200


class PurposeMissing(InvalidInput):
    """A paper that leaves the house needs a purpose of at most {most} characters."""

    code: ClassVar[str] = "paper_purpose_missing"


class CaseFileNotAgreed(NotAllowed):
    """Case {number} is about a person: nobody has agreed yet that its file leaves the house."""

    code: ClassVar[str] = "case_file_not_agreed"


@dataclass(frozen=True, slots=True)
class FileOrder:
    """Who takes the file of which case, what for, and with content of which levels."""

    case_id: str
    purpose: str
    levels: frozenset[str]


@dataclass(frozen=True, slots=True)
class FileMade:
    """What was made: its format, up to which record of the case, and the hash of the file."""

    format: str
    seq: int
    sha256: str

    @classmethod
    def of(cls, format_: str, seq: int, content: bytes) -> FileMade:
        """Take the hash of a file's bytes."""
        return cls(format_, seq, hashlib.sha256(content).hexdigest())


def file_order(session: Session, actor: Actor, case: Case, purpose: str) -> FileOrder:
    """Give what somebody may take out of a case that he sees.

    Content about persons leaves by two people, like with every export: only where an export
    of the case or its matter, with that content, was agreed to for the one who asks.

    Raises:
        NotAllowed: He may take nothing of it out of the house.
        LevelNotExported: It is sealed.
        CaseFileNotAgreed: It is about a person, and nobody agreed.
        PurposeMissing: He does not say what for, or at too great length.
    """
    if case.level == CLUES:
        raise LevelNotExported(level=CLUES)
    if not may_export(actor, case.org_path):
        raise NotAllowed(reason="export")
    levels = cleared_levels(actor, case.org_path, case.level)
    if not is_agreed(session, actor, lambda scope: _covers(scope, case)):
        levels -= {PERSONAL}
    if case.level == PERSONAL and PERSONAL not in levels:
        raise CaseFileNotAgreed(number=case.number)
    return FileOrder(case.id, checked_purpose(purpose), levels)


def ordered_by_command(case: Case, purpose: str, levels: Iterable[str]) -> FileOrder:
    """Give what the command takes out, whose user has the database in his hands anyhow.

    Raises:
        LevelTooLow: The case is about a person, and its level was not asked for.
        PurposeMissing: See `file_order`.
    """
    wanted = frozenset(levels)
    if case.level not in wanted:
        raise LevelTooLow(number=case.number, level=case.level)
    return FileOrder(case.id, checked_purpose(purpose), wanted)


def checked_purpose(purpose: str) -> str:
    """Give a purpose without blanks around it.

    Raises:
        PurposeMissing: There is nothing in it, or too much.
    """
    stripped = purpose.strip()
    if not 0 < len(stripped) <= MOST_PURPOSE:
        raise PurposeMissing(most=MOST_PURPOSE)
    return stripped


def record_file(
    session: Session, actor: Actor, now: datetime, order: FileOrder, made: FileMade
) -> int:
    """Write the house record of a case's file, and the look that it is; give its seq.

    Hand the bytes on only after this was committed.
    """
    form: dict[str, JsonValue] = {
        # No open record names a person's case (AUDIT.md, sealed tracks).
        "case": order.case_id,
        "format": made.format,
        "purpose": order.purpose,
        "levels": tuple(sorted(order.levels)),
        "seq": made.seq,
        "sha256": made.sha256,
    }
    seq = append_house(session, actor, now, RECORD_NAME, made.format, form=form)
    keep_looks(session, actor, now, [Glance(Looked.PRINT, order.case_id, RECORD_NAME)])
    return seq


def is_agreed(session: Session, actor: Actor, covers: Callable[[BundleScope], bool]) -> bool:
    """Say whether a second person agreed to an export with persons that somebody asked for.

    ``covers`` says whether what the export covers is enough for what he wants now.
    """
    statement = select(BundleJob).where(
        BundleJob.asked_by == actor.account_id,
        BundleJob.decided_at.is_not(None),
        BundleJob.state != "refused",
    )
    return any(
        PERSONAL in job.levels.split() and covers(BundleScope.from_json(job.scope))
        for job in session.scalars(statement)
    )


def _covers(scope: BundleScope, case: Case) -> bool:
    if scope.kind is ScopeKind.CASES:
        return case.id in scope.ids
    return scope.kind is ScopeKind.MATTER and scope.id == case.matter_id
