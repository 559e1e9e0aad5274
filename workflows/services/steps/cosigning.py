"""The principal's signature where one person did what two should (DOMAIN 5.7.6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict
from workflows.domain.records import JsonValue, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor, Role
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import step
from workflows.services.access import role_over
from workflows.services.journal import Act
from workflows.services.offices import office_by_id
from workflows.services.separation import doer_of, refuse_forbidden_pair
from workflows.services.steps.advance import advance
from workflows.services.steps.changes import place_of
from workflows.services.steps.forms import read_form
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.opening import OPERATIONS
from workflows.services.steps.recording import Cause, write_intervention
from workflows.services.steps.signing import (
    SignedAlready,
    all_signers,
    signatures_of,
    signers_in,
    void_signatures,
)
from workflows.services.steps.tasks import Completed, completed, open_task_of, refuse_own_case

CO_SIGNED = "co_signed"


class NothingToCoSign(Conflict):
    """The task {task} does not wait for the principal's signature."""

    code: ClassVar[str] = "nothing_to_co_sign"


def co_sign(session: Session, actor: Actor, now: datetime, case_id: str, task: str) -> Completed:
    """Sign, as the principal, for a task in which one person did what two should; it is done.

    The record says who did both, under which roles and for which reason.

    Raises:
        NothingToCoSign: It does not wait for that.
        SignedAlready: The principal is one of those who signed.
        RoleMissing, RolesForbidden, OwnCase: This actor may not.
    """
    case, row, act, signed = _waiting(session, actor, now, case_id, task)
    activity = case.definition.activity(row.path)
    facts, form = read_form(case.definition, activity.form, signed[0].values, case.facts)
    known = {**case.facts, **facts}
    done = step(case.definition, case.marking, Trigger(TriggerType.TASK, row.path), known)
    cause = Cause(
        kind=RecordKind.TASK_COMPLETED,
        trigger=TriggerRef(TriggerKind.TASK, activity.id, place_of(row)),
        form={**form, CO_SIGNED: [*_exceptions(signed)]},
        facts=facts,
    )
    return completed(session, case, actor, advance(session, case, done, act, cause, OPERATIONS))


def refuse_co_sign(
    session: Session, actor: Actor, now: datetime, case_id: str, task: str, reason: str
) -> None:
    """Refuse the signature with a reason: all signatures of the task are void.

    Raises:
        NothingToCoSign, SignedAlready, RoleMissing, RolesForbidden, OwnCase: As for signing.
    """
    case, row, act, _ = _waiting(session, actor, now, case_id, task)
    void_signatures(session, case.id, row.path, row.n)
    write_intervention(session, case, act, "refuse_co_sign", place_of(row), reason=reason)


def _waiting(
    session: Session, actor: Actor, now: datetime, case_id: str, task: str
) -> tuple[LockedCase, LiveRow, Act, tuple[Any, ...]]:
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    office = office_by_id(session, row.office_id)
    act = Act(actor, now, now, role_over(actor, (Role.PRINCIPAL,), office.path), office.id)
    refuse_own_case(case, actor, act)
    signed = signatures_of(session, case.id, row.path, row.n)
    needed = case.definition.activity(row.path).signatures
    if len(signed) < needed or not any(each.pair_with for each in signed):
        raise NothingToCoSign(task=task)
    if not signers_in(session, act).isdisjoint(all_signers(signed)):
        raise SignedAlready
    refuse_forbidden_pair(session, case.id, act.role or "", doer_of(session, actor))
    return case, row, act, signed


def _exceptions(signed: Iterable[Any]) -> Iterable[JsonValue]:
    """Say of each signature that made up for a pair who did what, and why."""
    for each in signed:
        if each.pair_with:
            yield {
                "by": each.signer,
                "role": each.role,
                "with": each.pair_with,
                "reason": each.reason,
            }
