"""Each way of changing a bundle is named for what it is."""

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.bundles import (
    Files,
    as_format_0,
    json_lines,
    pack_zip,
    read_bundle,
    rehash,
    relist,
    relist_unsigned,
    rewritten,
    to_lines,
)
from tests.support.forged import Forger, corrected_forgeries
from tests.support.journal import KEY, PACK_HASH, case_with_history, contents_of, house_stream
from workflows.audit.bundle import write_bundle
from workflows.audit.report import verdict_text
from workflows.audit.verifier import verify_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rng = random.Random(20260302)
    path = tmp_path_factory.mktemp("bundle") / "original.zip"
    write_bundle(
        path, contents_of(case_with_history(rng), case_with_history(rng), house_stream(rng))
    )
    assert verify_bundle(path).is_right
    return path.read_bytes()


@pytest.fixture
def files(bundle: bytes, tmp_path: Path) -> Files:
    path = tmp_path / "read.zip"
    path.write_bytes(bundle)
    return read_bundle(path)


def problem_of(tmp_path: Path, content: bytes) -> tuple[str, str]:
    """Verify these bytes and give the code and the text of the problem."""
    path = tmp_path / "forged.zip"
    path.write_bytes(content)
    problem = verify_bundle(path).problem
    return ("none", "") if problem is None else (problem.code, str(problem))


def with_lines(files: Files, name: str, change: Callable[[list[Any]], None]) -> Files:
    """Change the lines of a file and make the manifest agree with the file again."""
    lines = json_lines(files[name])
    change(lines)
    return relist(files | {name: to_lines(lines)})


def first_of(lines: list[Any], kind: str) -> Any:
    return next(line for line in lines if line["kind"] == kind)


def test_files_packed_again_unchanged_are_the_same_bundle(bundle: bytes, files: Files) -> None:
    assert pack_zip(relist(files)) == bundle


def test_value_edited_in_place_is_a_file_that_differs(tmp_path: Path, bundle: bytes) -> None:
    forged = bundle.replace(b'"rung":2', b'"rung":3', 1)
    code, text = problem_of(tmp_path, forged)
    assert code == "file_differs"
    assert "records.jsonl" in text


def test_value_edited_and_listed_again_breaks_the_chain(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        first_of(lines, "clock_fired")["effects"]["opened"][0]["rung"] = 3

    code, text = problem_of(tmp_path, pack_zip(with_lines(files, "records.jsonl", change)))
    assert code == "chain_broken"
    assert "record 6: prev" in text


def test_edited_last_record_is_not_the_manifests_head(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        first_of(lines, "corrected")["role"] = "auditor"

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "records.jsonl", change)))
    assert code == "chain_head_differs"


def test_forged_corrections_are_named_even_when_all_is_hashed_again(
    tmp_path: Path, bundle: bytes
) -> None:
    path = tmp_path / "original.zip"
    path.write_bytes(bundle)
    found = {
        name: problem_of(tmp_path, pack_zip(changed))[0]
        for name, changed in corrected_forgeries(Forger.of(path))
    }
    assert found == {
        "correction moves the marking": "record_invalid",
        "correction ends the case": "record_invalid",
        "correction closes a task": "record_invalid",
        "correction is about no record": "record_invalid",
        "correction is about a later record": "record_invalid",
        "correction of another value": "tree_root_differs",
    }


def test_edited_payload_is_not_what_the_record_commits_to(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[1]["payload"]["reason"] = "未按期整改"

    code, text = problem_of(tmp_path, pack_zip(with_lines(files, "payloads.jsonl", change)))
    assert code == "payload_differs"
    assert "seq 2" in text


def test_swapped_payloads_are_not_what_the_records_commit_to(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[0]["payload"], lines[1]["payload"] = lines[1]["payload"], lines[0]["payload"]
        lines[0]["salt"], lines[1]["salt"] = lines[1]["salt"], lines[0]["salt"]

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "payloads.jsonl", change)))
    assert code == "payload_differs"


def test_forged_salt_does_not_save_an_edited_payload(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[0]["salt"] = "00" * 16

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "payloads.jsonl", change)))
    assert code == "payload_differs"


