"""What the viewer of a case may do with it."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.work import Work
from workflows.domain.roles import CASE_ROLES
from workflows.queries.case.offices import place_of_case
from workflows.queries.case.page import CasePage
from workflows.services.access import is_concerned
from workflows.services.corrections.corrigible import CORRECTING_ROLES
from workflows.services.corrections.late import CONFIRMING_ROLES
from workflows.services.steps.leading import LEADING_ROLES, leads
from workflows.services.steps.paper import OFFICER_ROLES


def serves(work: Work, roles: Iterable[str], org_path: str) -> bool:
    """Say whether the viewer serves in one of the roles for an organisation."""
    return work.actor.serves(roles, org_path) is not None


def may_pause(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may stop and resume clocks of a case."""
    is_open = page.case.state == "open"
    return is_open and leads(work.session, work.actor, page.definition, place_of_case(page))


def may_confirm(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may decide on late entries of a case."""
    return serves(work, CONFIRMING_ROLES, page.case.org_path)


def may_correct(page: CasePage, work: Work) -> frozenset[str]:
    """Give the roles whose records the viewer may correct; "" is what nobody did by a role."""
    org_path = page.case.org_path
    if page.case.state == "stopped" or is_concerned(work.actor, page.case.subject_person_id):
        return frozenset()
    if serves(work, CORRECTING_ROLES, org_path):
        return frozenset(("", *CASE_ROLES))
    return frozenset(role for role in CASE_ROLES if serves(work, (role,), org_path))


def may_enter_late(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may enter what came in time but was not recorded."""
    return page.case.state == "open" and serves(work, OFFICER_ROLES, page.case.org_path)


def may_enter_pause(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may enter a pause that began before it was known."""
    roles = (*OFFICER_ROLES, *LEADING_ROLES)
    return page.case.state == "open" and serves(work, roles, page.case.org_path)


def may_decide_stopped(page: CasePage, work: Work) -> bool:
    """Say whether the viewer is the approver of a case that was stopped."""
    return page.case.state == "stopped" and serves(work, ("R06",), page.case.org_path)
