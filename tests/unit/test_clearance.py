"""A payload is as confidential as all that it says."""

import pytest

from workflows.engine import Pack, load_pack
from workflows.services.secrecy.clearance import levels_of
from workflows.shipped import shipped_pack_dir


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(shipped_pack_dir())


def test_what_is_declared_nowhere_is_internal(pack: Pack) -> None:
    assert levels_of(pack, {"form": {"remark": "已办"}, "facts": {}}) == {"L1"}


def test_what_a_condition_looked_at_counts_like_what_was_written(pack: Pack) -> None:
    personal = next(name for name, fact in pack.facts.items() if fact.level.value == "L2")
    assert levels_of(pack, {"facts": {personal: {"old": None, "new": 1}}}) == {"L1", "L2"}
    assert levels_of(pack, {"trace_values": {"is_named": {personal: None}}}) == {"L1", "L2"}


def test_that_a_persons_case_was_opened_is_of_its_level(pack: Pack) -> None:
    assert levels_of(pack, {"links": {"matter": "m_x"}}) == {"L1"}
    assert levels_of(pack, {"links": {"opens": ["c_x"]}}) == {"L1", "L2"}
