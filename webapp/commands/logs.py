"""`duban export-log` and `duban export-ledger`: cases for process mining, and for officers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import click

from webapp.commands.edge import (
    CommandRefused,
    command_language,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from workflows.services.access import SYSTEM
from workflows.services.installation import clock_now
from workflows.services.reports.ledgers import record_ledger, write_ledger
from workflows.services.reports.log_cases import Reader, Wanted
from workflows.services.reports.log_export import LogFormat, LogOrder, record_log, write_log

LEVELS = {
    "L1": frozenset({"L1"}),
    "L2": frozenset({"L1", "L2"}),
    "L3": frozenset({"L1", "L2", "L3"}),
}
DAY = click.DateTime(["%Y-%m-%d"])
_from_option = click.option(
    "--from", "from_on", type=DAY, help="Cases that ran on this day or later."
)
_to_option = click.option("--to", "to_on", type=DAY, help="Cases opened on this day or before.")
_organisation_option = click.option(
    "--organisation", metavar="CODE", help="Only cases at it and below."
)


def table_format(out: Path) -> str:
    """Give the format of a table by the ending of its file; a workbook where it says nothing."""
    return "csv" if out.suffix.lower() == ".csv" else "xlsx"


@contextmanager
def handed_on(out: Path) -> Iterator[BinaryIO]:
    """Open a file to write; it gets its name only where nothing failed."""
    if out.exists():
        raise CommandRefused(f"{out} exists already: name another file, or move it away")
    unfinished = out.with_name(f"{out.name}.unfinished")
    try:
        with unfinished.open("w+b") as target:
            yield target
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def day_of(value: datetime | None) -> date | None:
    """Give the day that an option names."""
    return None if value is None else value.date()


@click.command("export-log")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "log_format",
    type=click.Choice([each.value for each in LogFormat]),
    required=True,
    help="xes: IEEE 1849-2016, a trace for each case. ocel: OCEL 2.0 JSON, many objects.",
)
@_from_option
@_to_option
@_organisation_option
@click.option(
    "--level",
    type=click.Choice(list(LEVELS)),
    default="L1",
    show_default=True,
    help="L1 cases of organisations; L2 those of persons too, by their ids; L3 sealed steps too.",
)
@click.option("--purpose", default="", help="What it is for; it stands in the record.")
@database_option
@json_option
def process_log(
    out: Path,
    log_format: str,
    from_on: datetime | None,
    to_on: datetime | None,
    organisation: str | None,
    level: str,
    purpose: str,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Write the events of cases to OUT, for programs of process mining.

    Each case is there from its beginning to its end. Nobody is named in it and no free text
    stands in it. The export is itself a record.
    """
    wanted = Wanted(day_of(from_on), day_of(to_on), organisation)
    order = LogOrder(LogFormat(log_format), wanted, purpose, command_language())
    reader = Reader(SYSTEM["init"], LEVELS[level])
    with handed_on(out) as target:
        # Nobody waits for a lock while the log is written.
        with (
            open_edge(database_url, read_only=True) as edge,
            edge.transaction("export") as session,
        ):
            counts = write_log(session, reader, clock_now(session), target, order)
        with open_edge(database_url) as edge, edge.transaction("export") as session:
            seq = record_log(session, reader.actor, clock_now(session), order, counts)
    told = asdict(counts)
    if as_json:
        write_json({"file": str(out), "house_seq": seq, **told})
    else:
        click.echo(f"{out}: " + ", ".join(f"{name} {value}" for name, value in told.items()))


@click.command("export-ledger")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@_from_option
@_to_option
@_organisation_option
@database_option
@json_option
def rectification_ledger(
    out: Path,
    from_on: datetime | None,
    to_on: datetime | None,
    organisation: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Write the rectification ledger (整改台账) to OUT, a workbook as officers keep it.

    With the ending .csv it is the table alone, in GB18030. It holds no case about a person.
    The export is itself a record.
    """
    wanted = Wanted(day_of(from_on), day_of(to_on), organisation)
    reader = Reader(SYSTEM["init"], LEVELS["L1"])
    format_ = table_format(out)
    with handed_on(out) as target:
        with (
            open_edge(database_url, read_only=True) as edge,
            edge.transaction("export") as session,
        ):
            written = write_ledger(session, reader, clock_now(session), target, wanted, format_)
        with open_edge(database_url) as edge, edge.transaction("export") as session:
            seq = record_ledger(session, reader.actor, clock_now(session), wanted, written)
    if as_json:
        write_json({"file": str(out), "house_seq": seq, **asdict(written)})
    else:
        click.echo(f"{out}: {written.place}, lines {written.lines}")
