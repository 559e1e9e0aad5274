"""The chain of a stream."""

import json
import random
from datetime import UTC, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.support.journal import START, StreamWriter, case_with_history
from workflows.audit.canonical import record_hash
from workflows.audit.chain import (
    ClockWentBack,
    Head,
    PrevBroken,
    SeqBroken,
    link_json,
    verify_chain,
)
from workflows.domain.record_shape import RecordInvalid
from workflows.domain.records import ZERO_HASH, RecordKind, format_time


@pytest.fixture
def records() -> list[dict[str, Any]]:
    return [json.loads(content) for content in case_with_history(random.Random(1)).contents]


def test_each_record_names_the_hash_of_the_one_before(records: list[dict[str, Any]]) -> None:
    assert records[0]["prev"] == ZERO_HASH
    for before, after in pairwise(records):
        assert after["prev"] == record_hash(before)
    head = verify_chain(records[0]["id"], records)
    assert (head.seq, head.hash) == (len(records), record_hash(records[-1]))


def test_changed_record_breaks_the_chain_at_the_next(records: list[dict[str, Any]]) -> None:
    records[2]["role"] = "auditor"
    with pytest.raises(PrevBroken, match="record 4"):
        verify_chain(records[0]["id"], records)


def test_missing_and_foreign_records_break_the_chain(records: list[dict[str, Any]]) -> None:
    with pytest.raises(SeqBroken, match="record 3"):
        verify_chain(records[0]["id"], [records[0], records[2]])
    with pytest.raises(SeqBroken):
        verify_chain(StreamWriter(random.Random(2)).id, records)


def test_record_before_its_predecessor_is_refused() -> None:
    case = StreamWriter(random.Random(3))
    case.open()
    with pytest.raises(ClockWentBack):
        case.write(RecordKind.INTERVENED, after=timedelta(microseconds=-1))
    case.write(RecordKind.INTERVENED, after=timedelta(microseconds=1))
    assert case.head.seq == 2


def test_small_set_back_of_the_clock_is_bridged_and_a_large_one_is_not() -> None:
    head = Head("c", 1, "a" * 64, format_time(START))
    for seconds in (-60, -1):
        assert head.recorded_not_before(START + timedelta(seconds=seconds)) == START
    for seconds in (-61, 0, 1):
        moment = START + timedelta(seconds=seconds)
        assert head.recorded_not_before(moment) == moment
    assert Head("c").recorded_not_before(START) == START
    assert head.recorded_not_before(START).tzinfo is UTC


def test_wrong_record_is_refused_before_it_is_hashed(records: list[dict[str, Any]]) -> None:
    with pytest.raises(RecordInvalid):
        link_json(Head(records[0]["id"]), records[0] | {"v": 1.0})
