"""`duban pack` and `duban scenario`: rules, and cases played through them."""

from __future__ import annotations

from pathlib import Path

import click

from webapp.commands.edge import (
    REFUSED,
    command_language,
    expectation_failed,
    json_option,
    write_json,
)
from webapp.commands.migrating import migrate, migrations
from webapp.commands.pack_checks import check
from webapp.commands.publishing import approve, diff, list_, publish
from workflows.domain.clocks import SHANGHAI
from workflows.engine import lint_pack
from workflows.jobs.scenarios import Played, run_scenario
from workflows.shipped import shipped_pack_dir

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def pack() -> None:
    """Packs of rules."""


@pack.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@json_option
def lint(folder: Path, as_json: bool) -> None:
    """Check the pack in DIR: each finding with its file, element, rule and remedy."""
    language = command_language()
    findings = lint_pack(folder)
    if as_json:
        write_json(
            [
                {
                    "file": found.file,
                    "line": found.line,
                    "element": found.element,
                    "rule": found.rule,
                    "severity": found.severity.value,
                    "message": found.message(language),
                    "remedy": found.remedy(language),
                }
                for found in findings
            ]
        )
    else:
        for found in findings:
            click.echo(found.text(language))
        click.echo(f"{folder.name}: {len(findings)} findings")
    if any(found.is_error for found in findings):
        raise click.exceptions.Exit(REFUSED)


for _command in (check, list_, diff, publish, approve, migrate, migrations):
    pack.add_command(_command)


@click.group()
def scenario() -> None:
    """Cases played through a pack."""


@scenario.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--pack", "folder", type=_FOLDER, help="Another pack than the shipped one.")
@json_option
def run(files: tuple[Path, ...], folder: Path | None, as_json: bool) -> None:
    """Play each FILE with a clock of its own; exit code 1 at the first unmet expectation."""
    results = []
    is_met = True
    for file in files:
        if not as_json:
            click.echo(file.stem)
        steps = []
        for played in run_scenario(file, folder or shipped_pack_dir()):
            steps.append(_step_json(played))
            is_met = is_met and not played.failures
            if not as_json:
                _echo_step(played)
        results.append({"scenario": file.stem, "steps": steps})
    if as_json:
        write_json(results)
    if not is_met:
        expectation_failed()


def _echo_step(played: Played) -> None:
    at = played.at.astimezone(SHANGHAI)
    click.echo(f"  {played.number:>3}  {at:%Y-%m-%d %H:%M}  {played.case:<8} {played.what}")
    for failure in played.failures:
        click.echo(f"       NOT MET: {failure}")


def _step_json(played: Played) -> dict[str, object]:
    return {
        "number": played.number,
        "at": played.at.isoformat(),
        "case": played.case,
        "what": played.what,
        "failures": list(played.failures),
    }
