"""The frame around every page: who is here, the menu, the sweep's pulse, the demo clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, session, url_for
from flask_babel import lazy_gettext as _l

from webapp.dates import today_of
from webapp.frame.page_help import LOG_IN, help_for
from webapp.frame.tour import standing
from webapp.gates.permissions import Permission, may
from webapp.work import reading_sessions
from workflows.domain.roles import Role
from workflows.queries.shell import Visit, house_state, is_installed, visit_of
from workflows.services.installation import clock_now
from workflows.store.schema import SchemaMissing
from workflows.store.transaction import transaction

# What programs fetch, without a cookie and without a frame.
_FETCHED = frozenset({"static", "feeds.calendar", "alive.healthz"})
TOKEN = "token"  # noqa: S105 - the name of a session's field


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu; ``blueprint`` marks it as the place where the visitor is.

    One with a ``role`` is shown to its holders alone, whoever else may open it.
    """

    endpoint: str
    label: Any
    permission: Permission
    role: Role | None = None

    @property
    def blueprint(self) -> str:
        """Give the part of the pages that the entry leads to."""
        return self.endpoint.partition(".")[0]


MENU = (
    Entry("home.page", _l("工作台"), Permission.CASES),
    Entry("worklist.page", _l("待办"), Permission.CASES),
    Entry("matters.new", _l("登记"), Permission.REGISTER),
    Entry("organisations.page", _l("单位"), Permission.CASES),
    Entry("overview.page", _l("统计"), Permission.CASES),
    Entry("determinations.page", _l("认定"), Permission.DETERMINE),
    Entry("clearance.page", _l("影响期"), Permission.CLEARANCE),
    Entry("exports.page", _l("导出"), Permission.EXPORTS),
    Entry("audit.looks", _l("审计"), Permission.AUDIT),
    Entry("administration.page", _l("管理"), Permission.ADMINISTRATION),
    Entry("staff.page", _l("人手"), Permission.STAFF),
    Entry("packs.page", _l("规则包"), Permission.PACKS),
    Entry("own.page", _l("本人案件"), Permission.OWN_CASES, Role.PERSON_CONCERNED),
)


def receive_visitor() -> None:
    """Learn before a request who is here and what the frame shows; not where nobody looks."""
    if request.endpoint in _FETCHED:
        return
    with transaction(reading_sessions()) as work:
        if not is_installed(work):
            raise SchemaMissing
        g.now = clock_now(work)
        token = session.get(TOKEN)
        g.visit = visit_of(work, token, today_of(g.now)) if token else None
        g.house = house_state(work, g.now)
    if token and g.visit is None:
        session.pop(TOKEN)
    elif token and "HX-Request" not in request.headers:
        session.modified = True  # idle time begins anew; a part that renews itself is no act


def first_page(visit: Visit) -> str:
    """Give the address where somebody begins: the work desk, or the administration."""
    if visit.must_change_password:
        return url_for("account.password")
    for entry in _open_entries():
        return url_for(entry.endpoint)
    return url_for("account.page")


def frame() -> dict[str, Any]:
    """Give templates what layout.html shows around the page."""
    if g.get("bare"):
        return {
            "visit": None,
            "house": None,
            "menu": (),
            "now": None,
            "today": None,
            "tour": None,
            "help": None,
        }
    now = g.get("now")
    return {
        "visit": g.get("visit"),
        "house": g.get("house"),
        "menu": tuple(_open_entries()) if g.get("visit") else (),
        "now": now,
        "today": today_of(now) if now else None,
        "tour": standing(),
        **_help(),
    }


def _help() -> dict[str, Any]:
    """Give what helps on this screen, and the address that says it at length."""
    if g.get("house") is None:
        return {"help": None, "help_address": None}
    if g.get("visit") is None:
        return {"help": LOG_IN, "help_address": url_for("help.log_in")}
    found = help_for(request.endpoint)
    if found is None:
        return {"help": None, "help_address": url_for("help.contents")}
    anchor = f"section-{found.section}" if found.section else None
    address = url_for("help.page", name=f"how-to/{found.page}", _anchor=anchor)
    return {"help": found, "help_address": address}


def _open_entries() -> Iterator[Entry]:
    for entry in MENU:
        is_there = entry.endpoint in current_app.view_functions
        is_his = entry.role is None or entry.role in g.visit.roles
        if is_there and is_his and may(entry.permission):
            yield entry
