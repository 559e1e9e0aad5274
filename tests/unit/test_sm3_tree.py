"""The parallel tree with SM3."""

from workflows.audit.merkle import Frontier
from workflows.audit.sm3 import has_sm3, sm3, sm3_grown, sm3_root


def test_hashing_is_that_of_the_standard() -> None:
    """The example of GB/T 32905-2016, A.1."""
    assert has_sm3()
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_the_tree_with_sm3_is_the_same_tree_with_another_hash() -> None:
    one, two, three = (sm3(b"\x00" + content) for content in (b"1", b"2", b"3"))
    expected = sm3(b"\x01" + sm3(b"\x01" + one + two) + three)
    assert sm3_root(sm3_grown(sm3_grown(Frontier(), [b"1", b"2"]), [b"3"])) == expected
    assert sm3_root(Frontier()) == sm3(b"")
