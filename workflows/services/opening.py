"""Registering a matter and opening its cases (DESIGN 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.records import Attachment, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor
from workflows.domain.steps import FactValue, Step
from workflows.engine import Definition, start
from workflows.services import numbers
from workflows.services.access import role_serving, unit_path
from workflows.services.advance import advance
from workflows.services.calendars import current_calendar
from workflows.services.determination import given_facts, keep_imported
from workflows.services.forms import read_form
from workflows.services.journal import EMPTY, Act
from workflows.services.locked import LockedCase
from workflows.services.offices import Office, Place, office_by_id
from workflows.services.operations import operations_with
from workflows.services.packs import current_pack
from workflows.services.recording import Cause
from workflows.services.referrals import is_handled_elsewhere, refuse_inquiry_elsewhere
from workflows.services.relapsing import link_relapse
from workflows.services.vault import key_for
from workflows.store.base import table_of
from workflows.store.caserows import insert_case, keep_marking
from workflows.store.tables import Case, Matter, Organisation, Person, Tenure


class RegisteredAlready(Conflict):
    """The same form was sent twice; the matter is registered as {number}."""

    code: ClassVar[str] = "registered_already"


class NoPublicDuty(NotAllowed):
    """A case about a person needs a holder of public duty with a post; nobody else has one."""

    code: ClassVar[str] = "no_public_duty"


class NotAbove(NotAllowed):
    """{organisation} is not above the organisation of this case; an item goes upward only."""

    code: ClassVar[str] = "not_above"


@dataclass(frozen=True, slots=True)
class OpenedMatter:
    """A matter that was registered and the case it opened."""

    matter_id: str
    matter_number: str
    case_id: str
    case_number: str


def open_matter(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    organisation_id: str,
    values: Mapping[str, Any],
    occurred_at: datetime | None = None,
    determined_minutes: str | None = None,
    attachments: Sequence[Attachment] = (),
    request_key: str | None = None,
    relapse_of: str | None = None,
) -> OpenedMatter:
    """Register what was found at an organisation and open its case.

    Raises:
        NotFound: There is no such organisation.
        RoleMissing: The actor may not register matters there.
        ValidationFailed: Naming every field that needs another value.
        NotRelapsed: The matter that it is said to be a relapse of is not one.
    """
    subject = session.get(Organisation, organisation_id)
    if subject is None or subject.until_on is not None:
        raise NotFound(what="organisation", key=organisation_id)
    pack = current_pack(session, local_date(now))
    definition = pack.processes[pack.entry]
    role, office = _registering(session, actor, subject)
    facts, form = read_form(definition, definition.start_form, values, {})
    occurred = occurred_at or now
    matter = _new_matter(session, actor, now, subject, office, facts, form, determined_minutes)
    _mark_once(session, matter, request_key)
    if relapse_of is not None:
        link_relapse(session, actor, now, matter, relapse_of)
    place = Place(subject.id, subject.path, office.id)
    act = Act(actor, now, occurred, role, office.id)
    case_id, number = start_case(
        session,
        definition,
        act,
        place,
        matter,
        facts,
        form=form,
        person_id=None,
        attachments=tuple(attachments),
    )
    return OpenedMatter(matter.id, matter.number, case_id, number)


def _mark_once(session: Session, matter: Matter, request_key: str | None) -> None:
    """Keep the key of the form that registered a matter.

    Raises:
        RegisteredAlready: The same form was sent before.
    """
    if request_key is None:
        return
    before = select(Matter.number).where(Matter.request_key == request_key)
    number = session.execute(before).scalar_one_or_none()
    if number is not None:
        raise RegisteredAlready(number=number)
    matter.request_key = request_key
    session.flush()


def _registering(session: Session, actor: Actor, subject: Organisation) -> tuple[str, Office]:
    role = role_serving(actor, ("R01", "R03"), subject.path)
    office_id = actor.office_id or subject.id
    return role, office_by_id(session, office_id)


def _new_matter(
    session: Session,
    actor: Actor,
    now: datetime,
    subject: Organisation,
    office: Office,
    facts: Mapping[str, FactValue],
    form: Mapping[str, Any],
    determined_minutes: str | None,
) -> Matter:
    known = {**form, **facts}
    year = local_date(now).year
    number = numbers.matter_number(year, numbers.next_number(session, numbers.MATTERS, year))
    found_on = known.get("found_on")
    matter = Matter(
        id=new_id("m"),
        number=number,
        organisation_id=subject.id,
        org_path=subject.path,
        registering_office_id=office.id,
        problem_type=str(known.get("problem_type") or ""),
        source=str(known.get("source") or ""),
        summary=str(known.get("description") or ""),
        found_on=date.fromisoformat(found_on) if isinstance(found_on, str) else local_date(now),
        registered_at=now,
        registered_by=actor.account_id,
        determination="determined" if determined_minutes else "reported",
        determined_minutes=determined_minutes,
    )
    session.add(matter)
    session.flush()
    if determined_minutes:
        keep_imported(session, actor, now, matter)
    return matter


def start_case(
    session: Session,
    definition: Definition,
    act: Act,
    place: Place,
    matter: Matter,
    facts: Mapping[str, FactValue],
    *,
    form: Mapping[str, Any],
    person_id: str | None,
    parent_case_id: str | None = None,
    attachments: tuple[Attachment, ...] = (),
    trigger: str = "open",
) -> tuple[str, str]:
    """Open a case: its row, its first step and its first record; give its id and number."""
    level = definition.level_about(person_id)
    number = _case_number(session, matter, level)
    declared = definition.pack.facts
    known = given_facts(matter).items()
    facts = {**facts, **{name: value for name, value in known if name in declared}}
    first = start(definition, facts)
    who = person_id or place.subject_organisation_id
    case = LockedCase(
        id=new_id("c"),
        number=number,
        matter_id=matter.id,
        level=level,
        state="open",
        definition=definition,
        marking="",
        marking_hash="",
        facts={},
        tasks={},
        clocks={},
        place=place,
        calendar=current_calendar(session).for_region(place.org_path),
        head=EMPTY,
        rung=None,
        outcome=None,
        subject_person_id=person_id,
        ended_at=None,
        awaited=[],
        key_id=key_for(session, who, act.now),
    )
    _insert_case(session, case, first, act, parent_case_id)
    cause = Cause(
        kind=RecordKind.CASE_OPENED,
        trigger=TriggerRef(TriggerKind.OFFICER, trigger, matter.id),
        form={
            "case_number": number,
            "organisation": place.subject_organisation_id,
            "subject": who,
            **form,
        },
        facts=facts,
        attachments=attachments,
        links={"matter": matter.id, **({"parent": parent_case_id} if parent_case_id else {})},
    )
    advance(session, case, first, act, cause, OPERATIONS)
    return case.id, number


def _insert_case(
    session: Session, case: LockedCase, first: Step, act: Act, parent_case_id: str | None
) -> None:
    # The marking must stand before the row that points to it.
    keep_marking(session, first.marking_hash, first.marking)
    insert_case(
        session,
        {
            "id": case.id,
            "number": case.number,
            "matter_id": case.matter_id,
            "parent_case_id": parent_case_id,
            "subject_organisation_id": case.place.subject_organisation_id,
            "subject_person_id": case.subject_person_id,
            "level": case.level,
            "org_path": case.place.org_path,
            "pack_hash": case.definition.pack.hash,
            "process_id": case.definition.process_id,
            "marking_hash": first.marking_hash,
            "state": "open",
            "version": 0,
            "head": EMPTY.hash,
            "head_at": act.now,
            "awaited": [],
            "opened_at": act.now,
            "last_acted_at": act.now,
        },
    )


def open_from(
    session: Session,
    case: LockedCase,
    act: Act,
    process: str,
    subject: str,
    taken: Mapping[str, FactValue],
) -> str:
    """Open a case in the matter of another one, about a person or another organisation.

    ``taken`` is what of the other case's facts it is opened with.
    """
    if case.definition.pack.processes[process].subject == "organisation":
        return _open_for_organisation(session, case, act, process, subject, taken)
    return open_for_person(session, case, act, process, subject)


def _open_for_organisation(
    session: Session,
    case: LockedCase,
    act: Act,
    process: str,
    organisation_id: str,
    taken: Mapping[str, FactValue],
) -> str:
    """Open a case about another organisation, such as the one above (X29)."""
    subject = session.get(Organisation, organisation_id)
    if subject is None or subject.until_on is not None:
        raise NotFound(what="organisation", key=organisation_id)
    above = subject.path if subject.kind == "unit" else unit_path(subject.path)
    own = unit_path(case.place.org_path)
    if own == above or not own.startswith(above):
        raise NotAbove(organisation=subject.name)
    opened, _ = start_case(
        session,
        case.definition.pack.processes[process],
        act,
        Place(subject.id, subject.path, case.place.matter_office_id),
        session.get_one(Matter, case.matter_id),
        taken,
        form={},
        person_id=None,
        parent_case_id=case.id,
    )
    return opened


def open_for_person(
    session: Session, case: LockedCase, act: Act, process: str, person_id: str
) -> str:
    """Open a case about a person in the matter of another case (DESIGN 2).

    Raises:
        NotFound: There is no such person.
        NoPublicDuty: He holds no post that would make him accountable.
        InquiryElsewhere: His part of the matter was referred, and nobody has answered yet.
    """
    if session.get(Person, person_id) is None:
        raise NotFound(what="person", key=person_id)
    refuse_inquiry_elsewhere(session, person_id, case.matter_id)
    today = local_date(act.occurred_at)
    tenure = tenure_of(session, person_id, today)
    if tenure is None:
        raise NoPublicDuty
    matter = session.get_one(Matter, case.matter_id)
    place = Place(tenure.organisation_id, tenure.org_path, case.place.matter_office_id)
    definition = case.definition.pack.processes[process]
    given: dict[str, FactValue] = {
        "subject_person": person_id,
        "subject_category": tenure.subject_category,
        "handled_elsewhere": "yes" if is_handled_elsewhere(session, person_id) else "no",
    }
    declared = definition.pack.facts
    facts = {name: value for name, value in given.items() if name in declared}
    opened, _ = start_case(
        session,
        definition,
        act,
        place,
        matter,
        facts,
        form={},
        person_id=person_id,
        parent_case_id=case.id,
    )
    return opened


def _case_number(session: Session, matter: Matter, level: str) -> str:
    """Count the like cases of a matter; its row is locked, so that two do not count the same."""
    held = table_of(Matter)
    lock = select(held.c.id).where(held.c.id == matter.id).with_for_update()
    session.connection().execute(lock)
    table = table_of(Case)
    is_like = and_(table.c.matter_id == matter.id, table.c.level == level)
    count = select(func.count()).select_from(table).where(is_like)
    before = session.connection().execute(count).scalar_one()
    return numbers.case_number(matter.number, before + 1, level)


def tenure_of(session: Session, person_id: str, on: date) -> Any:
    """Find the post that a person holds on a day, else the last one he held."""
    table = table_of(Tenure)
    statement = (
        select(table)
        .where(table.c.person_id == person_id, table.c.from_on <= on)
        .order_by(table.c.until_on.desc().nulls_first(), table.c.from_on.desc())
        .limit(1)
    )
    return session.execute(statement).one_or_none()


OPERATIONS = operations_with(open_from)
