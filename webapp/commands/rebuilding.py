"""`duban rebuild`: projections against the journal."""

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
from webapp.commands.progress import counting_bar
from workflows.jobs.rebuilding import RebuildReport, check_projections, run_rebuild
from workflows.services.history.rebuild import Difference


@click.command()
@click.option("--check", is_flag=True, help="Compare only: nothing in the database changes.")
@database_option
@json_option
def rebuild(check: bool, database_url: str | None, as_json: bool) -> None:
    """Make the rows of cases, tasks, clocks and facts anew from the journal.

    Exit code 1 where --check finds a difference, or where records are broken, so that
    the rows of their case had to stay as they were.
    """
    run = check_projections if check else run_rebuild
    with open_edge(database_url) as edge, counting_bar("cases", quiet=as_json) as count:
        report = run(edge.sessions, count)
    if as_json:
        write_json(_as_json(report))
    else:
        _tell(report, check=check)
    if report.broken or (check and report.different):
        expectation_failed()


def _as_json(report: RebuildReport) -> dict[str, Any]:
    return {
        "cases": report.cases,
        "different": [_line(difference) for difference in report.different],
        "broken": [_line(difference) for difference in report.broken],
    }


def _line(difference: Difference) -> dict[str, Any]:
    return {
        "case": difference.number,
        "what": difference.what,
        "recorded": difference.recorded,
        "found": difference.found,
    }


def _tell(report: RebuildReport, *, check: bool) -> None:
    for difference in report.different:
        found = f"recorded {difference.recorded}, found {difference.found}"
        click.echo(f"{difference.number} {difference.what}: {found}")
    for difference in report.broken:
        click.echo(f"{difference.number} stays as it is: {difference.recorded}")
    cases = len({difference.case_id for difference in report.different})
    verb = "differ from their records" if check else "were mended"
    click.echo(f"{report.cases} cases, {cases} {verb}, {len(report.broken)} broken")
