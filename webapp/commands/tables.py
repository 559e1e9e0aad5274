"""`duban table`: the tables of the pages 批量导入, in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from webapp.commands.edge import (
    command_language,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.logs import handed_on, table_format
from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput
from workflows.services.access import SYSTEM
from workflows.services.imports.exchange import (
    TableKind,
    is_exported,
    plan,
    record_export,
    write_export,
    write_template,
)
from workflows.services.imports.matters import registrar
from workflows.services.imports.plan import Plan, Source
from workflows.services.imports.problems import SHOWN
from workflows.services.imports.rejected import write_left_out
from workflows.services.installation import clock_now

_kind = click.argument("kind", type=click.Choice([each.value for each in TableKind]))
_out = click.argument("out", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def table() -> None:
    """Tables in and out: units of the tree, people with posts and duties, matters."""


@table.command()
@_kind
@_out
def template(kind: str, out: Path) -> None:
    """Write an empty table of KIND to OUT: a workbook, or CSV in GB18030 by its ending."""
    with handed_on(out) as target:
        write_template(target, TableKind(kind), table_format(out))
    click.echo(str(out))


@table.command("export")
@_kind
@_out
@database_option
def export_(kind: str, out: Path, database_url: str | None) -> None:
    """Write the table of KIND as it stands to OUT, in the columns in which it is read.

    A workbook, or CSV in GB18030 by its ending. Imported again it changes nothing. The
    export is itself a record. Matters are taken out by `duban export-ledger`.
    """
    wanted = TableKind(kind)
    if not is_exported(wanted):
        raise InvalidInput(reason="matters are taken out by duban export-ledger")
    with handed_on(out) as target:
        with (
            open_edge(database_url, read_only=True) as edge,
            edge.transaction("import") as session,
        ):
            written = write_export(session, target, wanted, table_format(out))
        with open_edge(database_url) as edge, edge.transaction("import") as session:
            record_export(session, SYSTEM["init"], clock_now(session), written)
    click.echo(f"{out}: {written.rows} rows")


@table.command("import")
@_kind
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", metavar="USERNAME", help="The officer who registers matters.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.xlsx",
    help="Write the rows that are left out there, the reason beside each.",
)
@database_option
@json_option
def import_(
    kind: str,
    file: Path,
    by: str | None,
    dry_run: bool,
    errors: Path | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Import the rows of FILE that can be, a table of KIND as .xlsx or .csv.

    Rows with a problem are left out and told; exit code 0 all the same.
    """
    wanted = TableKind(kind)
    if wanted is TableKind.MATTERS and by is None:
        raise InvalidInput(reason="matters need --by, the officer who registers them")
    source = Source.read(file)
    with open_edge(database_url) as edge, edge.transaction("import") as session:
        now = clock_now(session)
        actor = registrar(session, by, local_date(now)) if by else SYSTEM["init"]
        found = plan(session, actor, now, wanted, source)
        if not dry_run and (found.new or found.changed):
            found.apply()
    if errors is not None and found.problems:
        write_left_out(errors, found.tables, found.problems, command_language())
    if as_json:
        write_json(_as_json(found, is_dry=dry_run))
    else:
        _echo(found, errors, is_dry=dry_run)


def _as_json(found: Plan, *, is_dry: bool) -> dict[str, Any]:
    return {
        "dry_run": is_dry,
        "new": found.new,
        "changed": found.changed,
        "unchanged": found.unchanged,
        "left_out": found.left_out,
        "problems": [
            {"sheet": each.sheet, "line": each.line, "reason": each.sentence(command_language())}
            for each in found.problems
        ],
    }


def _echo(found: Plan, errors: Path | None, *, is_dry: bool) -> None:
    click.echo(
        f"{'Dry run: ' if is_dry else ''}{found.new} rows new, {found.changed} changed, "
        f"{found.unchanged} unchanged, {found.left_out} left out."
    )
    for each in found.problems[:SHOWN]:
        click.echo(f"  {each.place}: {each.sentence(command_language())}")
    if len(found.problems) > SHOWN:
        click.echo(f"  and {len(found.problems) - SHOWN} more")
    if errors is not None and found.problems:
        click.echo(f"The rows left out, with their reasons: {errors}")
