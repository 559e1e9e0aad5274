"""Canonical form: what is written, what is refused, and that both readers agree."""

from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from workflows.audit.canonical import (
    NotCanonical,
    canonical,
    canonical_record,
    record_hash,
    sha256_hex,
)
from workflows.audit.lines import NotCanonicalJson, decode_canonical, encode_canonical
from workflows.domain.record_shape import RecordInvalid


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value, written",
    [
        ({"b": 1, "a": [True, False, None]}, b'{"a":[true,false,null],"b":1}'),
        ({"A": 1, "a": 2, "_": 3, "0": 4}, b'{"0":4,"A":1,"_":3,"a":2}'),
        ("督办\u2028\x7f", '"督办\u2028\x7f"'.encode()),
        ('"\\/\b\f\n\r\t\x00\x1f', b'"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f"'),
        (2**53 - 1, b"9007199254740991"),
        (-(2**53) + 1, b"-9007199254740991"),
        ((1, (2,)), b"[1,[2]]"),
        (Colour.RED, b'"red"'),
    ],
)
def test_value_is_written_in_one_way(value: Any, written: bytes) -> None:
    assert canonical(value) == written
    assert encode_canonical(decode_canonical(written)) == written


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        {"督": 1},
        {1: 1},
        {None: 1},
        {"a": [{"b": {"é": 1}}]},
        "\ud800",
        {"\ud800": 1},
        b"bytes",
        {1, 2},
        date(2026, 1, 1),
        datetime.min.replace(tzinfo=UTC),
        MappingProxyType({}),
        object(),
    ],
)
def test_value_without_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_depth_is_refused_and_not_a_crash() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical(value)


OTHER_FORMS = [
    b"1.0",
    b"1e2",
    b"-0",
    b"01",
    b"9007199254740992",
    b"9" * 5000,
    b"NaN",
    b"Infinity",
    b' {"a":1}',
    b'{"a": 1}',
    b'{"b":1,"a":2}',
    b'{"a":1,"a":1}',
    b'"\\u0041"',
    b'"\\/"',
    b'"\\ud800"',
    b'"\\u001F"',
    b'"\xff"',
    b'"\xed\xa0\x80"',
    '{"督":1}'.encode(),
    b'{"\\u7763":1}',
    b"",
    b"{",
    b"[1,]",
    b"[" * 100_000,
    b"\xef\xbb\xbf1",
]


@pytest.mark.parametrize("content", OTHER_FORMS)
def test_bytes_in_any_other_form_are_refused_by_the_reader(content: bytes) -> None:
    with pytest.raises(NotCanonicalJson):
        decode_canonical(content)


# What a manifest with very many streams looks like to the reader: long, and read in pieces.
LONG = b'"long":"' + b"x" * 64 * 1024 + b'"'


@pytest.mark.parametrize("inside", [b"%s", b"[1,%s]", b'{"a":{},"b":%s}', b'[[],{"c":[%s,"x"]}]'])
def test_long_bytes_are_read_as_strictly_as_short_ones(inside: bytes) -> None:
    for good in (b'{"a":[true,false,null],"b":1}', '"督办"'.encode(), b"[]"):
        content = b"{" + LONG + b',"value":' + inside % good + b"}"
        assert encode_canonical(decode_canonical(content)) == content
    for bad in OTHER_FORMS:
        with pytest.raises(NotCanonicalJson):
            decode_canonical(b"{" + LONG + b',"value":' + inside % bad + b"}")
    for content in (b'{"value":1,%s}' % LONG, b"{%s}\n" % LONG, b"{%s,%s}" % (LONG, LONG)):
        with pytest.raises(NotCanonicalJson):
            decode_canonical(content)


def test_record_hash_is_the_hash_of_the_canonical_bytes() -> None:
    value = {"seq": 1, "id": "x"}
    assert record_hash(value) == sha256_hex(b'{"id":"x","seq":1}')


def test_only_records_have_the_form_of_a_record() -> None:
    with pytest.raises(RecordInvalid):
        canonical_record({"v": 1})
