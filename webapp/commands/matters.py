"""`duban matters`: ledgers of problems."""

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
from workflows.domain.clocks import local_date
from workflows.services.imports.matters import Ledger, import_ledger, read_ledger, registrar
from workflows.services.imports.problems import SHOWN, RowsRefused
from workflows.services.imports.rejected import write_rejected
from workflows.services.installation import clock_now


@click.group()
def matters() -> None:
    """What was found."""


@matters.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, metavar="USERNAME", help="The officer who registers them.")
@click.option("--dry-run", is_flag=True, help="Say row by row what would happen; write nothing.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.xlsx",
    help="Register the good rows; write the others there, the reason beside each.",
)
@database_option
@json_option
def import_(
    file: Path,
    by: str,
    dry_run: bool,
    errors: Path | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Register matters from FILE, a ledger as .xlsx or .csv.

    Columns: 序号, 嘎查村/党组织, 问题类型, 问题表述, 来源, 发现时间, 认定文号. A row with the
    number of its minutes is determined by them, any other stays reported. Without
    --errors one bad row keeps all from being registered. The same file is taken once.
    """
    with open_edge(database_url) as edge:
        with edge.transaction("import") as session:
            now = clock_now(session)
            actor = registrar(session, by, local_date(now))
            ledger = read_ledger(session, actor, now, file)
            if ledger.problems and errors is None and not dry_run:
                raise RowsRefused(file.name, ledger.problems)
            done = None if dry_run else import_ledger(session, actor, now, ledger)
        if errors is not None and ledger.problems:
            write_rejected(errors, ledger)
    registered = [] if done is None else list(done.matters)
    if as_json:
        write_json(_ledger_json(ledger, registered, is_dry=dry_run))
    else:
        _echo(ledger, registered, errors, is_dry=dry_run)


def _ledger_json(ledger: Ledger, registered: list[str], *, is_dry: bool) -> dict[str, Any]:
    return {
        "dry_run": is_dry,
        "good": len(ledger.rows),
        "registered": registered,
        "problems": [
            {
                "line": problem.line,
                "code": problem.code,
                "reason": problem.sentence(command_language()),
            }
            for problem in ledger.problems
        ],
    }


def _echo(ledger: Ledger, registered: list[str], errors: Path | None, *, is_dry: bool) -> None:
    bad = len({problem.line for problem in ledger.problems})
    if is_dry:
        click.echo(f"Dry run: {len(ledger.rows)} rows would be registered, {bad} would not.")
    else:
        click.echo(f"{len(registered)} matters registered, {bad} rows left out.")
    for problem in ledger.problems[:SHOWN]:
        click.echo(f"  row {problem.line}: {problem.sentence(command_language())}")
    if len(ledger.problems) > SHOWN:
        click.echo(f"  and {len(ledger.problems) - SHOWN} more")
    if errors is not None and bad:
        click.echo(f"The rows left out, with their reasons: {errors}")
