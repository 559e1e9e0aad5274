"""Sharing the work among processes changes no verdict."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.bundles import Files, json_lines, pack_zip, read_bundle, relist, to_lines
from tests.support.journal import case_with_history, contents_of, house_stream
from workflows.audit.bundle import write_bundle
from workflows.audit.bundle_contents import Withheld
from workflows.audit.verifier import Verdict, verify_bundle

SMALL = 4_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    rng = random.Random(20260311)
    streams = [*(case_with_history(rng) for _ in range(12)), house_stream(rng)]
    path = tmp_path_factory.mktemp("parts") / "bundle.zip"
    last = max(streams, key=lambda stream: stream.id)
    entry = Withheld(last.id, 1, "密级", "定密人")
    payloads = [
        line for line in contents_of(*streams).payloads if (line.id, line.seq) != (last.id, 1)
    ]
    write_bundle(path, contents_of(*streams, payloads=payloads, withheld=[entry]))
    return read_bundle(path)


def whole(path: Path) -> Verdict:
    return verify_bundle(path, workers=1)


def in_parts(path: Path, workers: int = 1) -> Verdict:
    return verify_bundle(path, workers=workers, part_bytes=SMALL)


def dropped(name: str, at: int) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        lines = json_lines(files[name])
        del lines[at]
        return files | {name: to_lines(lines)}

    return change


def swapped(name: str, one: int, other: int) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        lines = json_lines(files[name])
        lines[one], lines[other] = lines[other], lines[one]
        return files | {name: to_lines(lines)}

    return change


def edited(name: str, at: int, key: str, value: Any) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        lines = json_lines(files[name])
        lines[at][key] = value
        return files | {name: to_lines(lines)}

    return change


def spoilt(name: str, found: bytes, other: bytes) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        head, mark, tail = files[name].rpartition(found)
        assert mark
        return files | {name: head + other + tail}

    return change


CHANGES = [
    dropped("records.jsonl", 40),
    dropped("records.jsonl", -1),
    dropped("payloads.jsonl", 33),
    dropped("positions.jsonl", 50),
    dropped("state.jsonl", 7),
    swapped("records.jsonl", 3, 60),
    swapped("records.jsonl", 10, 11),
    swapped("payloads.jsonl", 3, 60),
    swapped("state.jsonl", 2, 9),
    swapped("positions.jsonl", 5, 70),
    edited("records.jsonl", 44, "role", "auditor"),
    edited("state.jsonl", 8, "ended", True),
    edited("payloads.jsonl", 55, "salt", "00" * 16),
    spoilt("records.jsonl", b'"v":1', b'"v": 1'),
    spoilt("payloads.jsonl", b'"reason":', b'"Reason":'),
    spoilt("records.jsonl", b"\n", b""),
    spoilt("state.jsonl", b'{"clocks"', b'["clocks"'),
    spoilt("positions.jsonl", b'"index":', b'"index":0'),
]


@pytest.mark.parametrize("change", CHANGES)
def test_parts_name_the_problem_that_the_whole_names(
    tmp_path: Path, files: Files, change: Callable[[Files], Files]
) -> None:
    path = tmp_path / "forged.zip"
    path.write_bytes(pack_zip(relist(change(files))))
    expected, found = whole(path).problem, in_parts(path).problem
    assert expected is not None
    assert found is not None
    assert found.code == expected.code


def test_processes_count_what_one_counts(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(pack_zip(files))
    assert len(files["records.jsonl"]) > 10 * SMALL
    expected, found = whole(path), in_parts(path, workers=2)
    assert expected.problem is None
    assert expected.counts.withheld == 1
    assert found == expected


def test_error_of_another_process_arrives_with_all_it_tells(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "forged.zip"
    path.write_bytes(pack_zip(relist(CHANGES[0](files))))
    expected, found = whole(path).problem, in_parts(path, workers=2).problem
    assert expected is not None
    assert found is not None
    assert (found.code, found.attributes) == (expected.code, expected.attributes)


def test_line_numbers_are_those_of_the_file(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "forged.zip"
    path.write_bytes(pack_zip(relist(CHANGES[13](files))))
    count = len(json_lines(files["records.jsonl"]))
    assert f"records.jsonl line {count} " in str(in_parts(path).problem)
