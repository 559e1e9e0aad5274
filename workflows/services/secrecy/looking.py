"""Looking is recorded: who read a person's case, printed it or searched for people (DOMAIN 3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.levels import CLUES, INTERNAL
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.calendars import current_calendar
from workflows.services.journal import append_house
from workflows.services.supervised import supervises
from workflows.store.scope import as_system
from workflows.store.tables import Case, Look, Task

LOOKED = "looked"
# Nobody works then as a rule: from nine in the evening to seven in the morning.
_NIGHT_FROM, _NIGHT_UNTIL = 21, 7


class Looked(StrEnum):
    """What somebody looked at."""

    CASE = "case"
    PAST = "past"
    WHY = "why"
    FILE = "file"
    PRINT = "print"
    PEOPLE = "people"
    EFFECTS = "effects"
    INFORMANT = "informant"
    APPROACH = "approach"


# Looks that are about people whichever case they belong to.
_ALWAYS = frozenset({Looked.PEOPLE, Looked.EFFECTS})


@dataclass(frozen=True, slots=True)
class Glance:
    """One look, on its way to being recorded; ``detail`` is a file's number, or what was sought."""

    what: Looked
    case_id: str | None = None
    detail: str = ""


def keep_looks(session: Session, actor: Actor, now: datetime, glances: Iterable[Glance]) -> None:
    """Record looks in the house stream and list them, before anything is shown.

    Looks at what is about organisations only are nothing to record, save those of whoever
    supervises the case for the discipline line. No case is locked.
    """
    with as_system(session, "looking"):
        for glance in glances:
            level = session.scalar(select(Case.level).where(Case.id == glance.case_id))
            is_told = glance.what in _ALWAYS or level not in (None, INTERNAL)
            if is_told or (glance.case_id and supervises(session, actor, glance.case_id)):
                _keep(session, actor, now, glance, level)


def _keep(session: Session, actor: Actor, now: datetime, glance: Glance, level: str | None) -> None:
    # No open record names a person's case (AUDIT.md, sealed tracks): it stands in the payload.
    form: dict[str, JsonValue] = {
        "what": glance.what.value,
        "case": glance.case_id,
        "detail": glance.detail,
    }
    if level == CLUES:
        form["levels"] = (CLUES,)
    house_seq = append_house(session, actor, now, LOOKED, glance.what.value, form=form)
    list_look(session, actor, now, house_seq, glance.what, glance.case_id)


def list_look(
    session: Session,
    actor: Actor,
    now: datetime,
    house_seq: int,
    what: Looked,
    case_id: str | None = None,
) -> None:
    """List a look of which a house record tells."""
    session.add(
        Look(
            house_seq=house_seq,
            account_id=actor.account_id,
            what=what.value,
            case_id=case_id,
            looked_at=now,
            is_strange=_is_strange(session, actor, case_id),
            is_off_hours=_is_off_hours(session, now),
        )
    )
    session.flush()


def _is_strange(session: Session, actor: Actor, case_id: str | None) -> bool:
    """Say whether no task of the case was ever with the office of who looks."""
    if case_id is None:
        return False
    own = select(Task.id).where(Task.case_id == case_id, Task.office_id == actor.office_id)
    return session.scalar(own.limit(1)) is None


def _is_off_hours(session: Session, now: datetime) -> bool:
    if not _NIGHT_UNTIL <= now.astimezone(SHANGHAI).hour < _NIGHT_FROM:
        return True
    return not current_calendar(session).is_workday(local_date(now))
