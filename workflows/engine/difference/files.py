"""What differs between the files of two versions beside their rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from workflows.engine.difference.changes import (
    Aspect,
    Both,
    Change,
    Part,
    Spot,
    keys_of,
    named,
    quoted,
    same,
)
from workflows.engine.pack import Pack
from workflows.engine.toml_files import read_toml

_ABOUT = "pack.toml"
_GUARDRAILS = "guardrails.toml"


def compare_about(old: Pack, new: Pack) -> Iterator[Change]:
    """Say what differs in what a pack says of itself."""
    aspects: tuple[Aspect, ...] = (
        (("版本号", "version"), same(old.version_label), same(new.version_label)),
        (("名称", "title"), _title(old), _title(new)),
        (("入口流程", "entry"), named(old, "process", old.entry), named(new, "process", new.entry)),
    )
    yield from Spot(Part.ABOUT, _ABOUT, _ABOUT).aspects(("规则包", "pack"), aspects)


def _title(pack: Pack) -> Both:
    return f"“{pack.title('zh')}”", f"“{pack.title('en')}”"


def compare_guardrails(old: Pack, new: Pack) -> Iterator[Change]:
    """Say which guardrails are new, gone or other ones."""
    was, becomes = (
        read_toml(pack.files.get(_GUARDRAILS, b""), _GUARDRAILS).content for pack in (old, new)
    )
    for key in keys_of(was, becomes):
        spot = Spot(Part.GUARDRAIL, _GUARDRAILS, key, key)
        of = quoted(("护栏", "guardrail"), _guardrail_name(key, becomes.get(key, was.get(key))))
        if key not in was:
            yield spot.added(of)
        elif key not in becomes:
            yield spot.removed(of)
        elif was[key] != becomes[key]:
            yield spot.changed((f"{of[0]}的内容有改动", f"{of[1]} is another one"))


def _guardrail_name(key: str, table: object) -> Both:
    if not isinstance(table, dict):
        return same(key)
    zh = str(table.get("name") or table.get("zh") or key)
    return zh, str(table.get("en") or key)


def compare_files(old: Pack, new: Pack, told: Iterable[str]) -> Iterator[Change]:
    """Say of files that nothing was told of yet that they differ."""
    known = set(told)
    for path in sorted({*old.files, *new.files} - known):
        spot, of = Spot(Part.FILE, path, path), _file_name(new if path in new.files else old, path)
        if path not in old.files:
            yield spot.added(of)
        elif path not in new.files:
            yield spot.removed(of)
        elif old.files[path] != new.files[path]:
            yield spot.changed(_only(path, of))


def _file_name(pack: Pack, path: str) -> Both:
    file = PurePosixPath(path)
    if path == "en.toml":
        return "英文名称", "the English names"
    if file.parts[0] == "scenarios":
        return quoted(("情景", "scenario"), same(file.stem))
    if file.suffix == ".bpmn":
        return quoted(("流程图", "diagram"), named(pack, "process", file.stem))
    return quoted(("文件", "file"), same(path))


def _only(path: str, of: Both) -> Both:
    """Say of a file whose rules are the same that something else in it is not."""
    if path.endswith((".bpmn", ".dmn", ".json")):
        return f"{of[0]}只改了版面或写法", f"{of[1]}: only its layout or spelling changed"
    if path in ("parameters.toml", "facts.toml", _GUARDRAILS, _ABOUT):
        return f"{of[0]}只改了注释或写法", f"{of[1]}: only comments or spelling changed"
    return f"{of[0]}有改动", f"{of[1]} changed"
