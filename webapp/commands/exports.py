"""`duban export`: audit bundles of every scope."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any

import click

from webapp.commands.edge import (
    CommandRefused,
    Edge,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.progress import progress_bar
from webapp.review_package.writing import write_package
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.clocks import local_date
from workflows.domain.levels import LEVELS
from workflows.jobs.exporting import FOLDER, bundle_path, run_one
from workflows.queries.exports import cases_numbered, matter_numbered, organisation_coded
from workflows.services.access import SYSTEM
from workflows.services.exports.asking import Wish, ask, held_job, let_go
from workflows.services.installation import clock_now

_DATE = click.DateTime(("%Y-%m-%d",))
_POLLED_SECONDS = 1.0


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--case", "numbers", multiple=True, metavar="NUMBER", help="May be repeated.")
@click.option("--matter", metavar="NUMBER", help="A matter with its cases.")
@click.option("--organisation", metavar="CODE", help="An organisation and all below it.")
@click.option("--from", "from_on", type=_DATE, metavar="DATE", help="A period from this day on,")
@click.option("--to", "to_on", type=_DATE, metavar="DATE", help="to this day; without it, today.")
@click.option("--all", "everything", is_flag=True, help="All cases and the house stream.")
@click.option(
    "--levels",
    default="L1,L2",
    show_default=True,
    help="The content it shows: none, or some of L1,L2; L3 of a single case alone.",
)
@click.option("--attachments", is_flag=True, help="With the papers themselves.")
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
    if out.exists():
        raise CommandRefused(f"{out} exists already: name another file, or move it away")
    with open_edge(database_url) as edge:
        scope = _scope(edge, numbers, matter, organisation, from_on, to_on, everything)
        wish = Wish(scope, recipient, purpose, levels_named(levels), attachments)
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


def levels_named(text: str) -> frozenset[str]:
    """Read the levels of content that an option names."""
    wanted = frozenset() if text == "none" else frozenset(text.upper().split(","))
    if not wanted <= set(LEVELS):
        raise CommandRefused(f"--levels {text}: none, or some of {','.join(LEVELS)}")
    return wanted


def made_here(edge: Edge, job_id: int, advance: Callable[[int, int], None]) -> dict[str, Any]:
    """Make the bundle here, or wait for the process that took it up first."""
    folder = edge.settings.instance / FOLDER
    run_one(edge.sessions, folder, job_id, advance, write_package=write_package)
    while True:
        with edge.transaction("export") as session:
            job = held_job(session, job_id)
            if job.state == "failed" and job.failure:
                raise CommandRefused(job.failure["text"])
            if job.state == "ready":
                return {
                    "record_count": job.record_count,
                    "size_bytes": job.size_bytes,
                    "sha256": job.sha256,
                    "manifest_hash": job.manifest_hash,
                    "house_seq": job.export_seq,
                }
            advance(job.done, job.total)
        sleep(_POLLED_SECONDS)


def take_file(edge: Edge, job_id: int, out: Path) -> None:
    """Move the file to its place, after the record that it was taken."""
    with edge.transaction("export") as session:
        let_go(session, SYSTEM["init"], clock_now(session), job_id)
    made = bundle_path(edge.settings.instance / FOLDER, job_id)
    unfinished = out.with_name(f"{out.name}.unfinished")
    try:
        shutil.move(made, unfinished)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
