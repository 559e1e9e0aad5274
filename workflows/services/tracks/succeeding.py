"""An organisation is merged into another one (撤并, X18): who takes its place takes its cases.

What was, stays where it was: matters, ended cases, tenures and duties are of the old
organisation, which is kept with the day of its end and its successor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.organisations import SUCCEEDED, Kind
from workflows.domain.records import Assigned, JsonValue
from workflows.domain.roles import Actor, Role
from workflows.domain.tenures import ONE_DAY
from workflows.domain.texts import whole
from workflows.services.access import role_serving
from workflows.services.journal import Act, append_house
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.paper import PaperInFuture, PaperNeeded
from workflows.services.steps.recording import write_intervention
from workflows.services.vault import key_for
from workflows.store.base import table_of
from workflows.store.caserows import assign_task
from workflows.store.scope import as_system
from workflows.store.tables import Attachment, Case, Matter, Organisation, Task, Tenure

SUCCEEDING_ROLES = (Role.PRINCIPAL,)
_LONGEST = 120


class OrganisationOver(Conflict):
    """{name} is no more since {on}."""

    code: ClassVar[str] = "organisation_over"


class SuccessorUnfit(InvalidInput):
    """Choose another unit of the same level in the same banner that still exists."""

    code: ClassVar[str] = "successor_unfit"


class UnitsBelow(NotAllowed):
    """{name} has {count} units below it: each of them needs its own successor first."""

    code: ClassVar[str] = "units_below"


def succeed(
    session: Session,
    actor: Actor,
    now: datetime,
    organisation_id: str,
    *,
    successor_id: str,
    on: date,
    document: str,
) -> int:
    """End a unit from a day on, by a paper, and pass the open cases of its bodies to another.

    Returns:
        How many cases passed.

    Raises:
        NotFound: There is no such unit.
        RoleMissing: The actor does not lead both.
        OrganisationOver, SuccessorUnfit, UnitsBelow, PaperNeeded, PaperInFuture: Not so.
    """
    unit, successor = _unit(session, organisation_id), _unit(session, successor_id)
    role = role_serving(actor, SUCCEEDING_ROLES, unit.path)
    role_serving(actor, SUCCEEDING_ROLES, successor.path)
    _refuse(session, unit, successor, on, document, local_date(now))
    pairs = _pairs(session, unit, successor)
    act = Act(actor, now, now, role)
    with as_system(session, "succeeding"):
        passed = sum(_pass(session, old, new, act, document) for old, new in pairs.items())
        _end_tenures(session, [old.id for old in pairs], on)
    for old, new in pairs.items():
        old.until_on, old.successor_id, old.until_document = on, new.id, whole(document, _LONGEST)
    session.flush()
    form: dict[str, JsonValue] = {
        "organisation": unit.id,
        "successor": successor.id,
        "on": on.isoformat(),
        "cases": passed,
    }
    append_house(
        session, actor, now, "organisation_succeeded", unit.id, form=form, reason=document.strip()
    )
    return passed


def _unit(session: Session, organisation_id: str) -> Organisation:
    found = session.get(Organisation, organisation_id, populate_existing=True)
    if found is None or found.kind != Kind.UNIT:
        raise NotFound(what="unit", key=organisation_id)
    return found


def _refuse(
    session: Session,
    unit: Organisation,
    successor: Organisation,
    on: date,
    document: str,
    today: date,
) -> None:
    for each in (unit, successor):
        if each.until_on is not None:
            raise OrganisationOver(name=each.name, on=each.until_on)
    is_near = unit.level == successor.level and _banner(unit.path) == _banner(successor.path)
    if unit.id == successor.id or not is_near:
        raise SuccessorUnfit
    if not document.strip():
        raise PaperNeeded
    if on > today:
        raise PaperInFuture(on=on)
    below = [each for each in _children(session, unit) if each.kind == Kind.UNIT]
    if below:
        raise UnitsBelow(name=unit.name, count=len(below))


def _banner(path: str) -> str:
    return "".join(f"{part}." for part in path.split(".")[:3])


def _children(session: Session, unit: Organisation) -> Sequence[Organisation]:
    statement = select(Organisation).where(
        Organisation.parent_id == unit.id, Organisation.until_on.is_(None)
    )
    return session.scalars(statement.order_by(Organisation.code)).all()


def _pairs(
    session: Session, unit: Organisation, successor: Organisation
) -> Mapping[Organisation, Organisation]:
    """Give who takes the place of the unit and of each body: the like body, else the unit."""
    bodies = {each.kind: each for each in _children(session, successor)}
    return {unit: successor} | {
        each: bodies.get(each.kind, successor) for each in _children(session, unit)
    }


def _pass(session: Session, old: Organisation, new: Organisation, act: Act, document: str) -> int:
    """Pass the open cases of an organisation, in the order of their ids; the others stay.

    A case about a person is not passed: it is about what he did there.
    """
    statement = select(Case.id).where(
        Case.subject_organisation_id == old.id, Case.level == "L1", Case.state != "ended"
    )
    passed = 0
    for case_id in session.scalars(statement.order_by(Case.id)).all():
        case = load_locked(session, case_id)
        if case.state == "ended":
            continue
        _pass_case(session, case, old, new, act, document)
        passed += 1
    return passed


def _pass_case(
    session: Session,
    case: LockedCase,
    old: Organisation,
    new: Organisation,
    act: Act,
    document: str,
) -> None:
    key_for(session, new.id, act.now)
    changes = Changes(assigned=list(_assigned(session, case, old, new)))
    form = {"from": old.id, "from_name": old.name, "to": new.id, "to_name": new.name}
    write_intervention(
        session, case, act, SUCCEEDED, new.id, reason=document.strip(), form=form, changes=changes
    )
    connection = session.connection()
    cases = table_of(Case)
    moved = {"subject_organisation_id": new.id, "org_path": new.path}
    connection.execute(update(cases).where(cases.c.id == case.id).values(moved))
    for table in (table_of(Task), table_of(Attachment)):
        path = {"org_path": new.path}
        connection.execute(update(table).where(table.c.case_id == case.id).values(path))
    matter = table_of(Matter)
    path = {"org_path": new.path}
    connection.execute(update(matter).where(matter.c.id == case.matter_id).values(path))


def _assigned(
    session: Session, case: LockedCase, old: Organisation, new: Organisation
) -> Iterator[Assigned]:
    """Give the tasks of the old organisation to the new one; nobody there has taken them yet."""
    for task in case.tasks.values():
        if task.office_id == old.id:
            assign_task(session, task.id, claimant=None, office_id=new.id)
            yield Assigned(place_of(task), None, new.id)


def _end_tenures(session: Session, organisation_ids: Sequence[str], on: date) -> None:
    tenure = table_of(Tenure)
    statement = update(tenure).where(
        tenure.c.organisation_id.in_(organisation_ids),
        tenure.c.until_on.is_(None),
        tenure.c.from_on < on,
    )
    session.connection().execute(statement.values(until_on=on - ONE_DAY))
