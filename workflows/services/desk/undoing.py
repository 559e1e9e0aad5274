"""Taking back one's own last act within a minute, where nothing of it has left the house.

The act and its undoing both stay in the journal (AUDIT.md, `undone`); the rows of the case
become what its records then say, by the same fold that rebuilds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, NotAllowed
from workflows.domain.fold import UNDO_SECONDS
from workflows.domain.records import About, Record, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor
from workflows.services.desk.comments import COMMENT
from workflows.services.desk.drafts import save_draft
from workflows.services.desk.errands import take_back_errands
from workflows.services.history.rebuild import rebuild_case, rows_before
from workflows.services.journal import Act
from workflows.services.packs import definition_of, split_definition
from workflows.services.steps.changes import Changes, split_place
from workflows.services.steps.locked import LockedCase, load_locked, marking_text
from workflows.services.steps.recording import Cause, write_record
from workflows.services.steps.tasks import several_sign
from workflows.services.vault import read_payload
from workflows.store.base import table_of
from workflows.store.journal import read_last
from workflows.store.tables import IssuedDocument, Outbox

UNDO = "undo"
# What a payload says where a second person signed or confirmed.
_BY_TWO = ("co_signed", "entered_late")


class UndoTooLate(Conflict):
    """An act is taken back within {seconds} seconds, no later."""

    code: ClassVar[str] = "undo_too_late"


class UndoNotLast(Conflict):
    """Something else was recorded in the case since."""

    code: ClassVar[str] = "undo_not_last"


class UndoOfAnother(NotAllowed):
    """An act is taken back by nobody but who did it."""

    code: ClassVar[str] = "undo_of_another"


class UndoImpossible(Conflict):
    """What was done has had effects elsewhere, or needs several people: it stays."""

    code: ClassVar[str] = "undo_impossible"


@dataclass(frozen=True, slots=True)
class LastAct:
    """The last record of a case, which its actor may still take back."""

    record: Record
    payload: Mapping[str, Any]

    @property
    def is_comment(self) -> bool:
        """Say whether it is a comment and no step."""
        return self.record.kind is RecordKind.INTERVENED


def undoable(session: Session, actor: Actor, now: datetime, case_id: str) -> LastAct | None:
    """Give the act that somebody may take back in a case at this moment, if there is one."""
    try:
        return _last_act(session, actor, now, case_id)
    except (Conflict, NotAllowed):
        return None


def undo(session: Session, actor: Actor, now: datetime, case_id: str, seq: int) -> LastAct:
    """Take back one's own last act; what was typed stays as a draft.

    Raises:
        UndoNotLast: It is not the last record of the case.
        UndoOfAnother, UndoTooLate, UndoImpossible: It stays.
    """
    case = load_locked(session, case_id)
    if case.head.seq != seq:
        raise UndoNotLast
    last = _last_act(session, actor, now, case_id)
    before = rows_before(session, case_id, seq)
    if not before.is_whole:
        raise UndoImpossible
    _write(session, case, actor, now, last, before.case["marking_hash"])
    rebuild_case(session, case_id)
    take_back_errands(session, case_id, seq)
    _keep_draft(session, actor, now, case, last)
    return last


def _write(
    session: Session,
    case: LockedCase,
    actor: Actor,
    now: datetime,
    last: LastAct,
    marking_hash: str,
) -> None:
    record = last.record
    act = Act(actor, now, now, record.role, record.office)
    cause = Cause(
        kind=RecordKind.UNDONE,
        trigger=TriggerRef(TriggerKind.OFFICER, UNDO, record.trigger.ref),
        about=About(case.id, record.seq),
    )
    from_hash, case.marking_hash = case.marking_hash, marking_hash
    case.marking = marking_text(session, marking_hash)
    write_record(session, case, act, cause, Changes(), case.facts, from_hash)


def _last_act(session: Session, actor: Actor, now: datetime, case_id: str) -> LastAct:
    row = read_last(session, case_id)
    if row is None:
        raise UndoNotLast
    record = Record.from_json(json.loads(row.body))
    if record.actor != actor.account_id:
        raise UndoOfAnother
    if (now - record.recorded_at).total_seconds() > UNDO_SECONDS:
        raise UndoTooLate(seconds=UNDO_SECONDS)
    payload = read_payload(session, row.key_id, case_id, row.seq, row.sealed)
    if not _may_be_taken_back(record) or _has_gone_out(session, record, payload):
        raise UndoImpossible
    return LastAct(record, payload)


def _may_be_taken_back(record: Record) -> bool:
    """Say whether a record is of a kind that one person does alone."""
    if record.kind is RecordKind.INTERVENED:
        return record.trigger.name == COMMENT
    return record.kind is RecordKind.TASK_COMPLETED


def _has_gone_out(session: Session, record: Record, payload: Mapping[str, Any]) -> bool:
    """Say whether anything beside the case itself knows of an act, or somebody else signed it."""
    if record.kind is RecordKind.INTERVENED:
        return False
    done = payload["form"].get("carried_out", {})
    return bool(
        record.effects.thrown
        or payload["links"].get("opens")
        or not payload["form"].keys().isdisjoint(_BY_TWO)
        or not done.keys().isdisjoint(("effects", "lifted_effects"))
        or _several_sign(session, record)
        or _left_rows(session, record)
    )


def _several_sign(session: Session, record: Record) -> bool:
    definition = definition_of(session, *split_definition(record.definition or ""))
    path, _ = split_place(record.trigger.ref)
    return several_sign(definition.activity(path))


def _left_rows(session: Session, record: Record) -> bool:
    """Say whether a letter waits to go out, or a document got its number from the act."""
    outbox, issued = table_of(Outbox), table_of(IssuedDocument)
    sent = select(outbox.c.id).where(
        outbox.c.case_id == record.id, outbox.c.created_at >= record.recorded_at
    )
    numbered = select(issued.c.id).where(
        issued.c.case_id == record.id,
        or_(issued.c.seq == record.seq, issued.c.until_seq >= record.seq),
    )
    connection = session.connection()
    return any(connection.execute(each).first() is not None for each in (sent, numbered))


def _keep_draft(
    session: Session, actor: Actor, now: datetime, case: LockedCase, last: LastAct
) -> None:
    """Keep what was typed for whoever does the task again."""
    if last.is_comment:
        return
    path, _ = split_place(last.record.trigger.ref)
    schema = case.definition.pack.forms.get(case.definition.activity(path).form or "")
    form = last.payload["form"]
    typed = {
        each.key: _as_typed(form[each.key])
        for each in (schema.fields if schema else ())
        if each.is_input and form.get(each.key) is not None
    }
    if typed:
        save_draft(session, actor.account_id, now, case.id, last.record.trigger.ref, typed)


def _as_typed(value: Any) -> Any:
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value)
