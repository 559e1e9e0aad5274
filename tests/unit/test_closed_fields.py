"""A value that is committed to by itself can be shown or withheld, and nothing else about it."""

import json
import random
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.bundles import Files, json_lines, pack_zip, read_bundle, relist, to_lines
from tests.support.forged import Forger
from tests.support.journal import case_with_closed_fields, contents_of, house_stream
from workflows.audit.bundle import write_bundle
from workflows.audit.canonical import canonical
from workflows.audit.commitment import (
    SealBroken,
    ShapeTaken,
    close_fields,
    field_commitment,
    new_subject_key,
    open_payload,
    seal_payload,
)
from workflows.audit.report import verdict_text
from workflows.audit.verifier import Verdict, verify_bundle
from workflows.domain.closed_fields import COVER, closed_places, covered, is_closed, with_values

PAYLOAD = {
    "facts": {"lead": {"old": None, "new": "甲"}, "score": {"old": 1, "new": 2}},
    "form": {"lead": "甲", "score": 2, "helper": None},
    "trace_values": {"is_named": {"lead": "甲"}, "plain": 3},
    "reason": None,
    "links": {},
    "attachments": [],
}
NAMES = frozenset({"lead", "helper"})


def made(folder: Path, withheld: Collection[str] = ()) -> Path:
    rng = random.Random(20260302)
    path = folder / f"{len(withheld)}.zip"
    write_bundle(path, contents_of(case_with_closed_fields(rng, withheld), house_stream(rng)))
    return path


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("opened"))


@pytest.fixture(scope="module")
def withheld(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("withheld"), ("named", "plan"))


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("half"), ("named",))


def right(path: Path) -> Verdict:
    verdict = verify_bundle(path)
    assert verdict.problem is None, verdict.problem
    return verdict


def problem_of(folder: Path, content: bytes) -> tuple[str, str]:
    path = folder / "forged.zip"
    path.write_bytes(content)
    problem = verify_bundle(path).problem
    return ("none", "") if problem is None else (problem.code, str(problem))


# ------------------------------------------------------------------ closing


def test_closed_payload_tells_nothing_of_the_value_and_opens_to_it() -> None:
    content, openings = close_fields(PAYLOAD, NAMES)
    closed = json.loads(content)
    assert "甲" not in json.dumps(closed, ensure_ascii=False)
    assert closed["form"]["score"] == 2
    assert closed["form"]["helper"] is None
    values = {key: each["value"] for key, each in json.loads(openings).items()}
    assert with_values(closed, values) == PAYLOAD
    # The one value of one name has one commitment, wherever it stands.
    assert len(values) == 1
    assert {name for name, _ in closed_places(closed)} == {"lead"}


def test_commitment_is_what_the_page_of_bytes_says() -> None:
    content, openings = close_fields(PAYLOAD, NAMES)
    closed = json.loads(content)
    ((key, opening),) = json.loads(openings).items()
    assert closed["form"]["lead"] == {"commitment": key}
    assert key == field_commitment(bytes.fromhex(opening["salt"]), "lead", "甲")
    assert key != field_commitment(bytes.fromhex(opening["salt"]), "helper", "甲")


def test_same_value_is_committed_to_with_another_salt_each_time() -> None:
    assert len({close_fields(PAYLOAD, NAMES)[0] for _ in range(5)}) == 5


def test_payload_without_such_a_field_stays_as_it_is() -> None:
    as_it_is = (canonical(PAYLOAD), b"")
    for names in (frozenset(), frozenset({"other"}), frozenset({"helper"})):
        assert close_fields(PAYLOAD, names) == as_it_is, "null is nothing to withhold"


@pytest.mark.parametrize("names", [frozenset(), NAMES])
def test_value_that_looks_like_a_commitment_is_not_recorded(names: frozenset[str]) -> None:
    taken = {**PAYLOAD, "form": {"lead": {"commitment": "a" * 64}}}
    with pytest.raises(ShapeTaken):
        close_fields(taken, names)


def test_cover_is_closed_and_hides_the_value() -> None:
    hidden = covered(PAYLOAD, {"lead"})
    assert is_closed(hidden["form"]["lead"])
    assert hidden["form"]["lead"] == hidden["facts"]["lead"]["new"] == dict(COVER)
    assert hidden["facts"]["score"] == {"old": 1, "new": 2}
    assert "甲" not in json.dumps(hidden, ensure_ascii=False)


@pytest.mark.parametrize(
    "value", [None, "x", [], {}, {"commitment": "x"}, {"commitment": "a" * 64, "x": 1}, "a" * 64]
)
def test_nothing_else_is_closed(value: Any) -> None:
    assert not is_closed(value)


# ------------------------------------------------------------------ sealing


