"""`duban bench`: what things cost on this machine."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from platform import machine, python_version, system
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from webapp.commands.edge import CommandRefused, json_option, write_json

_ROOT = Path(__file__).resolve().parents[2]
_DIAGRAM = _ROOT / "tests" / "benchmarks" / "loop.bpmn"
_DATABASES = ("sqlite", "postgresql")


@click.command()
@click.option(
    "--database",
    "databases",
    type=click.Choice(_DATABASES),
    multiple=True,
    default=_DATABASES,
    help="Where to measure; both without it, PostgreSQL only where it is installed.",
)
@click.option("--steps", default=200, show_default=True, help="How many durable steps.")
@click.option("--due", default=10_000, show_default=True, help="How many clocks a sweep fires.")
@click.option("--cases", default=100_000, show_default=True, help="How many cases pages stand on.")
@click.option(
    "--stored", default=100_000, show_default=True, help="How many cases a sweep goes on among."
)
@click.option(
    "--database-url",
    envvar="DUBAN_DATABASE_URL",
    metavar="URL",
    help="A server, or a file's folder, to make throw-away databases on; "
    "nothing that is there is read or written.",
)
@click.option("--log", "only_log", is_flag=True, help="Measure what chain and log cost only.")
@click.option(
    "--verify",
    metavar="N",
    type=click.IntRange(min=1),
    help="Measure a bundle of N records only: writing it, and verifying it with its verify.py.",
)
@json_option
def bench(
    databases: tuple[str, ...],
    steps: int,
    due: int,
    cases: int,
    stored: int,
    database_url: str | None,
    only_log: bool,
    verify: int | None,
    as_json: bool,
) -> None:
    """Measure steps, sweeps and pages, each held against a yardstick of the same run.

    It makes databases of its own and leaves nothing behind; no installation is touched.
    Ratios are comparable between machines, times are not.
    """
    suite = _suite()
    console = Console(stderr=True)
    sizes = suite.Sizes(steps=steps, due=due, cases=cases, stored=stored)

    def tell(text: str) -> None:
        console.print(f"… {text}")

    try:
        figures = list(
            suite.run_bundles(verify, tell)
            if verify
            else suite.run_suite(sizes, databases, tell, database_url, only_log=only_log)
        )
    except suite.ServerRefusedError as error:
        raise CommandRefused(str(error)) from error
    if as_json:
        write_json({"surroundings": _surroundings(), "figures": [_line(each) for each in figures]})
    else:
        Console().print(_table(figures))


def _suite() -> Any:
    """Give the measurements, which a checkout has and an installed package has not."""
    if not _DIAGRAM.exists():
        reason = f"{_DIAGRAM} is missing: duban bench needs a checkout of the sources"
        raise CommandRefused(reason)
    if str(_ROOT) not in sys.path:
        sys.path.insert(0, str(_ROOT))
    return import_module("tests.benchmarks.suite")


def _surroundings() -> dict[str, str]:
    return {
        "duban": version("duban"),
        "python": python_version(),
        "system": f"{system()} {machine()}",
        "sqlalchemy": version("sqlalchemy"),
        "spiffworkflow": version("SpiffWorkflow"),
    }


def _line(figure: Any) -> dict[str, Any]:
    return {
        "what": figure.what,
        "where": figure.where,
        "value": round(figure.value, 3),
        "unit": figure.unit,
        "against": figure.against or None,
        "yardstick": None if figure.yardstick is None else round(figure.yardstick, 3),
        "ratio": None if figure.ratio is None else round(figure.ratio, 6),
        "note": figure.note or None,
    }


def _table(figures: list[Any]) -> Table:
    about = ", ".join(f"{name} {text}" for name, text in _surroundings().items())
    table = Table(title="duban bench", caption=about)
    for name in ("what", "where", "ours", "held against", "ratio", "note"):
        table.add_column(name, justify="right" if name in ("ours", "ratio") else "left")
    for figure in figures:
        yardstick = "" if figure.yardstick is None else f"{figure.yardstick:.1f} {figure.unit}"
        table.add_row(
            figure.what,
            figure.where,
            f"{figure.value:.1f} {figure.unit}",
            f"{yardstick} {figure.against}".strip(),
            "" if figure.ratio is None else f"{figure.ratio:.3f}",
            figure.note,
        )
    return table
