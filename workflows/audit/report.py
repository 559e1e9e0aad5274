"""Say in words what verifying a bundle found, and be the program verify.py.

Part of verify.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workflows.audit.verifier import Verdict, verify_bundle

_STAGES = (
    ("bundle_", "reading", "读取文件"),
    ("zip_", "zip form", "压缩包形式"),
    ("format_", "format", "格式"),
    ("manifest_", "manifest", "清单"),
    ("file_", "files against manifest", "文件与清单"),
    ("line_", "canonical form", "规范形式"),
    ("record_", "canonical form", "规范形式"),
    ("payload_invalid", "canonical form", "规范形式"),
    ("hash_", "definitions, markings, calendars", "流程定义、位置、日历"),
    ("chain_", "chains", "记录链"),
    ("payload_", "payload commitments", "内容承诺"),
    ("reference_", "references", "引用"),
    ("fold_", "fold", "状态推演"),
    ("state_", "state", "状态"),
)
_SENTENCES = {
    "en": (
        "NOT VERIFIED: {path}\nStep: {stage}\nFirst thing wrong ({code}): {problem}\n",
        "Verified, unsigned: {path}\n"
        "Format {format}, made {made_at} by {origin} for {recipient}, scope {scope}\n"
        "{records} records in {streams} streams, {cases} cases folded to their state; "
        "{payloads} payloads, {withheld} withheld, {erased} erased\n"
        "Inside, everything agrees. There is no signature: whoever can write this file could "
        "have written it anew.\nSelection by the exporter; completeness not provable.\n",
    ),
    "zh": (
        "未通过：{path}\n环节：{stage}\n第一处问题（{code}）：{problem}\n",
        "通过，未签名：{path}\n"
        "格式 {format}，由 {origin} 于 {made_at} 为“{recipient}”制作，范围 {scope}\n"
        "{streams} 条记录链共 {records} 条记录，{cases} 个案件的状态推演一致；"
        "内容 {payloads} 份，暂不提供 {withheld} 份，已删除 {erased} 份。\n"
        "内部一致。没有签名：能写这个文件的人也能重新编造一份。\n"
        "由导出者选取，完整性无法证明。\n",
    ),
}


def stage_of(code: str, language: str) -> str:
    """Name the step of verification that an error's code belongs to."""
    for prefix, english, chinese in _STAGES:
        if code.startswith(prefix):
            return chinese if language == "zh" else english
    return code


def verdict_text(path: str, verdict: Verdict, language: str = "en") -> str:
    """Say what was found, in ``en`` or ``zh``."""
    wrong, right = _SENTENCES[language]
    if verdict.problem is not None:
        code = verdict.problem.code
        return wrong.format(
            path=path, stage=stage_of(code, language), code=code, problem=verdict.problem
        )
    counts = verdict.counts
    return right.format(
        path=path,
        format=verdict.format,
        made_at=verdict.made_at,
        origin=verdict.origin,
        recipient=verdict.recipient,
        scope=verdict.scope,
        records=counts.records,
        streams=counts.streams,
        cases=counts.cases,
        payloads=counts.payloads,
        withheld=counts.withheld,
        erased=counts.erased,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the bundle named on the command line.

    Returns:
        0 where it holds, 1 where something is wrong; wrong usage exits with 2.
    """
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Verify an audit bundle of Duban, offline."
    )
    parser.add_argument("bundle", type=Path, help="the bundle, a zip file")
    parser.add_argument("--lang", choices=sorted(_SENTENCES), default="en")
    chosen = parser.parse_args(arguments)
    verdict = verify_bundle(chosen.bundle)
    text = verdict_text(str(chosen.bundle), verdict, chosen.lang)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    return 0 if verdict.is_right else 1
