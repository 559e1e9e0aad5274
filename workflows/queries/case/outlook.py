"""What lies ahead of a case: what may come of each task, and where its clocks lead alone.

The case is walked in memory as it stands, firing what runs out next until no clock runs.
A clock only ever opens work for people, so every such road ends where a person decides.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from workflows.domain.clocks import Due, local_date
from workflows.domain.errors import DubanError
from workflows.domain.steps import ArmedClock, FactValue, Step, Trigger, TriggerType
from workflows.domain.terms import DueDates
from workflows.engine.reach.graph import State
from workflows.engine.reach.outcomes import Outcome, Prospect, prospect_of
from workflows.engine.reach.roots import may_receive
from workflows.engine.walk import RunningTerm, Walk
from workflows.queries.case.page import CasePage
from workflows.services.calendars import current_calendar
from workflows.services.steps.clockwork import pauses_of, term_of
from workflows.services.steps.locked import marking_text
from workflows.store.tables import Clock

# Far beyond any ladder: a clock that starts itself again must not be followed for ever.
MOST_FIRINGS = 60


@dataclass(frozen=True, slots=True)
class Ahead:
    """A deadline that runs out if nobody acts.

    ``on`` is its last day, ``fires_on`` the day on which the sweep finds it passed. The
    paths of ``opened`` and ``closed`` are tasks; where nothing is opened, closed or ended
    it only colours and reminds.
    """

    path: str
    clock: RunningTerm
    on: date
    fires_on: date
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    passed: tuple[str, ...]
    ended: bool

    @property
    def leads_on(self) -> bool:
        """Say whether it does more than remind."""
        return bool(self.opened or self.closed or self.ended)


@dataclass(frozen=True, slots=True)
class Road:
    """What the clocks do if nobody acts, in order, and what is left for people at its end.

    ``stopped`` are clocks that stand still and so lead nowhere; ``is_cut`` says that the
    road goes on beyond what was looked at.
    """

    steps: tuple[Ahead, ...]
    open_at_end: tuple[str, ...]
    stopped: tuple[RunningTerm, ...]
    rung: int | None
    ended: bool
    is_cut: bool = False

    @property
    def is_provisional(self) -> bool:
        """Say whether a date on it may still move with the calendar."""
        return any(step.clock.due.provisional for step in self.steps)


@dataclass(frozen=True, slots=True)
class Branch:
    """What may come of a task or message, and all that can be typed so that it does."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    armed: tuple[ArmedClock, ...]
    passed: tuple[str, ...]
    ended: bool
    typed: tuple[Mapping[str, FactValue], ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """An open task or an awaited message with what may come of it.

    ``prospect`` is null where there are too many ways to look at.
    """

    path: str
    trigger: TriggerType
    branches: tuple[Branch, ...]
    prospect: Prospect | None


def forks_of(session: Session, page: CasePage) -> tuple[Fork, ...]:
    """Give what may come of each open task, and of what may come in."""
    marking = marking_text(session, page.case.marking_hash)
    paths = [(TriggerType.TASK, task.row.path) for task in page.on_diagram]
    paths += [
        (TriggerType.MESSAGE, path)
        for path in page.case.awaited
        if may_receive(page.definition, path)
    ]
    return tuple(_fork(page, marking, Trigger(kind, path)) for kind, path in paths)


def _fork(page: CasePage, marking: str, trigger: Trigger) -> Fork:
    prospect = prospect_of(page.definition, marking, trigger, page.facts)
    found: dict[Hashable, Branch] = {}
    for outcome in prospect.outcomes if prospect else ():
        branch = _branch(outcome)
        clocks = tuple(clock.path for clock in branch.armed)
        key = (branch.opened, branch.closed, branch.passed, branch.ended, clocks)
        known = found.get(key, branch)
        # The same end with other terms: which, the notice will say.
        armed = known.armed if known.armed == branch.armed else ()
        typed = known.typed if known is branch else (*known.typed, *branch.typed)
        found[key] = replace(branch, armed=armed, typed=typed)
    return Fork(trigger.path, trigger.type, tuple(found.values()), prospect)


def _branch(outcome: Outcome) -> Branch:
    effect = outcome.effect
    return Branch(
        opened=effect.opened,
        closed=effect.closed,
        armed=effect.armed,
        passed=tuple(call.path for call in effect.operations),
        ended=State(effect.marking).is_end,
        typed=outcome.typed,
    )


def each_clock(session: Session, page: CasePage, now: datetime) -> Mapping[str, Ahead]:
    """Give what each running clock would do if it ran out as the case stands, by its path."""
    walk = walk_of(session, page)
    running = [path for path, clock in walk.clocks.items() if not clock.is_paused]
    steps = {path: _fired(walk.copy(), path, now) for path in running}
    return {path: step for path, step in steps.items() if step is not None}


def road_of(session: Session, page: CasePage, now: datetime) -> Road:
    """Walk a case on as if nobody acted from now on; nothing is written."""
    walk = walk_of(session, page)
    steps: list[Ahead] = []
    is_cut = False
    for step in _firings(walk, now):
        steps.append(step)
        if len(steps) == MOST_FIRINGS:
            is_cut = True
            break
    stopped = tuple(clock for clock in walk.clocks.values() if clock.is_paused)
    is_cut = is_cut or bool(_next(walk))
    return Road(
        tuple(steps), tuple(sorted(walk.tasks)), stopped, walk.rung, walk.ended, is_cut=is_cut
    )


def walk_of(session: Session, page: CasePage) -> Walk:
    """Put a case as it stands on a walk in memory."""
    calendar = current_calendar(session).for_region(page.case.org_path)
    live = [clock for clock in page.clocks if clock.state in ("running", "paused")]
    return Walk(
        page.definition,
        DueDates(calendar),
        marking=marking_text(session, page.case.marking_hash),
        marking_hash=page.case.marking_hash,
        facts=dict(page.facts),
        tasks={task.row.path: task.place for task in page.on_diagram},
        clocks={clock.path: _running(page, clock) for clock in live},
        rung=page.case.rung,
        ended=page.case.state == "ended",
    )


def _running(page: CasePage, clock: Clock) -> RunningTerm:
    pauses = pauses_of(page.pauses, clock.path, clock.n)
    is_paused = clock.state == "paused"
    due = Due(clock.due_on, clock.due_at, clock.due_on, clock.provisional, is_paused)
    place = f"{clock.path}#{clock.n}"
    return RunningTerm(place, clock.rule, term_of(clock), due, clock.due_of, pauses)


def _firings(walk: Walk, now: datetime) -> Iterator[Ahead]:
    """Fire what runs out next, again and again; a step that cannot be taken ends the road."""
    while path := _next(walk):
        step = _fired(walk, path, now)
        if step is None:
            return
        yield step


def _fired(walk: Walk, path: str, now: datetime) -> Ahead | None:
    clock = walk.clocks[path]
    fires_on = local_date(max(clock.due.due_at, now))
    try:
        change = walk.fire(path, fires_on)
    except DubanError:
        return None
    return _ahead(path, clock, fires_on, change.step)


def _next(walk: Walk) -> str:
    running = [
        (clock.due.due_at, path) for path, clock in walk.clocks.items() if not clock.is_paused
    ]
    return "" if walk.ended else min(running, default=(None, ""))[1]


def _ahead(path: str, clock: RunningTerm, fires_on: date, step: Step) -> Ahead:
    return Ahead(
        path=path,
        clock=clock,
        on=clock.due.due_on,
        fires_on=fires_on,
        opened=tuple(task.path for task in step.opened),
        closed=step.closed,
        passed=tuple(call.path for call in step.operations),
        ended=step.ended,
    )
