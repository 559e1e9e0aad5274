"""Drawing cases by lot so that anybody can draw the same again (抽样).

The order of a pool under a seed is that of SHA-256(seed ‖ 0x00 ‖ name), seed and name as
UTF-8, the digests compared as hex text; the first ones are drawn. A seed that was known
before the pool was fixed proves nothing: whoever made the pool could have tried others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from workflows.domain.errors import InvalidInput

LONGEST_SEED = 100


class SeedMissing(InvalidInput):
    """A draw needs a seed of at most {most} characters and at least one case to draw."""

    code: ClassVar[str] = "draw_seed_missing"


@dataclass(frozen=True, slots=True)
class Draw:
    """What is to be drawn: so many, under this seed.

    Raises:
        SeedMissing: The seed is empty or too long, or nothing is to be drawn.
    """

    seed: str
    count: int

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        if not 0 < len(self.seed) <= LONGEST_SEED or self.count < 1 or self.seed.strip() == "":
            raise SeedMissing(most=LONGEST_SEED)

    def from_pool(self, pool: Iterable[str]) -> tuple[Lot, ...]:
        """Draw from a pool; all of it where it holds no more than is wanted."""
        return ranked(pool, self.seed)[: self.count]


@dataclass(frozen=True, slots=True)
class Lot:
    """A name of the pool with its place under the seed, from 1, and the digest behind it."""

    place: int
    name: str
    digest: str


def ranked(pool: Iterable[str], seed: str) -> tuple[Lot, ...]:
    """Put a whole pool in the order of a seed; a name counts once."""
    keyed = sorted((_digest(seed, name), name) for name in set(pool))
    return tuple(Lot(place, name, digest) for place, (digest, name) in enumerate(keyed, start=1))


def pool_hash(pool: Iterable[str]) -> str:
    """Give one hash for a pool: of its names in byte order, each with a line's end (LF)."""
    lines = sorted(name.encode("utf-8") + b"\n" for name in set(pool))
    return sha256(b"".join(lines)).hexdigest()


def _digest(seed: str, name: str) -> str:
    return sha256(seed.encode("utf-8") + b"\x00" + name.encode("utf-8")).hexdigest()
