"""Colours of tasks and cases by the pack's own thresholds (DOMAIN 5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.colours import ColourRules, Item, Light, light_of
from workflows.engine import Pack
from workflows.services.calendars import current_calendar
from workflows.services.packs import pack_of
from workflows.store.tables import Case, Clock, ClockPause, Task

# The day from which on each paused clock stands still, by case, path and n.
Stopped = Mapping[tuple[str, str, int], date]


def colour_rules(pack: Pack) -> ColourRules:
    """Read the thresholds from a pack's parameters."""

    def value(name: str) -> int:
        amount = pack.parameters[name].amount
        return 0 if amount is None else amount.value

    return ColourRules(
        blue_workdays=value("R_BLUE"),
        yellow_workdays=value("R_YELLOW"),
        late_milestone_workdays=value("R_MILESTONE_LATE"),
        yellow_plan_returns=value("R_PLAN_RETURNS"),
    )


def open_pauses(session: Session, clocks: Sequence[Clock]) -> Stopped:
    """Read since when paused clocks stand still; no statement where none is paused."""
    paused = {clock.case_id for clock in clocks if clock.state == "paused"}
    if not paused:
        return {}
    statement = select(ClockPause.case_id, ClockPause.path, ClockPause.n, ClockPause.from_on).where(
        ClockPause.case_id.in_(paused), ClockPause.to_on.is_(None)
    )
    return {(row.case_id, row.path, row.n): row.from_on for row in session.execute(statement)}


def task_light(
    session: Session,
    case: Case,
    task: Task,
    today: date,
    clocks: Sequence[Clock] = (),
    stopped: Stopped | None = None,
) -> Light:
    """Give the light of an open task; a missed term of a series never makes it red.

    Args:
        session: Carries the calendar in force.
        case: The task's case.
        task: The task.
        today: The day that the light is for.
        clocks: The live clocks of the case; without them no task looks paused.
        stopped: What `open_pauses` gives for them.
    """
    rules = colour_rules(pack_of(session, case.pack_hash))
    calendar = current_calendar(session).for_region(case.org_path)
    place = f"{task.path}#{task.n}"
    since = min(_stops([clock for clock in clocks if clock.due_of == place], stopped), default=None)
    if task.is_milestone:
        item = Item(None, paused_from_on=since, milestone_due_on=task.due_on)
    else:
        item = Item(task.due_on, paused_from_on=since)
    return light_of(item, rules, calendar, today)


def case_due_on(case: Case, tasks: Sequence[Task]) -> date | None:
    """Give the date a case is shown with: the term that ran out, else its nearest one.

    A missed term of a series is a milestone and no date of the case.
    """
    if case.overdue_on is not None:
        return case.overdue_on
    dates = [task.due_on for task in tasks if task.due_on and not task.is_milestone]
    if case.due_on is not None:
        dates.append(case.due_on)
    return min(dates, default=None)


def case_light(
    session: Session,
    case: Case,
    tasks: Sequence[Task],
    clocks: Sequence[Clock],
    today: date,
    stopped: Stopped | None = None,
) -> Light:
    """Give the light of a case: its nearest date, and milestones that are still missing.

    A case whose dated clocks are all paused keeps the light of the day they stopped.
    """
    rules = colour_rules(pack_of(session, case.pack_hash))
    calendar = current_calendar(session).for_region(case.org_path)
    paused = [clock for clock in clocks if clock.state == "paused" and clock.due_of]
    still = {clock.due_of for clock in paused}
    dated = [
        task.due_on
        for task in tasks
        if task.due_on and not task.is_milestone and f"{task.path}#{task.n}" not in still
    ]
    dated += [clock.due_on for clock in clocks if clock.due_of and clock.state == "running"]
    since = None
    if paused and not dated:
        known = open_pauses(session, paused) if stopped is None else stopped
        since = min(_stops(paused, known), default=None)
        dated = [clock.due_on for clock in paused]
    if case.overdue_on is not None:
        dated.append(case.overdue_on)
    missing = [task.due_on for task in tasks if task.due_on and task.is_milestone]
    item = Item(
        due_on=min(dated, default=None),
        is_started=case.state != "open" or bool(tasks),
        paused_from_on=since,
        milestone_due_on=min((on for on in missing if on < today), default=None),
    )
    return light_of(item, rules, calendar, today)


def _stops(clocks: Sequence[Clock], stopped: Stopped | None) -> list[date]:
    places = ((clock.case_id, clock.path, clock.n) for clock in clocks if clock.state == "paused")
    return [stopped[place] for place in places if stopped and place in stopped]