def test_payload_left_out_without_a_reason_is_missing(tmp_path: Path, files: Files) -> None:
    code, text = problem_of(
        tmp_path, pack_zip(with_lines(files, "payloads.jsonl", lambda lines: lines.pop(2)))
    )
    assert code == "payload_missing"
    assert "seq 3" in text


def test_payload_of_no_record_is_unexpected(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines.append(lines[-1] | {"seq": lines[-1]["seq"] + 1})

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "payloads.jsonl", change)))
    assert code == "payload_unexpected"


def test_withholding_without_words_is_refused(tmp_path: Path, files: Files) -> None:
    place = json_lines(files["payloads.jsonl"])[0]
    entry = {"id": place["id"], "seq": place["seq"], "reason": " ", "by": "office"}
    forged = relist(files, lambda manifest: manifest.update(withheld=[entry]))
    assert problem_of(tmp_path, pack_zip(forged))[0] == "manifest_broken"


def test_withholding_what_is_shown_is_named(tmp_path: Path, files: Files) -> None:
    place = json_lines(files["payloads.jsonl"])[0]
    entry = {"id": place["id"], "seq": place["seq"], "reason": "保密", "by": "office"}
    forged = relist(files, lambda manifest: manifest.update(withheld=[entry]))
    assert problem_of(tmp_path, pack_zip(forged))[0] == "payload_withheld_wrong"


def test_deleted_record_breaks_the_chain(tmp_path: Path, files: Files) -> None:
    code, text = problem_of(
        tmp_path, pack_zip(with_lines(files, "records.jsonl", lambda lines: lines.pop(2)))
    )
    assert code == "chain_broken"
    assert "seq is 4, but must be 3" in text


def test_reordered_records_break_the_chain(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[2], lines[3] = lines[3], lines[2]

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "records.jsonl", change)))
    assert code == "chain_broken"


