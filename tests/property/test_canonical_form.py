"""Our canonical form is RFC 8785, whoever writes it."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workflows.audit.canonical import canonical
from workflows.audit.lines import NotCanonicalJson, decode_canonical, encode_canonical
from workflows.domain.fold_parts import same

INTEGERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=0x7F))
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_both_writers_write_what_the_reference_writes(value: Any) -> None:
    expected = rfc8785.dumps(value)
    assert canonical(value) == expected
    assert encode_canonical(value) == expected


@given(VALUES)
def test_what_was_written_reads_back_the_same(value: Any) -> None:
    assert same(decode_canonical(canonical(value)), value)


@given(VALUES, VALUES)
def test_sameness_is_sameness_of_bytes(one: Any, other: Any) -> None:
    assert same(one, other) is (canonical(one) == canonical(other))


@given(st.binary(max_size=60))
def test_bytes_that_read_are_the_canonical_bytes_of_their_value(content: bytes) -> None:
    try:
        value = decode_canonical(content)
    except NotCanonicalJson:
        return
    assert canonical(value) == content


@given(st.dictionaries(st.sampled_from(["a", 'b"', "整改", 'é":', "\\é", "x:"]), TEXT, max_size=4))
def test_keys_above_ascii_are_refused_and_texts_are_not(value: dict[str, str]) -> None:
    content = encode_canonical([value, list(value)])
    if all(key.isascii() for key in value):
        assert decode_canonical(content) == [value, list(value)]
    else:
        with pytest.raises(NotCanonicalJson, match="not ASCII"):
            decode_canonical(content)
