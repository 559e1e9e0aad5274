"""Messages that a case waits for: a request for an extension, a reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.records import Attachment, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor, Role
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import MessageEvent, step
from workflows.services.access import OwnCase, is_concerned, role_over
from workflows.services.journal import Act
from workflows.services.offices import office_for
from workflows.services.separation import doer_in, refuse_forbidden_pair
from workflows.services.steps.advance import advance
from workflows.services.steps.forms import read_form
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.opening import OPERATIONS
from workflows.services.steps.paper import PaperAct, act_on_paper
from workflows.services.steps.recording import Cause
from workflows.services.steps.tasks import CaseNotOpen, Completed, completed, refuse_own_case


def send_message(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    message: str,
    values: Mapping[str, Any],
    *,
    paper: PaperAct | None = None,
    attachments: Sequence[Attachment] = (),
) -> Completed:
    """Bring a case something that it waits for: a request for an extension, a reply.

    Raises:
        NotFound: The case does not wait for it.
    """
    case = load_locked(session, case_id)
    if case.state != "open":
        raise CaseNotOpen(number=case.number, state=case.state)
    event = awaited_event(case, message)
    office = office_for(session, event.office_rule or "matter_office", case.place)
    if paper is not None:
        act = act_on_paper(session, case, event, office, actor, now, paper)
        refuse_own_case(case, actor, act)
    else:
        act = Act(actor, now, now, _own_role(case, event, actor, office.path), office.id)
    refuse_forbidden_pair(session, case.id, act.role or "", doer_in(session, act))
    facts, form = read_form(case.definition, event.form, values, case.facts)
    known = {**case.facts, **facts}
    moved = step(case.definition, case.marking, Trigger(TriggerType.MESSAGE, event.path), known)
    cause = Cause(
        kind=RecordKind.MESSAGE_RECEIVED,
        trigger=TriggerRef(TriggerKind.MESSAGE, event.message, f"{case.id}:{case.head.seq + 1}"),
        form={**form, **(paper.noted() if paper else {})},
        facts=facts,
        attachments=tuple(attachments),
    )
    return completed(session, case, actor, advance(session, case, moved, act, cause, OPERATIONS))


def _own_role(case: LockedCase, event: MessageEvent, actor: Actor, office_path: str) -> str:
    """Give the role in which somebody brings a message himself.

    Raises:
        OwnCase: The case is about him, and the message is not for the person concerned.
        RoleMissing: He holds none of its roles.
    """
    concerned = Role.PERSON_CONCERNED.value
    if is_concerned(actor, case.subject_person_id):
        if concerned not in event.roles:
            raise OwnCase
        return concerned
    return role_over(actor, tuple(role for role in event.roles if role != concerned), office_path)


def awaited_event(case: LockedCase, message: str) -> MessageEvent:
    """Find the event of a case that waits for a message.

    Raises:
        NotFound: The case does not wait for it.
    """
    for path in case.awaited:
        event = case.definition.message(path)
        if message in (event.message, path):
            return event
    raise NotFound(what="awaited message", key=message)
