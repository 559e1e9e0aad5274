"""`duban review-package`: a bundle with what a team without Python reads beside it."""

from __future__ import annotations

from datetime import date, datetime
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
from workflows.domain.sampling import Draw
from workflows.queries.exports import organisation_coded
from workflows.services.exports.asking import Wish
from workflows.services.exports.packages import PackageWish
from workflows.services.installation import clock_now


@click.command("review-package")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@organisation_option
@everything_option
@from_option
@to_option
@levels_option
@attachments_option
@click.option("--recipient", required=True, help="To whom it is handed.")
@click.option("--purpose", required=True, help="What it is for.")
@click.option("--seed", help="Draw cases by lot under this seed,")
@click.option("--count", type=click.IntRange(min=1), help="so many.")
@database_option
@json_option
def review_package(
    out: Path,
    organisation: str | None,
    everything: bool,
    from_on: datetime | None,
    to_on: datetime | None,
    levels: str,
    attachments: bool,
    recipient: str,
    purpose: str,
    seed: str | None,
    count: int | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Write a review package (巡察审计包) to OUT, a zip to read and verify with Windows and WPS.

    It holds the bundle, the ledger, the deviations, a statement, a draw, and the file of
    each case. The export is itself a record.
    """
    refuse_existing(out)
    if (seed is None) != (count is None):
        raise CommandRefused("--seed and --count go together")
    draw = Draw(seed, count) if seed is not None and count is not None else None
    with open_edge(database_url) as edge:
        scope = _scope(edge, organisation, everything, from_on, to_on)
        package = PackageWish(draw)
        wish = Wish(scope, recipient, purpose, levels_named(levels), attachments, package)
        hand_out(edge, out, wish, as_json=as_json)


def _scope(
    edge: Edge,
    organisation: str | None,
    everything: bool,
    from_on: datetime | None,
    to_on: datetime | None,
) -> BundleScope:
    """Read what is asked for: an organisation or everything, over all time or a period."""
    if bool(organisation) == everything:
        raise CommandRefused("say what: one of --organisation and --all")
    if to_on and not from_on:
        raise CommandRefused("--to needs --from")
    with edge.transaction("export") as session:
        if from_on is None:
            days: tuple[date, ...] = ()
        else:
            days = (from_on.date(), to_on.date() if to_on else local_date(clock_now(session)))
        if organisation:
            ids = (organisation_coded(session, organisation),)
            return BundleScope(ScopeKind.ORGANISATION, ids, *days)
        return BundleScope(ScopeKind.PERIOD if days else ScopeKind.ALL, (), *days)
