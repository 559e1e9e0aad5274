"""The page that explains a case: how it came here, whose it is, its dates, what may come."""

from __future__ import annotations

from flask import render_template

from webapp.case.reasons import Teller, offices_of
from webapp.case.screen import Screen
from webapp.words.clocks import case_colour, clock_lines
from webapp.words.duties import duty_line
from webapp.words.outlook import outlook_of
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.queries.case.offices import duties_of
from workflows.queries.case.outlook import each_clock, forks_of, road_of
from workflows.queries.case.reasons import reasons_of
from workflows.queries.names import names_of
from workflows.services.secrecy.clearance import may_export
from workflows.services.secrecy.looking import Looked


def why_page(work: Work, case_id: str) -> str:
    """Show why a case is where it is; worked out only when somebody asks."""
    screen = Screen.of(work, case_id, Looked.WHY)
    page, levels = screen.page, screen.levels()
    reasons = reasons_of(work.session, page)
    speak = PackWords(page.definition.pack, {**screen.speak.names, **reasons.names})
    teller = Teller(work, page, speak, levels, names_of(work.session, offices_of(reasons)))
    outlook = outlook_of(work, page, speak)
    is_open = page.case.state == "open"
    return render_template(
        "cases/why.html",
        page=page,
        case=page.case,
        colour=case_colour(page),
        stages=teller.stages(reasons),
        has_escalated=reasons.has_escalated,
        duties=[duty_line(duty, speak) for duty in duties_of(work.session, page, work.today)],
        # Who else holds a role is for those who work on the case, not for whom it is about.
        may_see_holders=may_export(work.actor, page.case.org_path),
        clocks=clock_lines(page, work, speak, speak.names),
        forks=[outlook.fork(fork) for fork in forks_of(work.session, page)] if is_open else (),
        fires={
            path: outlook.step(step)
            for path, step in each_clock(work.session, page, work.now).items()
        }
        if is_open
        else {},
        road=outlook.road(road_of(work.session, page, work.now)) if is_open else None,
    )
