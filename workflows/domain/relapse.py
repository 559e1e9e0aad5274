"""What a relapse (反弹) changes: who looks after the organisation, and never the rung (C12)."""

from __future__ import annotations

from enum import StrEnum

# How a case has to have ended for its problem to come back: something was put right.
PUT_RIGHT = frozenset({"closed", "immediate_fix", "relapsed"})
# The fact that counts letters which the supervising side did not issue in time.
MISSED = "letters_missed"


class Liaison(StrEnum):
    """Who looks after an organisation (包联) while a matter runs, from the nearest upward."""

    FIRST_SECRETARY = "first_secretary"
    SUMU_LEADER = "sumu_leader"
    BANNER_LEADER = "banner_leader"


def raised(level: str) -> Liaison:
    """Give the level one step above; the highest one stays."""
    levels = tuple(Liaison)
    return levels[min(levels.index(Liaison(level)) + 1, len(levels) - 1)]
