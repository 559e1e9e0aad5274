"""Records and payloads: exactly the journal's keys, both ways, and what is refused."""

import json
import random
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.journal import StreamWriter, case_with_history, house_stream
from workflows.domain.record_shape import (
    PAYLOAD_KEYS,
    PayloadInvalid,
    RecordInvalid,
    check_payload,
    check_record,
)
from workflows.domain.records import (
    Armed,
    Assigned,
    Attachment,
    BudgetUnit,
    Effects,
    FactChange,
    Moved,
    MoveReason,
    NaiveTime,
    Payload,
    Record,
    RecordKind,
    Source,
    format_time,
    parse_time,
)

ID = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def record() -> dict[str, Any]:
    case = StreamWriter(random.Random(1))
    case.open()
    effects = Effects(
        opened=(case.task("a/b#1"),),
        assigned=(Assigned("a/b#1", case.officer, case.office),),
        closed=("intake/verify#1",),
        armed=(case.clock("a/t#1"),),
        moved=(
            Moved(
                "t/plan#1",
                date(2026, 4, 1),
                case.due_at(date(2026, 4, 1)),
                True,
                MoveReason.EXTENSION,
            ),
        ),
        paused=("t/plan#1",),
        thrown=("letter",),
    )
    return case.write(
        RecordKind.TASK_COMPLETED,
        effects,
        to=1,
        source=Source.PAPER,
        performed_by=f"p_{ID}",
        trace=(("gate.yes", True), ("gate.no", False)),
    )


def test_record_reads_back_as_it_was_written(record: dict[str, Any]) -> None:
    assert Record.from_json(record).to_json() == record
    assert Record.from_json(json.loads(json.dumps(record))) == Record.from_json(record)


def test_every_record_of_a_history_reads_back() -> None:
    rng = random.Random(2)
    for stream in (case_with_history(rng), house_stream(rng)):
        for content in stream.contents:
            assert Record.from_json(json.loads(content)).to_json() == json.loads(content)


def test_record_has_exactly_the_journals_keys(record: dict[str, Any]) -> None:
    keys = """v stream id seq prev kind recorded_at occurred_at actor role office acting_for
        delegation performed_by source about definition from to trigger effects trace calendar
        basis payload"""
    effects = "opened assigned closed armed moved paused resumed cancelled fired thrown ended"
    assert set(record) == set(keys.split())
    assert set(record["effects"]) == set(effects.split())
    assert set(record["trigger"]) == {"type", "name", "ref"}
    assert set(record["effects"]["armed"][0]) == {
        "clock",
        "rule",
        "task",
        "anchor_on",
        "budget",
        "unit",
        "due_on",
        "due_at",
        "provisional",
    }
    assert set(record["effects"]["moved"][0]) == {"clock", "due_on", "due_at", "provisional", "why"}
    assert set(record["effects"]["opened"][0]) == {"task", "activity", "rung", "office", "roles"}


WRONG = {
    "v": [2, True, "1", None],
    "stream": ["house", "open", None],
    "id": [f"h_{ID}", "c_short", f"c_{ID.upper()}", f"c_{ID}\n", 5],
    "seq": [0, 1, -1, True, "2", 2**53, 2.0],
    "prev": ["0" * 64, "A" * 64, "0" * 63, None],
    "kind": ["case_opened", "house", "closed", None],
    "recorded_at": [
        "2026-03-02T01:00:00Z",
        "2026-03-02 01:00:00.000000Z",
        "2026-03-02T01:00:00.000000+00:00",
        "2026-02-30T01:00:00.000000Z",
        "2026-03-02T24:00:00.000000Z",
        "2026-03-02T01:00:00.000000Z\n",
        None,
        0,
    ],
    "actor": [None, "system:cron", f"p_{ID}", "system:sweep "],
    "role": ["", 1],
    "office": ["office", f"u_{ID}"],
    "acting_for": [f"p_{ID}"],
    "performed_by": [f"u_{ID}"],
    "source": ["fax", ""],
    "about": [{"id": f"c_{ID}"}, {"id": f"c_{ID}", "seq": 0}, [], "x"],
    "definition": ["ladder", "a" * 64, "a" * 64 + "/", "a" * 64 + "/b/c"],
    "from": ["", "a" * 65],
    "to": [1],
    "trigger": [
        None,
        {},
        {"type": "task", "name": "", "ref": "x"},
        {"type": "x", "name": "n", "ref": "r"},
    ],
    "effects": [None, {}],
    "trace": [None, [["e", 1]], [["e"]], [[1, True]], {}],
    "calendar": ["2026"],
    "basis": [1],
    "payload": ["x", {}],
}


@pytest.mark.parametrize("key", WRONG)
def test_wrong_value_is_refused_with_its_key(record: dict[str, Any], key: str) -> None:
    for value in WRONG[key]:
        with pytest.raises(RecordInvalid) as caught:
            check_record(record | {key: value})
        assert caught.value.code == "record_invalid"
        assert record["id"] in str(caught.value) or key in ("id", "stream")


