"""`duban check`: what nothing moves on any more."""

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
from workflows.domain.orphans import Orphan, OrphanKind
from workflows.jobs.checking import CheckReport, run_check
from workflows.queries.names import case_numbers

_SENTENCES = {
    OrphanKind.CASE_STRANDED: "has no task, no clock and no message that it waits for",
    OrphanKind.TASK_UNCLAIMABLE: "has a task that nobody can claim: {detail}",
    OrphanKind.TASK_HELD: "has a task whose claimant has no account any more: {detail}",
    OrphanKind.CLOCK_MISSED: "has a clock that the last sweep passed over: {detail}",
    OrphanKind.MARKING_UNKNOWN: "stands where its definition has no place",
    OrphanKind.ROWS_DIFFER: "differs from its records: {detail}",
}


@click.command()
@click.option("--whole", is_flag=True, help="Compare all cases with their records, not a sample.")
@database_option
@json_option
def check(whole: bool, database_url: str | None, as_json: bool) -> None:
    """Look for what nothing moves on any more: cases, tasks, clocks, and rows against records.

    It shows and never repairs: what it finds stands as an incident on the administration
    page until it is gone. Exit code 1 where it found something.
    """
    with open_edge(database_url) as edge, counting_bar("cases", quiet=as_json) as count:
        report = run_check(edge.sessions, edge.now("check"), whole=whole, on_cases=count)
        with edge.transaction("check") as session:
            numbers = case_numbers(session, {orphan.case_id for orphan in report.found})
    if as_json:
        write_json(_as_json(report, numbers))
    else:
        _tell(report, numbers)
    if report.found:
        expectation_failed()


def _as_json(report: CheckReport, numbers: dict[str, str]) -> dict[str, Any]:
    orphans = [_line(orphan, numbers) for orphan in report.found]
    return {**report.counts(), "orphans": orphans}


def _line(orphan: Orphan, numbers: dict[str, str]) -> dict[str, str]:
    number = numbers.get(orphan.case_id, orphan.case_id)
    return {"kind": orphan.kind.value, "case": number, "detail": orphan.detail}


def _tell(report: CheckReport, numbers: dict[str, str]) -> None:
    for orphan in report.found:
        said = _SENTENCES[orphan.kind].format(detail=orphan.detail)
        click.echo(f"{numbers.get(orphan.case_id, orphan.case_id)} {said}")
    counts = ", ".join(f"{name} {count}" for name, count in report.counts().items())
    click.echo(counts)
