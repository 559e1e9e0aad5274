"""Decisions of a meeting (调度会) on cases: comments in their records, and days to look again."""

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
from workflows.services.desk.follow_ups import follow_up

MOST_DECISION, MOST_WHO, MOST_MINUTES = 600, 100, 80


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
    """What was decided on a case: who does it by when; without both nothing needs doing."""

    case_id: str
    text: str
    who: str = ""
    due_on: date | None = None
    is_nothing: bool = False


def decide(
    session: Session, actor: Actor, now: datetime, meeting: Meeting, decision: Decision
) -> int:
    """Write a decision into a case and let whoever writes it look again on its day.

    It moves nothing in the case: what the rules ask for is done by its tasks.

    Raises:
        MeetingUnnamed: It lacks a day or minutes.
        DecisionIncomplete: It says nothing, or not who does it by when.
        CommentEmpty, RoleMissing, OwnCase, FollowUpPast, NotFound: See `comment`, `follow_up`.
    """
    if not 0 < len(meeting.minutes) <= MOST_MINUTES or meeting.on > local_date(now):
        raise MeetingUnnamed
    is_whole = bool(decision.who) and decision.due_on is not None
    is_short = len(decision.text) <= MOST_DECISION and len(decision.who) <= MOST_WHO
    if not decision.text or not is_short or not (is_whole or decision.is_nothing):
        raise DecisionIncomplete
    seq = comment(session, actor, now, decision.case_id, said(meeting, decision))
    if decision.due_on is not None and not decision.is_nothing:
        note = f"调度会议定（{meeting.minutes}）：{decision.text}"
        follow_up(session, actor, now, decision.case_id, decision.due_on, note)
    return seq


def said(meeting: Meeting, decision: Decision) -> str:
    """Write a decision as the record of the case keeps it, in Chinese like all records."""
    head = f"{day_zh(meeting.on)} 调度会议定（纪要 {meeting.minutes}）：{decision.text}"
    if decision.is_nothing or decision.due_on is None:
        return f"{head}　无需另行办理。"
    return f"{head}　责任单位：{decision.who}；完成期限：{day_zh(decision.due_on)}。"
