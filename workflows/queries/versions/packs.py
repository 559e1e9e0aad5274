"""The versions of the pack: which is in force, which waits, and how many cases run on each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.levels import CLUES
from workflows.services.packs import version_in_force
from workflows.services.versions.pack_reports import ReportKind, latest_reports
from workflows.store.base import table_of
from workflows.store.tables import Case, PackReport, PackVersion

FEWEST_SIGNS = 6


class Standing(StrEnum):
    """How a version stands on a day."""

    IN_FORCE = "in_force"
    COMING = "coming"
    CHECKING = "checking"
    WAITING = "waiting"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class HashAmbiguous(InvalidInput):
    """{text} begins more than one hash, or is shorter than {fewest} signs."""

    code = "hash_ambiguous"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version with how it stands and how many cases are on it."""

    version: PackVersion
    standing: Standing
    open_count: int
    all_count: int


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A version with the one that it was compared with, and its last reports."""

    line: VersionLine
    base: PackVersion | None
    reports: dict[ReportKind, PackReport]

    @property
    def version(self) -> PackVersion:
        """Give the version itself."""
        return self.line.version


def version_lines(session: Session, today: date) -> tuple[VersionLine, ...]:
    """Read all versions, the latest first."""
    versions = session.scalars(
        select(PackVersion).order_by(PackVersion.submitted_at.desc(), PackVersion.hash)
    ).all()
    return _lines(session, versions, today)


def version_page(session: Session, pack_hash: str, today: date) -> VersionPage:
    """Read one version.

    Raises:
        NotFound: There is none of that hash.
    """
    version = session.get(PackVersion, pack_hash)
    if version is None:
        raise NotFound(what="pack", key=pack_hash[:12])
    base = session.get(PackVersion, version.base_hash) if version.base_hash else None
    (line,) = _lines(session, (version,), today)
    return VersionPage(line, base, latest_reports(session, pack_hash))


def version_named(session: Session, text: str) -> PackVersion:
    """Find a version by the beginning of its hash.

    Raises:
        NotFound: None begins like that.
        HashAmbiguous: Several do, or too little was given.
    """
    if len(text) < FEWEST_SIGNS:
        raise HashAmbiguous(text=text, fewest=FEWEST_SIGNS)
    wanted = PackVersion.hash.startswith(text.lower(), autoescape=True)
    found = session.scalars(select(PackVersion).where(wanted).limit(2)).all()
    if not found:
        raise NotFound(what="pack", key=text)
    if len(found) > 1:
        raise HashAmbiguous(text=text, fewest=FEWEST_SIGNS)
    return found[0]


def _lines(
    session: Session, versions: Iterable[PackVersion], today: date
) -> tuple[VersionLine, ...]:
    in_force = version_in_force(session, today)
    counts = _case_counts(session)
    return tuple(
        VersionLine(each, _standing(each, in_force, today), *counts.get(each.hash, (0, 0)))
        for each in versions
    )


def _standing(version: PackVersion, in_force: PackVersion | None, today: date) -> Standing:
    if version.in_force_on is None:
        return Standing(version.state)
    if in_force is not None and version.hash == in_force.hash:
        return Standing.IN_FORCE
    is_newer = in_force is None or (version.decided_seq or 0) > (in_force.decided_seq or 0)
    return Standing.COMING if is_newer and version.in_force_on > today else Standing.SUPERSEDED


def _case_counts(session: Session) -> dict[str, tuple[int, int]]:
    """Count open and all cases by version: a number tells nothing of any case but a sealed one."""
    case = table_of(Case)
    is_open = func.count().filter(case.c.state == "open")
    statement = (
        select(case.c.pack_hash, is_open, func.count())
        .where(case.c.level != CLUES)
        .group_by(case.c.pack_hash)
    )
    rows = session.connection().execute(statement)
    return {pack_hash: (open_count, all_count) for pack_hash, open_count, all_count in rows}
