"""Say in words what verifying a bundle found, and be the program verify.py.

Part of verify.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from workflows.audit.anchors import AnchorUnreadable, anchor_of_text, read_anchor
from workflows.audit.place_time import at_place
from workflows.audit.verdict_words import problem_words
from workflows.audit.verifier import Verdict, verify_bundle

_STAGES = (
    ("bundle_", "reading", "读取文件"),
    ("zip_", "zip form", "压缩包形式"),
    ("format_", "format", "格式"),
    ("manifest_note_differs", "signature of the manifest", "清单签名"),
    ("manifest_key_differs", "signature of the manifest", "清单签名"),
    ("manifest_", "manifest", "清单"),
    ("note_", "signed notes", "签名文本"),
    ("file_", "files against manifest", "文件与清单"),
    ("line_", "canonical form", "规范形式"),
    ("position_", "canonical form", "规范形式"),
    ("record_", "canonical form", "规范形式"),
    ("payload_invalid", "canonical form", "规范形式"),
    ("hash_", "definitions, markings, calendars", "流程定义、位置、日历"),
    ("chain_", "chains", "记录链"),
    ("payload_", "payload commitments", "内容承诺"),
    ("reference_", "references", "引用"),
    ("tree_", "root of the log", "日志树根"),
    ("range_", "completeness", "完整性"),
    ("checkpoint_", "checkpoints", "存证点"),
    ("consistency_", "checkpoints", "存证点"),
    ("anchor_", "outside copies", "外部存证"),
    ("directory_", "directory", "人员单位名册"),
    ("fold_", "fold", "状态推演"),
    ("state_", "state", "状态"),
)
_WORDS = {
    "en": {
        "wrong": "NOT VERIFIED: {path}\nStep: {stage}\nFirst thing wrong ({code}): {problem}",
        "right": "Verified: {path}",
        "unsigned": "Verified, unsigned: {path}",
        "made": "Format {format}, made {made_at} by {origin} for {recipient}, scope {scope}",
        "counts": "{records} records in {streams} streams, {cases} cases folded to their state; "
        "{payloads} payloads, {withheld} withheld, {erased} erased",
        "fields": "{fields} single fields are withheld from these payloads, each with a reason.",
        "key": "Signed with the key {key_name}. Fingerprint:\n  {fingerprint}",
        "key_known": "It is the fingerprint that you gave.",
        "key_unknown": "Compare it with the one you have from elsewhere, or give it with --key.",
        "log": "The log has {size} leaves, checkpoint of {recorded_at}.",
        "whole": "Leaves {start} to {end}: {count} of {count}, {sealed} sealed, 0 missing.",
        "empty": "The log has no leaf in that period: 0 of 0, 0 missing.",
        "selection": "Selection by the exporter; completeness not provable.",
        "gap": "GAP: the log was restored and begins a new epoch at leaf {index}, {recorded_at}. "
        "The last checkpoint known before has {known_size} leaves and is of {known_at}. Records "
        "from between the two dates may be missing; the log says so itself.",
        "agrees": "Outside copy {label}: agrees.",
        "anchored": "Inside, everything agrees, and so do {count} outside copies.",
        "alone": "Inside, everything agrees; not compared with any copy outside. Without one "
        "nobody can show that the newest records were not cut off, or the log written anew with "
        "the key.",
        "forgeable": "Inside, everything agrees. There is no signature: whoever can write this "
        "file could have written it anew.",
    },
    "zh": {
        "wrong": "未通过：{path}\n环节：{stage}\n第一处问题（{code}）：{problem}",
        "right": "通过：{path}",
        "unsigned": "通过，未签名：{path}",
        "made": "格式 {format}，由 {origin} 于 {made_at} 为“{recipient}”制作，范围 {scope}",
        "counts": "{streams} 条记录链共 {records} 条记录，{cases} 个案件的状态推演一致；"
        "内容 {payloads} 份，暂不提供 {withheld} 份，已删除 {erased} 份。",
        "fields": "其中另有 {fields} 个单独封存的栏目不予提供，均载明理由。",
        "key": "签名密钥 {key_name}，指纹：\n  {fingerprint}",
        "key_known": "与您给出的指纹一致。",
        "key_unknown": "请与您从别处取得的指纹核对，或用 --key 给出指纹。",
        "log": "日志共 {size} 条，存证点时间 {recorded_at}。",
        "whole": "第 {start} 至 {end} 条：应有 {count} 条，实有 {count} 条，"
        "其中密封 {sealed} 条，缺 0 条。",
        "empty": "该时间段内日志没有记录：应有 0 条，缺 0 条。",
        "selection": "由导出者选取，完整性无法证明。",
        "gap": "空档：日志从备份恢复，自第 {index} 条起（{recorded_at}）为新的一段；此前最后已知的"
        "存证点有 {known_size} 条，时间 {known_at}。两个时间之间的记录可能缺失，日志自身已载明。",
        "agrees": "外部存证 {label}：一致。",
        "anchored": "内部一致，与 {count} 份外部存证一致。",
        "alone": "内部一致，未与外部存证核对。没有外部存证，就无法证明最新的记录没有被截去、"
        "日志没有用密钥重新编造。",
        "forgeable": "内部一致。没有签名：能写这个文件的人也能重新编造一份。",
    },
}


_WIDE_BLANK = "\u3000"
_SCOPES_ZH = {
    "all": "全部",
    "period": "时间段",
    "organisation": "单位",
    "matter": "事项",
    "cases": "案件",
}


def _scope_words(verdict: Verdict, language: str) -> str:
    scope = str(verdict.scope)
    return _SCOPES_ZH.get(scope, scope) if language == "zh" else scope


def stage_of(code: str, language: str) -> str:
    """Name the step of verification that an error's code belongs to."""
    for prefix, english, chinese in _STAGES:
        if code.startswith(prefix):
            return chinese if language == "zh" else english
    return code


