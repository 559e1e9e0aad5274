"""`duban export` and `duban verify`: audit bundles."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from webapp.commands.edge import (
    command_language,
    expectation_failed,
    json_option,
    write_json,
)
from workflows.audit.anchors import AnchorUnreadable, anchor_of_text, read_anchor
from workflows.audit.report import stage_of, verdict_text
from workflows.audit.verifier import Verdict, verify_bundle


@click.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--anchor",
    "anchor_files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A checkpoint that was kept elsewhere, as a file; may be repeated.",
)
@click.option(
    "--anchor-text",
    "anchor_texts",
    metavar="'SIZE ROOT'",
    multiple=True,
    help="Size and root off a slip or the minutes; may be repeated.",
)
@click.option("--key", metavar="FINGERPRINT", help="The key that must have signed.")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="Language of the verdict.")
@json_option
def verify(
    bundle: Path,
    anchor_files: tuple[Path, ...],
    anchor_texts: tuple[str, ...],
    key: str | None,
    lang: str | None,
    as_json: bool,
) -> None:
    """Verify BUNDLE, offline, and name the first thing that is wrong (exit code 1)."""
    try:
        anchors = [read_anchor(path) for path in anchor_files]
        anchors += [anchor_of_text(text) for text in anchor_texts]
    except AnchorUnreadable as error:
        raise click.UsageError(str(error)) from error
    verdict = verify_bundle(bundle, anchors=anchors, fingerprint=key)
    if as_json:
        write_json(_verdict_json(verdict))
    else:
        click.echo(verdict_text(str(bundle), verdict, lang or command_language()), nl=False)
    if not verdict.is_right:
        expectation_failed()


def _verdict_json(verdict: Verdict) -> dict[str, object]:
    problem, log = verdict.problem, verdict.log
    return {
        "right": verdict.is_right,
        "signed": verdict.is_signed,
        "anchored": verdict.is_anchored,
        "format": verdict.format,
        "made_at": verdict.made_at,
        "origin": verdict.origin,
        "scope": verdict.scope,
        "recipient": verdict.recipient,
        "key_name": verdict.key_name,
        "fingerprint": verdict.fingerprint,
        "tree_size": log and log.size,
        "claimed": verdict.claimed,
        "sealed": log and log.sealed_count,
        "counts": asdict(verdict.counts),
        "anchors": [
            {"label": result.anchor.label, "size": result.anchor.size, "answer": result.answer}
            for result in verdict.anchors
        ],
        "gaps": [asdict(epoch) for epoch in verdict.epochs],
        "problem": problem
        and {"code": problem.code, "stage": stage_of(problem.code, "en"), "text": str(problem)},
    }
