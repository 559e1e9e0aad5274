"""`duban pack migrate|migrations`: what bringing running cases to another version would do."""

from __future__ import annotations

from typing import IO

import click

from webapp.commands.edge import (
    command_language,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.identity import identify, password_option
from workflows.engine import Pack
from workflows.queries.versions.migrations import migration_lines
from workflows.queries.versions.packs import version_named
from workflows.services.installation import clock_now
from workflows.services.packs import pack_of
from workflows.services.versions import migrations as plans
from workflows.services.versions.migration_plan import (
    MarkingPlan,
    MigrationPlan,
    make_plan,
    plan_json,
)


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--shorten", "shortens", is_flag=True, help="Let deadlines get shorter; each is listed."
)
@click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="PROCESS/ID=NEW_ID",
    help="An activity that has another id in NEW; may be given several times.",
)
@click.option("--by", metavar="USERNAME", help="Put the plan forward, as this person; with --note.")
@click.option("--note", metavar="TEXT", help="Why; the approver reads it.")
@password_option
@database_option
@json_option
def migrate(
    old: str,
    new: str,
    shortens: bool,
    renames: tuple[str, ...],
    by: str | None,
    note: str | None,
    password_file: IO[str] | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Say what bringing the running cases of version OLD to version NEW would do.

    The first six signs of a hash are enough. Without --by nothing is written; with it the
    plan waits for somebody else's approval on the page, and is then carried out case by case.
    """
    if (by is None) is not (note is None):
        raise click.UsageError("--by and --note go together.")
    with open_edge(database_url) as edge:
        with edge.transaction("migration") as session:
            old_hash, new_hash = (version_named(session, name).hash for name in (old, new))
            now, given = clock_now(session), _renames(renames)
            made = make_plan(session, now, old_hash, new_hash, given, shortens=shortens)
            pack = pack_of(session, made.old)
        if by is not None:
            actor = identify(edge, by, password_file)
            with edge.transaction("migration") as session:
                migration = plans.submit(session, actor, clock_now(session), made, note or "")
                click.echo(f"Migration {migration.id} waits for its approval.", err=True)
    if as_json:
        write_json(plan_json(made))
    else:
        _echo_plan(made, pack)


@click.command()
@database_option
@json_option
def migrations(database_url: str | None, as_json: bool) -> None:
    """List the migrations of running cases, the latest first, and how far each one is."""
    with open_edge(database_url) as edge, edge.transaction("migration") as session:
        lines = migration_lines(session)
    if as_json:
        write_json(
            [
                {
                    "id": line.migration.id,
                    "old": line.migration.old_hash,
                    "new": line.migration.new_hash,
                    "state": line.migration.state,
                    "planned": line.planned,
                    "outcomes": dict(line.outcomes),
                }
                for line in lines
            ]
        )
        return
    for line in lines:
        outcomes = ", ".join(f"{count} {name}" for name, count in sorted(line.outcomes.items()))
        click.echo(
            f"{line.migration.id:>4}  {line.old_label} → {line.new_label}"
            f"  {line.migration.state:<9} {line.planned} planned  {outcomes}"
        )


def _renames(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for old, sign, new in pairs:
        if "/" not in old or not sign or not new:
            raise click.BadParameter(f"{old} is not PROCESS/ID=NEW_ID", param_hint="--rename")
    return {old: new for old, _, new in pairs}


def _echo_plan(made: MigrationPlan, pack: Pack) -> None:
    for marking in made.markings:
        where = "stays" if marking.target is None else "goes "
        names = ", ".join(marking.examples)
        process = pack.name("process", marking.process, command_language())
        click.echo(f"{where} {marking.count:>6}  {process}: {names}")
        _echo_details(marking)
    for change in made.shorter:
        click.echo(
            f"shorter  {change.case_number}  {change.rule}  {change.from_on} → {change.to_on}"
        )
    for group in made.others:
        what = "would be shorter and stay" if group.is_held else "get longer"
        click.echo(f"{group.count} deadlines of {group.rule} {what}")
    for number in (*made.undated, *made.unfit):
        click.echo(f"stays  {number}: what is known of it does not fit the new version")
    click.echo(f"{made.moving} cases would move, {made.staying} stay")


def _echo_details(marking: MarkingPlan) -> None:
    for obstacle in marking.obstacles:
        click.echo(f"              {obstacle.path or 'the place'}: {obstacle.why.value}")
    for what, paths in (
        ("opened anew", marking.reopened),
        ("clock begins", marking.started),
        ("clock stops", marking.stopped),
    ):
        for path in paths:
            click.echo(f"              {what}: {path}")
