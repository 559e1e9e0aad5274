"""What departs from the ordinary course, for the auditor: the bones of it, never what was typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.deviation_state import Noted
from workflows.domain.deviations import Deviation, DeviationKind, case_deviations
from workflows.domain.levels import CLUES, PERSONAL
from workflows.domain.records import Record
from workflows.engine import Pack
from workflows.queries.names import names_of
from workflows.services.packs import pack_of, split_definition
from workflows.store.journal import read_streams
from workflows.store.log import leaf_indices
from workflows.store.scope import as_system
from workflows.store.tables import Case

CASES_AT_ONCE = 100
_JOB = "audit"
_LASTING = frozenset(
    (
        DeviationKind.HOLD,
        DeviationKind.PAUSE,
        DeviationKind.SUPERVISOR_OVERDUE,
        DeviationKind.STOPPED,
        DeviationKind.LATE_PENDING,
        DeviationKind.PROVISIONAL,
    )
)


@dataclass(frozen=True, slots=True)
class DeviationFilter:
    """Which are wanted: those that touch the days from the first to the second, of one kind."""

    from_on: date
    until_on: date
    from_at: datetime
    until_at: datetime
    kind: DeviationKind | None = None


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """A deviation with the number of its case, its office's name and its pack."""

    found: Deviation
    number: str
    office: str
    pack: Pack


@dataclass(frozen=True, slots=True)
class DeviationPage:
    """What was found in some cases; of persons' cases only how many of which kind.

    ``after`` is the last case that was looked at, None behind the last of all.
    """

    lines: tuple[DeviationLine, ...]
    of_persons: Mapping[DeviationKind, int]
    cases: int
    after: str | None


def deviation_page(
    session: Session,
    wanted: DeviationFilter,
    now: datetime,
    after: str = "",
    size: int = CASES_AT_ONCE,
) -> DeviationPage:
    """Look through the next cases that ran in a period, in the order of their ids.

    Only the open part of records is read. What a payload alone tells is not found. Sealed
    cases are passed over: nobody learns here that there are any.
    """
    with as_system(session, _JOB):
        cases = session.scalars(
            select(Case)
            .where(
                Case.id > after,
                Case.level != CLUES,
                Case.opened_at < wanted.until_at,
                or_(Case.ended_at.is_(None), Case.ended_at >= wanted.from_at),
            )
            .order_by(Case.id)
            .limit(size)
        ).all()
        found = list(deviations_of(session, cases, wanted, now))
        offices = names_of(session, {each.office for _, each in found if each.office})
        lines = tuple(
            DeviationLine(
                each, case.number, offices.get(each.office or "", ""), _pack(session, each)
            )
            for case, each in found
            if case.level != PERSONAL
        )
    persons = Counter(each.kind for case, each in found if case.level == PERSONAL)
    last = cases[-1].id if len(cases) == size else None
    return DeviationPage(lines, persons, len(cases), last)


def deviations_of(
    session: Session, cases: Sequence[Case], wanted: DeviationFilter, now: datetime
) -> Iterator[tuple[Case, Deviation]]:
    """Give what departs from the ordinary course in some cases, with its case."""
    ids = [case.id for case in cases]
    rows: Sequence[Any] = leaf_indices(session, ids)
    leaves = {(row.stream_id, row.seq): int(row.index) for row in rows}
    streams = read_streams(session, ids)
    for case in cases:
        noted = [_noted(row, leaves) for row in streams.get(case.id, ())]
        for each in case_deviations(noted, now):
            if wanted.kind in (None, each.kind) and _touches(each, wanted, local_date(now)):
                yield case, each


def _noted(row: Any, leaves: Mapping[tuple[str, int], int]) -> Noted:
    record = Record.from_json(orjson.loads(row.body))
    return Noted(leaves.get((record.id, record.seq)), record, None)


def _touches(found: Deviation, wanted: DeviationFilter, today: date) -> bool:
    lasts = found.kind in _LASTING and (
        found.until is None or found.kind is DeviationKind.PROVISIONAL
    )
    last = today if lasts else found.until or found.on
    return found.on <= wanted.until_on and max(found.on, last) >= wanted.from_on


def _pack(session: Session, found: Deviation) -> Pack:
    return pack_of(session, split_definition(found.definition or "")[0])
