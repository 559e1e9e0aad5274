"""`duban export`: audit bundles of every scope."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from webapp.commands.edge import CommandRefused, Edge, database_option, json_option, open_edge
from webapp.commands.taking_out import (
    attachments_option,
    everything_option,
    from_option,
    hand_out,
    levels_named,
    levels_option,
    organisation_option,
    refuse_existing,
    to_option,
)
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.clocks import local_date
from workflows.queries.exports import cases_numbered, matter_numbered, organisation_coded
from workflows.services.exports.asking import Wish
from workflows.services.installation import clock_now


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--case", "numbers", multiple=True, metavar="NUMBER", help="May be repeated.")
@click.option("--matter", metavar="NUMBER", help="A matter with its cases.")
@organisation_option
@from_option
@to_option
@everything_option
@levels_option
@attachments_option
@click.option("--recipient", default="未指明", show_default=True, help="To whom it is handed.")
@click.option("--purpose", default="", help="What it is for.")
@database_option
@json_option
def export(
    out: Path,
    numbers: tuple[str, ...],
    matter: str | None,
    organisation: str | None,
    from_on: datetime | None,
    to_on: datetime | None,
    everything: bool,
    levels: str,
    attachments: bool,
    recipient: str,
    purpose: str,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Write records to OUT, a zip that anybody can verify offline.

    The export is itself a record; the bundle covers what was recorded before it.
    """
    refuse_existing(out)
    with open_edge(database_url) as edge:
        scope = _scope(edge, numbers, matter, organisation, from_on, to_on, everything)
        wish = Wish(scope, recipient, purpose, levels_named(levels), attachments)
        hand_out(edge, out, wish, as_json=as_json)


def _scope(
    edge: Edge,
    numbers: tuple[str, ...],
    matter: str | None,
    organisation: str | None,
    from_on: datetime | None,
    to_on: datetime | None,
    everything: bool,
) -> BundleScope:
    """Read what is asked for: one kind of scope and no second."""
    if sum(map(bool, (numbers, matter, organisation, from_on, everything))) != 1:
        raise CommandRefused("say what: one of --case, --matter, --organisation, --from and --all")
    if to_on and not from_on:
        raise CommandRefused("--to needs --from")
    with edge.transaction("export") as session:
        if numbers:
            return BundleScope(ScopeKind.CASES, cases_numbered(session, numbers))
        if matter:
            return BundleScope(ScopeKind.MATTER, (matter_numbered(session, matter),))
        if organisation:
            return BundleScope(ScopeKind.ORGANISATION, (organisation_coded(session, organisation),))
        if from_on:
            last = to_on.date() if to_on else local_date(clock_now(session))
            return BundleScope(ScopeKind.PERIOD, (), from_on.date(), last)
        return BundleScope(ScopeKind.ALL)
