"""A bundle shows where its records stand in the log, and what of the log it leaves out."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.bundles import json_lines, pack_zip, read_bundle, relist, to_lines
from tests.support.journal import (
    KEY,
    MadeUpLog,
    StreamWriter,
    case_with_history,
    contents_of,
    house_record,
    house_stream,
)
from workflows.audit.bundle import write_bundle
from workflows.audit.bundle_contents import BundleContents
from workflows.audit.bundle_tree import LogDiffers, LogExcerpt, RangeIncomplete, SealedLeaf
from workflows.audit.manifest import ManifestBroken
from workflows.audit.merkle import aligned_ranges
from workflows.audit.notes import NoteUnsigned, parse_note, verify_note
from workflows.audit.report import verdict_text
from workflows.audit.verifier import Verdict, verify_bundle
from workflows.domain.records import StreamKind


@pytest.fixture(scope="module")
def streams() -> list[StreamWriter]:
    rng = random.Random(20260309)
    return [*(case_with_history(rng) for _ in range(5)), house_stream(rng)]


@pytest.fixture(scope="module")
def log(streams: list[StreamWriter]) -> MadeUpLog:
    return MadeUpLog(*streams)


def written(path: Path, contents: BundleContents) -> Verdict:
    write_bundle(path, contents)
    return verify_bundle(path)


def part(stream: StreamWriter, first: int, last: int | None = None) -> StreamWriter:
    """Give a part of a house stream as a stream to write."""
    cut = StreamWriter(random.Random(0), StreamKind.HOUSE)
    cut.id, cut.contents = stream.id, stream.contents
    cut.payloads = stream.payloads[first - 1 : last]
    return cut


def records_of(contents: BundleContents, *kept: str) -> Iterator[tuple[int, bytes]]:
    return (each for each in contents.records if json.loads(each[1])["id"] in kept)


def selection(log: MadeUpLog, *chosen: StreamWriter, **others: Any) -> BundleContents:
    """Give a bundle of chosen cases out of a log of more."""
    scope = {"type": "cases", "cases": sorted(stream.id for stream in chosen)}
    return contents_of(*chosen, log=log, **({"scope": scope} | others))


def test_bundle_of_everything_has_no_nodes(tmp_path: Path, streams: list[StreamWriter]) -> None:
    path = tmp_path / "bundle.zip"
    verdict = written(path, contents_of(*streams))
    assert verdict.problem is None
    files = read_bundle(path)
    assert files["nodes.jsonl"] == files["consistency.jsonl"] == b""
    positions = json_lines(files["positions.jsonl"])
    assert sorted(line["index"] for line in positions) == list(range(33))
    places = [(line["id"], line["seq"]) for line in json_lines(files["records.jsonl"])]
    assert [(line["id"], line["seq"]) for line in positions] == places
    assert [name for name in files if name.startswith("checkpoints/")] == ["checkpoints/33.note"]


def test_manifest_is_signed_over_its_bytes(tmp_path: Path, streams: list[StreamWriter]) -> None:
    path = tmp_path / "bundle.zip"
    summary = write_bundle(path, contents_of(*streams))
    note = parse_note(read_bundle(path)["manifest.note"])
    verify_note(note, KEY)
    assert note.text == f"sha256:{summary.manifest_hash}\n"


def test_selection_shows_the_rest_of_the_log_as_the_fewest_nodes(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    verdict = written(path, selection(log, streams[0], streams[3]))
    assert verdict.problem is None
    assert verdict.claimed == (0, 0)
    files = read_bundle(path)
    taken = {line["index"] for line in json_lines(files["positions.jsonl"])}
    expected: list[tuple[int, int]] = []
    gaps = sorted(set(range(33)) - taken)
    while gaps:
        end = next(index for index in range(gaps[0], 34) if index in taken or index == 33)
        expected += aligned_ranges(gaps[0], end)
        gaps = [index for index in gaps if index >= end]
    found = [(line["from"], line["to"]) for line in json_lines(files["nodes.jsonl"])]
    assert found == expected
    assert any(end - start > 1 for start, end in found)


def test_house_stream_may_start_in_mid_stream_but_a_case_may_not(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    case, house = streams[0], streams[-1]
    contents = selection(log, case, house)
    later = [each for each in contents.records if json.loads(each[1])["seq"] != 1]
    opening = [each for each in contents.records if each not in later]
    case_opening = [each for each in opening if json.loads(each[1])["stream"] == "case"]
    stated = replace(
        contents,
        records=sorted(case_opening + later, key=lambda each: place(each[1])),
        payloads=[line for line in contents.payloads if (line.id, line.seq) != (house.id, 1)],
        log=log.excerpt(),
    )
    assert written(path, stated).problem is None
    headless = replace(
        contents,
        records=sorted(later, key=lambda each: place(each[1])),
        payloads=[line for line in contents.payloads if line.seq != 1],
        log=log.excerpt(),
    )
    problem = written(path, headless).problem
    assert problem is not None
    assert problem.code == "chain_broken"
    assert case.id in str(problem)


def place(content: bytes) -> tuple[str, int]:
    record = json.loads(content)
    return record["id"], record["seq"]


def test_directory_must_be_what_the_house_stated(
    tmp_path: Path, streams: list[StreamWriter]
) -> None:
    path = tmp_path / "bundle.zip"
    other = [{"id": "u_" + "b" * 26, "name": "乌云"}]
    problem = written(path, contents_of(*streams, directory=other)).problem
    assert problem is not None
    assert problem.code == "directory_differs"
    assert "directory.jsonl" in str(problem)
    problem = written(path, contents_of(*streams, grants=other)).problem
    assert problem is not None
    assert "grants.jsonl" in str(problem)
    assert written(path, contents_of(*streams, directory=[])).problem is None


def sealed_without(log: MadeUpLog, gone: StreamWriter) -> list[SealedLeaf]:
    places = [(gone.id, seq) for seq in range(1, len(gone.contents) + 1)]
    return [SealedLeaf(log.index[each], "L2", "密级管理") for each in places]


def test_sealed_records_are_single_nodes_and_counted(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    sealed = sealed_without(log, streams[0])
    contents = contents_of(*streams[1:], log=log)
    verdict = written(path, replace(contents, log=log.excerpt(sealed=sealed)))
    assert verdict.problem is None
    assert verdict.log is not None
    assert (verdict.claimed, verdict.log.sealed_count) == ((0, 33), 6)
    nodes = json_lines(read_bundle(path)["nodes.jsonl"])
    assert sorted(line["from"] for line in nodes) == sorted(leaf.index for leaf in sealed)
    assert streams[0].id not in read_bundle(path)["manifest.json"].decode()


def test_leaf_that_is_neither_here_nor_sealed_is_not_written(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    with pytest.raises(RangeIncomplete):
        write_bundle(tmp_path / "bundle.zip", contents_of(*streams[1:], log=log))
    assert list(tmp_path.iterdir()) == []


def test_case_omitted_by_whoever_has_the_key_leaves_its_leaves_missing(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, selection(log, *streams[1:]))
    forged = relist(read_bundle(path), lambda manifest: manifest.update(scope={"type": "all"}))
    path.write_bytes(pack_zip(forged))
    problem = verify_bundle(path).problem
    assert problem is not None
    assert problem.code == "range_not_whole"
    first = min(log.index[streams[0].id, seq] for seq in range(1, 7))
    assert str(problem).startswith("6 of the 33 leaves")
    assert str(problem).endswith(f"first {first}.")


def period(**others: Any) -> dict[str, Any]:
    return {"type": "period", "from": "2026-03-01", "to": "2026-03-31", **others}


def test_period_claims_its_range_and_no_more(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    """The cases that were touched in the range stand there whole, from their first record on."""
    path = tmp_path / "bundle.zip"
    first = min(log.index[streams[0].id, seq] for seq in (5, 6))
    touched = {stream_id for (stream_id, _), index in log.index.items() if index >= first}
    chosen = [stream for stream in streams if stream.id in touched]
    excerpt = log.excerpt(first_index=first)
    contents = contents_of(*chosen, log=log, scope=period())
    verdict = written(path, replace(contents, log=excerpt))
    assert verdict.problem is None
    assert verdict.claimed == (first, 33)


def test_period_without_a_record_says_so(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    contents = contents_of(streams[-1], log=log, scope=period(end_index=20))
    verdict = written(path, replace(contents, log=log.excerpt(first_index=20)))
    assert verdict.problem is None
    assert "应有 0 条，缺 0 条" in verdict_text("x", verdict, "zh")
    assert "Selection" not in verdict_text("x", verdict, "en")


def test_case_omitted_from_a_period_by_whoever_has_the_key_is_missed(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, selection(log, *streams[1:]))

    def claim(manifest: Any) -> None:
        manifest.update(scope=period(end_index=25), first_index=2)

    path.write_bytes(pack_zip(relist(read_bundle(path), claim)))
    problem = verify_bundle(path).problem
    gone = [log.index[streams[0].id, seq] for seq in range(1, 7)]
    missing = [index for index in gone if 2 <= index < 25]
    assert missing
    assert problem is not None
    assert problem.code == "range_not_whole"
    assert str(problem).startswith(f"{len(missing)} of the 23 leaves")


def test_period_may_end_before_the_log_does(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    contents = contents_of(*streams, log=log, scope=period(end_index=20))
    verdict = written(path, contents)
    assert verdict.problem is None
    assert verdict.claimed == (0, 20)
    with pytest.raises(ManifestBroken):
        write_bundle(path, contents_of(*streams, log=log, scope=period(end_index=34)))


@pytest.mark.parametrize(
    "scope",
    [
        {"type": "some"},
        {"type": "all", "more": 1},
        {"type": "period", "from": "2026-03-01"},
        {"type": "period", "from": "2026-03-01", "to": "March"},
        {"type": "cases", "cases": ["b", "a"]},
        {"type": "cases", "cases": "a"},
        {"type": "matter", "matter": ""},
        {"type": "all", "end_index": 3},
    ],
)
def test_scope_has_the_keys_of_its_type(
    tmp_path: Path, streams: list[StreamWriter], scope: dict[str, Any]
) -> None:
    with pytest.raises(ManifestBroken):
        write_bundle(tmp_path / "bundle.zip", contents_of(*streams, scope=scope))


def test_earlier_checkpoints_are_rebuilt_or_proven(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    for size in range(1, 33):
        contents = selection(log, streams[0])
        verdict = written(path, replace(contents, log=log.excerpt(size)))
        assert verdict.problem is None, size
        assert verdict.log is not None
        assert set(verdict.log.roots) == {size, 33}


def test_sizes_that_copies_outside_have_are_proven_on_demand(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    excerpt = log.excerpt(proven_sizes=range(1, 33))
    verdict = written(path, replace(selection(log, streams[0]), log=excerpt))
    assert verdict.problem is None
    lines = json_lines(read_bundle(path)["consistency.jsonl"])
    assert 5 < len(lines) < 32
    assert all(set(line) == {"size", "root", "proof"} for line in lines)


@settings(max_examples=40)
@given(data=st.data())
def test_any_selection_and_any_earlier_size_verifies(
    data: st.DataObject, tmp_path_factory: Any
) -> None:
    rng = random.Random(data.draw(st.integers(0, 1000)))
    written_streams = [case_with_history(rng) for _ in range(data.draw(st.integers(1, 6)))]
    whole = MadeUpLog(*written_streams)
    chosen = data.draw(st.lists(st.sampled_from(written_streams), unique=True, max_size=4))
    sizes = data.draw(st.lists(st.integers(1, len(whole.leaves)), max_size=3))
    path = tmp_path_factory.getbasetemp() / "any-selection.zip"
    contents = replace(selection(whole, *chosen), log=whole.excerpt(*sizes))
    assert written(path, contents).problem is None


def test_log_that_does_not_fit_the_records_is_not_written(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    contents = contents_of(*streams)
    notes = [log.checkpoint()]
    swapped = [log.leaves[1], log.leaves[0], *log.leaves[2:]]
    other = MadeUpLog(*streams[1:])
    for excerpt in (
        LogExcerpt(leaves=log.leaves[:-1], checkpoints=notes),
        LogExcerpt(leaves=[*log.leaves, log.leaves[0]], checkpoints=notes),
        LogExcerpt(leaves=swapped, checkpoints=notes),
        LogExcerpt(leaves=log.leaves, checkpoints=[]),
        LogExcerpt(leaves=log.leaves, checkpoints=[*notes, log.checkpoint(5)]),
        LogExcerpt(leaves=log.leaves, checkpoints=[other.checkpoint(5), *notes]),
        LogExcerpt(leaves=log.leaves, checkpoints=[log.checkpoint(20)]),
        log.excerpt(sealed=[SealedLeaf(40, "L2", "x")]),
        log.excerpt(sealed=[SealedLeaf(3, "L2", "x")]),
    ):
        with pytest.raises(LogDiffers):
            write_bundle(path, replace(contents, log=excerpt))
    with pytest.raises(LogDiffers, match="another"):
        write_bundle(path, replace(contents, log=log.excerpt(), origin="another"))
    with pytest.raises(NoteUnsigned):
        write_bundle(path, replace(contents, log=log.excerpt(), key=replace(KEY, name="x")))
    assert list(tmp_path.iterdir()) == []


def test_missing_doubled_and_misplaced_leaves_are_named(
    tmp_path: Path, streams: list[StreamWriter], log: MadeUpLog
) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, selection(log, streams[0], streams[3]))
    files = read_bundle(path)
    nodes, positions = json_lines(files["nodes.jsonl"]), json_lines(files["positions.jsonl"])

    def code_with(**changed: list[Any]) -> str:
        others = {f"{name}.jsonl": to_lines(lines) for name, lines in changed.items()}
        path.write_bytes(pack_zip(relist(files | others)))
        problem = verify_bundle(path).problem
        return problem.code if problem else "none"

    assert code_with(nodes=nodes[1:]) == "tree_leaf_missing"
    assert code_with(nodes=nodes[:-1]) == "tree_leaf_missing"
    assert code_with(nodes=[*nodes[:-1], nodes[-1] | {"hash": "0" * 64}]) == "tree_root_differs"
    assert code_with(nodes=[*nodes[1:], nodes[0]]) == "tree_leaf_missing"
    assert code_with(nodes=[*nodes, nodes[-1]]) == "tree_broken"
    taken = {"from": positions[0]["index"], "to": positions[0]["index"] + 1, "hash": "0" * 64}
    doubled = sorted([*nodes, taken], key=lambda line: line["from"])
    assert code_with(nodes=doubled) == "tree_leaf_doubled"
    assert code_with(positions=positions[1:]) == "position_broken"
    assert code_with(positions=[*positions, positions[-1]]) == "position_broken"
    swapped = [
        line | {"index": other["index"]}
        for line, other in zip(positions, positions[::-1], strict=True)
    ]
    assert code_with(positions=swapped) == "tree_root_differs"
    twice = [positions[0], positions[1] | {"index": positions[0]["index"]}, *positions[2:]]
    assert code_with(positions=twice).startswith("tree_leaf_")
    beyond = [*positions[:-1], positions[-1] | {"index": 99}]
    assert code_with(positions=beyond) == "tree_leaf_missing"


def test_house_records_may_be_left_out_in_a_selection_only(
    tmp_path: Path, streams: list[StreamWriter]
) -> None:
    path = tmp_path / "bundle.zip"
    rng = random.Random(5)
    house = house_stream(rng)
    house_record(house, "login")
    whole = MadeUpLog(*streams[:2], house)
    contents = contents_of(*streams[:2], house, log=whole)
    kept = [each for each in contents.records if place(each[1]) != (house.id, 2)]
    lines = [line for line in contents.payloads if (line.id, line.seq) != (house.id, 2)]
    scope = {"type": "matter", "matter": "m"}
    fewer = replace(contents, records=kept, payloads=lines, log=whole.excerpt(), scope=scope)
    assert written(path, fewer).problem is None
    forged = relist(read_bundle(path), lambda manifest: manifest.update(scope={"type": "all"}))
    path.write_bytes(pack_zip(forged))
    problem = verify_bundle(path).problem
    assert problem is not None
    assert problem.code == "chain_broken"
