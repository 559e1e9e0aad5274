"""The edge where a command becomes a transaction, and an error a line and an exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn, TypeVar

import click

from webapp.settings import Settings
from workflows.audit.commitment import load_master_key
from workflows.domain.errors import DubanError
from workflows.services.installation import clock_now
from workflows.services.vault import Vault
from workflows.store.connection import session_factory
from workflows.store.opening import open_for_reading, open_installation
from workflows.store.scope import SystemScope
from workflows.store.transaction import transaction

EXPECTATION_FAILED = 1
REFUSED = 2
_Command = TypeVar("_Command", bound=Callable[..., Any])

database_option = click.option(
    "--database-url",
    metavar="URL",
    help="sqlite:///FILE or postgresql://USER@HOST/NAME; "
    "else DUBAN_DATABASE_URL, else instance/duban.sqlite3.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON for a program.")


@dataclass(frozen=True, slots=True)
class Edge:
    """An installation that a command works on."""

    settings: Settings
    sessions: Callable[[], Any]

    @contextmanager
    def transaction(self, job: str) -> Iterator[Any]:
        """Open the transaction of a command; nothing is kept where it fails."""
        with transaction(self.sessions, SystemScope(job)) as session:
            yield session

    def now(self, job: str) -> datetime:
        """Read the installation's time in a transaction of its own."""
        with self.transaction(job) as session:
            return clock_now(session)


def settings_for(database_url: str | None) -> Settings:
    """Read the settings, with the database that the command line names."""
    given = {"DUBAN_DATABASE_URL": database_url} if database_url else {}
    return Settings.from_environment({**os.environ, **given})


@contextmanager
def open_edge(database_url: str | None, *, read_only: bool = False) -> Iterator[Edge]:
    """Open the installation that a command works on.

    With ``read_only`` the database itself refuses whatever would write.

    Raises:
        SchemaMissing: Nothing was installed there.
        SchemaOlder: It is to be read only, and was not brought up to date.
        RoleTooPowerful: On PostgreSQL its role could rewrite a real installation's record.
        MasterKeyUnusable: The key beside it is missing or open to others.
    """
    settings = settings_for(database_url)
    if read_only:
        engine = open_for_reading(settings.database_url)
    else:
        engine = open_installation(settings.database_url, settings.owner_database_url)
    try:
        yield Edge(settings, session_factory(engine, session_marks(settings)))
    finally:
        engine.dispose()


def session_marks(settings: Settings) -> dict[str, object]:
    """Give what every session carries: the vault and the notary.

    Raises:
        MasterKeyUnusable: The key beside the database is missing or open to others.
    """
    vault = Vault(load_master_key(master_key_path(settings)))
    return {**vault.session_marks(), **settings.notary().session_marks()}


def master_key_path(settings: Settings) -> Any:
    """Say where the key lies that wraps the keys of payloads: never in the database."""
    return settings.instance / "master.key"


def command_language() -> Literal["zh", "en"]:
    """Choose the language of derivations and findings by the terminal's locale."""
    locale = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LANG"))), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def write_json(value: Mapping[str, Any] | list[Any]) -> None:
    """Write one JSON document to standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def expectation_failed() -> NoReturn:
    """End the command with the code of a verification or expectation that failed."""
    raise click.exceptions.Exit(EXPECTATION_FAILED)


class CommandRefused(click.ClickException):
    """An error of ours, as the command line shows it."""

    exit_code = REFUSED


class Commands(click.Group):
    """A group whose commands are imported only when they are asked for."""

    def __init__(self, *args: Any, places: Mapping[str, str], **kwargs: Any) -> None:
        """Keep where each command is: ``module:name``."""
        super().__init__(*args, **kwargs)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order in which a newcomer meets them."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        from importlib import import_module

        place = self.places.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and turn an error of ours into a line and exit code 2."""
        try:
            return super().invoke(ctx)
        except DubanError as error:
            raise CommandRefused(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise CommandRefused(f"{error.filename}: {error.strerror}") from error
