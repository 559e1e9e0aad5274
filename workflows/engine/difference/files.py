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
    written,
)
from workflows.engine.guardrails import Guardrail
from workflows.engine.pack import Pack

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
    for key in keys_of(old.guardrails, new.guardrails):
        spot = Spot(Part.GUARDRAIL, _GUARDRAILS, key, key)
        was, becomes = old.guardrails.get(key), new.guardrails.get(key)
        if was is None and becomes is not None:
            yield spot.added(_guardrail(becomes))
        elif becomes is None and was is not None:
            yield spot.removed(_guardrail(was))
        elif was is not None and becomes is not None and was != becomes:
            yield from _compare_guardrail(was, becomes, spot)


def _guardrail(guardrail: Guardrail) -> Both:
    return quoted(("护栏", "guardrail"), (guardrail.zh, guardrail.en))


def _sentence(guardrail: Guardrail) -> Both:
    return f"“{guardrail.zh}”", f"“{guardrail.en}”"


def _compare_guardrail(was: Guardrail, becomes: Guardrail, spot: Spot) -> Iterator[Change]:
    of = _guardrail(becomes)
    aspects: tuple[Aspect, ...] = (
        (("内容", "sentence"), _sentence(was), _sentence(becomes)),
        (("依据", "basis"), written(was.basis), written(becomes.basis)),
    )
    told = list(spot.aspects(of, aspects))
    yield from told
    if not told:
        yield spot.changed((f"{of[0]}所管的环节或条件有改动", f"{of[1]}: what it is about changed"))


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
