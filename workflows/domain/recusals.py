"""Recusal: on what ground somebody keeps out of a case, and where that stands (DOMAIN 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.domain.budgets import Budget
from workflows.domain.clocks import ClockKind

# R-RECUSE (DOMAIN 2.7, Annex A): within so long the responsible leader decides.
DECISION_BUDGET = Budget(2, "workdays")
DECISION_KIND = ClockKind.ACT


class Ground(StrEnum):
    """Why somebody keeps out of a case, as the officers' rules list it."""

    RELATIVE = "relative"
    WITNESS = "witness"
    INTEREST = "interest"
    OTHER = "other"


class RecusalSource(StrEnum):
    """Who brought a ground up: the officer at his declaration or later, a side, his leader."""

    DECLARED = "declared"
    OWN = "own"
    SUBJECT = "subject"
    COMPLAINANT = "complainant"
    LEADER = "leader"


class RecusalState(StrEnum):
    """Where a recusal stands."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class ActOutcome(StrEnum):
    """What became of an act of somebody who was recused later: it stands, or is done anew."""

    STANDS = "stands"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Reason:
    """The ground of a recusal, since when it has been there (None: from the beginning), how."""

    ground: Ground
    statement: str
    since: date | None = None