def visible(text: str) -> str:
    """Write what does not print, or turns the line round, as its number.

    What a bundle says of itself comes from whoever made it, and is shown on a terminal.
    """
    return "".join(
        sign if sign.isprintable() or sign == _WIDE_BLANK else f"\\u{{{ord(sign):x}}}"
        for sign in text
    )


def _say(words: str, **values: object) -> str:
    shown = {
        name: visible(value) if isinstance(value, str) else value for name, value in values.items()
    }
    return words.format(**shown)


def verdict_text(path: str, verdict: Verdict, language: str = "en") -> str:
    """Say what was found, in ``en`` or ``zh``."""
    lines = _wrong_lines if verdict.problem is not None else _right_lines
    return "".join(f"{line}\n" for line in lines(path, verdict, language))


def _wrong_lines(path: str, verdict: Verdict, language: str) -> Iterator[str]:
    words, problem = _WORDS[language], verdict.problem
    if problem is not None:
        stage = stage_of(problem.code, language)
        said = problem_words(problem, language)
        yield _say(words["wrong"], path=path, stage=stage, code=problem.code, problem=said)
    yield from _gap_lines(verdict, language)
    yield from _anchor_lines(verdict, language)


def _right_lines(path: str, verdict: Verdict, language: str) -> Iterator[str]:
    words, counts = _WORDS[language], verdict.counts
    yield _say(words["right" if verdict.is_signed else "unsigned"], path=path)
    yield _say(
        words["made"],
        format=verdict.format,
        made_at=at_place(verdict.made_at, language),
        origin=verdict.origin,
        recipient=verdict.recipient,
        scope=_scope_words(verdict, language),
    )
    yield _say(
        words["counts"],
        records=counts.records,
        streams=counts.streams,
        cases=counts.cases,
        payloads=counts.payloads,
        withheld=counts.withheld,
        erased=counts.erased,
    )
    if counts.fields:
        yield _say(words["fields"], fields=counts.fields)
    if verdict.log is None:
        yield words["forgeable"]
        yield words["selection"]
        return
    yield _say(words["key"], key_name=verdict.key_name, fingerprint=verdict.fingerprint)
    yield words["key_known" if verdict.is_key_known else "key_unknown"]
    yield from _log_lines(verdict, language)


def _log_lines(verdict: Verdict, language: str) -> Iterator[str]:
    words, log, (start, end) = _WORDS[language], verdict.log, verdict.claimed
    if log is None:
        return
    yield _say(
        words["log"],
        size=log.size,
        recorded_at=at_place(log.last_checkpoint.recorded_at, language),
    )
    if start < end:
        count = end - start
        yield _say(words["whole"], start=start, end=end - 1, count=count, sealed=log.sealed_count)
    elif verdict.scope == "period":
        yield words["empty"]
    else:
        yield words["selection"]
    yield from _gap_lines(verdict, language)
    yield from _anchor_lines(verdict, language)
    conclusion = "anchored" if verdict.is_anchored else "alone"
    yield _say(words[conclusion], count=len(verdict.anchors))


def _gap_lines(verdict: Verdict, language: str) -> Iterator[str]:
    for epoch in verdict.epochs:
        yield _say(
            _WORDS[language]["gap"],
            index=epoch.index,
            recorded_at=at_place(epoch.recorded_at, language),
            known_size=epoch.known_size,
            known_at=at_place(epoch.known_at, language),
        )


def _anchor_lines(verdict: Verdict, language: str) -> Iterator[str]:
    for result in verdict.anchors:
        if result.problem is None:
            yield _say(_WORDS[language]["agrees"], label=result.anchor.label)
        elif result.problem is not verdict.problem:
            yield problem_words(result.problem, language)


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the bundle named on the command line.

    Returns:
        0 where it holds, 1 where something is wrong; wrong usage exits with 2.
    """
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Verify an audit bundle of Duban, offline."
    )
    parser.add_argument("bundle", type=Path, help="the bundle, a zip file")
    parser.add_argument(
        "--anchor",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint that was kept elsewhere; may be repeated",
    )
    parser.add_argument(
        "--anchor-text",
        action="append",
        default=[],
        metavar="'SIZE ROOT'",
        help="size and root off a slip; may be repeated",
    )
    parser.add_argument("--key", metavar="FINGERPRINT", help="the key that must have signed")
    parser.add_argument("--lang", choices=sorted(_WORDS), default="en")
    chosen = parser.parse_args(arguments)
    try:
        anchors = [read_anchor(path) for path in chosen.anchor]
        anchors += [anchor_of_text(text) for text in chosen.anchor_text]
    except AnchorUnreadable as error:
        parser.error(str(error))
    verdict = verify_bundle(chosen.bundle, anchors=anchors, fingerprint=chosen.key)
    text = verdict_text(str(chosen.bundle), verdict, chosen.lang)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    return 0 if verdict.is_right else 1
