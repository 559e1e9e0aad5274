"""Taking an inspection report (情况说明) out of the house: who may, and the record of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope, PeriodInvalid, ScopeKind
from workflows.domain.errors import InvalidInput, NotAllowed
from workflows.domain.levels import INTERNAL, PERSONAL
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.exports.permits import place_of_scope
from workflows.services.journal import append_house
from workflows.services.reports.case_files import checked_purpose, is_agreed
from workflows.services.reports.log_cases import Reader, Wanted
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.store.tables import Organisation

RECORD_NAME = "inspection_report_made"
MOST_RECIPIENT = 100
MOST_INSPECTORS, MOST_NAME = 6, 40


class RecipientMissing(InvalidInput):
    """A paper that is sent to somebody needs a recipient of at most {most} characters."""

    code: ClassVar[str] = "paper_recipient_missing"


class InspectorsInvalid(InvalidInput):
    """A report is signed by two to {most} inspectors, each by a different name."""

    code: ClassVar[str] = "paper_inspectors_invalid"


class ReportNotAgreed(NotAllowed):
    """Nobody has agreed yet that content about persons at {organisation} leaves the house."""

    code: ClassVar[str] = "inspection_report_not_agreed"


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """Which cases a report is about, for whom, what for, and with content of which levels.

    ``inspectors`` are the names of those who will sign it; without them the lines are bare.
    ``number`` is the paper's own, as the office counts its papers.
    """

    wanted: Wanted
    recipient: str
    purpose: str
    levels: frozenset[str] = frozenset({INTERNAL})
    inspectors: tuple[str, ...] = ()
    number: str = ""

    def __post_init__(self) -> None:
        """Refuse what no paper can carry.

        Raises:
            PurposeMissing: It says not what for.
            RecipientMissing: It says not for whom.
            InspectorsInvalid: One name, the same name twice, or too many.
            PeriodInvalid: The period ends before it begins.
        """
        checked_purpose(self.purpose)
        if not 0 < len(self.recipient.strip()) <= MOST_RECIPIENT:
            raise RecipientMissing(most=MOST_RECIPIENT)
        _check_inspectors(self.inspectors)
        _check_period(self.wanted.from_on, self.wanted.to_on)


@dataclass(frozen=True, slots=True)
class ReportMade:
    """What was made: its format, how many cases it tells of, and the hash of its file.

    ``personal`` are the cases about persons in it.
    """

    format: str
    cases: int
    personal: tuple[str, ...]
    sha256: str

    @classmethod
    def of(cls, format_: str, cases: int, personal: Iterable[str], content: bytes) -> ReportMade:
        """Take the hash of a file's bytes."""
        return cls(format_, cases, tuple(personal), hashlib.sha256(content).hexdigest())


def check_order(session: Session, actor: Actor, order: ReportOrder) -> Reader:
    """Make sure that somebody may take a report out; give the reader that it is made for.

    A report names persons only where a second person agreed to an export with them, of the
    same organisation or one above it, that he asked for.

    Raises:
        NotFound: There is no such organisation, or he does not see it.
        NotAllowed: He may take nothing of it out of the house.
        ReportNotAgreed: It would name persons, and nobody agreed.
    """
    if order.wanted.organisation is None or not order.levels <= {INTERNAL, PERSONAL}:
        raise NotAllowed(reason="export")
    scope = BundleScope(ScopeKind.ORGANISATION, (order.wanted.organisation,))
    place = place_of_scope(session, actor, scope, order.levels)
    if PERSONAL in order.levels and not may_name_persons(session, actor, place):
        name = select(Organisation.name).where(Organisation.id == scope.id)
        raise ReportNotAgreed(organisation=session.scalars(name).one())
    return Reader(actor)


def may_name_persons(session: Session, actor: Actor, path: str) -> bool:
    """Say whether a second person agreed to an export with persons at a path or above it."""

    def covers(scope: BundleScope) -> bool:
        if scope.kind is not ScopeKind.ORGANISATION:
            return False
        above = session.scalar(select(Organisation.path).where(Organisation.id == scope.id))
        return above is not None and path.startswith(above)

    return is_agreed(session, actor, covers)


def record_report(
    session: Session, actor: Actor, now: datetime, order: ReportOrder, made: ReportMade
) -> int:
    """Write the house record of a report, and the looks that it is; give the record's seq.

    Hand the bytes on only after this was committed.
    """
    form: dict[str, JsonValue] = {
        "format": made.format,
        "scope": order.wanted.said(),
        "recipient": order.recipient,
        "purpose": order.purpose,
        "levels": tuple(sorted(order.levels)),
        "cases": made.cases,
        "sha256": made.sha256,
    }
    ref = order.wanted.organisation or "*"
    seq = append_house(session, actor, now, RECORD_NAME, ref, form=form)
    looks = [Glance(Looked.PRINT, case_id, RECORD_NAME) for case_id in made.personal]
    keep_looks(session, actor, now, looks)
    return seq


def _check_inspectors(names: tuple[str, ...]) -> None:
    if not names:
        return
    is_long = any(not 0 < len(name) <= MOST_NAME for name in names)
    if is_long or len(set(names)) != len(names) or not 2 <= len(names) <= MOST_INSPECTORS:
        raise InspectorsInvalid(most=MOST_INSPECTORS)


def _check_period(from_on: date | None, to_on: date | None) -> None:
    if from_on and to_on and to_on < from_on:
        raise PeriodInvalid(from_on=from_on, to_on=to_on)
