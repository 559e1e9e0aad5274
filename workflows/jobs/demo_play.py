"""Playing the demo's year through the real services, so that its journal is true."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.demo_answers import NEVER, Answer
from workflows.domain.demo_stories import REGISTERED, Deed, Story, demo_stories
from workflows.jobs.demo_deeds import do_deed
from workflows.jobs.sweep import run_sweep
from workflows.services.calendars import current_calendar
from workflows.services.casework import open_matter
from workflows.services.demo.cast import DemoCast, OpenTask, case_of, next_due_at, open_tasks
from workflows.store.scope import SystemScope
from workflows.store.tables import Case
from workflows.store.transaction import Session, Sessions, transaction

JOB = "demo"
_NIGHT = timedelta(hours=2)
_TERM = timedelta(days=60)
_MATTER_EVERY = 3  # so that matters of one branch lie apart


@dataclass(frozen=True, slots=True)
class DemoPlayed:
    """What came of the play."""

    matters: int
    cases: int
    acts: int
    sweeps: int


@dataclass(frozen=True, slots=True)
class _Doing:
    """A deed and the case beside which it is done."""

    case_id: str
    deed: Deed


_Waiting: TypeAlias = tuple[datetime, int, Story, OpenTask | _Doing | None]


@dataclass(slots=True)
class _Play:
    sessions: Sessions
    today: datetime
    cast: DemoCast
    calendar: Calendar
    waiting: list[_Waiting] = field(default_factory=list)
    stories: dict[str, Story] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    planned: set[tuple[str, str]] = field(default_factory=set)
    order: itertools.count[int] = field(default_factory=itertools.count)
    due_at: datetime | None = None
    acts: int = 0
    sweeps: int = 0
    matters: int = 0


def play_demo(
    sessions: Sessions,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    stories: Sequence[Story] | None = None,
) -> DemoPlayed:
    """Play every story of the year up to now, with the sweeps of its nights between.

    Args:
        sessions: Sessions of a demo installation in which the world is built.
        now: The end of the play; what would happen later stays open.
        progress: Called with how many days have passed, and how many there are.
        stories: What is played, in the order of registration; the whole year without it.
    """
    today = datetime.combine(local_date(now), time(), SHANGHAI)
    with transaction(sessions, SystemScope(JOB)) as session:
        play = _Play(
            sessions,
            today,
            DemoCast(session, local_date(now)),
            current_calendar(session),
        )
    for number, story in enumerate(demo_stories() if stories is None else stories):
        wanted_on = local_date(today) - timedelta(days=story.opened_days)
        opened_on = play.calendar.previous_workday(wanted_on)  # never in a holiday still to come
        _push(play, _working_hour(play, opened_on, number), story, None)
    first = play.waiting[0][0]
    while (moment := _next_act(play, now)) < now or _night(play, now) <= now:
        # A sweep may open tasks that are done before what waited for its day until then.
        if (night := _night(play, now)) <= moment:
            _sweep(play, night)
            continue
        at, _, story, task = heapq.heappop(play.waiting)
        if progress is not None:
            progress((at - first).days, (today - first).days)
        _act(play, at, story, task)
    return DemoPlayed(play.matters, len(play.stories), play.acts, play.sweeps)


def _push(play: _Play, at: datetime, story: Story, task: OpenTask | _Doing | None) -> None:
    heapq.heappush(play.waiting, (at, next(play.order), story, task))


def _working_hour(play: _Play, wanted_on: date, number: int) -> datetime:
    """Give a moment in the office hours of the first working day from a day on."""
    hour = time(9 + number % 7, number * 7 % 60)
    return datetime.combine(play.calendar.next_workday(wanted_on), hour, SHANGHAI)


def _next_act(play: _Play, now: datetime) -> datetime:
    """Give when somebody acts next, at the latest now."""
    return min(play.waiting[0][0], now) if play.waiting else now


def _night(play: _Play, now: datetime) -> datetime:
    """Give the next night in which something is due; one after now if nothing is."""
    return now + _NIGHT if play.due_at is None else play.due_at + _NIGHT


def _sweep(play: _Play, night: datetime) -> None:
    """Run the sweep of a night."""
    run_sweep(play.sessions, night)
    play.sweeps += 1
    with transaction(play.sessions, SystemScope(JOB)) as session:
        _plan(play, session, night, None)
        play.due_at = next_due_at(session)


def _act(play: _Play, at: datetime, story: Story, task: OpenTask | _Doing | None) -> None:
    with transaction(play.sessions, SystemScope(JOB)) as session:
        if task is None:
            case_id = _register(play, session, at, story)
        elif isinstance(task, _Doing):
            case_id = _do_deed(play, session, at, story, task)
        else:
            case_id = task.case_id
            if all(task.place != still.place for still in open_tasks(session, case_id)):
                return
            _complete(play, session, at, story, task)
        _plan(play, session, at, case_id)
        play.due_at = next_due_at(session)
    play.acts += 1


def _register(play: _Play, session: Session, at: datetime, story: Story) -> str:
    branches = play.cast.branches()
    values: dict[str, str | list[str]] = {
        "problem_type": story.problem_type,
        "source": story.source,
        "found_on": (local_date(at) - timedelta(days=1)).isoformat(),
        "description": story.facts,
        "disposition": "procedure",
    }
    if story.fixed_at_once:
        values |= {"disposition": "immediate_fix", "fix": "当场纠正，已补齐台账并公示"}
    turn = play.matters - story.same_branch
    branch = branches[turn * _MATTER_EVERY % len(branches)]
    if story.place:
        branch = play.places.setdefault(story.place, branch)
    opened = open_matter(
        session,
        play.cast.actors["dengji"],
        at,
        organisation_id=branch,
        values=values,
    )
    play.matters += 1
    play.stories[opened.case_id] = story
    _plan_deeds(play, at, opened.case_id, story, REGISTERED)
    return opened.case_id


def _plan_deeds(play: _Play, at: datetime, case_id: str, story: Story, after: str) -> None:
    """Put what is done beside the case after one of its tasks into the diary."""
    for number, deed in enumerate(story.deeds):
        if deed.after == after:
            moment = _working_hour(play, local_date(at) + timedelta(days=deed.days), number)
            _push(play, max(at, moment), story, _Doing(case_id, deed))


def _do_deed(play: _Play, session: Session, at: datetime, story: Story, doing: _Doing) -> str:
    case, deed = case_of(session, doing.case_id), doing.deed
    values = _filled(deed.values, _words(play, session, at, story, case))
    opened = do_deed(session, play.cast, at, case.id, deed, values)
    if opened is None or deed.story is None:
        return case.id
    play.stories[opened] = deed.story
    return opened


def _complete(play: _Play, session: Session, at: datetime, story: Story, task: OpenTask) -> None:
    case = case_of(session, task.case_id)
    words = _words(play, session, at, story, case)
    values = _filled(story.answer(task.activity, task.n), words)
    done = play.cast.do(session, case, task, values, at)
    _plan_deeds(play, at, case.id, story, task.activity)
    for opened in done.opened_cases:
        if story.person is not None:
            play.stories[opened] = story.person
            _plan(play, session, at, opened)


def _words(
    play: _Play, session: Session, at: datetime, story: Story, case: Case
) -> Mapping[str, str]:
    """Give what is filled into the answers of a story."""
    return {
        **play.cast.people_of(case),
        **play.cast.register_of(session, case),
        "today": local_date(at).isoformat(),
        "last_month": (local_date(at) - timedelta(days=30)).isoformat(),
        "later": (local_date(at) + timedelta(days=3)).isoformat(),
        "facts": story.facts or "两次督办未答复",
        "number": str(play.acts % 90 + 1),
    }


def _filled(answer: Answer, words: Mapping[str, str]) -> Answer:
    return {
        name: value.format_map(words) if isinstance(value, str) else value
        for name, value in answer.items()
    }


def _plan(play: _Play, session: Session, at: datetime, case_id: str | None) -> None:
    """Put the tasks that opened into the diary of those who will do them."""
    for task in open_tasks(session, case_id):
        key = (task.case_id, task.place)
        story = play.stories.get(task.case_id)
        if key in play.planned or story is None:
            continue
        play.planned.add(key)
        days = story.wait_days(task.activity, task.n)
        if days >= NEVER:
            continue
        today_on, wanted_on = local_date(play.today), local_date(at) + timedelta(days=days)
        if story.is_overdue_today and task.activity == "notice":
            wanted_on = served_on_to_be_overdue(play.calendar, today_on)
        elif story.served_days is not None and task.activity == "notice":
            wanted_on = today_on - timedelta(days=story.served_days)
        _push(play, max(at, _working_hour(play, wanted_on, len(play.planned))), story, task)


def served_on_to_be_overdue(calendar: Calendar, today_on: date) -> date:
    """Give the last working day on which a notice was served whose term is over today.

    The term is of 60 days and ends on a working day. Nobody serves on a holiday: where one
    lies 60 days back the term has been over for some days.
    """
    served_on = calendar.previous_workday(today_on - _TERM)
    while calendar.next_workday(served_on + _TERM) >= today_on:
        served_on = calendar.add_workdays(served_on, -1)
    return served_on
