"""`duban rebuild`: projections against the journal."""

from __future__ import annotations

import click

from webapp.commands.edge import (
    database_option,
    expectation_failed,
    json_option,
    open_edge,
    write_json,
)
from workflows.services.rebuild import differences


@click.command()
@click.option(
    "--check", is_flag=True, required=True, help="Compare only: nothing in the database changes."
)
@database_option
@json_option
def rebuild(check: bool, database_url: str | None, as_json: bool) -> None:
    """Fold every case's records and compare with its rows; exit code 1 where they differ."""
    del check
    with open_edge(database_url) as edge, edge.transaction("rebuild") as session:
        found = list(differences(session))
    if as_json:
        write_json(
            [
                {
                    "case": difference.number,
                    "what": difference.what,
                    "recorded": difference.recorded,
                    "found": difference.found,
                }
                for difference in found
            ]
        )
    else:
        for difference in found:
            click.echo(
                f"{difference.number} {difference.what}: "
                f"recorded {difference.recorded}, found {difference.found}"
            )
        click.echo(f"{len(found)} differences")
    if found:
        expectation_failed()
