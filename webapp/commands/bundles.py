"""`duban verify`: audit bundles."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from webapp.commands.edge import command_language, expectation_failed, json_option, write_json
from workflows.audit.report import stage_of, verdict_text
from workflows.audit.verifier import Verdict, verify_bundle


@click.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def verify(bundle: Path, as_json: bool) -> None:
    """Verify BUNDLE, offline, and name the first thing that is wrong (exit code 1)."""
    verdict = verify_bundle(bundle)
    if as_json:
        write_json(_verdict_json(verdict))
    else:
        click.echo(verdict_text(str(bundle), verdict, command_language()), nl=False)
    if not verdict.is_right:
        expectation_failed()


def _verdict_json(verdict: Verdict) -> dict[str, object]:
    problem = verdict.problem
    return {
        "right": verdict.is_right,
        "signed": verdict.is_signed,
        "format": verdict.format,
        "made_at": verdict.made_at,
        "origin": verdict.origin,
        "scope": verdict.scope,
        "recipient": verdict.recipient,
        "counts": asdict(verdict.counts),
        "problem": problem
        and {"code": problem.code, "stage": stage_of(problem.code, "en"), "text": str(problem)},
    }
