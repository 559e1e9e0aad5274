"""`duban due`: when something is due, and why."""

from __future__ import annotations

from datetime import datetime

import click

from webapp.commands.edge import (
    command_language,
    database_option,
    json_option,
    open_edge,
    settings_for,
    write_json,
)
from workflows.domain.calendars import Calendar
from workflows.domain.derivations import explain_term
from workflows.services.calendars import current_calendar
from workflows.store.calendar_source import official_calendar
from workflows.store.opening import is_new


# “-10 workdays” is a budget, not an option.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("start", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("budget")
@click.option("--region", default="", metavar="PATH", help="Path of an organisation: its days.")
@database_option
@json_option
def due(start: datetime, budget: str, region: str, database_url: str | None, as_json: bool) -> None:
    """Say when BUDGET after START ends, and how that date comes about.

    START is the day of the event and does not count. BUDGET is “10 workdays”, “60 days”,
    “1 month”, “-10 workdays” or “6 months unrolled” (an effect: it never moves off a
    holiday). The calendar is the installation's, or the official one where there is none.
    """
    derivation = explain_term(start.date(), budget, _calendar(database_url).for_region(region))
    if as_json:
        write_json(derivation.as_json())
    else:
        click.echo(derivation.text(command_language()))


def _calendar(database_url: str | None) -> Calendar:
    if is_new(settings_for(database_url).database_url):
        return official_calendar()
    with open_edge(database_url) as edge, edge.transaction("calendar") as session:
        return current_calendar(session)
