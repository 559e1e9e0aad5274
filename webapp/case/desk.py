"""What a case's page offers its visitor beside tasks: taking back, commenting, looking again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import url_for

from webapp.work import Work
from workflows.domain.fold import UNDO_SECONDS
from workflows.domain.levels import INTERNAL
from workflows.domain.requests import Asked
from workflows.queries.case.page import CasePage
from workflows.queries.desk.joint_reports import DueTogether, due_together
from workflows.queries.organisations.finding import organisation_by_id
from workflows.queries.reports.requests import asked_of, base_units
from workflows.services.access import is_concerned
from workflows.services.desk.comments import COMMENTING_ROLES
from workflows.services.desk.errands import ErrandLine, errands_in
from workflows.services.desk.follow_ups import follow_up_of
from workflows.services.desk.undoing import undoable
from workflows.services.steps.tasks import HANDING_ROLES


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """The button to take back and for how many more seconds; the day to look again.

    ``asked`` is how much the unit was asked for this month, where the visitor may ask for more;
    ``joint`` is what the unit owes within the same days as a report of this case; ``errands``
    are what meetings gave somebody to do in it.
    """

    undo_url: str
    undo_seconds: int
    undoes_comment: bool
    may_comment: bool
    look_on: date | None
    note: str
    asked: Asked | None
    joint: DueTogether | None
    errands: tuple[ErrandLine, ...]


def desk_of(work: Work, page: CasePage) -> CaseDesk:
    """Read what the visitor may do beside the tasks of a case."""
    session, actor, case = work.session, work.actor, page.case
    last, row = undoable(session, actor, work.now, case.id), follow_up_of(session, actor, case.id)
    left = 0
    if last is not None:
        left = UNDO_SECONDS - int((work.now - last.record.recorded_at).total_seconds())
    return CaseDesk(
        url_for("desk.undo", case_id=case.id, seq=last.record.seq) if last else "",
        left,
        last is not None and last.is_comment,
        not is_concerned(actor, case.subject_person_id)
        and actor.serves(COMMENTING_ROLES, case.org_path) is not None,
        row.look_on if row else None,
        row.note if row else "",
        _asked(work, page),
        _joint(work, page),
        errands_in(session, actor, [case.id]),
    )


def _joint(work: Work, page: CasePage) -> DueTogether | None:
    """Give what the unit owes within the same days as a report of this case, where several."""
    case = page.case
    owes = {each.row.office_id for each in page.tasks if each.row.is_milestone}
    if case.level != INTERNAL or case.subject_organisation_id not in owes:
        return None
    office = organisation_by_id(work.session, case.subject_organisation_id)
    found = due_together(work.session, [office] if office else [], work.today)
    return next((each for each in found.values() if len(each.reports) > 1), None)


def _asked(work: Work, page: CasePage) -> Asked | None:
    case = page.case
    if case.level != INTERNAL or case.state != "open":
        return None
    if work.actor.serves(HANDING_ROLES, case.org_path) is None:
        return None
    units = base_units(work.session, [case.subject_organisation_id])
    return next(iter(asked_of(work.session, units.values(), work.today).values()), None)
