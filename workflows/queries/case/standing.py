"""How one case stands today: open tasks, dates, colours, facts, effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.colours import Light
from workflows.domain.effects import Standing
from workflows.domain.steps import FactValue
from workflows.queries.lights import case_light, task_light
from workflows.store.casework import read_facts
from workflows.store.tables import Case, Clock, PersonEffect, Task


@dataclass(frozen=True, slots=True)
class StandingTask:
    """An open task with its date and light."""

    place: str
    activity: str
    due_on: date | None
    light: Light


@dataclass(frozen=True, slots=True)
class Stand:
    """A case as it stands; ``dues`` are dates by activity, by scope and by timer id."""

    rung: int
    state: str
    ended: bool
    outcome: str | None
    light: Light
    tasks: tuple[StandingTask, ...]
    dues: Mapping[str, date]
    facts: Mapping[str, FactValue]
    effects: Mapping[str, date | None]

    def due_of(self, name: str) -> date | None:
        """Give the due date of an open task, of a scope or of a timer, by its id or rule."""
        return self.dues.get(name)

    def colour_of(self, name: str) -> str | None:
        """Give the colour of an open task, or of the item itself as ``case``."""
        if name == "case":
            return self.light.colour.value
        for task in self.tasks:
            if task.activity == name:
                return task.light.colour.value
        return None


def stand_of(session: Session, case_id: str, today: date) -> Stand:
    """Read how a case stands on a day."""
    case = session.execute(select(Case).where(Case.id == case_id)).scalar_one()
    tasks = (
        session.execute(
            select(Task).where(Task.case_id == case_id, Task.state == "open").order_by(Task.id)
        )
        .scalars()
        .all()
    )
    clocks = (
        session.execute(
            select(Clock)
            .where(Clock.case_id == case_id, Clock.state.in_(("running", "paused")))
            .order_by(Clock.id)
        )
        .scalars()
        .all()
    )
    effects = session.execute(
        select(PersonEffect.kind, PersonEffect.until_on).where(
            PersonEffect.case_id == case_id, PersonEffect.standing != Standing.VOID.value
        )
    )
    return Stand(
        rung=case.rung or 0,
        state=case.state,
        ended=case.state == "ended",
        outcome=case.outcome,
        light=case_light(session, case, tasks, clocks, today),
        tasks=tuple(
            StandingTask(
                f"{task.path}#{task.n}",
                task.activity,
                task.due_on,
                task_light(session, case, task, today),
            )
            for task in tasks
        ),
        dues=_dues(tasks, clocks),
        facts=read_facts(session, case_id),
        effects=dict(effects.all()),
    )


def _dues(tasks: Sequence[Task], clocks: Sequence[Clock]) -> dict[str, date]:
    dues: dict[str, date] = {}
    for clock in clocks:
        for name in (clock.rule, _last(clock.path), _last((clock.due_of or "").partition("#")[0])):
            dues.setdefault(name, clock.due_on)
    dues.update({task.activity: task.due_on for task in tasks if task.due_on})
    return dues


def _last(path: str) -> str:
    return path.rpartition("/")[2]


__all__ = ["Stand", "StandingTask", "local_date", "stand_of"]
