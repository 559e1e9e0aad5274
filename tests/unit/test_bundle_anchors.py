"""What only a copy outside, or a key known from elsewhere, can show."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.bundles import Files, pack_zip, read_bundle, relist, relist_unsigned, rewritten
from tests.support.journal import (
    KEY,
    MadeUpLog,
    StreamWriter,
    case_with_history,
    contents_of,
    house_record,
    house_stream,
)
from workflows.audit.anchors import Anchor, AnchorUnreadable, anchor_of_text, read_anchor
from workflows.audit.bundle import write_bundle
from workflows.audit.notes import NoteKey, parse_checkpoint, parse_note
from workflows.audit.place_time import at_place
from workflows.audit.report import main, verdict_text
from workflows.audit.verifier import Verdict, verify_bundle


@pytest.fixture(scope="module")
def streams() -> list[StreamWriter]:
    rng = random.Random(20260310)
    return [*(case_with_history(rng) for _ in range(3)), house_stream(rng)]


@pytest.fixture(scope="module")
def log(streams: list[StreamWriter]) -> MadeUpLog:
    return MadeUpLog(*streams)


@pytest.fixture
def path(tmp_path: Path, streams: list[StreamWriter]) -> Path:
    write_bundle(tmp_path / "bundle.zip", contents_of(*streams))
    return tmp_path / "bundle.zip"


def anchor_at(log: MadeUpLog, size: int | None = None) -> Anchor:
    checkpoint = parse_checkpoint(parse_note(log.checkpoint(size)).text)
    return Anchor(f"slip of {checkpoint.size}", checkpoint.size, checkpoint.root)


def forged(path: Path, files: Files, *anchors: Anchor, **others: Any) -> Verdict:
    path.write_bytes(pack_zip(files))
    return verify_bundle(path, anchors=anchors, **others)


def code_of(verdict: Verdict) -> str:
    return "none" if verdict.problem is None else verdict.problem.code


def later_score(lines: list[Any]) -> None:
    """Rewrite one value of the same length in the middle of a case."""
    next(line for line in lines if line["kind"] == "clock_fired")["effects"]["opened"][0][
        "rung"
    ] = 3


def test_without_a_copy_outside_the_verdict_says_so(path: Path) -> None:
    verdict = verify_bundle(path)
    assert verdict.is_right
    assert not verdict.is_anchored
    assert "内部一致，未与外部存证核对" in verdict_text("x", verdict, "zh")
    assert "not compared with any copy outside" in verdict_text("x", verdict, "en")


def test_copies_of_any_size_agree_with_a_bundle_of_everything(path: Path, log: MadeUpLog) -> None:
    anchors = [anchor_at(log, size) for size in range(1, len(log.leaves) + 1)]
    verdict = verify_bundle(path, anchors=anchors)
    assert verdict.is_right
    assert verdict.is_anchored
    said = verdict_text("x", verdict, "zh")
    assert f"与 {len(anchors)} 份外部存证一致" in said
    assert "未与外部存证核对" not in said


def test_rewrite_of_the_same_length_without_the_key_breaks_the_signature(path: Path) -> None:
    files = read_bundle(path)
    changed = rewritten(files, later_score)
    note = files["manifest.note"]
    verdict = forged(path, changed | {"manifest.note": note})
    assert code_of(verdict) == "manifest_note_differs"
    assert not verdict.is_signed


def test_rewrite_under_a_key_of_the_forgers_own_is_told_by_the_fingerprint(path: Path) -> None:
    own = Ed25519PrivateKey.from_private_bytes(bytes(32))
    own_key = NoteKey(KEY.name, own.public_key().public_bytes_raw())
    files = rewritten(read_bundle(path), later_score, own_key, own.sign)
    assert code_of(forged(path, files)) == "none"
    verdict = forged(path, files, fingerprint=KEY.fingerprint)
    assert code_of(verdict) == "manifest_key_differs"
    assert own_key.fingerprint in str(verdict.problem)


def test_checkpoint_signed_by_another_key_is_unsigned(path: Path, log: MadeUpLog) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    name = f"checkpoints/{len(log.leaves)}.note"
    changed = read_bundle(path) | {name: log.checkpoint(None, other)}
    verdict = forged(path, relist(changed))
    assert code_of(verdict) == "note_unsigned"
    assert name in str(verdict.problem)


def test_right_fingerprint_passes_however_it_is_typed(path: Path) -> None:
    typed = KEY.fingerprint.upper().replace(" ", ":")
    verdict = verify_bundle(path, fingerprint=typed)
    assert verdict.is_right
    assert verdict.is_key_known


def test_rewrite_with_the_key_is_caught_by_a_copy_outside_only(path: Path, log: MadeUpLog) -> None:
    files = rewritten(read_bundle(path), later_score)
    assert code_of(forged(path, files)) == "none"
    verdict = forged(path, files, anchor_at(log))
    assert code_of(verdict) == "anchor_differs"
    assert f"slip of {len(log.leaves)}" in str(verdict.problem)
    assert "未通过" in verdict_text("x", verdict, "zh")


def test_copy_from_before_the_rewritten_record_still_agrees(path: Path, log: MadeUpLog) -> None:
    files = rewritten(read_bundle(path), later_score)
    assert code_of(forged(path, files, anchor_at(log, 3))) == "none"


def test_log_cut_back_to_an_older_checkpoint_is_caught_by_a_newer_copy(
    path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    """Whoever has the key makes a bundle that ends where nobody has acted yet."""
    shorter = [cut_before(stream, log, 15) for stream in streams]
    kept = [stream for stream in shorter if stream.contents]
    older = MadeUpLog(*kept)
    assert older.leaves == log.leaves[:15]
    write_bundle(path, contents_of(*kept, log=older, directory=[]))
    assert code_of(verify_bundle(path)) == "none"
    assert code_of(verify_bundle(path, anchors=[anchor_at(log, 15)])) == "none"
    verdict = verify_bundle(path, anchors=[anchor_at(log, 15), anchor_at(log)])
    assert code_of(verdict) == "anchor_beyond"
    assert "this bundle, old or cut off, has 15" in str(verdict.problem)


def cut_before(stream: StreamWriter, log: MadeUpLog, size: int) -> StreamWriter:
    """Write the beginning of a stream anew, as far as the log had it at a size."""
    cut = StreamWriter(random.Random(0), stream.stream)
    cut.id = stream.id
    count = sum(log.index[stream.id, seq] < size for seq in range(1, len(stream.contents) + 1))
    cut.contents, cut.payloads = stream.contents[:count], stream.payloads[:count]
    if stream.id.startswith("c_"):
        for content, line in zip(cut.contents, cut.payloads, strict=True):
            cut.state.apply(json.loads(content), json.loads(line.content))
    return cut


def selected(path: Path, streams: list[StreamWriter], log: MadeUpLog, **others: Any) -> None:
    scope = {"type": "cases", "cases": [streams[0].id]}
    excerpt = log.excerpt(**others)
    write_bundle(path, replace(contents_of(streams[0], log=log, scope=scope), log=excerpt))


def test_copy_that_nothing_reaches_does_not_pass_and_is_named_last(
    path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    selected(path, streams, log)
    answers = {
        size: code_of(verify_bundle(path, anchors=[anchor_at(log, size)]))
        for size in range(1, len(log.leaves) + 1)
    }
    assert set(answers.values()) == {"none", "anchor_unproven"}
    size = next(size for size, code in answers.items() if code == "anchor_unproven")
    verdict = verify_bundle(path, anchors=[anchor_at(log), anchor_at(log, size)])
    assert not verdict.is_right
    assert not verdict.is_anchored
    assert verdict.log is not None
    said = verdict_text("x", verdict, "zh")
    assert "无法核对" in said
    assert f"slip of {len(log.leaves)}：一致" in said
    selected(path, streams, log, proven_sizes=[size])
    assert verify_bundle(path, anchors=[anchor_at(log, size)]).is_anchored
    wrong = replace(anchor_at(log, size), root=bytes(32))
    assert code_of(verify_bundle(path, anchors=[wrong])) == "anchor_differs"


def test_forged_proof_is_named(path: Path, streams: list[StreamWriter], log: MadeUpLog) -> None:
    selected(path, streams, log, proven_sizes=range(1, len(log.leaves)))
    files = read_bundle(path)
    lines = files["consistency.jsonl"].splitlines(keepends=True)
    first = json.loads(lines[0])
    for key, value in (
        ("root", "0" * 64),
        ("proof", [*first["proof"], "0" * 64]),
        ("size", first["size"] + 1),
    ):
        changed = json.dumps(first | {key: value}, sort_keys=True, separators=(",", ":"))
        content = b"".join([changed.encode() + b"\n", *lines[1:]])
        verdict = forged(path, relist(files | {"consistency.jsonl": content}))
        assert code_of(verdict) in ("consistency_broken", "line_not_canonical"), key
    assert code_of(forged(path, relist(files | {"consistency.jsonl": b""}))) == "none"


def test_earlier_checkpoint_of_the_bundle_must_be_proven(
    path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    selected(path, streams, log, proven_sizes=range(1, len(log.leaves)))
    files = read_bundle(path)
    size = json.loads(files["consistency.jsonl"].splitlines()[0])["size"]
    with_note = files | {f"checkpoints/{size}.note": log.checkpoint(size)}
    assert code_of(forged(path, relist(with_note))) == "none"
    unproven = relist(with_note | {"consistency.jsonl": b""})
    assert code_of(forged(path, unproven)) == "checkpoint_unproven"
    renamed = files | {f"checkpoints/{size + 1}.note": log.checkpoint(size)}
    assert code_of(forged(path, relist(renamed))) == "checkpoint_broken"
    other = MadeUpLog(case_with_history(random.Random(99)))
    differing = with_note | {f"checkpoints/{size}.note": other.checkpoint(size)}
    assert code_of(forged(path, relist(differing))) == "tree_root_differs"


def restored(rng: random.Random) -> tuple[MadeUpLog, list[StreamWriter]]:
    """Give the log as it was, and the streams after a restore to ten leaves."""
    cases = [case_with_history(rng) for _ in range(2)]
    before = MadeUpLog(*cases)
    return before, [cut_before(case, before, 10) for case in cases]


def test_restore_is_reported_as_a_gap_with_its_dates_and_not_as_tampering(path: Path) -> None:
    before, kept = restored(random.Random(4))
    lost = parse_checkpoint(parse_note(before.checkpoint()).text)
    house = house_stream(random.Random(5))
    house.now = kept[0].now.replace(year=2027)
    form = {
        "origin": lost.origin,
        "size": str(lost.size),
        "root": base64.b64encode(lost.root).decode(),
        "time": lost.recorded_at,
        "resumed_size": "10",
        "resumed_root": "",
    }
    house_record(house, "epoch_started", form=form)
    write_bundle(path, contents_of(*kept, house))
    verdict = verify_bundle(path)
    assert verdict.is_right
    (gap,) = verdict.epochs
    assert (gap.resumed_size, gap.known_size, gap.known_at) == (10, 12, lost.recorded_at)
    for language, word in (("en", "GAP"), ("zh", "空档")):
        said = verdict_text("x", verdict, language)
        assert word in said
        assert str(at_place(lost.recorded_at, language)) in said
        assert str(at_place(gap.recorded_at, language)) in said
    anchored = verify_bundle(path, anchors=[anchor_at(before)])
    assert code_of(anchored) == "anchor_in_gap"
    assert "restore" in str(anchored.problem)
    assert verify_bundle(path, anchors=[anchor_at(before, 10)]).is_anchored is False


def test_case_with_its_head_removed_by_whoever_has_the_key_leaves_a_hole(
    path: Path, streams: list[StreamWriter]
) -> None:
    gone = streams[0].id
    files = without(read_bundle(path), lambda line: line["id"] == gone)
    verdict = forged(path, relist(files, lambda manifest: manifest["streams"].pop(gone)))
    assert code_of(verdict) == "tree_leaf_missing"


def without(files: Files, is_gone: Callable[[Any], bool]) -> Files:
    changed = dict(files)
    for name in ("records.jsonl", "payloads.jsonl", "positions.jsonl", "state.jsonl"):
        lines = files[name].splitlines(keepends=True)
        changed[name] = b"".join(line for line in lines if not is_gone(json.loads(line)))
    return changed


def test_anchors_are_read_from_files_and_slips(tmp_path: Path, log: MadeUpLog) -> None:
    file = tmp_path / "2026-03.note"
    file.write_bytes(log.checkpoint())
    expected = anchor_at(log)
    assert replace(read_anchor(file), label=expected.label) == expected
    root = expected.root
    for text in (
        f"{expected.size} {root.hex()}",
        f" {expected.size}\n{base64.b64encode(root).decode()} ",
    ):
        assert replace(anchor_of_text(text), label=expected.label) == expected
    for wrong in ("", "12", "12 abc", f"-1 {root.hex()}", f"x {root.hex()}", f"1 {root.hex()} x"):
        with pytest.raises(AnchorUnreadable):
            anchor_of_text(wrong)
    file.write_bytes(b"nothing")
    for unreadable in (file, tmp_path / "missing.note", tmp_path):
        with pytest.raises(AnchorUnreadable):
            read_anchor(unreadable)


def test_program_takes_anchors_and_key(
    path: Path, tmp_path: Path, log: MadeUpLog, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.note"
    kept.write_bytes(log.checkpoint(7))
    slip = f"{len(log.leaves)} {anchor_at(log).root.hex()}"
    arguments = [str(path), "--anchor", str(kept), "--anchor-text", slip, "--key", KEY.fingerprint]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "so do 2 outside copies" in said
    assert "fingerprint that you gave" in said
    assert main([str(path), "--anchor-text", f"7 {'0' * 64}", "--lang", "zh"]) == 1
    assert "anchor_differs" in capsys.readouterr().out
    for wrong in (["--anchor", str(path)], ["--anchor-text", "x"], ["--anchor", "missing"]):
        with pytest.raises(SystemExit) as stopped:
            main([str(path), *wrong])
        assert stopped.value.code == 2
    capsys.readouterr()


def test_whatever_is_changed_without_the_key_breaks_the_signature_or_a_hash(path: Path) -> None:
    files = read_bundle(path)
    for name in sorted(files):
        changed = files | {name: files[name] + b"\n"}
        relisted = relist_unsigned(changed)
        expected = "note_broken" if name == "manifest.note" else "manifest_note_differs"
        if name == "manifest.json":
            relisted, expected = changed, "line_not_canonical"
        assert code_of(forged(path, relisted)) == expected, name
