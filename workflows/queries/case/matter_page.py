"""What the page of a matter shows, and what is known when a new one is registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.colours import Light
from workflows.domain.errors import NotFound
from workflows.domain.merging import earliest
from workflows.queries.lights import case_due_on, case_light, open_pauses
from workflows.queries.names import names_of
from workflows.queries.tracks.mergers import (
    Merger,
    Owed,
    merged_from,
    merged_into,
    mergers_of,
    owed_for,
)
from workflows.queries.tracks.relapses import Relapses, relapses_of
from workflows.services.tracks.relapsing import is_put_right
from workflows.store.base import table_of
from workflows.store.scope import within
from workflows.store.tables import Case, Clock, Matter, Organisation, Person, Task

SIMILAR = 10
_DUPLICATE_WITHIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of the matter with its light, its nearest date and the rungs it has been on."""

    case: Case
    subject: str
    light: Light
    due_on: date | None
    passed: tuple[int, ...]
    open_activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatterPage:
    """A matter with every case of it that the viewer may see, and what it was merged with.

    ``feedback`` is what is owed for it and for those merged into it.
    """

    matter: Matter
    organisation: Organisation
    office: str
    registered_by: str
    cases: tuple[CaseLine, ...]
    merged_into: Matter | None
    merged_from: tuple[Matter, ...]
    mergers: tuple[Merger, ...]
    feedback: tuple[Owed, ...]
    relapses: Relapses

    @property
    def feedback_due_on(self) -> date | None:
        """Give the earliest day on which feedback that was not given is owed."""
        return earliest([each.duty.due_on for each in self.feedback if not each.duty.given_on])


@dataclass(frozen=True, slots=True)
class EarlierMatter:
    """An earlier matter of the same organisation."""

    matter: Matter
    is_open: bool
    is_likely_same: bool
    could_relapse: bool


def matter_page(session: Session, matter_id: str, today: date) -> MatterPage:
    """Read a matter for its page.

    Raises:
        NotFound: There is no such matter in the session's scope.
    """
    found = session.execute(
        select(Matter, Organisation)
        .join(Organisation, Organisation.id == Matter.organisation_id)
        .where(Matter.id == matter_id)
    ).one_or_none()
    if found is None:
        raise NotFound(what="matter", key=matter_id)
    matter, organisation = found
    names = names_of(session, (matter.registered_by, matter.registering_office_id))
    return MatterPage(
        matter,
        organisation,
        names.get(matter.registering_office_id, ""),
        names.get(matter.registered_by, matter.registered_by),
        case_lines(session, matter_id, today),
        merged_into(session, matter),
        merged_from(session, matter.id),
        mergers_of(session, matter.id),
        owed_for(session, matter.id),
        relapses_of(session, matter),
    )


def case_lines(session: Session, matter_id: str, today: date) -> tuple[CaseLine, ...]:
    """Read the cases of a matter that the scope shows, in five statements however many."""
    rows = session.execute(
        select(Case, func.coalesce(Person.name, Organisation.name))
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .where(Case.matter_id == matter_id)
        .order_by(Case.opened_at, Case.number)
    ).all()
    ids = [case.id for case, _ in rows]
    tasks = session.scalars(select(Task).where(Task.case_id.in_(ids), Task.state == "open")).all()
    clocks = session.scalars(
        select(Clock).where(Clock.case_id.in_(ids), Clock.state.in_(("running", "paused")))
    ).all()
    stopped = open_pauses(session, clocks)
    passed = _rungs_passed(session, ids)
    return tuple(
        CaseLine(
            case,
            subject,
            case_light(session, case, _own(tasks, case), _own(clocks, case), today, stopped),
            case_due_on(case, _own(tasks, case)),
            tuple(sorted(passed.get(case.id, ()))),
            tuple(task.path for task in _own(tasks, case)),
        )
        for case, subject in rows
    )


def _own(rows: Sequence[Any], case: Case) -> list[Any]:
    return [row for row in rows if row.case_id == case.id]


def _rungs_passed(session: Session, ids: list[str]) -> dict[str, set[int]]:
    task = table_of(Task)
    statement = (
        select(task.c.case_id, task.c.rung)
        .where(
            task.c.case_id.in_(ids), task.c.state.not_in(("open", "held")), task.c.rung.is_not(None)
        )
        .distinct()
    )
    passed: dict[str, set[int]] = {}
    for case_id, rung in session.connection().execute(statement):
        if rung:
            passed.setdefault(case_id, set()).add(rung)
    return passed


def earlier_matters(
    session: Session, organisation_id: str, today: date, problem_type: str | None = None
) -> tuple[EarlierMatter, ...]:
    """Read an organisation's newest matters, those of the same problem first.

    One that is still open, or was found within ninety days, with the same problem is
    likely the same.
    """
    is_open = (
        select(func.count(Case.id))
        .where(Case.matter_id == Matter.id, Case.state == "open")
        .correlate(Matter)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Matter, is_open)
        .where(Matter.organisation_id == organisation_id)
        .order_by(Matter.found_on.desc(), Matter.registered_at.desc())
        .limit(SIMILAR)
    ).all()
    found = [
        EarlierMatter(
            matter,
            bool(count),
            matter.problem_type == problem_type
            and (bool(count) or matter.found_on >= today - _DUPLICATE_WITHIN),
            matter.problem_type == problem_type and is_put_right(session, matter),
        )
        for matter, count in rows
    ]
    return tuple(sorted(found, key=lambda each: not each.is_likely_same))


def similar_matters(
    session: Session, problem_type: str, org_path: str, organisation_id: str
) -> tuple[tuple[Matter, str], ...]:
    """Read the newest matters of the same problem at other organisations of the banner."""
    banner = "".join(f"{part}." for part in org_path.split(".")[:3])
    rows = session.execute(
        select(Matter, Organisation.name)
        .join(Organisation, Organisation.id == Matter.organisation_id)
        .where(
            Matter.problem_type == problem_type,
            Matter.organisation_id != organisation_id,
            within(Matter.org_path, (banner,)),
        )
        .order_by(Matter.registered_at.desc())
        .limit(5)
    )
    return tuple((matter, name) for matter, name in rows)
