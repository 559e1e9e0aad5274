"""Whether the people there are today can take cases through the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from webapp.gates.permissions import Permission, requires
from webapp.languages import language
from webapp.sayings import gettext, listed
from webapp.words import labels
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction
from workflows.domain.roles import ADMINISTRATORS
from workflows.queries.staff.staffing import Missing, StaffReport, UnitStaffing, staff_report
from workflows.services.packs import pack_in_force
from workflows.services.separation import START

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


@dataclass(frozen=True, slots=True)
class Line:
    """How a unit stands with a process, in words."""

    unit: str
    process: str
    says: str
    is_enough: bool
    missing: tuple[str, ...]


@blueprint.get("/")
@requires(Permission.STAFF)
@in_transaction
def page(work: Work) -> Any:
    """Show per process the fewest people, and the steps that nobody can fill today."""
    if pack_in_force(work.session, work.today) is None:
        return render_template("staff/no_pack.html")
    report = staff_report(work.session, work.today, _paths(work), staffed_only=True)
    speak = PackWords(report.pack)
    return render_template(
        "staff/page.html",
        needs=[(report.pack.name("process", n.process_id, language()), n) for n in report.needs],
        lines=list(_lines(report, speak)),
    )


def _paths(work: Work) -> list[str]:
    """Give the units that the visitor serves; administrators look at all."""
    paths = {"" if grant.role in ADMINISTRATORS else grant.unit_path for grant in work.actor.grants}
    return [""] if "" in paths else sorted(paths)


def _lines(report: StaffReport, speak: PackWords) -> Iterator[Line]:
    for each in report.units:
        yield Line(
            each.unit,
            report.pack.name("process", each.process_id, language()),
            _says(each),
            not each.missing,
            tuple(_missing(missing, speak) for missing in each.missing),
        )


def _says(each: UnitStaffing) -> str:
    if each.missing:
        return gettext("今天有环节无人可办")
    if each.people:
        return gettext("今天可以办齐，至少 %(people)s 人参与", people=each.people)
    return gettext(
        "今天须作例外（同一人办理并由主要负责人会签）才能办齐，至少 %(people)s 人参与",
        people=each.with_exceptions,
    )


def _missing(missing: Missing, speak: PackWords) -> str:
    step = gettext("登记") if missing.activity == START else speak.activity(missing.activity)
    return gettext(
        "“%(step)s”（%(office)s，角色%(roles)s，须 %(count)s 人）：%(units)s",
        step=step,
        office=missing.office,
        roles=listed(labels.role(role) for role in missing.roles),
        count=missing.signatures,
        units=listed(missing.units),
    )
