"""Who looked at what, for the auditor: one by one, and where it is out of the ordinary."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from workflows.queries.names import case_numbers, names_of, sealed_cases
from workflows.queries.staff.accounts import accounts_named
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import Case, Look

# So many different cases of persons within an hour is more than working on them takes.
MANY_CASES = 15
_HOUR = timedelta(hours=1)
_JOB = "audit"
_LOOK = table_of(Look)


class Strange(StrEnum):
    """Why looks are out of the ordinary."""

    MANY = "many"
    ELSEWHERE = "elsewhere"
    OFF_HOURS = "off_hours"


@dataclass(frozen=True, slots=True)
class LookFilter:
    """Which looks are wanted; times are from the first up to before the second."""

    from_at: datetime
    until_at: datetime
    who: str = ""
    case_number: str = ""
    strange: Strange | None = None


@dataclass(frozen=True, slots=True)
class LookLine:
    """One look with the names behind it."""

    house_seq: int
    looked_at: datetime
    account_id: str
    who: str
    what: str
    case_number: str
    is_strange: bool
    is_off_hours: bool


@dataclass(frozen=True, slots=True)
class LookPage:
    """One page of looks, newest first, and how many there are in all."""

    lines: tuple[LookLine, ...]
    total: int


@dataclass(slots=True)
class Pattern:
    """Looks of one account that are out of the ordinary in one way."""

    kind: Strange
    account_id: str
    first_at: datetime
    last_at: datetime
    looks: int = 0
    cases: set[str] = field(default_factory=set)
    who: str = ""


def looks_page(session: Session, wanted: LookFilter, page: int, size: int) -> LookPage:
    """Read one page of the looks that are wanted."""
    with as_system(session, _JOB):
        conditions = list(_conditions(session, wanted))
        total = session.scalar(select(func.count()).select_from(Look).where(*conditions)) or 0
        rows = session.execute(
            select(_LOOK)
            .where(*conditions)
            .order_by(_LOOK.c.looked_at.desc(), _LOOK.c.house_seq.desc())
            .limit(size)
            .offset((page - 1) * size)
        ).all()
        names = names_of(session, [row.account_id for row in rows])
        numbers = case_numbers(session, [row.case_id for row in rows if row.case_id])
    return LookPage(tuple(_line(row, names, numbers) for row in rows), total)


def _conditions(session: Session, wanted: LookFilter) -> Iterator[ColumnElement[bool]]:
    yield _LOOK.c.looked_at >= wanted.from_at
    yield _LOOK.c.looked_at < wanted.until_at
    yield _in_the_open()
    if wanted.who:
        yield _LOOK.c.account_id.in_(accounts_named(session, wanted.who))
    if wanted.case_number:
        numbered = select(Case.id).where(Case.number == wanted.case_number)
        yield _LOOK.c.case_id.in_(session.scalars(numbered).all())
    if wanted.strange is Strange.ELSEWHERE:
        yield _LOOK.c.is_strange
    elif wanted.strange is Strange.OFF_HOURS:
        yield _LOOK.c.is_off_hours


def _in_the_open() -> ColumnElement[bool]:
    """Leave out looks at sealed cases: that there are any is for those to know whom they name."""
    return or_(_LOOK.c.case_id.is_(None), _LOOK.c.case_id.not_in(sealed_cases()))


def patterns(session: Session, from_at: datetime, until_at: datetime) -> list[Pattern]:
    """Find what is out of the ordinary: many cases within an hour, elsewhere, off hours.

    These are looks to be asked about, not a judgement of whoever looked.
    """
    in_order = (
        select(_LOOK)
        .where(_LOOK.c.looked_at >= from_at, _LOOK.c.looked_at < until_at)
        .where(_LOOK.c.case_id.is_not(None), _in_the_open())
        .order_by(_LOOK.c.account_id, _LOOK.c.looked_at)
    )
    found = _found(session.execute(in_order))
    names = names_of(session, [each.account_id for each in found])
    for each in found:
        each.who = names.get(each.account_id, "")
    return sorted(found, key=lambda each: each.last_at, reverse=True)


def _found(rows: Iterable[Row[Any]]) -> list[Pattern]:
    found: dict[tuple[Strange, str], Pattern] = {}
    hour: deque[Row[Any]] = deque()
    for row in rows:
        if row.is_strange:
            _add(found, Strange.ELSEWHERE, row)
        if row.is_off_hours:
            _add(found, Strange.OFF_HOURS, row)
        while hour and (
            hour[0].account_id != row.account_id or row.looked_at - hour[0].looked_at > _HOUR
        ):
            hour.popleft()
        hour.append(row)
        if len({each.case_id for each in hour}) >= MANY_CASES:
            for each in hour:
                _add(found, Strange.MANY, each)
            hour.clear()
    return list(found.values())


def _add(found: dict[tuple[Strange, str], Pattern], kind: Strange, row: Row[Any]) -> None:
    at = row.looked_at
    pattern = found.setdefault((kind, row.account_id), Pattern(kind, row.account_id, at, at))
    pattern.looks += 1
    pattern.cases.add(row.case_id)
    pattern.last_at = max(pattern.last_at, at)


def _line(row: Row[Any], names: Mapping[str, str], numbers: Mapping[str, str]) -> LookLine:
    return LookLine(
        row.house_seq,
        row.looked_at,
        row.account_id,
        names.get(row.account_id, ""),
        row.what,
        numbers.get(row.case_id, ""),
        row.is_strange,
        row.is_off_hours,
    )
