"""The cap on what a primary unit may be asked for in a month, at the moment of asking (减负)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict
from workflows.domain.months import Month
from workflows.domain.requests import Asked, RequestKind
from workflows.domain.roles import Actor
from workflows.domain.texts import whole
from workflows.queries.reports.requests import all_asked, base_path, cap_of
from workflows.services.journal import Act
from workflows.services.packs import pack_in_force
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.tasks import act_for, open_task_of
from workflows.store.tables import Organisation

# The name of the record that says why more was asked than the cap allows.
OVER_CAP = "over_cap"
MOST_CHARACTERS = 200


class UnitAskedEnough(Conflict):
    """{place} was asked for {count} things this month; the cap is {cap}."""

    code: ClassVar[str] = "unit_asked_enough"


def ask_more(
    session: Session,
    case: LockedCase,
    act: Act,
    task: str,
    office_id: str,
    kind: RequestKind,
    reason: str,
) -> None:
    """Let one more thing be asked of a unit: below the cap, or with a reason that is recorded.

    Two who ask at once are counted one after the other: the unit's row is locked, after the
    case's. Offices above the primary units have no cap, papers in persons' cases neither, and a
    second reminder on one day asks for nothing more.

    Args:
        session: The transaction, with the case locked.
        case: The case that is asked about.
        act: Who asks.
        task: The task that it is about, path#n.
        office_id: The office that is asked.
        kind: What it is asked for.
        reason: Why it cannot be left undone; empty below the cap.

    Raises:
        UnitAskedEnough: The cap is reached, and there is no reason.
        TextTooLong: More was written than is kept.
    """
    office = session.get(Organisation, office_id)
    unit = base_path(office) if office else None
    if unit is None or case.subject_person_id is not None:
        return
    locked = select(Organisation.name).where(Organisation.path == unit)
    name = session.scalars(locked.with_for_update(key_share=True)).one()
    today = local_date(act.now)
    found = all_asked(session, (unit,), Month.of(today))
    cap = cap_of(pack_in_force(session, today))
    joins = kind is RequestKind.REMINDER and any(
        each.kind is kind and each.on == today for each in found
    )
    if joins or not Asked(len(found), cap).is_full:
        return
    if not reason.strip():
        raise UnitAskedEnough(place=name, count=len(found), cap=cap)
    form = {"asked_before": len(found), "cap": cap}
    reason = whole(reason, MOST_CHARACTERS)
    write_intervention(session, case, act, OVER_CAP, task, reason=reason, form=form)


def ask_by_letter(
    session: Session, actor: Actor, now: datetime, case_id: str, task: str, reason: str
) -> None:
    """Let a letter be issued with others at once; the rules' own letter is never refused.

    Raises:
        UnitAskedEnough: The cap is reached, and there is no reason.
        TaskAlreadyDone, CaseNotOpen, RoleMissing, OwnCase: See `complete`.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    act = act_for(session, case, row, actor, now, None)
    asked = case.place.subject_organisation_id
    ask_more(session, case, act, task, asked, RequestKind.LETTER, reason)
