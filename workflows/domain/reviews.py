"""The review of consequences: a task that stands on no diagram (AUDIT.md, "The fold").

A correction changes what is known and never where a case stands. Where a judgement that
was made on the old value would now be another one, this task asks a person to look.
"""

from __future__ import annotations

from enum import StrEnum

# No id of a BPMN element holds a colon, so no pack can have an activity of this name.
REVIEW = "review:consequences"
REVIEW_ROLES = ("R03",)
REVIEW_OFFICE = "banner_organisation"


class ReviewFinding(StrEnum):
    """What a review of consequences came to."""

    NO_EFFECT = "no_effect"  # what was done stands
    WITHDRAW = "withdraw"  # a firing has to be withdrawn by way of a late entry
    CORRECT = "correct"  # a decision has to be put forward for correction ex officio


class ConsequenceKind(StrEnum):
    """What would be otherwise on a corrected fact."""

    CONDITION = "condition"
    TABLE = "table"
    OPERATION = "operation"
    CLOCK = "clock"
    STEP = "step"  # the step could not be taken, or cannot be told again
