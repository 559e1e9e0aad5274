"""`duban init`: making an installation."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from webapp.commands.edge import (
    database_option,
    json_option,
    master_key_path,
    session_marks,
    settings_for,
    write_json,
)
from workflows.audit.commitment import load_or_create_master_key
from workflows.services.installation import init_installation
from workflows.services.log.notary import signing_key_of
from workflows.services.staff.first_accounts import make_administrators
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import session_factory
from workflows.store.opening import make_database
from workflows.store.scope import SystemScope
from workflows.store.transaction import transaction


@click.command()
@click.option("--title", default="督办", show_default=True, help="What its pages are headed with.")
@click.option(
    "--mode",
    type=click.Choice(["production", "test"]),
    default="production",
    show_default=True,
    help="Never changes; only a test installation lets its clock be moved.",
)
@database_option
@json_option
def init(title: str, mode: str, database_url: str | None, as_json: bool) -> None:
    """Make an empty database an installation, with calendar, pack and three administrators.

    Their passwords are printed once, to be handed to three people: the system
    administrator makes accounts, the security administrator approves them and grants
    roles, the auditor reads the trail. None of them sees a case.
    """
    settings = settings_for(database_url)
    now = datetime.now(UTC)
    engine = make_database(
        settings.database_url, settings.owner_database_url, is_real=mode == "production"
    )
    load_or_create_master_key(master_key_path(settings))
    sessions = session_factory(engine, session_marks(settings))
    try:
        with transaction(sessions, SystemScope("init")) as session:
            installed = init_installation(session, now, mode, title, shipped_pack_dir())
            passwords = make_administrators(session, now, title)
            key = signing_key_of(session).note_key
    finally:
        engine.dispose()
    if as_json:
        accounts = {made.username: made.password for made in passwords}
        write_json(
            {
                "mode": mode,
                "pack": installed.pack_hash,
                "key_name": key.name,
                "key_fingerprint": key.fingerprint,
                "one_time_passwords": accounts,
            }
        )
        return
    click.echo(f"Installed “{title}” ({mode}), pack {installed.pack_hash[:12]}: shipped, ")
    click.echo("not approved here. One-time passwords, shown now and never again:")
    for made in passwords:
        click.echo(f"  {made.username:<10}{made.password}")
    click.echo(f"Key of its checkpoints, to be written down elsewhere:\n  {key.fingerprint}")
    click.echo("Next: duban orgs import FILE.csv, then duban serve.")
