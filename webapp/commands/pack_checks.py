"""`duban pack check`: every way that a pack's cases can go, and what must hold on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from flask import Flask

from webapp.commands.edge import (
    REFUSED,
    command_language,
    expectation_failed,
    json_option,
    write_json,
)
from webapp.extensions import babel
from webapp.languages import use_po_files
from webapp.screens.counter_examples import drawing_files
from workflows.engine import PackCheck, PackInvalid, check_pack, load_pack
from workflows.engine.check import Broken, Counts
from workflows.engine.findings import Language

_OUT = click.Path(file_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_WORDS = {
    "zh": {
        "counts": "{markings:>5} 个位置  {transitions:>6} 种步骤  {name}",
        "total": "全部",
        "states": "按要素区分，共 {states} 种状态",
        "rung": "第 {rung} 档（{process}）：{text}",
        "sound": "{text}：{holds}",
        "guardrail": "护栏 {id} {holds}：{text}",
        "clean": "未发现问题",
        "broken": "发现 {n} 个问题",
    },
    "en": {
        "counts": "{markings:>5} markings  {transitions:>6} transitions  {name}",
        "total": "all",
        "states": "{states} states where facts are told apart",
        "rung": "rung {rung} ({process}): {text}",
        "sound": "{text}: {holds}",
        "guardrail": "guardrail {id} {holds}: {text}",
        "clean": "nothing is broken",
        "broken": "{n} broken",
    },
}
_SOUND: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "can_end": "每个案件都能办结",
        "ends_leave_nothing": "办结时没有遗留",
        "safe_and_bounded": "没有重复进入，不会越积越多",
        "no_step_fails": "没有一步会出错",
        "nothing_dead": "没有走不到的环节",
    },
    "en": {
        "can_end": "every case can end",
        "ends_leave_nothing": "an end leaves nothing open",
        "safe_and_bounded": "nothing is entered while open, nothing piles up",
        "no_step_fails": "no step fails",
        "nothing_dead": "nothing is never reached",
    },
}
_HOLDS: Mapping[Language, Mapping[bool | None, str]] = {
    "zh": {True: "成立", False: "违反", None: "未能证明"},
    "en": {True: "holds", False: "is broken", None: "is not proved"},
}


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--drawings", metavar="OUT", type=_OUT, help="Draw each way there into this folder.")
@json_option
def check(folder: Path, drawings: Path | None, as_json: bool) -> None:
    """Explore the pack in DIR whole: can every case end, how long is each rung, what is broken."""
    language = command_language()
    try:
        pack = load_pack(folder)
    except PackInvalid as error:
        for found in error.findings:
            if found.is_error:
                click.echo(found.text(language), err=True)
        raise click.exceptions.Exit(REFUSED) from error
    result = check_pack(pack)
    if drawings is not None:
        _draw(result, drawings, language)
    if as_json:
        write_json(result.as_json())
    else:
        for line in _lines(result, language):
            click.echo(line)
    if not result.is_clean:
        expectation_failed()


def _draw(result: PackCheck, folder: Path, language: Language) -> None:
    """Write the drawings of all counter-examples in the language of the command line."""
    app = Flask("drawings")
    babel.init_app(app, default_locale="en" if language == "en" else "zh_Hans_CN")
    use_po_files(app)
    folder.mkdir(parents=True, exist_ok=True)
    with app.test_request_context():
        for name, svg in drawing_files(result):
            (folder / name).write_text(svg, encoding="utf-8")


def _lines(result: PackCheck, language: Language) -> Iterator[str]:
    words = _WORDS[language]
    for counts in result.counts:
        yield _counted(counts, result.pack.name("process", counts.process_id, language), language)
    yield _counted(result.totals, words["total"], language)
    yield words["states"].format(states=result.totals.states)
    for name, is_kept in result.soundness.items():
        holds = _HOLDS[language][is_kept]
        yield words["sound"].format(text=_SOUND[language][name], holds=holds)
    for each in result.rung_times:
        process = result.pack.name("process", each.process_id, language)
        text = each.text(result.pack, language)
        yield words["rung"].format(rung=each.rung, process=process, text=text)
    for guardrail in result.pack.guardrails.values():
        holds = _HOLDS[language][result.holds(guardrail.id)]
        text = guardrail.text(language)
        yield words["guardrail"].format(id=guardrail.id, holds=holds, text=text)
    for broken in result.broken:
        yield from _told(result, broken, language)
    key = "clean" if result.is_clean else "broken"
    yield words[key].format(n=len(result.broken))


def _counted(counts: Counts, name: str, language: Language) -> str:
    return _WORDS[language]["counts"].format(
        name=name, markings=counts.markings, transitions=counts.transitions
    )


def _told(result: PackCheck, broken: Broken, language: Language) -> Iterator[str]:
    yield broken.finding.text(language)
    for number, step in enumerate(broken.steps, 1):
        yield f"  {number:>3}  {step.text(result.pack, language)}"
