"""Entering what somebody did on paper, in time or late: for one task, or for several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.work import Work
from workflows.domain.records import Attachment
from workflows.services import casework
from workflows.services.casework import Completed, PaperAct
from workflows.services.corrections.late import NothingLate, enter_late


def enter_paper(
    work: Work,
    case_id: str,
    place: str,
    values: Mapping[str, Any],
    paper: PaperAct,
    files: Sequence[Attachment],
    *,
    is_late: bool = False,
    pair_reason: str = "",
) -> Completed | None:
    """Do a task from its paper; in time for a deadline that fired, a second person confirms it.

    Returns:
        What it led to, or None where it waits for the second person.
    """
    if is_late or paper.acted_on < work.today:
        try:
            enter_late(work.session, work.actor, work.now, case_id, place, values, paper)
        except NothingLate:
            if is_late:
                raise
        else:
            return None
    return casework.complete(
        work.session,
        work.actor,
        work.now,
        case_id,
        place,
        values,
        paper=paper,
        attachments=files,
        pair_reason=pair_reason,
    )
