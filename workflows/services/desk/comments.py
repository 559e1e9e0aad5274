"""Comments on a case outside of forms: records of the case that move nothing."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput
from workflows.domain.roles import CASE_ROLES, Actor
from workflows.services.access import role_serving
from workflows.services.journal import Act
from workflows.services.steps.locked import load_locked
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.tasks import refuse_own_case

COMMENT = "comment"
MOST_CHARACTERS = 1000
COMMENTING_ROLES = tuple(sorted(CASE_ROLES))


class CommentEmpty(InvalidInput):
    """A comment says something, in at most {longest} characters."""

    code: ClassVar[str] = "comment_empty"


def comment(session: Session, actor: Actor, now: datetime, case_id: str, text: str) -> int:
    """Write a comment into a case, whatever its state; give the seq of its record.

    Raises:
        CommentEmpty: It says nothing, or too much.
        RoleMissing, OwnCase: The actor works on no cases there, or it is about him.
    """
    case = load_locked(session, case_id)
    role = role_serving(actor, COMMENTING_ROLES, case.place.org_path)
    act = Act(actor, now, now, role)
    refuse_own_case(case, actor, act)
    if not 0 < len(text.strip()) <= MOST_CHARACTERS:
        raise CommentEmpty(longest=MOST_CHARACTERS)
    return write_intervention(session, case, act, COMMENT, case.id, reason=text.strip())
