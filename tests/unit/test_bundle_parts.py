"""What other parts of the house hash by themselves is what a bundle's reader expects."""

import random
from datetime import date, timedelta
from pathlib import Path

from tests.support.bundles import json_lines, read_bundle
from tests.support.calendars import day
from tests.support.journal import MARKINGS, StreamWriter, contents_of
from workflows.audit.bundle import pack_hash, write_bundle
from workflows.audit.canonical import canonical, sha256_hex
from workflows.audit.verifier import verify_bundle
from workflows.domain.calendars import Calendar
from workflows.domain.records import RecordKind
from workflows.engine import marking
from workflows.engine.loading import pack_hash as engines_pack_hash

FILES = {"ladder.bpmn": b"<definitions/>", "forms/plan.json": '{"标题":1}'.encode(), "a.toml": b""}


def test_engine_and_bundle_give_a_pack_the_same_hash() -> None:
    assert engines_pack_hash(FILES) == pack_hash(FILES)


def test_engine_writes_markings_in_canonical_form() -> None:
    standing = {"rectify": {"plan": 1, "join": ["a", "整改"]}, "Letters": 1, "_x": 1}
    text = marking.write(standing)
    assert text.encode() == canonical(standing)
    assert marking.hash_of(text) == sha256_hex(canonical(standing))


def test_bundle_holds_the_calendars_own_file(tmp_path: Path) -> None:
    first = date(2026, 3, 1)
    calendar = Calendar.of(
        day((first + timedelta(days=n)).isoformat(), is_workday=n % 7 != 0, name="春节" * (n == 3))
        for n in range(31)
    )
    standing = marking.write({"verify": 1})
    case = StreamWriter(random.Random(1))
    case.write(
        RecordKind.CASE_OPENED, calendar=calendar.version, to_marking=marking.hash_of(standing)
    )
    path = tmp_path / "bundle.zip"
    contents = contents_of(
        case,
        calendars={calendar.version: calendar.jsonl()},
        markings=MARKINGS | {marking.hash_of(standing): standing.encode()},
    )
    write_bundle(path, contents)
    assert verify_bundle(path).problem is None
    days = json_lines(read_bundle(path)[f"calendars/{calendar.version}.jsonl"])
    assert [line["date"] for line in days][:2] == ["2026-03-01", "2026-03-02"]
