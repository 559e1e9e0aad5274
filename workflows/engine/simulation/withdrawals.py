"""Late entries in a back-test: a case goes on as if a firing had not been (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.engine.simulation.courses import OpenedTask
from workflows.engine.simulation.moving import Input, apply, dated_clocks
from workflows.engine.simulation.tracks import Track, note_since
from workflows.engine.walk import RunningTerm, Walk


def withdraw(track: Track, clocks: Collection[str], before: datetime, at: datetime) -> bool:
    """Take back the firings of clocks that a late entry makes baseless.

    Args:
        track: The case.
        clocks: The clocks, as path#n, whose firing history withdrew.
        before: When the act that was entered late was done; a clock that was due by
            then fired with ground.
        at: When it was withdrawn.

    Returns:
        Whether anything was taken back: under other rules nothing may have fired.
    """
    baseless = {
        number
        for number, moved in track.inputs.items()
        if moved.fired is not None
        and moved.fired.place in clocks
        and moved.fired.due.due_at > before
    }
    if not baseless:
        return False
    target, since, kept = _again(track, baseless)
    alive = {(path, track.since[path]) for path in (*track.walk.tasks, *track.walk.clocks)}
    fired = [moved.fired for number, moved in track.inputs.items() if number in baseless]
    by_place = {place: key for key, place in track.places.items()}
    alive.update(by_place[clock.place] for clock in fired if clock and clock.place in by_place)
    before_tasks = dict(track.walk.tasks)
    _rename(track, target, since, alive)
    track.walk, track.since, track.inputs = target, since, kept
    track.set_all_alarms()
    track.course.forget([clock.place or "" for clock in fired if clock])
    _note(track, before_tasks, at)
    return True


def _again(track: Track, without: Collection[int]) -> tuple[Walk, dict[str, int], dict[int, Input]]:
    """Walk again without some firings; what only they made possible falls away with them."""
    walk = Walk(track.walk.definition, track.walk.dates, track.book.memory.step)
    since: dict[str, int] = {}
    kept: dict[int, Input] = {}
    for number, moved in track.inputs.items():
        if number in without:
            continue
        if len(track.book.calendars) > 1:
            walk.dates = track.book.dates(track.history.org_path, moved.at)
        try:
            change = apply(walk, moved)
        except (DubanError, KeyError):
            continue
        note_since(since, walk, change, number)
        kept[number] = moved
    return walk, since, kept


def _rename(
    track: Track, target: Walk, since: dict[str, int], alive: Collection[tuple[str, int]]
) -> None:
    """Give what goes on its path#n, and what is opened again a new one."""
    target.entered = dict(track.walk.entered)
    for path in sorted(target.tasks):
        target.tasks[path] = _place(track, target, (path, since[path]), alive)
    for path in sorted(target.clocks):
        clock = target.clocks[path]
        place = _place(track, target, (path, since[path]), alive)
        owner = (clock.due_of or "").partition("#")[0]
        due_of = target.tasks.get(owner) or clock.due_of
        target.clocks[path] = clock._replace(place=place, due_of=due_of)
    for key, budgets in track.walk.series.items():
        target.series.setdefault(key, set()).update(budgets)


def _place(
    track: Track, target: Walk, key: tuple[str, int], alive: Collection[tuple[str, int]]
) -> str | None:
    if key in alive and key in track.places:
        return track.places[key]
    number = target.entered[key[0]] = target.entered.get(key[0], 0) + 1
    place = track.places[key] = f"{key[0]}#{number}"
    return place


def _note(track: Track, before: dict[str, str | None], at: datetime) -> None:
    walk, course = track.walk, track.course
    known = set(before.values())
    opened = []
    for path, place in walk.tasks.items():
        if place in known:
            continue
        activity = track.book.activity(walk.definition, path)
        office = track.office_of(activity)
        opened.append(OpenedTask(place or "", activity.id, activity.rung or 0, office))
    gone = [place for place in before.values() if place not in set(walk.tasks.values())]
    running: list[RunningTerm] = list(walk.clocks.values())
    course.take(local_date(at), opened, gone, dated_clocks(running))
    if course.ended_on is not None and not walk.ended:
        course.ended_on, course.outcome = None, walk.outcome
