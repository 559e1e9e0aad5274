"""A bundle is one canonical zip, the same for the same contents, and holds what it should."""

import ast
import json
import random
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.bundles import json_lines, read_bundle
from tests.support.journal import (
    PACK_HASH,
    StreamWriter,
    case_with_history,
    contents_of,
    house_stream,
)
from workflows.audit.bundle import PackDiffers, heads_hash, write_bundle
from workflows.audit.bundle_contents import BundleOrder, Withheld
from workflows.audit.canonical import sha256_hex
from workflows.audit.manifest import REQUIRED_FILES, FileUnexpected, ManifestBroken
from workflows.audit.report import main, verdict_text
from workflows.audit.shipping import verifier_source
from workflows.audit.verifier import verify_bundle
from workflows.audit.zipform import ZipMember, directory, local_header, read_members
from workflows.domain.records import Effects, RecordKind


def streams(seed: int = 3) -> list[StreamWriter]:
    rng = random.Random(seed)
    return [case_with_history(rng), case_with_history(rng), house_stream(rng)]


def test_bundle_verifies_and_counts_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    summary = write_bundle(path, contents_of(*streams()))
    verdict = verify_bundle(path)
    assert verdict.problem is None
    assert verdict.is_signed
    assert verdict.counts.records == summary.record_count == 15
    assert (verdict.counts.streams, verdict.counts.cases, verdict.counts.payloads) == (3, 2, 15)
    assert verdict.claimed == (0, 15)
    assert path.stat().st_size == summary.size_bytes
    assert [entry.name for entry in tmp_path.iterdir()] == ["bundle.zip"]


def test_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_bundle(tmp_path / name, contents_of(*streams()))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_other_zip_programs_read_it(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, contents_of(*streams()))
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        entries = archive.infolist()
        assert archive.testzip() is None
    assert names == sorted(names, key=str.encode)
    assert set(names) >= REQUIRED_FILES
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert not any(entry.extra or entry.comment for entry in entries)


def test_zip_of_another_program_is_not_canonical(tmp_path: Path) -> None:
    path, again = tmp_path / "bundle.zip", tmp_path / "again.zip"
    write_bundle(path, contents_of(*streams()))
    with zipfile.ZipFile(again, "w") as archive:
        for name, content in read_bundle(path).items():
            archive.writestr(name, content)
    problem = verify_bundle(again).problem
    assert problem is not None
    assert problem.code == "zip_form_broken"


def test_manifest_has_the_keys_of_the_format_and_every_other_file(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    written = streams()
    summary = write_bundle(path, contents_of(*written))
    files = read_bundle(path)
    manifest = json.loads(files["manifest.json"])
    assert sorted(manifest) == sorted(
        [
            "format",
            "origin",
            "made_at",
            "scope",
            "recipient",
            "app_version",
            "key_name",
            "public_key",
            "tree_size",
            "first_index",
            "streams",
            "withheld",
            "sealed",
            "files",
        ]
    )
    assert manifest["files"].keys() == files.keys() - {"manifest.json", "manifest.note"}
    for name, listed in manifest["files"].items():
        assert listed == {"sha256": sha256_hex(files[name]), "bytes": len(files[name])}
    heads = {stream.id: (stream.head.seq, stream.head.hash) for stream in written}
    assert heads_hash(heads) == summary.heads_hash
    assert {key: tuple(value.values())[::-1] for key, value in manifest["streams"].items()} == heads


def test_verify_py_of_the_bundle_runs_alone(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, contents_of(*streams()))
    script = tmp_path / "alone" / "verify.py"
    script.parent.mkdir()
    script.write_bytes(read_bundle(path)["verify.py"])
    assert script.read_text(encoding="utf-8") == verifier_source()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # -I -S: neither our packages nor anybody else's can be found.
        command = [sys.executable, "-I", "-S", str(script), *arguments]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", cwd=script.parent, check=False
        )

    good = run(str(path))
    assert good.returncode == 0, good.stderr
    assert "not compared with any copy outside" in good.stdout
    content = path.read_bytes().replace(b'"rung":2', b'"rung":4', 1)
    path.write_bytes(content)
    forged = run(str(path))
    assert forged.returncode == 1
    assert "file_differs" in forged.stdout
    assert run().returncode == 2
    assert run(str(tmp_path / "missing.zip")).returncode == 1


def test_verify_py_needs_the_standard_library_only_and_no_name_stands_twice() -> None:
    names: list[str] = []
    for node in ast.parse(verifier_source()).body:
        if isinstance(node, ast.Import):
            assert {name.name for name in node.names} <= sys.stdlib_module_names
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] in sys.stdlib_module_names
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [ast.unparse(target) for target in targets]
    assert len(names) > 100
    assert sorted(names) == sorted(set(names))


