"""Where the tour of the demo leads: cases that have something to show just now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from workflows.store.scope import as_system
from workflows.store.tables import Account, Case, Task

JOB = "demo"


@dataclass(frozen=True, slots=True)
class Places:
    """The cases of the tour; empty where the demo's clock has carried one past its sight."""

    stalled: str
    measured: str
    appeal: str


def tour_places(session: Session) -> Places:
    """Find the cases of the tour."""
    with as_system(session, JOB):
        steps = case({"letter1": 1, "letter2": 2, "review": 3}, value=Task.activity)
        letter = (
            select(Task.case_id)
            .where(Task.activity.in_(("letter1", "letter2", "review")), Task.state == "open")
            .order_by(steps, Task.due_on)
        )
        climbed = select(Case.id).where(Case.process_id == "ladder", Case.state == "open")
        stalled = session.scalar(letter.limit(1))
        stalled = stalled or session.scalar(climbed.order_by(Case.rung.desc(), Case.id).limit(1))
        measured = select(Case.id).where(Case.process_id == "accountability", Case.state == "open")
        appeal = select(Case.id).where(Case.process_id == "appeal")
        return Places(
            stalled or "",
            session.scalar(measured.order_by(Case.number).limit(1)) or "",
            session.scalar(appeal.order_by(Case.number).limit(1)) or "",
        )


def account_called(session: Session, username: str) -> str | None:
    """Find an account that is open by its name."""
    return session.scalar(select(Account.id).where(Account.username == username, Account.is_active))
