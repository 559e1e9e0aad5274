"""`duban log`: the signed log over all records, its keys, and who holds its checkpoints."""

from __future__ import annotations

from typing import Any

import click

from webapp.commands.edge import (
    database_option,
    expectation_failed,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.progress import progress_bar
from webapp.dates import moment
from workflows.jobs.key_rotation import replace_lost_key
from workflows.jobs.key_rotation import rotate_key as rotate
from workflows.jobs.sequencing import run_sequencer
from workflows.queries.log.checkpoints import LogState, days_of, log_state
from workflows.services.access import SYSTEM
from workflows.services.installation import clock_now
from workflows.services.log.checking import LogVerdict, verify_log
from workflows.services.log.events import Means, give_checkpoint
from workflows.store.connection import read_one_state
from workflows.store.log import last_checkpoint

JOB = "sequencer"
_MOST_LISTED = 20


@click.group(name="log")
def log() -> None:
    """Look at the log over all records, seal it, and note who holds its checkpoints."""


@log.command()
@database_option
@json_option
def status(database_url: str | None, as_json: bool) -> None:
    """Show the last checkpoint, the key, what waits, restores, and who was given what.

    Exit code 1 where the database is behind a checkpoint outside.
    """
    with open_edge(database_url) as edge, edge.transaction(JOB) as session:
        read_one_state(session)
        state = log_state(session, clock_now(session), whole=True)
        last = next(iter(days_of(session, 1)), None)
    if as_json:
        write_json(_state_json(state, last))
    else:
        _tell_state(state, last)
    if state.behind is not None:
        expectation_failed()


@log.command()
@database_option
@json_option
def seal(database_url: str | None, as_json: bool) -> None:
    """Give every record its leaf and sign a checkpoint now; write the files outside."""
    with open_edge(database_url) as edge:
        report = run_sequencer(edge.sessions, edge.now(JOB), whole=True, mail=edge.settings.mail)
    if as_json:
        write_json(report.counts())
    else:
        click.echo(", ".join(f"{name} {count}" for name, count in report.counts().items()))


@log.command("rotate-key")
@click.option("--lost", metavar="REASON", help="Nobody has the old key any more, and why.")
@database_option
@json_option
def rotate_key(lost: str | None, database_url: str | None, as_json: bool) -> None:
    """Let the signing key sign a new one, which takes its place.

    With --lost nothing vouches for the new key but the record that tells of it: say so in the
    minutes, with its fingerprint.
    """
    with open_edge(database_url) as edge:
        actor, now = SYSTEM["init"], edge.now(JOB)
        if lost:
            key = replace_lost_key(edge.sessions, actor, now, lost)
        else:
            key = rotate(edge.sessions, actor, now)
    if as_json:
        write_json({"key_name": key.name, "key_fingerprint": key.fingerprint})
    else:
        click.echo(
            f"New key of the checkpoints, to be written down elsewhere:\n  {key.fingerprint}"
        )


@log.command("hand-out")
@click.option("--to", required=True, help="To whom: a person with post, or a body.")
@click.option(
    "--means", type=click.Choice([means.value for means in Means]), required=True, help="How."
)
@click.option("--size", type=click.IntRange(1), help="Of so many records; else the last one.")
@database_option
@json_option
def hand_out(
    to: str, means: str, size: int | None, database_url: str | None, as_json: bool
) -> None:
    """Note that somebody is given a checkpoint, and print what to hand over."""
    with open_edge(database_url) as edge, edge.transaction(JOB) as session:
        now = clock_now(session)
        given = give_checkpoint(session, SYSTEM["init"], now, to=to, means=Means(means), size=size)
    if as_json:
        write_json({"size": given.size, "root": given.root, "house_seq": given.house_seq})
    else:
        click.echo(given.note)


@log.command()
@database_option
@json_option
def verify(database_url: str | None, as_json: bool) -> None:
    """Compute the tree anew from all records, and compare leaves, checkpoints and files.

    Names the first thing that differs; exit code 1 then. Nothing is written.
    """
    with open_edge(database_url) as edge, edge.transaction(JOB) as session:
        read_one_state(session)
        head = last_checkpoint(session)
        total = 0 if head is None else head.size
        with progress_bar("leaves", quiet=as_json) as advance:
            verdict = verify_log(session, lambda done: advance(done, total))
    if as_json:
        write_json(_verdict_json(verdict))
    else:
        _tell_verdict(verdict)
    if not verdict.is_right:
        expectation_failed()


def _state_json(state: LogState, last: Any) -> dict[str, Any]:
    head, key, behind = state.head, state.key, state.behind
    return {
        "size": head.size if head else 0,
        "root": head.root if head else None,
        "recorded_at": head.recorded_at.isoformat() if head else None,
        "waiting": state.waiting,
        "key_name": key.name if key else None,
        "key_fingerprint": key.fingerprint if key else None,
        "behind": {"size": behind.size, "recorded_at": behind.recorded_at} if behind else None,
        "last_day": last.day.isoformat() if last else None,
        "epochs": [
            {"lost_size": each.lost_size, "lost_at": each.lost_at, "resumed": each.resumed_size}
            for each in state.epochs
        ],
        "hand_outs": [
            {"size": each.size, "root": each.root, "to": each.to, "means": each.means}
            for each in state.hand_outs
        ],
    }


def _tell_state(state: LogState, last: Any) -> None:
    if state.head is None:
        click.echo("Nothing is sealed yet.")
    else:
        click.echo(f"{state.head.size} records, {moment(state.head.recorded_at)}")
        click.echo(f"root {state.head.root}")
    click.echo(f"{state.waiting} records wait for their leaf.")
    if state.key is not None:
        click.echo(f"key {state.key.name}\n  {state.key.fingerprint}")
    if last is not None:
        click.echo(f"The last day with a file outside is {last.day.isoformat()}.")
    if state.behind is not None:
        click.echo(
            f"The database is behind a checkpoint outside, {state.behind.size} records of "
            f"{state.behind.recorded_at}: the next run begins a new epoch."
        )
    for epoch in state.epochs:
        click.echo(
            f"Restored: {epoch.lost_size} records of {epoch.lost_at} were known, the log went "
            f"on from {epoch.resumed_size}."
        )
    for given in state.hand_outs[:_MOST_LISTED]:
        click.echo(f"{moment(given.given_at)} {given.size} to {given.to} ({given.means})")


def _verdict_json(verdict: LogVerdict) -> dict[str, Any]:
    return {
        "is_right": verdict.is_right,
        "problem": str(verdict.problem) if verdict.problem else None,
        "leaves": verdict.leaves,
        "checkpoints": verdict.checkpoints,
        "waiting": verdict.waiting,
        "files": verdict.files,
        "lost_files": verdict.lost_files,
    }


def _tell_verdict(verdict: LogVerdict) -> None:
    click.echo(
        f"{verdict.leaves} leaves, {verdict.checkpoints} checkpoints, {verdict.files} files "
        f"outside agree; {verdict.waiting} records wait for their leaf."
    )
    if verdict.lost_files:
        click.echo(f"{verdict.lost_files} files are of what a restore has lost.")
    click.echo(str(verdict.problem) if verdict.problem else "Nothing differs.")
