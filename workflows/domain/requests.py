"""What a primary unit (嘎查村) is asked for in a month, and how much may be asked (减负)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Level of a unit that has none below it: a gacha, a village, a community.
BASE_LEVEL = 5


class RequestKind(StrEnum):
    """What is asked of a place, in the order in which it is listed.

    The first four follow from the rules and are counted, never refused. A reminder beyond the
    cap needs a reason, and so does a letter that is issued with others at once.
    """

    PAPER = "paper"
    REPORT = "report"
    VISIT = "visit"
    LETTER = "letter"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that was asked of a place on a day.

    ``place`` is the path of the unit, ``activity`` what is asked for, empty where it goes by
    its kind. All reminders of one day are one request, told by the first of them.
    """

    kind: RequestKind
    place: str
    on: date
    case_id: str
    case_number: str
    pack_hash: str
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """How much was asked of a place in a month; where ``cap`` is None there is none."""

    count: int
    cap: int | None

    @property
    def is_full(self) -> bool:
        """Say whether nothing more may be asked without a reason."""
        return self.cap is not None and self.count >= self.cap

    @property
    def is_near(self) -> bool:
        """Say whether the next request reaches the cap, or one has."""
        return self.cap is not None and self.count + 1 >= self.cap
