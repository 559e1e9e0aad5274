"""What became of cases: their time on each rung, what followed letters, relapses.

Cases of organisations only, as far as the session's scope shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import due_at_of, local_date
from workflows.domain.tallies import Stays, stays_in
from workflows.queries.conditions import (
    HAS_ENDED,
    OF_ORGANISATIONS,
    STAGES,
)
from workflows.queries.reports.overview import Place, unit_of
from workflows.store.scope import within
from workflows.store.tables import Case, Clock, Matter, Organisation, Task

# The term in which the supervising side issues a letter.
ISSUING = "R_LETTER"
RELAPSED = "relapsed"
# How far back what has ended is looked at, in natural days.
PERIOD_DAYS = 365
# What has ended has a moment at which it did.
_ENDED_AT: Any = Case.ended_at


@dataclass(frozen=True, slots=True)
class Stage:
    """How often a letter or a review came, and what became of it.

    ``in_time``: settled before its term ran out; ``later``: the term ran out and the case has
    ended since; ``unsettled``: the term still runs, or ran out and the case goes on.
    """

    rule: str
    in_time: int = 0
    later: int = 0
    unsettled: int = 0

    @property
    def count(self) -> int:
        """Sum up."""
        return self.in_time + self.later + self.unsettled


@dataclass(frozen=True, slots=True)
class Ended:
    """How many cases of a unit have ended, and of how many a relapse was found."""

    organisation: Organisation | None
    count: int
    relapsed: int


@dataclass(frozen=True, slots=True)
class Effects:
    """What became of cases at a place; ``from_on`` is the first day of what has ended.

    ``not_issued`` are letters that the supervising side did not issue in its term, its delay.
    ``reopened`` are matters that are the relapse of an earlier one, registered since then.
    """

    place: Place
    from_on: date
    stages: tuple[Stage, ...]
    not_issued: int
    stays: Mapping[int, Stays]
    ended: tuple[Ended, ...]
    reopened: int

    @property
    def count(self) -> int:
        """Count the cases that have ended."""
        return sum(each.count for each in self.ended)

    @property
    def relapsed(self) -> int:
        """Count those of which a relapse was found."""
        return sum(each.relapsed for each in self.ended)


def effects(session: Session, place: Place, from_on: date, until_on: date | None = None) -> Effects:
    """Read what became of cases.

    Args:
        session: Carries the scope.
        place: With the units below.
        from_on: The first day of what has ended; letters and reviews are counted ever since.
        until_on: Its last day; None for today.
    """
    path = place.organisation.path
    since = due_at_of(from_on - timedelta(days=1))
    before = None if until_on is None else due_at_of(until_on)
    states = _clock_states(session, path)
    return Effects(
        place=place,
        from_on=from_on,
        stages=tuple(_stage(rule, states) for rule in STAGES),
        not_issued=sum(n for rule, state, _, n in states if (rule, state) == (ISSUING, "fired")),
        stays=_stays(session, path, since, before),
        ended=tuple(_ended(session, place, since, before)),
        reopened=_reopened(session, path, since, before),
    )


def _clock_states(session: Session, path: str) -> Sequence[Any]:
    """Count the clocks of letters and reviews by rule and state, and the state of their cases.

    What was merged is counted with the matter that it is handled in.
    """
    statement = (
        select(Clock.rule, Clock.state, Case.state, func.count())
        .join(Case, Case.id == Clock.case_id)
        .where(
            Clock.rule.in_((*STAGES, ISSUING)),
            Case.state != "merged",
            OF_ORGANISATIONS,
            within(Case.org_path, (path,)),
        )
        .group_by(Clock.rule, Clock.state, Case.state)
    )
    return session.execute(statement).all()


def _stage(rule: str, states: Iterable[Any]) -> Stage:
    of_rule = [(clock, case, number) for each, clock, case, number in states if each == rule]
    in_time = sum(number for clock, _, number in of_rule if clock == "cancelled")
    later = sum(n for clock, case, n in of_rule if (clock, case) == ("fired", "ended"))
    return Stage(rule, in_time, later, sum(n for *_, n in of_rule) - in_time - later)


def _period(since: datetime, before: datetime | None) -> tuple[ColumnElement[bool], ...]:
    until = () if before is None else (Case.ended_at < before,)
    return (HAS_ENDED, Case.ended_at >= since, *until)


def _stays(
    session: Session, path: str, since: datetime, before: datetime | None
) -> dict[int, Stays]:
    """Sum up how long the cases that ended stayed on each rung, by the first task there."""
    rung = func.coalesce(Task.rung, 0)
    statement = (
        select(Case.id, _ENDED_AT, rung, func.min(Task.opened_at))
        .join(Task, Task.case_id == Case.id)
        .where(*_period(since, before), OF_ORGANISATIONS, within(Case.org_path, (path,)))
        .group_by(Case.id, Case.ended_at, rung)
    )
    entered: dict[tuple[str, date], dict[int, date]] = {}
    for case_id, ended_at, of_rung, opened_at in session.execute(statement):
        of_case = entered.setdefault((case_id, local_date(ended_at)), {})
        of_case[of_rung] = local_date(opened_at)
    days: dict[int, list[int]] = {}
    for (_, ended_on), of_case in entered.items():
        for of_rung, stayed in stays_in(of_case, ended_on).items():
            days.setdefault(of_rung, []).append(stayed)
    return {of_rung: Stays.of(stayed) for of_rung, stayed in sorted(days.items())}


def _ended(
    session: Session, place: Place, since: datetime, before: datetime | None
) -> Iterator[Ended]:
    path = place.organisation.path
    statement = (
        select(Case.org_path, Case.outcome, func.count())
        .where(*_period(since, before), OF_ORGANISATIONS, within(Case.org_path, (path,)))
        .group_by(Case.org_path, Case.outcome)
    )
    units = {unit.path: unit for unit in place.units}
    counts: dict[str, list[int]] = {}
    for org_path, outcome, number in session.execute(statement):
        found = counts.setdefault(unit_of(org_path, path, units), [0, 0])
        found[0] += number
        found[1] += number if outcome == RELAPSED else 0
    for key in (*units, ""):
        if key in counts:
            yield Ended(units.get(key), *counts[key])


def _reopened(session: Session, path: str, since: datetime, before: datetime | None) -> int:
    until = () if before is None else (Matter.registered_at < before,)
    statement = (
        select(func.count())
        .select_from(Matter)
        .where(
            Matter.relapse_of_id.is_not(None),
            Matter.registered_at >= since,
            *until,
            within(Matter.org_path, (path,)),
        )
    )
    return session.scalar(statement) or 0
