"""`duban sweep`: fire what is due, once."""

from __future__ import annotations

from datetime import datetime

import click

from webapp.commands.edge import (
    CommandRefused,
    Edge,
    database_option,
    expectation_failed,
    json_option,
    open_edge,
    write_json,
)
from workflows.domain.clocks import SHANGHAI
from workflows.jobs.sweep import SweepReport, run_sweep
from workflows.services.installation import clock_now, installation_of
from workflows.store.duework import count_due


@click.command()
@click.option(
    "--now",
    "moment",
    metavar="ISO",
    help="Another moment, like 2026-03-10T02:00; in production this only counts what is due.",
)
@database_option
@json_option
def sweep(moment: str | None, database_url: str | None, as_json: bool) -> None:
    """Fire every clock that is due and not done; exit code 1 where one failed."""
    with open_edge(database_url) as edge:
        report, is_dry = _sweep(edge, moment)
    if as_json:
        write_json({**report.counts(), "dry_run": is_dry})
    else:
        counts = ", ".join(f"{name} {count}" for name, count in report.counts().items())
        click.echo(f"dry run, nothing changed: due {report.due}" if is_dry else counts)
    if report.failed:
        expectation_failed()


def _sweep(edge: Edge, moment: str | None) -> tuple[SweepReport, bool]:
    with edge.transaction("sweep") as session:
        is_production = installation_of(session).mode == "production"
        now = clock_now(session) if moment is None else _moment(moment)
        if moment is not None and is_production:
            return SweepReport(due=count_due(session, now)), True
    return run_sweep(edge.sessions, now), False


def _moment(text: str) -> datetime:
    """Read a moment; without a zone it is one at the place."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        reason = f"--now “{text}” is no moment: write 2026-03-10T02:00"
        raise CommandRefused(reason) from error
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
