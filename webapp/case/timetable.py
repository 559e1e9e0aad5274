"""The sheet to pin on the wall (整改时间表): every date of a case that is coming, on one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import render_template

from webapp.case.screen import Screen
from webapp.sayings import gettext, listed
from webapp.words import labels
from webapp.words.outlook import outlook_of
from webapp.work import Work
from workflows.domain.calendars import Calendar
from workflows.queries.case.outlook import each_clock
from workflows.queries.case.page import CasePage
from workflows.services.calendars import current_calendar
from workflows.services.secrecy.looking import Looked
from workflows.store.tables import Clock


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date that is coming: what must be done by then, by whom, and what follows if not.

    ``workdays`` and ``days`` are left until then, today not counted and the day itself
    counted, as terms do; negative once it is past.
    """

    on: date
    workdays: int
    days: int
    what: str
    whose: tuple[str, ...]
    then: tuple[str, ...]
    provisional: bool
    paused: bool


def timetable_page(work: Work, case_id: str) -> str:
    """Show all coming dates of a case, nearest first, on one sheet to print."""
    screen = Screen.of(work, case_id, Looked.WHY)
    page, lines = screen.page, date_lines(screen)
    return render_template("cases/timetable.html", page=page, case=page.case, lines=lines)


def date_lines(screen: Screen) -> tuple[DateLine, ...]:
    """Give all coming dates of a case, the nearest first."""
    page = screen.page
    follows = _follows(screen) if page.case.state == "open" else {}
    live = (clock for clock in page.clocks if clock.state in ("running", "paused"))
    calendar = current_calendar(screen.work.session).for_region(page.case.org_path)
    lines = [_line(screen, calendar, clock, follows.get(clock.path, ())) for clock in live]
    return tuple(sorted(lines, key=lambda line: line.on))


def _follows(screen: Screen) -> dict[str, tuple[str, ...]]:
    """Tell what each running clock leads to once it runs out, by its path."""
    work, page = screen.work, screen.page
    outlook = outlook_of(work, page, screen.speak)
    fires = each_clock(work.session, page, work.now)
    return {path: outlook.step(step) for path, step in fires.items()}


def _line(screen: Screen, calendar: Calendar, clock: Clock, then: tuple[str, ...]) -> DateLine:
    today = screen.work.today
    path = (clock.due_of or "").partition("#")[0]
    return DateLine(
        on=clock.due_on,
        workdays=calendar.workdays_between(today, clock.due_on),
        days=(clock.due_on - today).days,
        what=screen.speak.place(path) if path else screen.speak.rule(clock.rule),
        whose=tuple(dict.fromkeys(_whose(screen.page, path))) if path else (),
        then=then,
        provisional=clock.provisional,
        paused=clock.state == "paused",
    )


def _whose(page: CasePage, path: str) -> Iterator[str]:
    """Give whose open tasks a date is about: its own, or those inside the part that it ends."""
    for line in page.on_diagram:
        if line.row.path == path or line.row.path.startswith(f"{path}/"):
            roles = listed(labels.role(role) for role in line.row.roles.split())
            yield gettext("%(office)s：%(roles)s", office=line.office, roles=roles)
