"""A history read as a course: what its records say of tasks, deadlines and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from workflows.domain.clocks import ClockKind, local_date
from workflows.domain.entries import path_at
from workflows.domain.reviews import REVIEW
from workflows.engine.definition import Definition
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.courses import Course, DatedClock, OpenedTask
from workflows.engine.simulation.deeds import Deed


def recorded_course(book: Book, deeds: Sequence[Deed]) -> Course:
    """Read how a case went off its records."""
    course = Course(deeds[0].recorded_on)
    for deed in deeds:
        _take(book, course, deed, deeds)
    course.finish(local_date(book.horizon))
    return course


def _take(book: Book, course: Course, deed: Deed, deeds: Sequence[Deed]) -> None:
    effects, definition = deed.record["effects"], book.definition(deed.record["definition"])
    if deed.kind == "withdrawn":
        course.forget([deeds[deed.record["about"]["seq"] - 1].ref])
    course.take(
        deed.recorded_on,
        [
            OpenedTask(each["task"], each["activity"], each["rung"], each["office"])
            for each in effects["opened"]
            if each["activity"] != REVIEW  # the work of no rule
        ],
        [place for place in effects["closed"] if path_at(place) != REVIEW],
        [*_armed(book, definition, effects["armed"]), *_moved(course, effects["moved"])],
        missed=_missed(book, definition, deed),
    )
    if effects["ended"]:
        outcome = deed.payload["form"].get("carried_out", {}).get("outcome", course.outcome)
        course.end(deed.recorded_on, outcome)
    elif deed.record["to"] and course.ended_on:
        course.ended_on = None


def _armed(book: Book, definition: Definition, armed: Sequence[dict[str, Any]]) -> list[DatedClock]:
    return [
        DatedClock(
            each["clock"],
            each["rule"],
            date.fromisoformat(each["anchor_on"]),
            date.fromisoformat(each["due_on"]),
            book.is_due(definition, path_at(each["clock"])),
        )
        for each in armed
    ]


def _moved(course: Course, moved: Sequence[dict[str, Any]]) -> list[DatedClock]:
    return [
        course.dated[each["clock"]]._replace(due_on=date.fromisoformat(each["due_on"]))
        for each in moved
        if each["clock"] in course.dated
    ]


def _missed(book: Book, definition: Definition, deed: Deed) -> str | None:
    """Give the clock of a record in which the deadline for an act fired."""
    if deed.kind != "clock_fired":
        return None
    parameter = definition.pack.parameters[deed.record["trigger"]["name"]]
    is_due = book.is_due(definition, deed.path)
    return deed.ref if is_due and parameter.kind is ClockKind.ACT else None
