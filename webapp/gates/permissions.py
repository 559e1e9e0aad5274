"""What each address asks of its visitor; every route declares one, and a test walks them all.

A permission is about the kind of work. Whether somebody may see or act on this very case
is decided below: by the scope of the session and by the services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from flask import g, redirect, request, url_for

from webapp.forms.resuming import ask_to_log_in, sent_form
from workflows.domain.errors import NotAllowed
from workflows.domain.roles import ADMINISTRATORS, Role
from workflows.services.papers.clearance_replies import DRAFTERS, SIGNERS
from workflows.services.secrecy.clearance import EXPORTING_ROLES
from workflows.services.versions.calendar_changes import CHANGING_ROLES
from workflows.services.versions.calendar_proposals import DECIDING_ROLES
from workflows.services.versions.publishing import APPROVERS, SUBMITTERS

View = TypeVar("View", bound=Callable[..., Any])
DECLARED = "duban_permission"


class Permission(StrEnum):
    """A kind of work on the pages."""

    PUBLIC = "public"  # nobody needs to be logged in
    OWN_ACCOUNT = "own_account"  # everybody logged in, on himself
    OWN_CASES = "own_cases"  # everybody, on cases about himself
    CASES = "cases"  # read and work on matters and cases
    REGISTER = "register"  # register matters
    DETERMINE = "determine"  # enter a batch determination of the committee
    PACKS = "packs"  # read the rules and their versions
    PACK_SUBMIT = "pack_submit"  # put a version of the pack forward, take it back
    PACK_APPROVE = "pack_approve"  # approve or refuse a version that another one put forward
    PACK_CHECK = "pack_check"  # have a waiting version looked over again
    BACKTEST = "backtest"  # see what a version would have done with the cases there were
    AUDIT = "audit"  # see who looked at what, search the journal, verify the log
    ADMINISTRATION = "administration"  # look at the administration pages
    ACCOUNTS = "accounts"  # make accounts, withdraw them, give one-time passwords
    CALENDARS = "calendars"  # change working days, or put forward what moves deadlines
    CALENDAR_APPROVE = "calendar_approve"  # approve or refuse what another one put forward
    INCIDENTS = "incidents"  # retry and close incidents
    WEBHOOKS = "webhooks"  # let other systems be told of steps of cases
    GRANTS = "grants"  # approve accounts, grant and revoke roles
    TABLES = "tables"  # bring tables in, and take them out in the same columns
    CLEARANCE = "clearance"  # ask for effects on persons, answer about them
    EXPORTS = "exports"  # take records out of the house, and see what was taken
    DELEGATIONS = "delegations"  # let somebody act for oneself, and take that back
    STAFF = "staff"  # see whether the people there are suffice for the rules
    INTERVENTIONS = "interventions"  # read who asked about cases or meddled with them
    BREAK_GLASS = "break_glass"  # open a case in need, agree to it, take note of it
    DEMO_CLOCK = "demo_clock"  # move the clock of a demo or test installation


# The person concerned works on no case but his own, on pages of his own.
_CASE_WORK = frozenset(Role) - ADMINISTRATORS - {Role.PERSON_CONCERNED}
_EVERYBODY = frozenset(Role)
_OFFICERS = _EVERYBODY - {Role.PERSON_CONCERNED}
_HOLDERS: dict[Permission, frozenset[Role]] = {
    Permission.CASES: _CASE_WORK,
    Permission.REGISTER: frozenset({Role.INTAKE, Role.HANDLER}),
    Permission.DETERMINE: frozenset({Role.HANDLER, Role.COMMITTEE}),
    Permission.PACKS: _OFFICERS,
    Permission.PACK_SUBMIT: frozenset(SUBMITTERS),
    Permission.PACK_APPROVE: frozenset(APPROVERS),
    Permission.PACK_CHECK: frozenset((*SUBMITTERS, *APPROVERS)),
    Permission.BACKTEST: frozenset((*SUBMITTERS, *APPROVERS)),
    Permission.AUDIT: frozenset({Role.AUDIT_ADMIN}),
    Permission.ADMINISTRATION: ADMINISTRATORS,
    Permission.ACCOUNTS: frozenset({Role.SYSTEM_ADMIN}),
    Permission.CALENDARS: frozenset(CHANGING_ROLES),
    Permission.CALENDAR_APPROVE: frozenset(DECIDING_ROLES),
    Permission.INCIDENTS: frozenset({Role.SYSTEM_ADMIN}),
    Permission.GRANTS: frozenset({Role.SECURITY_ADMIN}),
    Permission.WEBHOOKS: frozenset({Role.SYSTEM_ADMIN}),
    Permission.TABLES: frozenset({Role.SYSTEM_ADMIN, Role.INTAKE, Role.HANDLER}),
    Permission.CLEARANCE: frozenset((*DRAFTERS, *SIGNERS)),
    Permission.EXPORTS: frozenset({*EXPORTING_ROLES, Role.AUDIT_ADMIN}),
    Permission.DELEGATIONS: _CASE_WORK | {Role.SECURITY_ADMIN},
    Permission.STAFF: frozenset(
        {Role.PRINCIPAL, Role.CASE_SUPERVISOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}
    ),
    Permission.INTERVENTIONS: frozenset({Role.PRINCIPAL, Role.AUDIT_ADMIN}),
    Permission.BREAK_GLASS: frozenset({Role.PRINCIPAL, Role.AUDIT_ADMIN}),
    Permission.DEMO_CLOCK: _EVERYBODY,
}


def allows(permission: Permission, roles: Iterable[str]) -> bool:
    """Say whether somebody who holds these roles anywhere may do this kind of work."""
    holders = _HOLDERS.get(permission)
    return holders is None or any(role in holders for role in roles)


def may(permission: Permission) -> bool:
    """Say whether the visitor may do this kind of work; for templates."""
    visit = g.get("visit")
    if visit is None:
        return permission is Permission.PUBLIC
    return allows(permission, visit.roles)


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare what a view asks of its visitor, and check it before the view runs."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if permission is Permission.PUBLIC:
                return view(*args, **kwargs)
            visit = g.get("visit")
            if visit is None:
                kept = sent_form()
                if kept is not None:
                    return ask_to_log_in(kept)
                return redirect(url_for("session.login", next=_way_back()))
            if visit.must_change_password and permission is not Permission.OWN_ACCOUNT:
                return redirect(url_for("account.password"))
            if not allows(permission, visit.roles):
                raise NotAllowed(reason=permission.value)
            return view(*args, **kwargs)

        setattr(checked, DECLARED, permission)
        return checked  # type: ignore[return-value]

    return decorate


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """Give the permission that a view declares."""
    declared: Permission | None = getattr(view, DECLARED, None)
    return declared


def _way_back() -> str | None:
    """Give the address to return to after login; only pages can be returned to."""
    return request.full_path.rstrip("?") if request.method == "GET" else None