def test_streams_out_of_order_break_the_chain(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[:] = sorted(lines, key=lambda line: line["id"], reverse=True)

    code, text = problem_of(tmp_path, pack_zip(with_lines(files, "records.jsonl", change)))
    assert code == "chain_broken"
    assert "after" in text


def test_backdated_record_is_named_even_when_all_is_hashed_again(
    tmp_path: Path, files: Files
) -> None:
    def change(lines: list[Any]) -> None:
        lines[3]["recorded_at"] = "2026-02-01T00:00:00.000000Z"
        rehash(lines)

    code, text = problem_of(tmp_path, pack_zip(with_lines(files, "records.jsonl", change)))
    assert code == "chain_broken"
    assert "recorded_at" in text


def test_truncated_tail_is_not_the_manifests_head(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        last = max(i for i, line in enumerate(lines) if line["kind"] == "corrected")
        del lines[last]

    code, text = problem_of(tmp_path, pack_zip(with_lines(files, "records.jsonl", change)))
    assert code == "chain_head_differs"
    assert "6 records" in text


def test_removed_case_stands_in_the_manifest(tmp_path: Path, files: Files) -> None:
    gone = json_lines(files["records.jsonl"])[0]["id"]
    for name in ("records.jsonl", "payloads.jsonl", "state.jsonl"):
        kept = [line for line in json_lines(files[name]) if line["id"] != gone]
        files = files | {name: to_lines(kept)}
    code, text = problem_of(tmp_path, pack_zip(relist(files)))
    assert code == "chain_head_differs"
    assert gone in text


def test_added_case_does_not_stand_in_the_manifest(tmp_path: Path, files: Files) -> None:
    forged = relist(files, lambda manifest: manifest["streams"].popitem())
    assert problem_of(tmp_path, pack_zip(forged))[0] == "chain_head_differs"


@pytest.mark.parametrize(
    "key, value",
    [("ended", True), ("marking", None), ("seq", 5), ("tasks", []), ("clocks", []), ("ended", 0)],
)
def test_changed_state_line_is_named(tmp_path: Path, files: Files, key: str, value: Any) -> None:
    def change(lines: list[Any]) -> None:
        lines[0][key] = value

    code, text = problem_of(tmp_path, pack_zip(with_lines(files, "state.jsonl", change)))
    assert code == "state_differs"
    assert key in text


def test_changed_fact_in_a_state_line_is_named(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[1]["facts"]["score"] = 1

    code, text = problem_of(tmp_path, pack_zip(with_lines(files, "state.jsonl", change)))
    assert code == "state_differs"
    assert "facts.score" in text


def test_fact_withheld_though_its_payload_is_here_is_named(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        del lines[0]["facts"]["score"]
        lines[0]["withheld"] = ["score"]

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "state.jsonl", change)))
    assert code == "state_differs"


def test_missing_and_unknown_state_lines_are_named(tmp_path: Path, files: Files) -> None:
    fewer = with_lines(files, "state.jsonl", lambda lines: lines.pop())
    assert problem_of(tmp_path, pack_zip(fewer))[0] == "state_missing"
    more = with_lines(files, "state.jsonl", lambda lines: lines.append({"id": "z"}))
    assert problem_of(tmp_path, pack_zip(more))[0] == "state_unexpected"


def test_record_that_does_not_fit_the_state_is_named(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        first_of(lines, "clock_fired")["from"] = first_of(lines, "case_opened")["to"]

    forged = rewritten(files, change)
    assert problem_of(tmp_path, pack_zip(forged))[0] == "fold_marking_differs"


def test_changed_definition_does_not_have_its_hash(tmp_path: Path, files: Files) -> None:
    name = f"definitions/{PACK_HASH}/parameters.toml"
    code, text = problem_of(tmp_path, pack_zip(relist(files | {name: b"R_PLAN = 150\n"})))
    assert code == "hash_differs"
    assert PACK_HASH in text


def test_definition_left_out_is_missed_by_the_records(tmp_path: Path, files: Files) -> None:
    kept = {name: files[name] for name in files if not name.startswith("definitions/")}
    code, text = problem_of(tmp_path, pack_zip(relist(kept)))
    assert code == "reference_missing"
    assert "definition" in text


def test_changed_calendar_does_not_have_its_hash(tmp_path: Path, files: Files) -> None:
    name = next(name for name in files if name.startswith("calendars/"))
    changed = files[name].replace(b'"is_workday":false', b'"is_workday":true', 1)
    assert problem_of(tmp_path, pack_zip(relist(files | {name: changed})))[0] == "hash_differs"


def test_changed_marking_does_not_have_its_hash(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[0]["marking"] = ["ladder", 99]

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "markings.jsonl", change)))
    assert code == "hash_differs"


def test_file_added_to_the_zip_only_is_named(tmp_path: Path, files: Files) -> None:
    name = f"attachments/{'a' * 64}"
    code, text = problem_of(tmp_path, pack_zip(files | {name: b"x"}))
    assert code == "file_unexpected"
    assert name in text


def test_file_that_the_format_does_not_have_is_named(tmp_path: Path, files: Files) -> None:
    for name in ("nodes.json", "checkpoints/0.note", "../escape", "definitions/x", "keys.jsonl"):
        code, _ = problem_of(tmp_path, pack_zip(relist(files | {name: b""})))
        assert code == "file_unexpected", name


def test_file_left_out_is_named(tmp_path: Path, files: Files) -> None:
    del files["register.jsonl"]
    assert problem_of(tmp_path, pack_zip(files))[0] == "file_missing"
    assert problem_of(tmp_path, pack_zip(relist(files)))[0] == "file_missing"


def test_changed_zip_header_byte_is_named_with_its_place(tmp_path: Path, bundle: bytes) -> None:
    forged = bytearray(bundle)
    forged[10] ^= 1
    code, text = problem_of(tmp_path, bytes(forged))
    assert code == "zip_form_broken"
    assert "byte 10:" in text


def test_changed_checksum_in_both_headers_is_named(tmp_path: Path, bundle: bytes) -> None:
    crc = bundle[14:18]
    forged = bundle.replace(crc, struct.pack("<I", struct.unpack("<I", crc)[0] ^ 1))
    code, text = problem_of(tmp_path, forged)
    assert code == "zip_form_broken"
    assert "checksum of 'README.md'" in text


