"""`duban erase ask|sign|refuse|list`: erasing what was written about a subject, by two people."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

import click

from webapp.commands.edge import database_option, json_option, open_edge, write_json
from webapp.commands.identity import by_option, identify, password_option
from workflows.domain.clocks import local_date
from workflows.domain.roles import Actor
from workflows.services.history import erasing
from workflows.services.installation import clock_now
from workflows.services.secrecy import informant_erasing
from workflows.store.tables import Erasure

_number = click.argument("number", metavar="NUMBER", type=int)
_reason = click.option("--reason", required=True, metavar="TEXT", help="Why; it is recorded.")


@click.group()
def erase() -> None:
    """Erase what was written about a subject: an archivist asks, the security administrator signs.

    Nothing is erased by a timer. The records stay, and stay verifiable; what they carried can
    never be read again.
    """


@erase.command()
@click.argument("subject", metavar="SUBJECT")
@by_option
@click.option("--document", required=True, metavar="TEXT", help="The number of the destroy list.")
@_reason
@password_option
@database_option
def ask(
    subject: str,
    by: str,
    document: str,
    reason: str,
    password_file: IO[str] | None,
    database_url: str | None,
) -> None:
    """Put SUBJECT on a destroy list: an organisation's code, a person's staff code, or an id.

    By an archivist (R17) who registered none of its cases. All of them must have ended five
    years ago or earlier.
    """

    def work(session: Any, actor: Actor) -> int:
        found = erasing.subject_named(session, subject)
        now = clock_now(session)
        return erasing.ask_to_erase(session, actor, now, found, document, reason).id

    number = _as_person(by, password_file, database_url, work)
    click.echo(f"Erasing no. {number} waits for the security administrator: duban erase sign.")


@erase.command()
@_number
@by_option
@password_option
@database_option
def sign(number: int, by: str, password_file: IO[str] | None, database_url: str | None) -> None:
    """Sign erasing NUMBER as the security administrator (R19), and carry it out."""

    def work(session: Any, actor: Actor) -> erasing.Erased:
        return erasing.erase(session, actor, clock_now(session), number)

    done = _as_person(by, password_file, database_url, work)
    click.echo(f"The payloads of {done.records} records in {done.cases} cases are erased.")
    click.echo("Backups made before still hold the key: destroy them as the list says.")


@erase.command()
@_number
@by_option
@_reason
@password_option
@database_option
def refuse(
    number: int, by: str, reason: str, password_file: IO[str] | None, database_url: str | None
) -> None:
    """Refuse erasing NUMBER as the security administrator (R19)."""

    def work(session: Any, actor: Actor) -> None:
        erasing.refuse_to_erase(session, actor, clock_now(session), number, reason)

    _as_person(by, password_file, database_url, work)
    click.echo(f"Erasing no. {number} is refused; nothing was erased.")


@erase.command("list")
@database_option
@json_option
def list_(database_url: str | None, as_json: bool) -> None:
    """List what was asked for, and what became of it."""
    with open_edge(database_url) as edge, edge.transaction("erasing") as session:
        lines = [_line(each) for each in erasing.erasures(session)]
    if as_json:
        write_json(lines)
        return
    for line in lines:
        click.echo("  ".join(str(value) for value in line.values() if value is not None))


@erase.command()
@database_option
@json_option
def proposed(database_url: str | None, as_json: bool) -> None:
    """List the entries of the informant vault whose matter closed two years ago or earlier.

    Nothing is erased by that: an archivist puts them on a destroy list with duban erase ask.
    """
    with open_edge(database_url) as edge, edge.transaction("erasing") as session:
        due = informant_erasing.proposed(session, local_date(clock_now(session)))
        lines = [{"subject": each.entry.id, "closed_on": each.closed_on} for each in due]
    if as_json:
        write_json(lines)
        return
    for line in lines:
        click.echo("  ".join(str(value) for value in line.values()))


def _line(erasure: Erasure) -> dict[str, Any]:
    return {
        "number": erasure.id,
        "state": erasure.state,
        "subject": erasure.subject_id,
        "document": erasure.document,
        "asked_at": erasure.asked_at,
        "asked_by": erasure.asked_by,
        "decided_at": erasure.decided_at,
        "decided_by": erasure.decided_by,
    }


def _as_person(
    by: str,
    password_file: IO[str] | None,
    database_url: str | None,
    work: Callable[[Any, Actor], Any],
) -> Any:
    with open_edge(database_url) as edge:
        actor = identify(edge, by, password_file)
        with edge.transaction("erasing") as session:
            return work(session, actor)
