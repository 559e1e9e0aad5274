"""Why a task is with its office, and who there could take it today."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.organisations import paths_down_to
from workflows.domain.pairs import Deed
from workflows.engine import Activity
from workflows.queries.case.page import CasePage, TaskLine
from workflows.queries.organisations.finding import Found, colleagues_for, organisations_at
from workflows.services.access import bounded_grants, load_actor
from workflows.services.offices import Office, Place, office_for
from workflows.services.steps.eligibility import Sought, grounds_of, standing_of
from workflows.store.tables import Account

SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role of the task over its office, and what keeps him from it.

    ``pair`` is an earlier act that this one goes with only by the principal's signature.
    """

    account_id: str
    name: str
    about: str
    role: str
    refusal: NotAllowed | None
    pair: Deed | None = None


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
    """Read why each open task of a case is where it is; a review stands in no lane."""
    above = _above(session, page.case.org_path)
    return tuple(_duty(session, page, line, above, today) for line in page.on_diagram)


def place_of_case(page: CasePage) -> Place:
    """Give what the lanes of a case are resolved against."""
    case = page.case
    return Place(case.subject_organisation_id, case.org_path, page.matter.registering_office_id)


def _above(session: Session, org_path: str) -> tuple[str, ...]:
    return tuple(unit.name for unit in organisations_at(session, paths_down_to(org_path)))


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
        holders=tuple(_holders(session, page, line, today)),
    )


def _holders(session: Session, page: CasePage, line: TaskLine, today: date) -> list[Holder]:
    roles = line.row.roles.split()
    sought = sought_task(page, line)
    found = []
    offered = colleagues_for(session, roles, line.office_path, today)
    lent = stand_ins(session, line, page.case.id, today, {each.id for each in offered})
    for each in (*offered, *lent):
        actor = load_actor(session, each.id, today)
        role = actor.holds(roles, line.office_path) or ""
        try:
            standing = standing_of(session, sought, actor)
        except NotAllowed as error:
            found.append(Holder(each.id, each.name, each.about, role, error))
        else:
            found.append(Holder(each.id, each.name, each.about, standing.role, None, standing.pair))
    return found


def stand_ins(
    session: Session, line: TaskLine, case_id: str, today: date, but: Collection[str]
) -> tuple[Found, ...]:
    """Give those to whom a role of a task was lent, but some."""
    row = line.row
    ids = {
        account_id
        for account_id, lent in bounded_grants(session, today)
        if account_id not in but
        and not set(row.roles.split()).isdisjoint(lent.roles)
        and lent.covers(line.office_path, case_id, row.activity)
    }
    names = select(Account.id, Account.display_name).where(Account.id.in_(ids), Account.is_active)
    return tuple(Found(key, name, "") for key, name in session.execute(names)) if ids else ()


def sought_task(page: CasePage, line: TaskLine) -> Sought:
    """Take an open task of a case that was read for a page."""
    activity = page.definition.activity(line.row.path)
    return Sought(
        page.case.id,
        page.case.subject_person_id,
        activity,
        Office(line.row.office_id or "", line.office_path, line.office),
        grounds_of(activity, page.facts),
    )
