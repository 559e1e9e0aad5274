"""Who stands behind a command that needs a person: a name with its password."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any, ClassVar

import click

from webapp.commands.edge import Edge
from workflows.domain.clocks import local_date
from workflows.domain.errors import NotAllowed
from workflows.domain.roles import Actor
from workflows.services.access import load_actor
from workflows.services.installation import clock_now
from workflows.services.staff.accounts import begin_login, finish_login

by_option = click.option("--by", required=True, metavar="USERNAME", help="Who does it.")
password_option = click.option(
    "--password-file",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Where that person's password stands, - for standard input; asked for otherwise.",
)


class LoginRefused(NotAllowed):
    """The name or the password is wrong, the name is locked, or the password is a first one."""

    code: ClassVar[str] = "login_refused"


def identify(edge: Edge, username: str, file: IO[str] | None) -> Actor:
    """Make sure that somebody is who the command says, as the login page does.

    Raises:
        LoginRefused: He is not, or has to choose a password of his own first.
    """
    if file is not None:
        password = file.readline().rstrip("\r\n")
    else:
        password = click.prompt(f"Password of {username}", hide_input=True)
    with edge.transaction("login") as session:
        now: datetime = clock_now(session)
        attempt = begin_login(session, now, username)
    if not attempt.matches(password) or attempt.account_id is None:
        raise LoginRefused
    with edge.transaction("login") as session:
        account = finish_login(session, now, attempt.account_id, password)
        return _actor(session, account, now)


def _actor(session: Any, account: Any, now: datetime) -> Actor:
    if account.must_change_password:
        raise LoginRefused
    return load_actor(session, account.id, local_date(now))
