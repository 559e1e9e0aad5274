"""`duban orgs`: the organisation tree."""

from __future__ import annotations

from pathlib import Path

import click

from webapp.commands.edge import database_option, json_option, open_edge, write_json
from webapp.commands.progress import progress_bar
from workflows.services.access import SYSTEM
from workflows.services.imports.orgs import import_file
from workflows.services.installation import clock_now


@click.group()
def orgs() -> None:
    """The organisation tree."""


@orgs.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@database_option
@json_option
def import_(file: Path, database_url: str | None, as_json: bool) -> None:
    """Import units from FILE, a CSV (or .csv.gz) with code, name, parent, level.

    UTF-8 and GB18030 are recognised. Each gacha, village or community gets its Party
    branch, townships, banners and leagues their committees and departments. All rows or
    none: wrong ones are listed with their lines. The same file again changes only names.
    """
    with (
        open_edge(database_url) as edge,
        progress_bar("units", quiet=as_json) as advance,
        edge.transaction("import") as session,
    ):
        done = import_file(session, SYSTEM["init"], clock_now(session), file, advance)
    if as_json:
        write_json(
            {
                "units": done.units,
                "bodies": done.bodies,
                "renamed": done.renamed,
                "unchanged": done.unchanged,
            }
        )
    else:
        click.echo(
            f"{done.units:,} units and {done.bodies:,} of their bodies added, "
            f"{done.renamed:,} renamed, {done.unchanged:,} unchanged."
        )
