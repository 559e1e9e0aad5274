"""Verifying the log because somebody asked for it on the page, and keeping the answer."""

from __future__ import annotations

from datetime import datetime

from workflows.services.access import SYSTEM
from workflows.services.log.checking import LogVerdict, verify_log
from workflows.services.log.events import LOG_CHECKED, note_event, waits_for_check
from workflows.store.connection import read_one_state
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

JOB = "log_check"


def check_log(sessions: Sessions, now: datetime) -> dict[str, int]:
    """Verify the log where it was asked for; give what was counted, or nothing."""
    with transaction(sessions, SystemScope(JOB)) as session:
        if not waits_for_check(session):
            return {}
    with transaction(sessions, SystemScope(JOB)) as session:
        read_one_state(session)
        verdict = verify_log(session)
    body = _body(verdict)
    with transaction(sessions, SystemScope(JOB)) as session:
        note_event(session, SYSTEM["sequencer"], now, LOG_CHECKED, "log", body)
    return {"leaves": verdict.leaves, "checkpoints": verdict.checkpoints}


def _body(verdict: LogVerdict) -> dict[str, str]:
    problem = verdict.problem
    return {
        "problem": "" if problem is None else problem.code,
        "reason": "" if problem is None else str(problem),
        "leaves": str(verdict.leaves),
        "checkpoints": str(verdict.checkpoints),
        "waiting": str(verdict.waiting),
        "files": str(verdict.files),
        "lost_files": str(verdict.lost_files),
    }
