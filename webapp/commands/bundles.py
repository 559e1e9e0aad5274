"""`duban export` and `duban verify`: audit bundles."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import click

from webapp.commands.edge import (
    CommandRefused,
    command_language,
    database_option,
    expectation_failed,
    json_option,
    open_edge,
    write_json,
)
from workflows.audit.anchors import AnchorUnreadable, anchor_of_text, read_anchor
from workflows.audit.report import stage_of, verdict_text
from workflows.audit.verifier import Verdict, verify_bundle
from workflows.services.access import SYSTEM
from workflows.services.exporting import export_cases
from workflows.services.installation import clock_now


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--case", "numbers", multiple=True, metavar="NUMBER", help="May be repeated.")
@click.option("--all", "everything", is_flag=True, help="All cases and the house stream.")
@click.option("--recipient", default="未指明", show_default=True, help="To whom it is handed.")
@click.option("--purpose", default="", help="What it is for.")
@database_option
@json_option
def export(
    out: Path,
    numbers: tuple[str, ...],
    everything: bool,
    recipient: str,
    purpose: str,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Write the records of cases to OUT, a zip that anybody can verify offline.

    The export is itself a record; the bundle covers what was recorded before it.
    """
    if everything == bool(numbers):
        raise CommandRefused("say which cases: --case NUMBER, once or more, or --all")
    if out.exists():
        raise CommandRefused(f"{out} exists already: name another file, or move it away")
    unfinished = out.with_name(f"{out.name}.unfinished")
    try:
        with open_edge(database_url) as edge, edge.transaction("export") as session:
            exported = export_cases(
                session,
                SYSTEM["init"],
                clock_now(session),
                unfinished,
                numbers=None if everything else numbers,
                recipient=recipient,
                purpose=purpose,
                app_version=version("duban"),
            )
        # Handed on only now that the record of the export is stored.
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    summary = asdict(exported.summary)
    if as_json:
        write_json({"file": str(out), "house_seq": exported.house_seq, **summary})
    else:
        click.echo(f"{out}: " + ", ".join(f"{name} {value}" for name, value in summary.items()))


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
