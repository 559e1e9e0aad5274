"""The page of a case as of a past moment: what was known then, and nothing to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from flask import render_template, request

from webapp.case.cards import task_cards
from webapp.case.facts import facts_of, ladder_of
from webapp.case.picture import picture_of
from webapp.case.screen import Screen
from webapp.case.story import Event, story_of
from webapp.dates import PLACE, today_of
from webapp.words.clocks import case_colour, chain, clock_lines, has_escalated
from webapp.words.packs import PackWords
from webapp.work import Work, note_look
from workflows.domain.clocks import due_at_of
from workflows.domain.errors import InvalidInput
from workflows.domain.records import format_time
from workflows.queries.case.past import case_at, case_lines_at, learned_later
from workflows.queries.case.timeline import Timeline, readable_timeline, timeline_of
from workflows.services.secrecy.looking import Looked

_JUST_BEFORE = timedelta(microseconds=1)
_DATE_LENGTH = len("2026-03-12")


class MomentUnreadable(InvalidInput):
    """“{text}” is no date and no moment."""

    code: ClassVar[str] = "moment_unreadable"


class MomentAhead(InvalidInput):
    """{text} is still to come; a case has records of the past only."""

    code: ClassVar[str] = "moment_ahead"


def moment_of(text: str, now: datetime) -> datetime:
    """Read a date as the end of that day, and a moment as it stands in China.

    Today is a day like any other: a clock put back by seconds hides no record of it.

    Raises:
        MomentUnreadable: It is neither.
        MomentAhead: It has not come yet.
    """
    try:
        if len(text) > _DATE_LENGTH:
            moment = datetime.fromisoformat(text)
            at = (moment if moment.tzinfo else moment.replace(tzinfo=PLACE)).astimezone(UTC)
            is_ahead = at > now
        else:
            on = date.fromisoformat(text)
            at, is_ahead = due_at_of(on) - _JUST_BEFORE, on > today_of(now)
    except (ValueError, OverflowError):
        raise MomentUnreadable(text=text[:40]) from None
    if is_ahead:
        raise MomentAhead(text=text)
    return at


def past_page(work: Work, case_id: str, at: datetime) -> Any:
    """Show a case as it stood at a moment, with what the visitor may read today."""
    note_look(Looked.PAST, case_id, format_time(at))
    past = case_at(work.session, case_id, at)
    then = replace(work, now=at)
    screen = Screen.about(then, past.page)
    page, speak, levels = screen.page, screen.speak, screen.levels()
    timeline = timeline_of(work.session, case_id, past.seq, request.args.get("before", type=int))
    picture, processes, process = picture_of(then, page, speak, past.been)
    links = chain(past.firings, page, then, speak)
    return render_template(
        "cases/as_of.html",
        page=page,
        case=page.case,
        speak=speak,
        moment=at,
        may_correct=frozenset(),
        is_whole_day=due_at_of(then.today) - at == _JUST_BEFORE,
        is_today=then.today == work.today,
        is_whole=past.is_whole,
        as_of_on=then.today,
        opened_on=today_of(page.case.opened_at),
        colour=case_colour(page),
        cards=task_cards(page, then, speak),
        papers=screen.papers(),
        clocks=clock_lines(page, then, speak, speak.names),
        chain=links,
        has_escalated=has_escalated(links),
        events=_told(screen, timeline),
        later=_told(screen, learned_later(work.session, past)),
        total=timeline.total,
        picture=picture,
        processes=processes,
        process=process,
        steps=ladder_of(
            case_lines_at(work.session, page.matter.id, at),
            page.case.id,
            request.args.get("as_of"),
        ),
        facts=facts_of(then, page, speak, levels),
    )


def _told(screen: Screen, timeline: Timeline) -> list[Event]:
    """Tell records, with the content that the visitor may read."""
    speak, definition = screen.speak, screen.page.definition
    readable = readable_timeline(timeline, speak.pack, screen.levels(), screen.work.actor)
    told = PackWords(speak.pack, {**speak.names, **readable.names})
    return story_of(readable, definition, told)