def test_verify_py_and_duban_verify_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, contents_of(*streams()))
    assert main([str(path), "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert said == verdict_text(str(path), verify_bundle(path), "zh")
    assert "内部一致，未与外部存证核对" in said
    path.write_bytes(b"nothing")
    assert main([str(path), "--lang", "zh"]) == 1
    assert "环节：压缩包形式" in capsys.readouterr().out


def test_withheld_payload_is_named_and_the_rest_verifies(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    case = case_with_history(random.Random(4))
    entry = Withheld(case.id, 6, "涉及本人陈述", "内容定密人")
    line = case.state.state_line(withheld_seqs={6})
    assert line["withheld"] == ["plan"]
    assert "plan" not in line["facts"]
    contents = contents_of(case, payloads=case.payloads[:-1], withheld=[entry], state_lines=[line])
    write_bundle(path, contents)
    verdict = verify_bundle(path)
    assert verdict.problem is None
    assert verdict.counts.withheld == 1


def test_state_line_that_shows_an_older_value_of_a_withheld_fact_is_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bundle.zip"
    case = case_with_history(random.Random(4))
    entry = Withheld(case.id, 6, "涉及本人陈述", "内容定密人")
    contents = contents_of(case, payloads=case.payloads[:-1], withheld=[entry])
    write_bundle(path, contents)
    problem = verify_bundle(path).problem
    assert problem is not None
    assert problem.code == "state_differs"


def test_erased_payload_needs_no_other_reason(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    case = case_with_history(random.Random(5))
    case.write(RecordKind.PAYLOAD_ERASED, about=6, facts={"plan": None}, old={"plan": None})
    del case.payloads[5]
    write_bundle(path, contents_of(case))
    verdict = verify_bundle(path)
    assert verdict.problem is None
    assert verdict.counts.erased == 1


def test_chinese_and_odd_text_in_payloads_verifies(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    case = StreamWriter(random.Random(6))
    case.open()
    odd = '\u2028 "引号" \\ \x00\x1f\x7f \U0001f600 ｡'
    case.write(RecordKind.INTERVENED, facts={"note": odd, "list": ["乙", "甲"]})
    write_bundle(path, contents_of(case))
    assert verify_bundle(path).problem is None
    assert json_lines(read_bundle(path)["state.jsonl"])[0]["facts"]["note"] == odd


def test_bundle_without_a_case_verifies(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, contents_of(house_stream(random.Random(7))))
    verdict = verify_bundle(path)
    assert verdict.problem is None
    assert (verdict.counts.records, verdict.counts.cases) == (3, 0)


def test_disorder_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    case = case_with_history(random.Random(8))
    contents = contents_of(case)
    for others in (
        {"records": list(contents.records)[::-1]},
        {"payloads": reversed(case.payloads)},
        {"state_lines": [case.state.state_line()] * 2},
    ):
        with pytest.raises(BundleOrder):
            write_bundle(path, contents_of(case, **others))
    with pytest.raises(PackDiffers):
        write_bundle(path, contents_of(case, definitions={PACK_HASH: {"ladder.bpmn": b"x"}}))
    with pytest.raises(ManifestBroken):
        write_bundle(path, contents_of(case, recipient=""))
    with pytest.raises(FileUnexpected):
        write_bundle(path, contents_of(case, attachments={"../x": path}))
    assert list(tmp_path.iterdir()) == []
    write_bundle(path, contents)
    assert verify_bundle(path).is_right


def test_attachments_are_known_by_their_hash(tmp_path: Path) -> None:
    path, paper = tmp_path / "bundle.zip", tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7 made up")
    digest = sha256_hex(paper.read_bytes())
    write_bundle(path, contents_of(*streams(), attachments={digest: paper}))
    assert verify_bundle(path).is_right
    files = read_bundle(path)
    assert files[f"attachments/{digest}"] == paper.read_bytes()


def test_large_members_and_offsets_get_zip64_fields_only_where_needed(tmp_path: Path) -> None:
    """A sparse file stands for six gigabytes; Python's reader is the referee."""
    path = tmp_path / "large.zip"
    size, offset = 2**32 + 5, 0
    members: list[ZipMember] = []
    with path.open("wb") as file:
        for name, length in (("a", 3), ("b", size), ("c", 7)):
            header = local_header(name, length, 0)
            file.seek(offset)
            file.write(header)
            members.append(ZipMember(name, length, 0, offset))
            offset += len(header) + length
        file.seek(offset)
        file.write(directory(members))
    with path.open("rb") as file:
        assert read_members(file) == tuple(members)
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    assert [(entry.filename, entry.file_size, entry.header_offset) for entry in entries] == [
        (member.name, member.size_bytes, member.offset) for member in members
    ]
    assert [entry.extract_version for entry in entries] == [20, 45, 45]
    path.unlink()


@pytest.mark.parametrize("count, is_zip64", [(65_534, False), (65_535, True)])
def test_more_files_than_16_bits_count_get_a_zip64_end(count: int, is_zip64: bool) -> None:
    end = directory([ZipMember("x", 0, 0, 0)] * count)
    assert (b"PK\x06\x06" in end) is is_zip64
    assert (b"PK\x06\x07" in end) is is_zip64
    assert struct.unpack("<H", end[-12:-10]) == (count if not is_zip64 else 0xFFFF,)


def test_records_are_read_once_and_one_at_a_time(tmp_path: Path) -> None:
    case = StreamWriter(random.Random(9))
    case.open()
    for _ in range(50):
        case.write(RecordKind.INTERVENED, Effects(), after=timedelta(seconds=1))
    path = tmp_path / "bundle.zip"
    contents = contents_of(case)
    contents = replace(contents, records=iter(contents.records), payloads=iter(case.payloads))
    assert write_bundle(path, contents).record_count == 51
    assert verify_bundle(path).is_right


def test_made_at_is_the_time_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, contents_of(*streams(), made_at=datetime(2026, 5, 1, tzinfo=UTC)))
    assert verify_bundle(path).made_at == "2026-05-01T00:00:00.000000Z"
