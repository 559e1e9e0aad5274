"""Trying a task out: what it would make, in a transaction that its caller undoes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.domain.roles import Actor
from workflows.services.steps.beside_first import refuse_held
from workflows.services.steps.locked import load_locked
from workflows.services.steps.signing import signed_values
from workflows.services.steps.tasks import act_for, open_task_of, read_filled, several_sign, take


def do_unkept(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    task: str,
    values: Mapping[str, Any],
) -> int:
    """Do a task as if all who have to sign had signed, and give the seq of its record.

    Only for a session that is undone (`trial`): nobody's signature is asked for. Without
    values it is done with what the first signer signed.

    Raises:
        As `complete`, but for what is about a second signature.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    activity = case.definition.activity(row.path)
    refuse_held(session, case.id, activity)
    act = act_for(session, case, row, actor, now, None)
    if not values and several_sign(activity):
        _, values = signed_values(session, case.id, row.path, row.n) or ("", values)
    return take(session, case, row, act, read_filled(session, case, activity, act, values), {}).seq
