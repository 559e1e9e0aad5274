"""The closed list of operations that a service task may call (DESIGN 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.domain.clocks import Due, local_date
from workflows.domain.records import Moved, MoveReason
from workflows.domain.steps import FactValue, OperationCall
from workflows.domain.terms import Term, refuse_too_long
from workflows.services.journal import Act
from workflows.services.steps.advance import Operation, Stage
from workflows.services.steps.changes import place_of
from workflows.services.steps.clockwork import pauses_of, term_of
from workflows.services.steps.effects import start_effect
from workflows.services.steps.locked import Fresh, LiveRow, LockedCase
from workflows.services.steps.operation_calls import OperationRefused, text_of
from workflows.store.caserows import (
    date_task,
    end_pauses,
    insert_pause,
    move_clock,
)
from workflows.store.casework import pauses
from workflows.store.tables import Outbox

MESSAGE, VOIDING, STOPPING = "message", "void_effects", "stop_cases"
OpenCase = Callable[[Session, LockedCase, Act, str, str, Mapping[str, FactValue]], str]


def operations_with(open_case: OpenCase) -> Mapping[str, Operation]:
    """Give the operations by name; opening a case is handed in by the case work."""

    def open_from(stage: Stage, call: OperationCall) -> None:
        process, subject = text_of(call, "process"), text_of(call, "subject")
        names = str(call.parameters.get("takes") or "").split()
        taken = {name: stage.case.facts[name] for name in names if name in stage.case.facts}
        opened = open_case(stage.session, stage.case, stage.act, process, subject, taken)
        stage.changes.opened_cases.append(opened)
        stage.changes.links["opens"] = list(stage.changes.opened_cases)

    return {
        "open_case": open_from,
        "send_message": send_message,
        "extend_clock": extend_clock,
        "pause_clocks": pause_clocks,
        "resume_clocks": resume_clocks,
        "issue_paper": issue_paper,
        "start_effect": start_effect,
        "void_effects": void_effects,
        "stop_cases": stop_cases,
        "count": _nothing,
    }


def _nothing(_stage: Stage, _call: OperationCall) -> None:
    """Counting is done by the engine, because gateways of the same step depend on it."""


def send_message(stage: Stage, call: OperationCall) -> None:
    """Throw a message to the other cases of the matter; the sweep brings it to them.

    It waits in the outbox, because a step locks no other case than its own. ``to`` is a
    process, or ``origin``: the case beside which this one was opened.
    """
    message = text_of(call, "message")
    to = call.parameters.get("to")
    stage.changes.thrown.append(message)
    _send(stage, MESSAGE, message=message, to=str(to or ""))


def void_effects(stage: Stage, _call: OperationCall) -> None:
    """Void the effects of the case beside which this one was opened, from their start.

    They are rows of that case, so its own record says so: the sweep writes it there. Nobody
    else's wait for it, since it is in the person's favour.
    """
    _send(stage, VOIDING, on=local_date(stage.act.occurred_at).isoformat())


def stop_cases(stage: Stage, call: OperationCall) -> None:
    """Stop the running inquiries about the person whom this case is about, by the next sweep.

    ``where`` is ``matter`` or ``everywhere``. Their approvers decide what becomes of them.
    """
    _send(stage, STOPPING, where=text_of(call, "where"))


def _send(stage: Stage, kind: str, **body: str) -> None:
    body["seq"] = str(stage.case.head.seq + 1)
    stage.session.add(Outbox(kind=kind, case_id=stage.case.id, body=body, created_at=stage.act.now))
    stage.session.flush()


def extend_clock(stage: Stage, call: OperationCall) -> None:
    """Add natural days to the running clocks of a rule."""
    days = call.parameters.get("days")
    if not isinstance(days, int) or isinstance(days, bool) or days <= 0:
        raise OperationRefused(name=call.name, reason="days must be a positive number")
    most = call.parameters.get("most")
    for clock in _clocks_of(stage.case, text_of(call, "rule")):
        if isinstance(most, str):
            amount = stage.case.definition.pack.parameters[most].amount
            percent = amount.value if amount else 0
            refuse_too_long(term_of(clock), days, percent, stage.case.calendar)
        stage.changes.note("extended", place_of(clock), clock.extension_days + days)
        count_again(stage, clock, MoveReason.EXTENSION, added_days=days)


def pause_clocks(stage: Stage, call: OperationCall) -> None:
    """Stop the running clocks of some rules; what is left of their budget is kept."""
    reason = text_of(call, "reason")
    for rule in text_of(call, "rules").split():
        for clock in _clocks_of(stage.case, rule, state="running"):
            pause_clock(stage, clock, reason, stage.act.actor.account_id)


def resume_clocks(stage: Stage, call: OperationCall) -> None:
    """Let paused clocks of some rules go on with what is left of their budget."""
    for rule in text_of(call, "rules").split():
        for clock in _clocks_of(stage.case, rule, state="paused"):
            resume_clock(stage, clock)


def pause_clock(
    stage: Stage, clock: LiveRow, reason: str, approver: str, until_on: date | None = None
) -> None:
    """Stop one clock from the day of the act on, for good or up to a day."""
    insert_pause(
        stage.session,
        {
            "case_id": stage.case.id,
            "path": clock.path,
            "n": clock.n,
            "from_on": local_date(stage.act.occurred_at),
            "to_on": None,
            "until_on": until_on,
            "reason": reason,
            "approver": approver,
        },
    )
    stage.changes.paused.append(place_of(clock))
    stage.changes.note_pause(place_of(clock), reason, approver, until_on)
    _write_clock(stage, clock, "paused", _standing(clock), clock.extension_days, clock.calendar)


def resume_clock(stage: Stage, clock: LiveRow) -> None:
    """End the pause of one clock on the day of the act and move its due date."""
    to_on = local_date(stage.act.occurred_at)
    end_pauses(stage.session, stage.case.id, clock.path, clock.n, to_on)
    stage.changes.resumed.append(place_of(clock))
    count_again(stage, clock, MoveReason.PAUSE, state="running")


def issue_paper(stage: Stage, call: OperationCall) -> None:
    """Note in the record which document of the catalogue this step issues."""
    papers = stage.changes.links.setdefault("papers", [])
    if isinstance(papers, list):
        papers.append(text_of(call, "document"))


def count_again(
    stage: Stage,
    clock: LiveRow,
    why: MoveReason,
    *,
    added_days: int = 0,
    state: str | None = None,
) -> None:
    """Count a clock anew under the calendar in force, with its pauses, and move its date."""
    case, term = stage.case, term_of(clock)
    extended = clock.extension_days + added_days
    stops = pauses_of(pauses(stage.session, case.id), clock.path, clock.n)
    due = Term(term.anchor_on, term.budget, term.kind, extended).due(case.calendar, stops)
    moved = Moved(place_of(clock), due.due_on, due.due_at, due.provisional, why)
    stage.changes.moved.append(moved)
    _write_clock(stage, clock, state or clock.state, due, extended, case.calendar.version)


def _write_clock(
    stage: Stage, clock: LiveRow, state: str, due: Due, extended: int, calendar: str
) -> None:
    changed: dict[str, Any] = {
        "state": state,
        "due_on": due.due_on,
        "due_at": due.due_at,
        "provisional": due.provisional,
        "extension_days": extended,
        "calendar": calendar,
    }
    move_clock(stage.session, clock.id, **changed)
    case = stage.case
    values = clock.values() if isinstance(clock, Fresh) else clock._asdict()
    case.clocks[clock.path] = Fresh({**values, **changed})
    owner = (clock.due_of or "").partition("#")[0]
    if owner in case.tasks:
        date_task(stage.session, case.tasks[owner].id, due.due_on, due.due_at)


def _standing(clock: LiveRow) -> Due:
    return Due(clock.due_on, clock.due_at, clock.due_on, clock.provisional, is_paused=True)


def _clocks_of(case: LockedCase, rule: str, state: str | None = None) -> list[LiveRow]:
    return [
        clock
        for clock in case.clocks.values()
        if clock.rule == rule and state in (None, clock.state)
    ]
