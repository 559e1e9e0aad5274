"""Colours of tasks and cases by the pack's own thresholds (DOMAIN 5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.colours import ColourRules, Item, Light, light_of
from workflows.engine import Pack
from workflows.services.calendars import current_calendar
from workflows.services.packs import pack_of
from workflows.store.tables import Case, Clock, Task


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


def task_light(session: Session, case: Case, task: Task, today: date) -> Light:
    """Give the light of an open task; a missed term of a series never makes it red."""
    rules = colour_rules(pack_of(session, case.pack_hash))
    calendar = current_calendar(session).for_region(case.org_path)
    item = Item(None, milestone_due_on=task.due_on) if task.is_milestone else Item(task.due_on)
    return light_of(item, rules, calendar, today)


def case_light(
    session: Session, case: Case, tasks: Sequence[Task], clocks: Sequence[Clock], today: date
) -> Light:
    """Give the light of a case: its nearest date, and milestones that are still missing."""
    rules = colour_rules(pack_of(session, case.pack_hash))
    calendar = current_calendar(session).for_region(case.org_path)
    dated = [task.due_on for task in tasks if task.due_on and not task.is_milestone]
    dated += [clock.due_on for clock in clocks if clock.due_of and clock.state == "running"]
    missing = [task.due_on for task in tasks if task.due_on and task.is_milestone]
    paused = [clock for clock in clocks if clock.state == "paused"]
    item = Item(
        due_on=min(dated, default=None),
        is_started=case.state != "open" or bool(tasks),
        paused_from_on=local_date(case.last_acted_at) if paused and not dated else None,
        milestone_due_on=min((on for on in missing if on < today), default=None),
    )
    return light_of(item, rules, calendar, today)
