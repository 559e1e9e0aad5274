"""`duban replay`: take every step of a bundle through the engine again."""

from __future__ import annotations

from pathlib import Path

import click

from webapp.commands.edge import (
    command_language,
    expectation_failed,
    json_option,
    write_json,
)
from webapp.commands.progress import progress_bar
from workflows.audit.report import verdict_text, visible
from workflows.engine.replay import Replayed
from workflows.jobs.replaying import ReplayReport, replay_bundle

_TEXTS = {
    "en": {
        "right": "Replayed: {cases} cases. The engine reached every marking, effect and date of "
        "{evaluated} steps; {followed} followed, not re-evaluated, because content is withheld; "
        "{folded} other records checked by the fold.\n"
        "Not replayed: to which office a task went; organisations of that day decide on it.",
        "wrong": "NOT REPRODUCED ({code}): {problem}",
    },
    "zh": {
        "right": "重演一致：{cases} 个案件，{evaluated} 步经流程引擎重新计算，"
        "位置、效果和日期全部相同；"
        "{followed} 步因内容或栏目不予提供只按记录的判断走过，未重新计算；"
        "其余 {folded} 条记录由状态推演核对。\n"
        "未重演的内容：待办分派到哪个办理单位，由当日的组织树决定。",
        "wrong": "重演不一致（{code}）：{problem}",
    },
}


@click.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def replay(bundle: Path, as_json: bool) -> None:
    """Verify BUNDLE, then run each step through the engine with what is in the bundle only.

    Names the first record that the engine does not reach (exit code 1).
    """
    with progress_bar("records", quiet=as_json) as advance:
        report = replay_bundle(bundle, advance)
    if as_json:
        write_json(_as_json(report))
    else:
        click.echo(_text(bundle, report, command_language()))
    if not report.is_right:
        expectation_failed()


def _text(bundle: Path, report: ReplayReport, language: str) -> str:
    verdict = verdict_text(str(bundle), report.verdict, language)
    if not report.verdict.is_right:
        return verdict
    problem, texts = report.problem, _TEXTS[language]
    if problem is not None:
        return verdict + texts["wrong"].format(code=problem.code, problem=visible(str(problem)))
    counts = {each.value: report.records.get(each, 0) for each in Replayed}
    return verdict + texts["right"].format(cases=report.cases, **counts)


def _as_json(report: ReplayReport) -> dict[str, object]:
    problem = report.problem or report.verdict.problem
    return {
        "right": report.is_right,
        "verified": report.verdict.is_right,
        "cases": report.cases,
        **{each.value: report.records.get(each, 0) for each in Replayed},
        "problem": problem and {"code": problem.code, "text": str(problem)},
    }
