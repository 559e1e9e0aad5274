"""The parallel tree with SM3 (GB/T 32905): the same leaves and nodes, another hash.

hashlib has SM3 where it stands on an OpenSSL that does; nothing here computes it itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from workflows.audit.merkle import Frontier
from workflows.domain.journal_errors import JournalError


class Sm3Missing(JournalError):
    """SM3 is asked for (DUBAN_SM3=1), but the OpenSSL that this Python uses does not have it."""

    code = "sm3_missing"


def has_sm3() -> bool:
    """Say whether this Python has SM3; one that is restricted to FIPS has not."""
    try:
        hashlib.new("sm3")
    except ValueError:
        return False
    return True


def sm3(content: bytes) -> bytes:
    """Hash with SM3.

    Raises:
        Sm3Missing: where this Python has none.
    """
    try:
        return hashlib.new("sm3", content).digest()
    except ValueError as error:
        raise Sm3Missing from error


def sm3_grown(frontier: Frontier, contents: Iterable[bytes]) -> Frontier:
    """Give the frontier of the SM3 tree after more records' canonical bytes."""
    nodes, size = list(frontier.nodes), frontier.size
    for content in contents:
        node, rest = sm3(b"\x00" + content), size
        # A set bit is a node of the same height to the left: both become one.
        while rest & 1:
            node = sm3(b"\x01" + nodes.pop() + node)
            rest >>= 1
        nodes.append(node)
        size += 1
    return Frontier(size, tuple(nodes))


def sm3_root(frontier: Frontier) -> bytes:
    """Give the root of the SM3 tree."""
    if not frontier.nodes:
        return sm3(b"")
    root = frontier.nodes[-1]
    for node in reversed(frontier.nodes[:-1]):
        root = sm3(b"\x01" + node + root)
    return root
