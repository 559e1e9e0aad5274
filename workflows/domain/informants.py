"""Who reported something: what is kept of him, and what he is told when (DOMAIN 2.6, 3.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from workflows.domain.budgets import Budget
from workflows.domain.clocks import ClockKind

# R-NOTICE-REAL and R-FB-REAL (检举控告规则; DOMAIN 2.6, Annex A): after it was received, and
# after the matter was closed.
NOTICE_BUDGET = Budget(15, "workdays")
NOTICE_KIND = ClockKind.ACT
# A complaint that belongs to a superior organ is passed on within so long (DOMAIN 2.6).
FORWARD_BUDGET = Budget(5, "workdays")
# Who reported is kept until so long after the matter was closed (DOMAIN 3.6).
YEARS_KEPT = 2


class Channel(StrEnum):
    """How a report came in."""

    LETTER = "letter"
    VISIT = "visit"
    CALL = "call"
    NET = "net"
    HANDED_OVER = "handed_over"


class Purpose(StrEnum):
    """What somebody opens an entry of the vault for."""

    NOTICE = "notice"
    VERIFY = "verify"
    PROTECT = "protect"
    ORDERED = "ordered"


class NoticeKind(StrEnum):
    """What a real-name informant is told: that it was taken up, and what came of it."""

    ACCEPTED = "accepted"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who reported; never written out by accident, so its text shows nothing of it."""

    is_real_name: bool
    channel: Channel
    name: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    wishes: str = field(default="", repr=False)
