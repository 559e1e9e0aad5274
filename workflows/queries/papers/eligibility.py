"""Whether anything is running for a person on a day, for a stated purpose (DOMAIN 5.7.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.effects import Effect, Purpose
from workflows.domain.eligibility import PersonCase, Suggestion, suggest
from workflows.services.packs import current_pack, definition_of
from workflows.store.effects import effect_of, term_until
from workflows.store.scope import as_system
from workflows.store.tables import Case, PersonEffect

CRITICISM_SHOWN = "R_CRITICISM_SHOWN"
_USUAL_MONTHS = 24
_JOB = "clearance"


def suggestion_for(
    session: Session, person_id: str, purpose: Purpose, day: date, today: date
) -> Suggestion:
    """Suggest how to answer about a person, from all that the house holds at level L2.

    The answer would be wrong if it rested on the asker's own subtree only, so it is worked out
    over all of it; whoever calls this has made sure that the actor may answer. What is sealed
    (L3) is no part of it, so that a suggestion never tells of it.
    """
    months = _months(session, today)
    with as_system(session, _JOB):
        effects = effects_on(session, person_id)
        return suggest(effects, _cases_about(session, person_id), purpose, day, months)


def effects_on(session: Session, person_id: str) -> tuple[Effect, ...]:
    """Give all effects on a person in order, within the session's scope.

    Where the end of a term of office became known since, it counts, as whoever asks sees it.
    """
    statement = select(PersonEffect).where(PersonEffect.person_id == person_id)
    rows = session.scalars(statement.order_by(PersonEffect.from_on, PersonEffect.id))
    return tuple(_with_term(session, person_id, effect_of(row)) for row in rows)


def _with_term(session: Session, person_id: str, effect: Effect) -> Effect:
    if effect.until_on is not None:
        return effect
    return replace(effect, until_on=term_until(session, person_id, effect.from_on))


def _cases_about(session: Session, person_id: str) -> list[PersonCase]:
    """Give the cases that accuse a person of something; an appeal does not."""
    statement = select(Case).where(Case.subject_person_id == person_id, Case.level == "L2")
    return [
        PersonCase(case.id, case.outcome, _day(case.ended_at))
        for case in session.scalars(statement.order_by(Case.opened_at))
        if definition_of(session, case.pack_hash, case.process_id).opening is None
    ]


def _day(at: datetime | None) -> date | None:
    return None if at is None else local_date(at)


def _months(session: Session, today: date) -> int:
    parameter = current_pack(session, today).parameters.get(CRITICISM_SHOWN)
    known = None if parameter is None else parameter.amount
    return _USUAL_MONTHS if known is None else known.value