def test_bytes_before_between_or_after_are_named(tmp_path: Path, bundle: bytes) -> None:
    for forged in (b"MZ" + bundle, bundle + b"\0", bundle[:-1], bundle[:200] + b"x" + bundle[200:]):
        assert problem_of(tmp_path, forged)[0] == "zip_form_broken"


def test_a_line_in_another_form_is_named(tmp_path: Path, files: Files) -> None:
    original = files["records.jsonl"]
    for forged in (
        original.replace(b'"about":null,', b'"about": null,', 1),
        original.replace(b'"v":1', b'"v":1.0', 1),
        original.replace(b'"v":1', b'"v":9007199254740992', 1),
        original.replace(b'"v":1', b'"v":1,"v":1', 1),
        original[:-1],
        original.replace(b"office", b"\xff\xfe", 1),
        b"[" * 100_000 + b"\n",
        b"\n" + original,
    ):
        changed = relist(files | {"records.jsonl": forged})
        assert problem_of(tmp_path, pack_zip(changed))[0] == "line_not_canonical"


def test_a_record_with_a_key_too_many_is_named(tmp_path: Path, files: Files) -> None:
    def change(lines: list[Any]) -> None:
        lines[0]["note"] = "x"

    code, _ = problem_of(tmp_path, pack_zip(with_lines(files, "records.jsonl", change)))
    assert code == "record_invalid"


@pytest.mark.parametrize("line", [[], "x", 3, None, {"id": 5}])
def test_lines_that_are_no_objects_are_named(tmp_path: Path, files: Files, line: Any) -> None:
    for name in sorted(name for name in files if name.endswith(".jsonl")):
        if name.startswith(("calendars/", "directory", "grants", "organisations", "register")):
            continue
        changed = files | {name: to_lines([line]) + files[name]}
        assert problem_of(tmp_path, pack_zip(relist(changed)))[0] != "none", name


def test_format_0_is_read_as_unsigned_and_takes_no_anchor(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "old.zip"
    path.write_bytes(pack_zip(as_format_0(files)))
    verdict = verify_bundle(path)
    assert verdict.problem is None
    assert not verdict.is_signed
    assert (verdict.format, verdict.log, verdict.claimed) == ("duban-bundle/0", None, (0, 0))
    assert "未签名" in verdict_text("x", verdict, "zh")
    problem = verify_bundle(path, fingerprint=KEY.fingerprint).problem
    assert problem is not None
    assert problem.code == "anchor_without_log"


def test_format_0_never_passes_as_1_nor_1_as_0(tmp_path: Path, files: Files) -> None:
    old = as_format_0(files)
    claimed = relist_unsigned(old, lambda manifest: manifest.update(format="duban-bundle/1"))
    assert problem_of(tmp_path, pack_zip(claimed))[0] == "manifest_broken"
    stripped = relist(files, lambda manifest: manifest.update(format="duban-bundle/0"))
    assert problem_of(tmp_path, pack_zip(stripped))[0] == "manifest_broken"
    signed = relist(old | {"manifest.note": files["manifest.note"]})
    assert problem_of(tmp_path, pack_zip(signed))[0] == "file_unexpected"


def test_other_formats_are_never_taken_for_this_one(tmp_path: Path, files: Files) -> None:
    for name in ("duban-bundle/2", "duban-bundle/10", None, 0):
        forged = relist(files, lambda manifest, name=name: manifest.update(format=name))
        assert problem_of(tmp_path, pack_zip(forged))[0] == "format_unknown"


def test_no_zip_no_file_and_an_empty_file_are_named(tmp_path: Path) -> None:
    assert problem_of(tmp_path, b"")[0] == "zip_form_broken"
    assert problem_of(tmp_path, b"PK" * 1000)[0] == "zip_form_broken"
    missing = verify_bundle(tmp_path / "missing.zip").problem
    assert missing is not None
    assert missing.code == "bundle_unreadable"
