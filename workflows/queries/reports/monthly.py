"""A month of a place in numbers, beside the month before, with what departed from the course.

Organisations' cases only, as far as the session's scope shows them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from workflows.domain.deviations import Deviation, DeviationKind
from workflows.domain.months import Month
from workflows.queries.case.timeline import whole_timeline
from workflows.queries.conditions import OF_ORGANISATIONS, REVIEW, STAGES
from workflows.queries.log.deviations import CASES_AT_ONCE, DeviationFilter, deviations_of
from workflows.queries.names import names_of
from workflows.queries.reports.overview import Place
from workflows.queries.reports.overview_effects import RELAPSED
from workflows.store.scope import within
from workflows.store.tables import Case, Clock, Matter

# What a paper can carry; the auditor's page lists all.
MOST_EXCEPTIONS = 60
MOST_CASES_READ = 1_000
# Rows of the table, in the order in which a report has them.
FIGURES = (
    "matters",
    "opened",
    "ended",
    "relapsed",
    "reopened",
    "open_at_end",
    "terms_kept",
    "terms_missed",
    "terms_running",
    "first_letters",
    "second_letters",
    "reviews",
)


@dataclass(frozen=True, slots=True)
class Departure:
    """Something that departed from the ordinary course, in a case."""

    number: str
    organisation: str
    pack_hash: str
    found: Deviation


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month by the names of `FIGURES`, the month before, and the list of exceptions.

    ``is_whole`` says that the month is over. ``has_more`` says that not all exceptions are
    listed, or that there are too many cases to look through.
    """

    place: Place
    month: Month
    figures: dict[str, int]
    before: dict[str, int]
    exceptions: tuple[Departure, ...]
    has_more: bool
    is_whole: bool


def month_report(
    session: Session, place: Place, month: Month, now: datetime, today: date
) -> MonthReport:
    """Read a month that has begun."""
    path = place.organisation.path
    exceptions, has_more = _exceptions(session, path, month, now)
    return MonthReport(
        place=place,
        month=month,
        figures=month_figures(session, path, month),
        before=month_figures(session, path, month.before),
        exceptions=exceptions,
        has_more=has_more,
        is_whole=month.last_on < today,
    )


def month_figures(session: Session, path: str, month: Month) -> dict[str, int]:
    """Count a month: what came, what ended, whose last day lay in it, what was urged.

    A term counts as kept where it ended before it ran out; a letter or review counts in the
    month of the day from which its term runs. What was merged counts where it is handled.
    """
    begin, end = month.moments
    here = (OF_ORGANISATIONS, Case.state != "merged", within(Case.org_path, (path,)))
    opened = _count(session, *here, Case.opened_at >= begin, Case.opened_at < end)
    ended = (*here, Case.state == "ended", Case.ended_at >= begin, Case.ended_at < end)
    goes_on = or_(Case.ended_at.is_(None), Case.ended_at >= end)
    found = {
        "matters": _matters(session, path, begin, end, reopened=False),
        "opened": opened,
        "ended": _count(session, *ended),
        "relapsed": _count(session, *ended, Case.outcome == RELAPSED),
        "reopened": _matters(session, path, begin, end, reopened=True),
        "open_at_end": _count(session, *here, Case.opened_at < end, goes_on),
        **_terms(session, here, month),
        **_urged(session, here, month),
    }
    return {name: found[name] for name in FIGURES}


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(Case.id)).where(*conditions)) or 0


def _matters(session: Session, path: str, begin: datetime, end: datetime, *, reopened: bool) -> int:
    """Count matters, or those that are the relapse of an earlier one."""
    conditions = [
        Matter.registered_at >= begin,
        Matter.registered_at < end,
        within(Matter.org_path, (path,)),
    ]
    if reopened:
        conditions.append(Matter.relapse_of_id.is_not(None))
    return session.scalar(select(func.count(Matter.id)).where(*conditions)) or 0


def _terms(session: Session, here: tuple[ColumnElement[bool], ...], month: Month) -> dict[str, int]:
    statement = (
        select(Clock.state, func.count())
        .join(Case, Case.id == Clock.case_id)
        .where(
            *here,
            Clock.kind == "act",
            Clock.due_of.is_not(None),
            Clock.due_on >= month.first_on,
            Clock.due_on <= month.last_on,
        )
        .group_by(Clock.state)
    )
    states = Counter({row[0]: row[1] for row in session.execute(statement)})
    return {
        "terms_kept": states["cancelled"],
        "terms_missed": states["fired"],
        "terms_running": states["running"] + states["paused"],
    }


def _urged(session: Session, here: tuple[ColumnElement[bool], ...], month: Month) -> dict[str, int]:
    statement = (
        select(Clock.rule, func.count())
        .join(Case, Case.id == Clock.case_id)
        .where(
            *here,
            Clock.rule.in_(STAGES),
            Clock.anchor_on >= month.first_on,
            Clock.anchor_on <= month.last_on,
        )
        .group_by(Clock.rule)
    )
    counts = Counter({row[0]: row[1] for row in session.execute(statement)})
    first, second, _ = STAGES
    return {
        "first_letters": counts[first],
        "second_letters": counts[second],
        "reviews": counts[REVIEW],
    }


def _exceptions(
    session: Session, path: str, month: Month, now: datetime
) -> tuple[tuple[Departure, ...], bool]:
    """Read what departed from the ordinary course in cases that ran in the month."""
    begin, end = month.moments
    wanted = DeviationFilter(month.first_on, month.last_on, begin, end)
    ran = and_(Case.opened_at < end, or_(Case.ended_at.is_(None), Case.ended_at >= begin))
    cases = session.scalars(
        select(Case)
        .where(OF_ORGANISATIONS, ran, within(Case.org_path, (path,)))
        .order_by(Case.org_path, Case.number)
        .limit(MOST_CASES_READ + 1)
    ).all()
    has_more = len(cases) > MOST_CASES_READ
    found: list[Departure] = []
    for start in range(0, min(len(cases), MOST_CASES_READ), CASES_AT_ONCE):
        batch = cases[start : start + CASES_AT_ONCE]
        found += _of_cases(session, batch, wanted, now)
        if len(found) > MOST_EXCEPTIONS:
            return tuple(found[:MOST_EXCEPTIONS]), True
    return tuple(found), has_more


def _of_cases(
    session: Session, cases: Sequence[Case], wanted: DeviationFilter, now: datetime
) -> list[Departure]:
    names = names_of(session, {case.subject_organisation_id for case in cases})
    return [
        Departure(
            case.number,
            names.get(case.subject_organisation_id, ""),
            case.pack_hash,
            _reasoned(session, deviation),
        )
        for case, deviation in deviations_of(session, cases, wanted, now)
    ]


def _reasoned(session: Session, found: Deviation) -> Deviation:
    """Add why more was asked than the cap allows: without it the line would say nothing."""
    if found.kind is not DeviationKind.OVER_CAP:
        return found
    told = whole_timeline(session, found.stream_id, after=found.seq - 1).entries
    reasons = (each.payload.get("reason") for each in told if each.record.seq == found.seq)
    return replace(found, reason=str(next(reasons, "") or ""))
