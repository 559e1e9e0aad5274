"""`duban people`: who holds which post."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from webapp.commands.edge import database_option, json_option, open_edge, write_json
from workflows.services.access import SYSTEM
from workflows.services.imports.people import import_people
from workflows.services.installation import clock_now


@click.group()
def people() -> None:
    """Holders of public duty, their posts and duties."""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@database_option
@json_option
def import_(file: Path, database_url: str | None, as_json: bool) -> None:
    """Import posts from FILE, a workbook; all rows or none.

    First sheet: 姓名, 人员编号, 职务, 所在组织, 任职起, 任职止, 对象类别. A second sheet,
    where there is one, is the responsibility list: 职责, 职务, 组织, 依据. Organisations are
    named by code or full name. People without public duty are refused.
    """
    with open_edge(database_url) as edge, edge.transaction("import") as session:
        done = import_people(session, SYSTEM["init"], clock_now(session), file)
    if as_json:
        write_json(asdict(done))
    else:
        click.echo(
            f"{done.people} people and {done.tenures} posts added, {done.ended} posts ended, "
            f"{done.duties} duties added, {done.unchanged} rows unchanged."
        )
