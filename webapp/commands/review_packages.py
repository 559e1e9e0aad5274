"""`duban review-package`: a bundle with what a team without Python reads beside it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from webapp.commands.edge import (
    CommandRefused,
    Edge,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.exports import levels_named, made_here, take_file
from webapp.commands.progress import progress_bar
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.clocks import local_date
from workflows.domain.sampling import Draw
from workflows.queries.exports import organisation_coded
from workflows.services.access import SYSTEM
from workflows.services.exports.asking import Wish, ask
from workflows.services.exports.packages import PackageWish
from workflows.services.installation import clock_now

_DATE = click.DateTime(("%Y-%m-%d",))


@click.command("review-package")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--organisation", metavar="CODE", help="An organisation and all below it.")
@click.option("--all", "everything", is_flag=True, help="All cases and the house stream.")
@click.option("--from", "from_on", type=_DATE, metavar="DATE", help="A period from this day on,")
@click.option("--to", "to_on", type=_DATE, metavar="DATE", help="to this day; without it, today.")
@click.option(
    "--levels",
    default="L1,L2",
    show_default=True,
    help="The content it shows: none, or some of L1,L2; L3 of a single case alone.",
)
@click.option("--attachments", is_flag=True, help="With the papers themselves.")
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
    if out.exists():
        raise CommandRefused(f"{out} exists already: name another file, or move it away")
    if (seed is None) != (count is None):
        raise CommandRefused("--seed and --count go together")
    draw = Draw(seed, count) if seed is not None and count is not None else None
    with open_edge(database_url) as edge:
        scope = _scope(edge, organisation, everything, from_on, to_on)
        package = PackageWish(draw)
        wish = Wish(scope, recipient, purpose, levels_named(levels), attachments, package)
        with edge.transaction("export") as session:
            job_id = ask(session, SYSTEM["init"], clock_now(session), wish).id
        with progress_bar("records read and written", quiet=as_json) as advance:
            made = made_here(edge, job_id, advance)
        take_file(edge, job_id, out)
    if as_json:
        write_json({"file": str(out), **made})
    else:
        click.echo(f"{out}: " + ", ".join(f"{name} {value}" for name, value in made.items()))


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
