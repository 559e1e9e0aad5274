"""`duban backup` and `duban restore`: the installation written out, put back, tried."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from webapp.commands.edge import (
    database_option,
    expectation_failed,
    json_option,
    open_edge,
    session_marks,
    settings_for,
    write_json,
)
from webapp.commands.progress import counting_bar
from webapp.settings import Settings
from workflows.jobs import backups
from workflows.jobs.backups import Backup, Trial
from workflows.store.dumps import refuse_used
from workflows.store.opening import open_installation

_folder = click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))


@click.command()
@_folder
@click.option("--keys-only", is_flag=True, help="The keys of subjects alone, after an erasure.")
@database_option
@json_option
def backup(folder: Path, keys_only: bool, database_url: str | None, as_json: bool) -> None:
    """Write the installation into FOLDER, a new one, while others work.

    The database goes into one file and the keys of subjects into another; backup.json says
    which bytes they have. Neither master.key nor the signing key is in it. On PostgreSQL
    DUBAN_OWNER_DATABASE_URL is needed, and PostgreSQL's own pg_dump.
    """
    with open_edge(database_url) as edge:
        url = _owner_url(edge.settings)
        made = backups.make_backup(
            edge.sessions, url, folder, edge.now(backups.JOB), keys_only=keys_only
        )
    if as_json:
        write_json(_as_json(made))
        return
    what = "the keys of subjects" if keys_only else "one state"
    click.echo(f"{folder}: {what} of {made.made_at}, up to {made.size} sealed records.")
    if not keys_only:
        click.echo(f"Keep master.key apart from it. Try it: duban restore {folder} --drill")


@click.command()
@_folder
@click.option(
    "--keys",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Take the keys of subjects from a later backup: what was erased since stays erased.",
)
@click.option("--drill", is_flag=True, help="Put it back beside the installation, and only look.")
@click.option(
    "--into",
    metavar="URL",
    help="With --drill: an empty database to try it in; on SQLite a file that goes away.",
)
@database_option
@json_option
def restore(
    folder: Path,
    keys: Path | None,
    drill: bool,
    into: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Put FOLDER, made by `duban backup`, back where no database is, and verify it.

    The log is computed anew from all records, every case is folded from its records and
    compared with its rows. Exit code 1 where anything differs. With --drill the installation
    stays as it is, and a record says what the drill found.
    """
    found, later = backups.read_backup(folder), backups.read_backup(keys) if keys else None
    settings = settings_for(database_url)
    with counting_bar("cases", quiet=as_json) as count:
        run = _drill if drill else _put_back
        trial = run(settings, found, later, into, count)
    if as_json:
        write_json({**_as_json(found), **_verdict(trial)})
    else:
        _tell(trial, drill=drill)
    if not trial.is_right:
        expectation_failed()


def _put_back(
    settings: Settings,
    found: Backup,
    later: Backup | None,
    into: str | None,
    count: backups.OnCases,
) -> Trial:
    if into:
        raise click.UsageError("--into goes with --drill")
    refuse_used(settings.database_url)
    marks = session_marks(settings)
    backups.restore_backup(found, _owner_url(settings), later)
    open_installation(settings.database_url, settings.owner_database_url).dispose()
    trial = backups.try_restored(settings.database_url, found, settings.notary(), marks, count)
    if trial.is_right:
        with open_edge(settings.database_url) as edge:
            backups.note_backup(
                edge.sessions, edge.now(backups.JOB), "backup_restored", found, trial
            )
    return trial


def _drill(
    settings: Settings,
    found: Backup,
    later: Backup | None,
    into: str | None,
    count: backups.OnCases,
) -> Trial:
    place = nullcontext(into) if into else backups.throwaway_sqlite()
    with open_edge(settings.database_url) as edge, place as url:
        marks = session_marks(settings)
        backups.restore_backup(found, url, later, as_own=True)
        trial = backups.try_restored(url, found, settings.notary(), marks, count)
        if trial.is_right and not backups.belongs_to(edge.sessions, found):
            problem = "the installation's log does not go on from where the backup ends"
            trial = Trial(trial.leaves, trial.cases, problem)
        backups.note_backup(edge.sessions, edge.now(backups.JOB), "backup_tried", found, trial)
    return trial


def _owner_url(settings: Settings) -> str:
    return settings.owner_database_url or settings.database_url


def _as_json(backup: Backup) -> dict[str, object]:
    return {
        "made_at": backup.made_at,
        "kind": backup.kind,
        "schema": backup.schema,
        "size": backup.size,
        "root": backup.root,
        "has_database": backup.database is not None,
    }


def _verdict(trial: Trial) -> dict[str, object]:
    return {"leaves": trial.leaves, "cases": trial.cases, "problem": trial.problem}


def _tell(trial: Trial, *, drill: bool) -> None:
    click.echo(f"{trial.leaves} leaves and {trial.cases} cases were computed anew.")
    if trial.problem:
        click.echo(f"Not right: {trial.problem}")
    elif drill:
        click.echo("The backup is whole, and of this installation.")
    else:
        click.echo(
            "It is back and whole. Where sealed records were lost, the log begins a new epoch."
        )
