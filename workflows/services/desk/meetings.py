"""Decisions of a meeting (调度会) on cases: comments in their records, and errands (交办)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput
from workflows.domain.roles import Actor
from workflows.domain.written_days import day_zh
from workflows.services.desk.comments import comment
from workflows.services.desk.errands import addressee_of, assign, named
from workflows.services.steps.locked import load_locked

MOST_DECISION, MOST_MINUTES = 600, 80


class DecisionIncomplete(InvalidInput):
    """A decision names who does it and by when, or says that nothing needs doing."""

    code: ClassVar[str] = "decision_incomplete"


class MeetingUnnamed(InvalidInput):
    """A meeting has a day, not after today, and the number of its minutes."""

    code: ClassVar[str] = "meeting_unnamed"


@dataclass(frozen=True, slots=True)
class Meeting:
    """When a meeting was and which minutes tell of it."""

    on: date
    minutes: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a case: who does it by when; without both nothing needs doing.

    ``to`` is the id of an office or account; the name of it stands in the record.
    """

    case_id: str
    text: str
    to: str = ""
    due_on: date | None = None
    is_nothing: bool = False


def decide(
    session: Session, actor: Actor, now: datetime, meeting: Meeting, decision: Decision
) -> int:
    """Write a decision into a case, and give it to whoever does it by its day.

    It moves nothing in the case: what the rules ask for is done by its tasks.

    Raises:
        MeetingUnnamed: It lacks a day or minutes.
        DecisionIncomplete: It says nothing, or not who does it by when.
        AddresseeUnfit, ErrandDayPast: It is for nobody on the case's way, or for no day ahead.
        CommentEmpty, RoleMissing, OwnCase, NotFound: See `comment`.
    """
    if not 0 < len(meeting.minutes) <= MOST_MINUTES or meeting.on > local_date(now):
        raise MeetingUnnamed
    is_whole = bool(decision.to) and decision.due_on is not None
    is_short = len(decision.text) <= MOST_DECISION
    if not decision.text or not is_short or not (is_whole or decision.is_nothing):
        raise DecisionIncomplete
    if decision.is_nothing or decision.due_on is None:
        return comment(session, actor, now, decision.case_id, said(meeting, decision.text))
    case = load_locked(session, decision.case_id)
    to = addressee_of(session, case.place.org_path, decision.to)
    text = said(meeting, decision.text, named(session, to), decision.due_on)
    seq = comment(session, actor, now, decision.case_id, text)
    assign(session, actor, now, decision.case_id, seq, to, decision.text, decision.due_on)
    return seq


def said(meeting: Meeting, text: str, who: str = "", due_on: date | None = None) -> str:
    """Write a decision as the record of the case keeps it, in Chinese like all records."""
    head = f"{day_zh(meeting.on)} 调度会议定（纪要 {meeting.minutes}）：{text}"
    if due_on is None:
        return f"{head}　无需另行办理。"
    return f"{head}　责任单位：{who}；完成期限：{day_zh(due_on)}。"
