"""Why a task is with its office, and who there could take it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.engine import Activity
from workflows.queries.case_page import CasePage, TaskLine
from workflows.queries.people import colleagues_for, organisations_at
from workflows.services.access import OwnCase, load_actor, refuse_forbidden_pair
from workflows.services.offices import Office, Place, office_for
from workflows.services.separation import refuse_origin, refuse_same_person

SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role of the task over its office, and what keeps him from it."""

    account_id: str
    name: str
    about: str
    role: str
    refusal: NotAllowed | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A task's lane, how its office was found, and who could take it today.

    ``above`` are the units that the case's subject lies in, from the top down. ``today``
    is what the rule finds on the tree as it is now; it is not resolved where a unit
    stands in for a body that the tree has not.
    """

    line: TaskLine
    activity: Activity
    lane: str
    rule: str
    above: tuple[str, ...]
    today: Office
    holders: tuple[Holder, ...]

    @property
    def could(self) -> tuple[Holder, ...]:
        """Give those whom nothing keeps from it."""
        return tuple(holder for holder in self.holders if holder.refusal is None)


def duties_of(session: Session, page: CasePage, today: date) -> tuple[Duty, ...]:
    """Read why each open task of a case is where it is."""
    above = _above(session, page.case.org_path)
    return tuple(_duty(session, page, line, above, today) for line in page.tasks)


def place_of_case(page: CasePage) -> Place:
    """Give what the lanes of a case are resolved against."""
    case = page.case
    return Place(case.subject_organisation_id, case.org_path, page.matter.registering_office_id)


def _above(session: Session, org_path: str) -> tuple[str, ...]:
    parts = org_path.split(".")[:-1]
    paths = ["".join(f"{part}." for part in parts[:end]) for end in range(1, len(parts) + 1)]
    return tuple(unit.name for unit in organisations_at(session, paths))


def _duty(
    session: Session, page: CasePage, line: TaskLine, above: tuple[str, ...], today: date
) -> Duty:
    activity = page.definition.activity(line.row.path)
    lane = page.definition.place(line.row.path).element.lane
    rule = activity.office_rule or SUBJECT
    return Duty(
        line=line,
        activity=activity,
        lane=lane.id if lane else "",
        rule=rule,
        above=above,
        today=office_for(session, rule, place_of_case(page)),
        holders=tuple(_holders(session, page, line, activity, today)),
    )


def _holders(
    session: Session, page: CasePage, line: TaskLine, activity: Activity, today: date
) -> list[Holder]:
    roles = line.row.roles.split()
    found = []
    for each in colleagues_for(session, roles, line.office_path, today):
        actor = load_actor(session, each.id, today)
        role = actor.holds(roles, line.office_path) or ""
        try:
            if actor.person_id and actor.person_id == page.case.subject_person_id:
                raise OwnCase
            refuse_same_person(session, page.case.id, activity, actor.account_id)
            people = {actor.person_id} if actor.person_id else set[str]()
            refuse_origin(session, page.case.id, activity, actor.account_id, people)
            refuse_forbidden_pair(
                session,
                page.case.id,
                role,
                account_id=actor.account_id,
                person_id=actor.person_id,
            )
            refusal = None
        except NotAllowed as error:
            refusal = error
        found.append(Holder(each.id, each.name, each.about, role, refusal))
    return found
