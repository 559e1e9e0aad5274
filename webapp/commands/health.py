"""`duban health`: how the installation is, for a shell and whatever watches it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from webapp.commands.edge import (
    database_option,
    expectation_failed,
    json_option,
    open_edge,
    write_json,
)
from workflows.domain.health import Light, Sign, worst
from workflows.domain.records import format_time
from workflows.queries.health import health_of


@click.command()
@click.option("--strict", is_flag=True, help="Fail on yellow too.")
@database_option
@json_option
def health(strict: bool, database_url: str | None, as_json: bool) -> None:
    """Show how the installation is: jobs, log, outbox, exports, disk, backups, versions.

    Nothing is written. Exit code 1 where something is red.
    """
    with open_edge(database_url, read_only=True) as edge:
        now = edge.now("health")
        with edge.transaction("health") as session:
            signs = health_of(session, now)
    if as_json:
        write_json([_as_json(sign) for sign in signs])
    else:
        for sign in signs:
            click.echo(_line(sign))
    failing = {Light.RED, Light.YELLOW} if strict else {Light.RED}
    if worst(signs) in failing:
        expectation_failed()


def _line(sign: Sign) -> str:
    values = " ".join(f"{name}={_shown(value)}" for name, value in sign.values.items())
    return f"{sign.light:<6} {sign.code:<9} {values}"


def _as_json(sign: Sign) -> dict[str, Any]:
    values = {name: _shown(value) for name, value in sign.values.items()}
    return {"code": sign.code, "light": sign.light.value, **values}


def _shown(value: Any) -> Any:
    return format_time(value) if isinstance(value, datetime) else value
