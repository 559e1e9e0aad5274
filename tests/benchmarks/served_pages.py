"""What pages cost as a browser asks for them, each beside a bare page of the same template.

The pages are asked for in turn, round after round, so that whatever else the machine does
falls on all alike.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask, render_template
from sqlalchemy import select

from tests.support.casework import World
from tests.support.declaring import DeclaringClient
from webapp.app import create_app
from webapp.extensions import db
from webapp.gates.permissions import Permission, requires
from webapp.settings import Settings
from workflows.store.tables import Account, Grant, Organisation

ROUNDS = 40
_PERCENTILE = 95
_BARE = """{% extends "layout.html" %}{% block heading %}空白页{% endblock %}
{% block content %}<p>本页没有内容。</p>{% endblock %}"""


@dataclass(frozen=True, slots=True)
class ServedFigure:
    """The time within which 95 of 100 answers come, of a page and of the bare one.

    ``cpu_ms`` is the processor's time in the middle, which other work on the machine leaves alone.
    """

    page: str
    p95_ms: float
    bare_ms: float
    cpu_ms: float


def measure_served(folder: Path, url: str, world: World, case_id: str) -> Iterator[ServedFigure]:
    """Ask for the pages of somebody who sees every case of an installation.

    Args:
        folder: Holds the master key that the database was made with.
        url: The database.
        world: What stands in it.
        case_id: Whose page is asked for.
    """
    token = _viewer(world)
    app = create_app(
        Settings(database_url=url, instance=folder), TESTING=True, RATELIMIT_ENABLED=False
    )
    app.test_client_class = DeclaringClient
    _add_bare_page(app)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
    pages = {
        "bare": "/bare",
        "worklist": "/worklist/?whose=all",
        "case page": f"/cases/{case_id}",
        "overview": "/overview/",
    }
    try:
        times = _times(client, pages)
    finally:
        with app.app_context():
            db.engine.dispose()
    bare = _p95([took for took, _ in times["bare"]])
    for name in pages:
        cpu_ms = median(cpu for _, cpu in times[name]) * 1000
        yield ServedFigure(name, _p95([took for took, _ in times[name]]), bare, cpu_ms)


def _viewer(world: World) -> str:
    """Make somebody who serves the whole region; give what he logs in with."""
    with world.transaction() as session:
        account_id = world.cast.account(session, "全区承办", world.now)
        root = session.scalars(select(Organisation).order_by(Organisation.path)).first()
        session.add(
            Grant(
                account_id=account_id,
                role="R03",
                organisation_id=root.id,
                org_path=root.path,
                from_on=date(2020, 1, 1),
            )
        )
        return session.get_one(Account, account_id).token


def _add_bare_page(app: Flask) -> None:
    template = app.jinja_env.from_string(_BARE)

    @requires(Permission.CASES)
    def bare() -> str:
        return render_template(template)

    app.add_url_rule("/bare", view_func=bare)


def _times(client: Any, pages: dict[str, str]) -> dict[str, list[tuple[float, float]]]:
    """Give for each page how long each answer took, and how much of that the processor worked."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    for number in range(ROUNDS + 1):
        for name, address in pages.items():
            began, worked = time.perf_counter(), time.process_time()
            answer = client.get(address, follow_redirects=number == 0)
            took = time.perf_counter() - began, time.process_time() - worked
            assert answer.status_code == 200, (address, answer.status_code)
            if number:
                times[name].append(took)
    return times


def _p95(times: Sequence[float]) -> float:
    """Give the time in milliseconds within which 95 of 100 answers came."""
    return sorted(times)[len(times) * _PERCENTILE // 100 - 1] * 1000
