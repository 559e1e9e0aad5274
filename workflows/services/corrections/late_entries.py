"""Late entries as rows: kept by one officer, decided by another (DESIGN 6, 补录)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import InvalidInput, NotAllowed, NotFound
from workflows.domain.roles import Actor
from workflows.services.access import role_serving
from workflows.services.journal import Act
from workflows.services.separation import doer_of, refuse_forbidden_pair
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.tasks import refuse_own_case
from workflows.store.tables import Account, LateEntry

_NOON = time(12)


class SecondPersonNeeded(NotAllowed):
    """A late entry is confirmed by another person than the one who entered it or acted."""

    code: ClassVar[str] = "second_person_needed"


class NothingLate(InvalidInput):
    """No deadline fired after {on} that this would have met: enter it as an ordinary act."""

    code: ClassVar[str] = "nothing_late"


class NotOpenThen(InvalidInput):
    """The task {task} was not open on {on}."""

    code: ClassVar[str] = "not_open_then"


def noon_of(on: date) -> datetime:
    """Give the moment that stands for a day on paper."""
    return datetime.combine(on, _NOON, SHANGHAI)


def keep_entry(session: Session, case: LockedCase, act: Act, entry: LateEntry, name: str) -> int:
    """Keep an entry until a second person decides, with a record that it was made."""
    session.add(entry)
    session.flush()
    form: dict[str, Any] = {**entry.values, "paper_document": entry.document}
    write_intervention(session, case, act, name, entry.task, form=form)
    return entry.id


def lock_entry(session: Session, entry_id: int) -> tuple[LateEntry, LockedCase]:
    """Lock the case of an entry that waits, and read both afresh.

    Raises:
        NotFound: No such entry waits in a case that the session can see.
    """
    entry = session.get(LateEntry, entry_id)
    if entry is None:
        raise NotFound(what="late entry", key=str(entry_id))
    case = load_locked(session, entry.case_id)
    session.refresh(entry)
    if entry.state != "waiting":
        raise NotFound(what="late entry", key=str(entry_id))
    return entry, case


def decide_entry(
    session: Session,
    case: LockedCase,
    entry: LateEntry,
    actor: Actor,
    now: datetime,
    roles: Sequence[str],
    state: str,
) -> Act:
    """Note who decides on an entry, and give his act.

    Raises:
        SecondPersonNeeded: He entered it, or it is about what he did.
        RoleMissing, RolesForbidden, OwnCase: This actor may not.
    """
    role = role_serving(actor, roles, case.place.org_path)
    act = Act(actor, now, now, role)
    refuse_own_case(case, actor, act)
    refuse_forbidden_pair(session, case.id, role, doer_of(session, actor))
    typist = session.get_one(Account, entry.entered_by)
    people = {typist.person_id, entry.performed_by} - {None}
    if actor.account_id == entry.entered_by or actor.person_id in people:
        raise SecondPersonNeeded
    entry.state, entry.decided_by = state, actor.account_id
    session.flush()
    return act


def lateness(entry: LateEntry) -> Mapping[str, Any]:
    """Give what the payload says of an entry: its paper and how many days late it came."""
    days = (local_date(entry.entered_at) - local_date(entry.occurred_at)).days
    return {
        "entered_late": True,
        "late_days": days,
        "entered_by": entry.entered_by,
        "paper_document": entry.document,
    }
