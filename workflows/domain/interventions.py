"""That somebody asked about a case or meddled with it: what is registered of it (DOMAIN 3.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Manner(StrEnum):
    """How somebody went about it."""

    ASKED = "asked"
    PLEADED = "pleaded"
    ORDERED = "ordered"
    PASSED_ON = "passed_on"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Approach:
    """Who asked or meddled, in which post, when, how; its text shows nothing of it.

    ``person_id`` where the register knows him: he never sees it.
    """

    manner: Manner
    on: date
    who: str = field(repr=False)
    post: str = field(default="", repr=False)
    said: str = field(default="", repr=False)
    person_id: str | None = field(default=None, repr=False)
