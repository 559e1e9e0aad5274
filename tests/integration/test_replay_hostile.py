"""Bundles that are signed and verify, but hold what the engine never wrote: named, not a crash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.bundles import (
    Files,
    dump,
    json_lines,
    pack_zip,
    read_bundle,
    rewritten,
    to_lines,
)
from tests.support.exports import ExportDesk
from tests.support.logs import sqlite_log_world
from workflows.audit.commitment import commitment
from workflows.jobs.replaying import replay_bundle

_ORGANISATIONS, _MARKINGS = "organisations.jsonl", "markings.jsonl"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A bundle of everything, with its last checkpoint only."""
    folder = tmp_path_factory.mktemp("hostile")
    with sqlite_log_world(folder) as world:
        world.open_rectification()
        while not world.sweep().fired:
            world.now += timedelta(days=1)
        found = read_bundle(ExportDesk(world.sessions, folder).export())
    sizes = [int(name[12:-5]) for name in found if name.startswith("checkpoints/")]
    older = {f"checkpoints/{size}.note" for size in sizes if size != max(sizes)}
    return {name: content for name, content in found.items() if name not in older}


def _renamed(files: Files, old: str, new: str) -> Files:
    """Let records and states name something by another hash."""
    names = ("records.jsonl", "state.jsonl")
    return files | {name: files[name].replace(old.encode(), new.encode()) for name in names}


def _recommitted(files: Files, change: Callable[[str, Any], object]) -> Files:
    """Change payloads, and let their records commit to what they are now."""
    payloads, records = json_lines(files["payloads.jsonl"]), json_lines(files["records.jsonl"])
    commitments = {}
    for line in payloads:
        change(line["id"], line["payload"])
        salt = bytes.fromhex(line["salt"])
        commitments[line["id"], line["seq"]] = commitment(salt, dump(line["payload"]))
    for record in records:
        record["payload"] = commitments.get((record["id"], record["seq"]), record["payload"])
    return files | {"payloads.jsonl": to_lines(payloads), "records.jsonl": to_lines(records)}


def deep_marking(files: Files) -> Files:
    """Nest a marking deeper than the writer of canonical JSON goes."""
    lines = json_lines(files[_MARKINGS])
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    old, lines[0]["marking"] = lines[0]["hash"], {"deep": deep}
    lines[0]["hash"] = hashlib.sha256(dump(lines[0]["marking"])).hexdigest()
    lines.sort(key=lambda line: line["hash"])
    new = hashlib.sha256(dump({"deep": deep})).hexdigest()
    return _renamed(files, old, new) | {_MARKINGS: to_lines(lines)}


def payload_of_other_shape(files: Files) -> Files:
    """Say of each step that nothing was carried out, in another shape than a step says it."""

    def change(stream_id: str, payload: Any) -> None:
        if stream_id.startswith("c_"):
            payload["form"]["carried_out"] = None

    return _recommitted(files, change)


def calendar_of_other_shape(files: Files) -> Files:
    """Give a calendar of days whose regions are no text."""
    (name,) = (name for name in files if name.startswith("calendars/"))
    content = to_lines([{**line, "region": 7} for line in json_lines(files[name])])
    new = hashlib.sha256(content).hexdigest()
    kept = {each: found for each, found in files.items() if each != name}
    old = name.removeprefix("calendars/").removesuffix(".jsonl")
    return _renamed(kept, old, new) | {f"calendars/{new}.jsonl": content}


def test_the_bundle_itself_is_replayed(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(pack_zip(rewritten(files, lambda _: None)))
    assert replay_bundle(path).is_right


@pytest.mark.parametrize("forge", [deep_marking, payload_of_other_shape, calendar_of_other_shape])
def test_what_the_engine_never_wrote_is_named(
    files: Files, tmp_path: Path, forge: Callable[[Files], Files]
) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(pack_zip(rewritten(forge(files), lambda _: None)))
    report = replay_bundle(path)
    assert report.verdict.is_right, report.verdict.problem
    assert report.problem is not None
    assert report.problem.code == "replay_impossible"