def test_openings_are_sealed_with_their_payload_and_for_its_place_alone() -> None:
    key, content, openings = new_subject_key(), canonical({"a": 1}), b'{"b":2}'
    sealed = seal_payload(key, "c_a", 3, content, openings)
    found = open_payload(key, "c_a", 3, sealed.sealed)
    assert (found.content, found.openings) == (content, openings)
    for stream_id, seq, other_key in (("c_b", 3, key), ("c_a", 4, key)):
        with pytest.raises(SealBroken):
            open_payload(other_key, stream_id, seq, sealed.sealed)
    with pytest.raises(SealBroken):
        open_payload(new_subject_key(), "c_a", 3, sealed.sealed)


def test_one_form_of_sealing_is_not_taken_for_the_other() -> None:
    key = new_subject_key()
    for openings in (b"", b'{"b":2}'):
        sealed = seal_payload(key, "c_a", 3, b'{"a":1}', openings).sealed
        other = (b"\x01" if openings else b"\x02") + sealed[1:]
        with pytest.raises(SealBroken):
            open_payload(key, "c_a", 3, other)


# ------------------------------------------------------------------ bundles


def test_opened_and_withheld_stand_under_the_same_commitments(
    opened: Path, withheld: Path, half: Path
) -> None:
    assert right(opened).counts.fields == 0
    assert right(half).counts.fields == 1
    assert right(withheld).counts.fields == 4
    text = read_bundle(withheld)["payloads.jsonl"].decode()
    for secret in ("乌兰", "宝音"):
        assert secret in read_bundle(opened)["payloads.jsonl"].decode()
        assert secret not in text
    assert "按期" in text
    lines = json_lines(read_bundle(withheld)["state.jsonl"])
    assert [line["withheld"] for line in lines] == [["plan"]]
    assert lines[0]["facts"]["score"] == 65


def test_a_field_can_be_withheld_from_what_was_shown_and_no_hash_changes(
    opened: Path, tmp_path: Path
) -> None:
    files = read_bundle(opened)
    lines, states = json_lines(files["payloads.jsonl"]), json_lines(files["state.jsonl"])
    for line in lines:
        if "openings" in line:
            line["openings"] = {key: {"by": "x", "reason": "个人"} for key in line["openings"]}
    for state in states:
        del state["facts"]["plan"]
        state["withheld"] = ["plan"]
    changed = files | {"payloads.jsonl": to_lines(lines), "state.jsonl": to_lines(states)}
    path = tmp_path / "redacted.zip"
    path.write_bytes(pack_zip(relist(changed)))
    assert right(path).counts.fields == 4
    assert read_bundle(path)["records.jsonl"] == files["records.jsonl"]


def test_verdict_says_how_many_fields_are_withheld(opened: Path, withheld: Path) -> None:
    assert "4 single fields" in verdict_text("x.zip", right(withheld))
    assert "4 个单独封存的栏目" in verdict_text("x.zip", right(withheld), "zh")
    assert "single fields" not in verdict_text("x.zip", right(opened))


def named(path: Path, folder: Path) -> Iterator[tuple[str, str]]:
    forger = Forger.of(path)
    for name, content in forger.forgeries_of_fields():
        yield name, problem_of(folder, content)[0]


EXPECTED = {
    "field left out": "payload_field_missing",
    "all fields left out": "payload_field_missing",
    "opening of no field": "payload_field_unexpected",
    "reason for no field": "payload_field_unexpected",
    "withheld for ' '": "payload_invalid",
    "withheld by nobody": "payload_invalid",
    "field is '甲'": "payload_field_differs",
    "field is None": "payload_field_differs",
    "salt of a field is '00000000000000000000000000000000'": "payload_field_differs",
    "salt of a field is 0": "payload_invalid",
    "field elsewhere": "payload_differs",
    "fact 甲": "state_differs",
    "fact None": "state_differs",
}


def test_each_forgery_of_a_field_is_named(opened: Path, withheld: Path, tmp_path: Path) -> None:
    for path in (opened, withheld):
        found = dict(named(path, tmp_path))
        assert [name for name, code in found.items() if code == "none"] == []
        for name, code in found.items():
            assert EXPECTED.get(name, code) == code, name
    assert EXPECTED.keys() <= dict(named(opened, tmp_path)).keys()


def test_field_withheld_though_a_later_record_tells_it_stays_closed(
    half: Path, tmp_path: Path
) -> None:
    def change(files: Files) -> bytes:
        lines = json_lines(files["state.jsonl"])
        lines[0]["facts"].pop("plan")
        lines[0]["withheld"] = ["plan"]
        return pack_zip(relist(files | {"state.jsonl": to_lines(lines)}))

    assert problem_of(tmp_path, change(read_bundle(half)))[0] == "state_differs"
