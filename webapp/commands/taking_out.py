"""What commands share that take records out of the house: their options, and the way out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import click

from webapp.commands.edge import CommandRefused, Edge, write_json
from webapp.commands.progress import progress_bar
from webapp.review_package.writing import write_package
from workflows.domain.levels import LEVELS
from workflows.jobs.exporting import FOLDER, bundle_path, run_one
from workflows.services.access import SYSTEM
from workflows.services.exports.asking import Wish, ask, held_job, let_go
from workflows.services.installation import clock_now

_DATE = click.DateTime(("%Y-%m-%d",))
_POLLED_SECONDS = 1.0

organisation_option = click.option(
    "--organisation", metavar="CODE", help="An organisation and all below it."
)
everything_option = click.option(
    "--all", "everything", is_flag=True, help="All cases and the house stream."
)
from_option = click.option(
    "--from", "from_on", type=_DATE, metavar="DATE", help="A period from this day on,"
)
to_option = click.option(
    "--to", "to_on", type=_DATE, metavar="DATE", help="to this day; without it, today."
)
levels_option = click.option(
    "--levels",
    default="L1,L2",
    show_default=True,
    help="The content it shows: none, or some of L1,L2; L3 of a single case alone.",
)
attachments_option = click.option("--attachments", is_flag=True, help="With the papers themselves.")


def refuse_existing(out: Path) -> None:
    """Refuse to write over a file."""
    if out.exists():
        raise CommandRefused(f"{out} exists already: name another file, or move it away")


def hand_out(edge: Edge, out: Path, wish: Wish, *, as_json: bool) -> None:
    """Make what is wished for, move it to its place, and say what it is."""
    with edge.transaction("export") as session:
        job_id = ask(session, SYSTEM["init"], clock_now(session), wish).id
    with progress_bar("records read and written", quiet=as_json) as advance:
        made = _made_here(edge, job_id, advance)
    _take_file(edge, job_id, out)
    if as_json:
        write_json({"file": str(out), **made})
    else:
        click.echo(f"{out}: " + ", ".join(f"{name} {value}" for name, value in made.items()))


def levels_named(text: str) -> frozenset[str]:
    """Read the levels of content that an option names."""
    wanted = frozenset() if text == "none" else frozenset(text.upper().split(","))
    if not wanted <= set(LEVELS):
        raise CommandRefused(f"--levels {text}: none, or some of {','.join(LEVELS)}")
    return wanted


def _made_here(edge: Edge, job_id: int, advance: Callable[[int, int], None]) -> dict[str, Any]:
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


def _take_file(edge: Edge, job_id: int, out: Path) -> None:
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
