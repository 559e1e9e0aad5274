"""`duban simulate`: what a pack would have done with last year's cases."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import IO, TypeAlias

import click
from rich.console import Console

from webapp.commands.edge import (
    CommandRefused,
    Edge,
    command_language,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.identity import identify, password_option
from webapp.commands.progress import progress_bar
from webapp.commands.simulation_tables import speed_line, tables_of
from workflows.domain.calendars import Calendar
from workflows.engine import Pack, load_pack
from workflows.engine.simulation.report import SimulationReport
from workflows.jobs.simulating import Progress, Speed, backtest, last_year, simulate_made_up
from workflows.queries.versions.packs import version_named
from workflows.services.history.histories import Period
from workflows.services.installation import clock_now
from workflows.services.packs import pack_of
from workflows.services.versions.backtests import attach_backtest
from workflows.store.calendar_source import official_days

_Told: TypeAlias = tuple[SimulationReport, Speed]
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("pack", metavar="PACK")
@click.option(
    "--against",
    type=click.Choice(["history", "synthetic"]),
    required=True,
    help="The recorded acts of cases, or made-up officers with made-up matters.",
)
@click.option("--from", "from_on", type=_DAY, metavar="D", help="First day of the period.")
@click.option("--to", "to_on", type=_DAY, metavar="D", help="Last day; both without: a year.")
@click.option(
    "--matters", type=click.IntRange(1), default=1000, show_default=True, help="Made-up ones."
)
@click.option("--seed", default=1, show_default=True, help="The same gives the same made-up ones.")
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes; without it as many as are worth it."
)
@click.option(
    "--attach-by",
    metavar="USERNAME",
    help="Attach the report to the stored version PACK, as this person; the one thing written.",
)
@password_option
@database_option
@json_option
def simulate(
    pack: str,
    against: str,
    from_on: datetime | None,
    to_on: datetime | None,
    matters: int,
    seed: int,
    workers: int | None,
    attach_by: str | None,
    password_file: IO[str] | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Play cases through PACK in memory, and say what it would have done; nothing is written.

    PACK is a folder, or the hash of a stored version or its beginning. What people did to
    the cases of matters registered in the period is done again, by activity and in
    order, with the clocks of PACK; acts that no longer fit are counted, never invented.
    Made-up matters need a folder and no installation.
    """
    if attach_by is not None and against != "history":
        raise CommandRefused("only a back-test against history is attached to a version")
    with progress_bar("matters", quiet=as_json) as advance:
        if against == "history":
            told = _against_history(pack, from_on, to_on, workers, advance, database_url)
        else:
            told = _against_made_up(pack, from_on, matters, seed, workers, advance)
    if attach_by is not None:
        _attach(told[0], attach_by, password_file, database_url)
    _tell(*told, as_json=as_json)


def _attach(
    report: SimulationReport, username: str, file: IO[str] | None, database_url: str | None
) -> None:
    with open_edge(database_url) as edge:
        actor = identify(edge, username, file)
        with edge.transaction("simulate") as session:
            attach_backtest(session, actor, clock_now(session), report)


def _against_history(
    pack: str,
    from_on: datetime | None,
    to_on: datetime | None,
    workers: int | None,
    advance: Progress,
    database_url: str | None,
) -> _Told:
    with open_edge(database_url, read_only=True) as edge:
        with edge.transaction("simulate") as session:
            now = clock_now(session)
        period = _period(from_on, to_on, last_year(now))
        tested = _pack(edge, pack)
        return backtest(edge.sessions, tested, period, now, workers=workers, progress=advance)


def _against_made_up(
    pack: str,
    from_on: datetime | None,
    matters: int,
    seed: int,
    workers: int | None,
    advance: Progress,
) -> _Told:
    folder = Path(pack)
    if not folder.is_dir():
        raise CommandRefused(f"{pack} is no folder: made-up matters are played from a folder")
    calendar = Calendar.of(official_days())
    first = from_on.date() if from_on else date(calendar.horizon_on.year - 2, 1, 1)
    return simulate_made_up(
        load_pack(folder),
        calendar,
        first,
        seed=seed,
        matters=matters,
        workers=workers,
        progress=advance,
    )


def _pack(edge: Edge, named: str) -> Pack:
    """Load a folder, or a stored version by its hash."""
    folder = Path(named)
    if folder.is_dir():
        return load_pack(folder)
    with edge.transaction("simulate") as session:
        return pack_of(session, version_named(session, named).hash)


def _period(from_on: datetime | None, to_on: datetime | None, year: Period) -> Period:
    """Give the period that was asked for; one end alone is a year long."""
    first = from_on.date() if from_on else None
    last = to_on.date() if to_on else None
    if first is None:
        first = year.from_on if last is None else _years_on(last, -1)
    return Period(first, last or max(year.to_on, first))


def _years_on(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return on.replace(year=on.year + years, day=28)


def _tell(report: SimulationReport, speed: Speed, *, as_json: bool) -> None:
    language = command_language()
    if as_json:
        write_json(
            {
                "report": report.to_json(),
                "speed": {
                    "steps": speed.steps,
                    "cpu_seconds": round(speed.cpu_seconds, 3),
                    "workers": speed.workers,
                    "steps_a_second_and_core": round(speed.steps_a_second),
                    "steps_a_case_year": round(report.steps_per_case_year, 1),
                },
            }
        )
        return
    console = Console()
    for part in tables_of(report, language):
        console.print(part)
    console.print(speed_line(report, speed, language))
