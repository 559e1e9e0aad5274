"""What stands beside a case: what may be opened there, and what was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflows.domain.roles import Actor
from workflows.engine import Pack
from workflows.queries.case.offices import place_of_case
from workflows.queries.case.page import CasePage
from workflows.services.calendars import current_calendar
from workflows.services.steps.beside import Offer, Other, offers
from workflows.store.tables import Case


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A case of the same matter that a case was opened beside, or that was opened beside it."""

    id: str
    number: str
    process_id: str
    state: str
    is_origin: bool


def other_of(session: Session, page: CasePage) -> Other:
    """Take what is asked of a case from its page."""
    case = page.case
    return Other(
        case.id,
        case.number,
        case.matter_id,
        case.subject_person_id,
        page.definition,
        page.facts,
        place_of_case(page),
        current_calendar(session).for_region(case.org_path),
    )


def offers_of(session: Session, actor: Actor, pack: Pack, page: CasePage) -> Sequence[Offer]:
    """Give what may be opened beside the case of a page, under today's pack."""
    return offers(session, actor, pack, other_of(session, page))


def neighbours(session: Session, case: Case) -> Sequence[Neighbour]:
    """Give the case that a case was opened beside, and those beside it, in the session's scope."""
    beside: ColumnElement[bool] = Case.parent_case_id == case.id
    if case.parent_case_id is not None:  # asked of null, it would walk all cases
        beside = or_(beside, Case.id == case.parent_case_id)
    statement = (
        select(Case.id, Case.number, Case.process_id, Case.state)
        .where(beside)
        .order_by(Case.opened_at, Case.number)
    )
    return tuple(
        Neighbour(*row, is_origin=row.id == case.parent_case_id)
        for row in session.execute(statement)
    )
