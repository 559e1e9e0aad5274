"""Weak and lax (软弱涣散) is determined, not typed (DOMAIN 5.7.5).

A matter enters as reported. The label, and its lifting (退出), is one batch act of the
committee: one number of minutes, many branches, a result for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.records import JsonValue, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor
from workflows.domain.steps import FactValue
from workflows.services.access import role_serving
from workflows.services.changes import Changes
from workflows.services.journal import Act, append_house
from workflows.services.locked import load_locked
from workflows.services.recording import Cause, write_record
from workflows.store.tables import Case, Matter

FACT = "weak_lax_determined"
DETERMINING_ROLES = ("R03", "R07")


class Determination(StrEnum):
    """How the label stands at a matter."""

    REPORTED = "reported"
    DETERMINED = "determined"
    NOT_DETERMINED = "not_determined"
    LIFTED = "lifted"


# What a batch may make of each state: nothing is labelled that nobody reported.
FOLLOWING: Mapping[str, tuple[Determination, ...]] = {
    Determination.REPORTED: (Determination.DETERMINED, Determination.NOT_DETERMINED),
    Determination.NOT_DETERMINED: (Determination.DETERMINED,),
    Determination.DETERMINED: (Determination.LIFTED,),
    Determination.LIFTED: (Determination.DETERMINED,),
}


class MinutesNeeded(InvalidInput):
    """A batch determination needs the number of its minutes and at least one result."""

    code: ClassVar[str] = "minutes_needed"


class DeterminedAlready(Conflict):
    """The matter {number} stands at {found}; it cannot become {wanted}."""

    code: ClassVar[str] = "determined_already"


def given_facts(matter: Matter) -> dict[str, FactValue]:
    """Give the facts that a case knows of its matter from the opening on."""
    return {FACT: "yes" if matter.determination == Determination.DETERMINED else "no"}


def determine(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    minutes_no: str,
    results: Mapping[str, Determination],
) -> int:
    """Write the results of one batch act, by the ids of matters.

    The open cases of each matter learn it by a record of their own.

    Returns:
        How many matters were changed.

    Raises:
        MinutesNeeded: No minutes or no result.
        NotFound, RoleMissing: A matter that the actor does not see or serve.
        DeterminedAlready: A result does not follow from how the matter stands.
    """
    if not minutes_no.strip() or not results:
        raise MinutesNeeded
    for matter_id in sorted(results):
        _determine_one(session, actor, now, minutes_no.strip(), matter_id, results[matter_id])
    shown: dict[str, JsonValue] = {name: result.value for name, result in sorted(results.items())}
    form: dict[str, JsonValue] = {"minutes_no": minutes_no.strip(), "results": shown}
    append_house(session, actor, now, "weak_lax_determined", minutes_no.strip(), form=form)
    return len(results)


def _determine_one(
    session: Session,
    actor: Actor,
    now: datetime,
    minutes_no: str,
    matter_id: str,
    result: Determination,
) -> None:
    statement = select(Matter).where(Matter.id == matter_id)
    matter = session.execute(statement).scalar_one_or_none()
    if matter is None:
        raise NotFound(what="matter", key=matter_id)
    role = role_serving(actor, DETERMINING_ROLES, matter.org_path)
    cases = select(Case.id).where(
        Case.matter_id == matter_id, Case.state == "open", Case.level == "L1"
    )
    # Cases are locked before the matter's row is changed, as everywhere.
    for case_id in session.execute(cases.order_by(Case.id)).scalars().all():
        _tell_case(session, actor, now, role, case_id, minutes_no, result)
    if result not in FOLLOWING[matter.determination]:
        raise DeterminedAlready(number=matter.number, found=matter.determination, wanted=result)
    matter.determination, matter.determined_minutes = result.value, minutes_no
    session.flush()


def _tell_case(
    session: Session,
    actor: Actor,
    now: datetime,
    role: str,
    case_id: str,
    minutes_no: str,
    result: Determination,
) -> None:
    case = load_locked(session, case_id)
    value = "yes" if result is Determination.DETERMINED else "no"
    before = dict(case.facts)
    changes = Changes()
    if FACT in case.definition.pack.facts and case.facts.get(FACT) != value:
        changes.facts[FACT] = case.facts[FACT] = value
    cause = Cause(
        kind=RecordKind.INTERVENED,
        trigger=TriggerRef(TriggerKind.OFFICER, "determine", result.value),
        reason=minutes_no,
    )
    act = Act(actor, now, now, role)
    write_record(session, case, act, cause, changes, before, case.marking_hash)
