"""Versions of the shipped pack, changed in one place, and zips of them."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from workflows.engine import Pack, build_pack
from workflows.engine.loading import read_files
from workflows.services.versions.looking_over import Prepared
from workflows.services.versions.pack_reports import Report, ReportKind
from workflows.shipped import shipped_pack_dir

_STEP = {"process": "ladder", "written": {}, "passed": [], "marking": "", "zh": "甲", "en": "A"}
_SAID = {"zh": "没有办法办结", "en": "It cannot end"}
# What a check tells of a rule that is broken two steps after a case begins.
BROKEN = {
    "broken": [
        {
            "rule": "ends",
            "guardrail": None,
            "process": "ladder",
            "file": "ladder.bpmn",
            "element": "verify",
            "message": _SAID,
            "remedy": _SAID,
            "steps": [
                {**_STEP, "case": 1, "trigger": "start", "path": "", "opened": ["accept"]},
                {**_STEP, "case": 1, "trigger": "task", "path": "accept", "opened": ["verify"]},
            ],
        }
    ],
    "rungs": [],
    "processes": [{"process": "", "states": 9}],
}


@cache
def _shipped() -> Mapping[str, bytes]:
    return read_files(shipped_pack_dir())


def shipped_files() -> dict[str, bytes]:
    """Give the files of the shipped pack."""
    return dict(_shipped())


@cache
def shipped_pack() -> Pack:
    """Give the shipped pack, loaded once for all tests; its table has what other tests met."""
    return build_pack(_shipped())


def changed_files(label: str = "2", **amounts: int) -> dict[str, bytes]:
    """Give the files of a new version, with other values for some plain parameters."""
    files = shipped_files()
    files["pack.toml"] = files["pack.toml"].replace(
        b'version = "1"', f'version = "{label}"'.encode()
    )
    text = files["parameters.toml"].decode()
    for name, amount in amounts.items():
        text, count = re.subn(
            rf"(?ms)^(\[{name}\]\n.*?^value = )\d+", rf"\g<1>{amount}", text, count=1
        )
        assert count == 1, name
    files["parameters.toml"] = text.encode()
    return files


def replaced(files: Mapping[str, bytes], path: str, old: str, new: str) -> dict[str, bytes]:
    """Give the files with one text replaced in one of them."""
    text = files[path].decode()
    assert old in text, (path, old)
    return {**files, path: text.replace(old, new).encode()}


def zipped(files: Mapping[str, bytes], folder: str = "") -> bytes:
    """Zip files, below a folder or none."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in files.items():
            file.writestr(f"{folder}{path}", content)
    return whole.getvalue()


def write_folder(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write files as a folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def passed(prepared: Prepared) -> Prepared:
    """Give a pack as if the check, which takes seconds, had found nothing broken."""
    body = {"broken": [], "rungs": [], "processes": [{"process": "", "states": 9}]}
    return replace(prepared, reports=(*prepared.reports, Report(ReportKind.CHECK, body)))
