"""`duban calendar`: the year whose holidays were announced."""

from __future__ import annotations

from dataclasses import asdict

import click

from webapp.commands.edge import database_option, json_option, open_edge, write_json
from workflows.jobs.recomputing import update_calendar


@click.group()
def calendar() -> None:
    """Working days and holidays."""


@calendar.command("update")
@database_option
@json_option
def update(database_url: str | None, as_json: bool) -> None:
    """Put the official days that this release knows in force, and count provisional dates anew.

    Dates that come later move by themselves; those that would come earlier wait on the page of
    their case for its handler. Run it after an upgrade that brings a new year. It needs no second
    person: nobody chooses its days, they are the State Council's notices.
    """
    with open_edge(database_url) as edge:
        done = update_calendar(edge.sessions)
    if as_json:
        write_json(asdict(done))
    else:
        what = "A new calendar is in force" if done.is_new else "No newer calendar is known"
        click.echo(
            f"{what}, official to {done.horizon_on}: {done.dates} dates written in "
            f"{done.cases} cases with provisional dates."
        )