def test_missing_and_unknown_keys_are_refused(record: dict[str, Any]) -> None:
    for key in record:
        with pytest.raises(RecordInvalid, match=key):
            check_record({name: value for name, value in record.items() if name != key})
    with pytest.raises(RecordInvalid, match="note"):
        check_record(record | {"note": 1})
    for value in (None, [], "x", 1):
        with pytest.raises(RecordInvalid):
            check_record(value)


@pytest.mark.parametrize(
    "key, value",
    [
        ("opened", [{"task": "a#1", "activity": "a", "rung": 5, "office": f"o_{ID}", "roles": []}]),
        (
            "opened",
            [{"task": "a#1", "activity": "a", "rung": None, "office": f"o_{ID}", "roles": []}],
        ),
        ("opened", [{"task": "a", "activity": "a", "rung": 1, "office": f"o_{ID}", "roles": []}]),
        ("opened", [{"task": "a#1", "activity": "a", "rung": 1, "office": None, "roles": []}]),
        ("assigned", [{"task": "a#1", "claimant": "me", "office": f"o_{ID}"}]),
        ("closed", ["a#0"]),
        ("closed", ["a#01"]),
        ("closed", "a#1"),
        ("armed", [{"clock": "a#1"}]),
        ("moved", [{"clock": "a#1", "due_on": "2026-13-01"}]),
        ("thrown", [""]),
        ("ended", 0),
    ],
)
def test_wrong_effect_is_refused_with_its_key(record: dict[str, Any], key: str, value: Any) -> None:
    with pytest.raises(RecordInvalid, match=f"effects.{key}"):
        check_record(record | {"effects": record["effects"] | {key: value}})


def test_kinds_about_a_record_name_an_earlier_one_of_their_stream(record: dict[str, Any]) -> None:
    plain = record | {"effects": Effects().to_json(), "to": None}
    for kind in ("withdrawn", "corrected", "undone", "payload_erased"):
        check_record(plain | {"kind": kind, "about": {"id": record["id"], "seq": 1}})
        for about in (None, {"id": record["id"], "seq": 2}, {"id": f"c_{ID}", "seq": 1}):
            with pytest.raises(RecordInvalid, match="about"):
                check_record(plain | {"kind": kind, "about": about})


def test_kinds_that_change_nothing_by_themselves_have_no_effects(record: dict[str, Any]) -> None:
    about = {"id": record["id"], "seq": 1}
    for kind in ("undone", "payload_erased", "corrected"):
        with pytest.raises(RecordInvalid, match=r"effects|to"):
            check_record(record | {"kind": kind, "about": about})


def test_times_are_written_in_utc_with_microseconds() -> None:
    shanghai = timezone(timedelta(hours=8))
    moment = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=shanghai)
    assert format_time(moment) == "2026-03-02T01:00:00.000005Z"
    assert parse_time(format_time(moment)) == moment
    assert parse_time(format_time(moment)).tzinfo is UTC
    assert format_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"
    with pytest.raises(NaiveTime):
        format_time(moment.replace(tzinfo=None))


def test_clock_with_a_date_reads_back() -> None:
    due_on = date(2026, 5, 1)
    armed = Armed(
        "a#1", "R_DAY", "b#1", due_on, 0, BudgetUnit.DATE, due_on, StreamWriter.due_at(due_on), True
    )
    assert Armed.from_json(armed.to_json()) == armed


def test_payload_reads_back_and_has_exactly_its_keys() -> None:
    payload = Payload(
        facts={"score": FactChange(None, 70)},
        form={"opinion": "同意"},
        trace_values={"score": 70},
        reason="补录",
        links={"opens": [f"c_{ID}"], "matter": f"m_{ID}"},
        attachments=(Attachment("扫描件.pdf", "a" * 64, 5),),
    )
    written = payload.to_json()
    assert set(written) == PAYLOAD_KEYS
    assert Payload.from_json(written) == payload
    assert Payload.from_json(Payload().to_json()) == Payload()


@pytest.mark.parametrize(
    "key, value",
    [
        ("facts", {"score": {"old": 1}}),
        ("facts", []),
        ("form", None),
        ("trace_values", []),
        ("reason", 5),
        ("links", {"opens": [""]}),
        ("links", {"matter": None}),
        ("attachments", [{"name": "a", "sha256": "x", "bytes": 1}]),
        ("attachments", [{"name": "a", "sha256": "a" * 64, "bytes": -1}]),
        ("more", 1),
    ],
)
def test_wrong_payload_is_refused_with_its_place(key: str, value: Any) -> None:
    with pytest.raises(PayloadInvalid, match=f"c_{ID} seq 7"):
        check_payload(Payload().to_json() | {key: value}, f"c_{ID}", 7)
