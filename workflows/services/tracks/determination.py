"""Weak and lax (软弱涣散) is determined, not typed (DOMAIN 5.7.5).

A matter enters as reported. The label, and its lifting (退出), is one batch act of the
committee after 自查, 苏木复核 and 组织部研判: one number of minutes, many branches, for each
the days of these steps and a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.records import JsonValue, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor
from workflows.domain.weak_lax import FACT, FOLLOWING, TYPES, Determination
from workflows.services.access import role_serving
from workflows.services.journal import Act, append_house
from workflows.services.steps.changes import Changes
from workflows.services.steps.locked import load_locked
from workflows.services.steps.recording import Cause, write_record
from workflows.store.tables import Case, Matter, WeakLaxResult

DETERMINING_ROLES = ("R03", "R07")


class MinutesNeeded(InvalidInput):
    """A batch needs the number and the day of its minutes, not ahead, and one result at least."""

    code: ClassVar[str] = "minutes_needed"


class StepsNeeded(InvalidInput):
    """Each result needs its self-check, review and study, in this order, before the meeting.

    A determination needs one of the ten types besides.
    """

    code: ClassVar[str] = "steps_needed"


class DeterminedAlready(Conflict):
    """The matter {number} stands at {found}; it cannot become {wanted}."""

    code: ClassVar[str] = "determined_already"


@dataclass(frozen=True, slots=True)
class Minutes:
    """The number of a meeting's minutes and the day on which it was."""

    number: str
    met_on: date


@dataclass(frozen=True, slots=True)
class Result:
    """What a meeting made of a matter: the days of the steps before it, and the type."""

    result: Determination
    self_checked_on: date
    reviewed_on: date
    studied_on: date
    type: str = ""

    def fits(self, met_on: date) -> bool:
        """Say whether the steps are in order, and a determination has its type."""
        days = [self.self_checked_on, self.reviewed_on, self.studied_on, met_on]
        is_typed = self.type in TYPES if self.result is Determination.DETERMINED else not self.type
        return days == sorted(days) and is_typed

    def to_json(self) -> dict[str, JsonValue]:
        """Write it for a record."""
        return {
            "result": self.result.value,
            "type": self.type,
            "self_checked_on": self.self_checked_on.isoformat(),
            "reviewed_on": self.reviewed_on.isoformat(),
            "studied_on": self.studied_on.isoformat(),
        }


def keep_imported(session: Session, actor: Actor, now: datetime, matter: Matter) -> None:
    """Keep that a row of an imported ledger was determined by minutes from before."""
    row = WeakLaxResult(
        matter_id=matter.id,
        result=Determination.DETERMINED.value,
        minutes_no=matter.determined_minutes or "",
        is_imported=True,
        entered_by=actor.account_id,
        entered_at=now,
    )
    session.add(row)
    session.flush()


def determine(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    minutes: Minutes,
    results: Mapping[str, Result],
) -> int:
    """Write the results of one batch act, by the ids of matters.

    The open cases of each matter learn it by a record of their own.

    Returns:
        How many matters were changed.

    Raises:
        MinutesNeeded: No minutes, a day that lies ahead, or no result.
        StepsNeeded: The way to a result is not whole.
        NotFound, RoleMissing: A matter that the actor does not see or serve.
        DeterminedAlready: A result does not follow from how the matter stands.
    """
    minutes = Minutes(minutes.number.strip(), minutes.met_on)
    if not minutes.number or not results or minutes.met_on > local_date(now):
        raise MinutesNeeded
    if not all(result.fits(minutes.met_on) for result in results.values()):
        raise StepsNeeded
    for matter_id in sorted(results):
        _determine_one(session, actor, now, minutes, matter_id, results[matter_id])
    form: dict[str, JsonValue] = {
        "minutes_no": minutes.number,
        "met_on": minutes.met_on.isoformat(),
        "results": {name: result.to_json() for name, result in sorted(results.items())},
    }
    append_house(session, actor, now, "weak_lax_determined", minutes.number, form=form)
    return len(results)


def served_matter(session: Session, actor: Actor, matter_id: str) -> tuple[Matter, str]:
    """Give a matter with the role by which somebody enters what becomes of it.

    Raises:
        NotFound: There is none in the session's scope.
        RoleMissing: The actor may not.
    """
    matter = session.scalar(select(Matter).where(Matter.id == matter_id))
    if matter is None:
        raise NotFound(what="matter", key=matter_id)
    return matter, role_serving(actor, DETERMINING_ROLES, matter.org_path)


def _determine_one(
    session: Session,
    actor: Actor,
    now: datetime,
    minutes: Minutes,
    matter_id: str,
    result: Result,
) -> None:
    matter, role = served_matter(session, actor, matter_id)
    cases = select(Case.id).where(
        Case.matter_id == matter_id, Case.state == "open", Case.level == "L1"
    )
    # Cases are locked before the matter's row is changed, as everywhere.
    for case_id in session.execute(cases.order_by(Case.id)).scalars().all():
        _tell_case(session, Act(actor, now, now, role), case_id, minutes, result)
    wanted = result.result
    if wanted not in FOLLOWING[matter.determination]:
        raise DeterminedAlready(number=matter.number, found=matter.determination, wanted=wanted)
    matter.determination, matter.determined_minutes = wanted.value, minutes.number
    row = WeakLaxResult(
        matter_id=matter_id,
        result=wanted.value,
        kind=result.type,
        minutes_no=minutes.number,
        met_on=minutes.met_on,
        self_checked_on=result.self_checked_on,
        reviewed_on=result.reviewed_on,
        studied_on=result.studied_on,
        entered_by=actor.account_id,
        entered_at=now,
    )
    session.add(row)
    session.flush()


def _tell_case(session: Session, act: Act, case_id: str, minutes: Minutes, result: Result) -> None:
    case = load_locked(session, case_id)
    value = "yes" if result.result is Determination.DETERMINED else "no"
    before = dict(case.facts)
    changes = Changes()
    if FACT in case.definition.pack.facts and case.facts.get(FACT) != value:
        changes.facts[FACT] = case.facts[FACT] = value
    cause = Cause(
        kind=RecordKind.INTERVENED,
        trigger=TriggerRef(TriggerKind.OFFICER, "determine", result.result.value),
        form={"met_on": minutes.met_on.isoformat(), **result.to_json()},
        reason=minutes.number,
    )
    write_record(session, case, act, cause, changes, before, case.marking_hash)
