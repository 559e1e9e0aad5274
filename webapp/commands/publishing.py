"""`duban pack list|diff|publish|approve`: versions of the pack and their way into force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from webapp.commands.edge import (
    REFUSED,
    command_language,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.identity import by_option, identify, password_option
from workflows.domain.clocks import SHANGHAI, local_date
from workflows.engine import Finding, Pack, PackInvalid, load_pack
from workflows.engine.difference import PackDifference, compare_packs
from workflows.engine.loading import read_files
from workflows.queries.versions.packs import (
    VersionLine,
    VersionPage,
    version_lines,
    version_named,
    version_page,
)
from workflows.services.installation import clock_now
from workflows.services.packs import pack_of, version_in_force
from workflows.services.versions import publishing
from workflows.services.versions.looking_over import Prepared, examine, prepare
from workflows.services.versions.pack_reports import ReportKind, digest

Loaded = TypeVar("Loaded")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("list")
@database_option
@json_option
def list_(database_url: str | None, as_json: bool) -> None:
    """List the versions of the pack, the latest first, with how many open cases are on each."""
    with open_edge(database_url) as edge, edge.transaction("packs") as session:
        lines = version_lines(session, local_date(clock_now(session)))
    if as_json:
        write_json([_line_json(line) for line in lines])
        return
    for line in lines:
        version = line.version
        on = version.in_force_on.isoformat() if version.in_force_on else "-"
        click.echo(
            f"{version.hash[:12]}  {version.label:<10} {line.standing.value:<11}"
            f" from {on:<10}  {line.open_count} open of {line.all_count} cases"
        )


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@database_option
@json_option
def diff(old: str, new: str, database_url: str | None, as_json: bool) -> None:
    """Say what differs from OLD to NEW: folders, or hashes of versions installed here.

    The first six signs of a hash are enough.
    """
    difference = compare_packs(*_two_packs((old, new), database_url))
    if as_json:
        write_json(difference.to_json())
    else:
        _echo_difference(difference)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@by_option
@click.option("--note", required=True, metavar="TEXT", help="Why; the approver reads it.")
@click.option(
    "--on",
    "wanted_on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day from which new cases start on it; else the day of its approval.",
)
@password_option
@database_option
@json_option
def publish(
    folder: Path,
    by: str,
    note: str,
    wanted_on: datetime | None,
    password_file: IO[str] | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Check the pack in DIR and put it forward as a new version; somebody else approves it.

    By a legality reviewer (R04) or the security administrator (R19). A pack with findings
    that are errors, or with something broken, is refused with them.
    """
    with open_edge(database_url) as edge:
        actor = identify(edge, by, password_file)
        with edge.transaction("packs") as session:
            newest = version_in_force(session)
            base = None if newest is None else pack_of(session, newest.hash)
        prepared = _checked(folder, base)
        with edge.transaction("packs") as session:
            version = publishing.submit(
                session,
                actor,
                clock_now(session),
                prepared,
                note=note,
                wanted_on=wanted_on.date() if wanted_on else None,
            )
    if as_json:
        write_json({"hash": version.hash, "label": version.label, "state": version.state})
    else:
        click.echo(f"Version {version.label}, {version.hash[:12]}, waits for its approval.")


@click.command()
@click.argument("version", metavar="HASH")
@by_option
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask after showing what it changes.")
@password_option
@database_option
def approve(
    version: str, by: str, is_sure: bool, password_file: IO[str] | None, database_url: str | None
) -> None:
    """Approve the waiting version HASH, by a principal (R06) who did not put it forward.

    What it changes is shown first; new cases start on it from its day.
    """
    with open_edge(database_url) as edge:
        actor = identify(edge, by, password_file)
        with edge.transaction("packs") as session:
            page = version_page(
                session, version_named(session, version).hash, local_date(clock_now(session))
            )
            _echo_version(session, page)
        if not is_sure:
            click.confirm(f"Approve version {page.version.label}?", abort=True)
        with edge.transaction("packs") as session:
            approved = publishing.approve(
                session, actor, clock_now(session), page.version.hash, seen=digest(page.reports)
            )
    click.echo(f"Version {approved.label} is approved, in force from {approved.in_force_on}.")


def _two_packs(names: tuple[str, str], database_url: str | None) -> tuple[Pack, Pack]:
    """Load two packs; an installation is opened only where one is named by its hash."""
    if all(Path(name).is_dir() for name in names):
        old, new = (_loaded(Path(name)) for name in names)
        return old, new
    with open_edge(database_url) as edge, edge.transaction("packs") as session:
        old, new = (
            _loaded(Path(name))
            if Path(name).is_dir()
            else pack_of(session, version_named(session, name).hash)
            for name in names
        )
    return old, new


def _loaded(folder: Path) -> Pack:
    return _or_findings(lambda: load_pack(folder))


def _checked(folder: Path, base: Pack | None) -> Prepared:
    """Look a folder over and check it, or end the command with what is wrong."""
    prepared = examine(_or_findings(lambda: prepare(read_files(folder), base)))
    for broken in prepared.broken or ():
        click.echo(f"{broken['file']}: {broken['message'][command_language()]}", err=True)
    return prepared


def _or_findings(load: Callable[[], Loaded]) -> Loaded:
    """Load a pack, or end the command with every finding."""
    try:
        return load()
    except PackInvalid as error:
        _echo_findings(error.findings)
        raise click.exceptions.Exit(REFUSED) from error


def _echo_findings(findings: tuple[Finding, ...]) -> None:
    for found in findings:
        click.echo(found.text(command_language()), err=True)


def _echo_difference(difference: PackDifference) -> None:
    for change in difference.changes:
        click.echo(f"{_SIGNS[change.kind.value]} {change.text(command_language())}")
    click.echo(f"{len(difference.changes)} differences")


_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def _echo_version(session: Any, page: VersionPage) -> None:
    version, base = page.version, page.base
    at = version.submitted_at.astimezone(SHANGHAI)
    click.echo(f"Version {version.label}, put forward on {at:%Y-%m-%d %H:%M}: {version.note}")
    if base is not None:
        new = pack_of(session, version.hash)
        _echo_difference(compare_packs(pack_of(session, base.hash), new))
    check = page.reports.get(ReportKind.CHECK)
    if check is not None:
        click.echo(f"Checked whole: {len(check.body['broken'])} broken")


def _line_json(line: VersionLine) -> dict[str, object]:
    version = line.version
    return {
        "hash": version.hash,
        "label": version.label,
        "standing": line.standing.value,
        "in_force_on": version.in_force_on,
        "submitted_at": version.submitted_at.isoformat(),
        "submitted_by": version.submitted_by,
        "decided_by": version.decided_by,
        "open_cases": line.open_count,
        "cases": line.all_count,
    }
