"""Ending a review of consequences: a finding with its reason; the case stays where it is."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput
from workflows.domain.reviews import REVIEW, ReviewFinding
from workflows.domain.roles import Actor
from workflows.services.steps.changes import Changes
from workflows.services.steps.locked import load_locked
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.resettling import close_open
from workflows.services.steps.tasks import TaskHeld, act_for, open_task_of

FINISHED = "review_consequences"
CORRECTION_ASKED = "correction_asked"
_LONGEST_REASON = 500


class FindingNeeded(InvalidInput):
    """A review of consequences ends with a finding and a reason of at most {longest} characters."""

    code: ClassVar[str] = "finding_needed"


def finish_review(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    n: int,
    finding: str,
    reason: str,
) -> None:
    """End a review with what it came to; nothing else changes by it.

    That a decision has to be corrected ex officio becomes an incident, until somebody has
    seen to it.

    Raises:
        FindingNeeded: The finding is none, or its reason is missing.
        TaskAlreadyDone, TaskHeld: Somebody else ended it, or has taken it.
        RoleMissing, RolesForbidden, OwnCase: This actor may not.
    """
    if finding not in tuple(ReviewFinding) or not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise FindingNeeded(longest=_LONGEST_REASON)
    case = load_locked(session, case_id)
    place = f"{REVIEW}#{n}"
    row = open_task_of(session, case, place)
    act = act_for(session, case, row, actor, now, None)
    if row.claimant not in (None, actor.account_id):
        raise TaskHeld(by=row.claimant)
    act, changes = act.after(case.head), Changes()
    close_open(session, case, act, changes, [REVIEW], "closed")
    if finding == ReviewFinding.CORRECT:
        changes.incidents.append((CORRECTION_ASKED, reason.strip()[:200]))
    form = {"review_finding": finding}
    write_intervention(
        session, case, act, FINISHED, place, reason=reason.strip(), form=form, changes=changes
    )
