"""`duban staff`: whether the people there are can take cases through the rules."""

from __future__ import annotations

from typing import Any

import click

from webapp.commands.edge import (
    database_option,
    expectation_failed,
    json_option,
    open_edge,
    write_json,
)
from webapp.dates import today_of
from workflows.domain.errors import NotFound
from workflows.queries.staff.accounts import organisations_like
from workflows.queries.staff.staffing import StaffReport, UnitStaffing, staff_report
from workflows.services.installation import clock_now
from workflows.services.separation import START


@click.group()
def staff() -> None:
    """Look at who there is for what."""


@staff.command()
@click.option("--unit", help="Code or full name of a banner or township; all without it.")
@database_option
@json_option
def check(unit: str | None, database_url: str | None, as_json: bool) -> None:
    """Say per process the fewest people needed, and which step cannot be filled today.

    It holds the pack in force against the roles that people hold today: lanes, signatures,
    steps kept apart, forbidden pairs. Exit code 1 where a step cannot be filled.
    """
    with open_edge(database_url) as edge, edge.transaction("check") as session:
        paths = [""]
        if unit is not None:
            found = organisations_like(session, unit.strip())
            if len(found) != 1:
                raise NotFound(what="unit", key=unit)
            paths = [found[0].path]
        today = today_of(clock_now(session))
        report = staff_report(session, today, paths, staffed_only=unit is None)
    if as_json:
        write_json(_as_json(report))
    else:
        _tell(report)
    if not report.is_enough:
        expectation_failed()


def _as_json(report: StaffReport) -> dict[str, Any]:
    return {
        "processes": [
            {
                "process": need.process_id,
                "people": need.people,
                "people_with_exceptions": need.with_exceptions,
                "apart_from_origin": need.is_apart,
            }
            for need in report.needs
        ],
        "units": [
            {
                "unit": each.unit,
                "process": each.process_id,
                "people": each.people,
                "people_with_exceptions": each.with_exceptions,
                "missing": [
                    {
                        "step": missing.activity,
                        "roles": list(missing.roles),
                        "signatures": missing.signatures,
                        "office": missing.office,
                        "at": list(missing.units),
                    }
                    for missing in each.missing
                ],
            }
            for each in report.units
        ],
    }


def _tell(report: StaffReport) -> None:
    for need in report.needs:
        apart = "; some of them had nothing to do with the first case" if need.is_apart else ""
        name = report.pack.name("process", need.process_id, "en")
        click.echo(f"{name}: {need.people} people, {need.with_exceptions} with exceptions{apart}")
    for each in report.units:
        _tell_unit(report, each)


def _tell_unit(report: StaffReport, each: UnitStaffing) -> None:
    name = report.pack.name("process", each.process_id, "en")
    if not each.missing:
        said = f"{each.people} people" if each.people else "with exceptions only"
        click.echo(f"{each.unit}, {name}: can be filled today, by {said}")
    for missing in each.missing:
        step = "registering" if missing.activity == START else missing.activity
        where = ", ".join(missing.units)
        click.echo(
            f"{each.unit}, {name}: {step} cannot be filled today "
            f"({missing.office}, {' or '.join(missing.roles)}, {missing.signatures}): {where}"
        )
