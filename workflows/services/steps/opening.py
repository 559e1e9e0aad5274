"""Opening the cases of a matter (DESIGN 2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.records import Attachment, RecordKind, TriggerKind, TriggerRef
from workflows.domain.steps import FactValue, Step
from workflows.domain.weak_lax import FACT, Determination
from workflows.engine import Definition, start
from workflows.services import numbers
from workflows.services.access import unit_path
from workflows.services.calendars import current_calendar
from workflows.services.journal import EMPTY, Act
from workflows.services.offices import Place
from workflows.services.steps.advance import advance
from workflows.services.steps.locked import LockedCase
from workflows.services.steps.operations import operations_with
from workflows.services.steps.recording import Cause
from workflows.services.steps.referrals import is_handled_elsewhere, refuse_inquiry_elsewhere
from workflows.services.vault import key_for
from workflows.store.base import table_of
from workflows.store.caserows import insert_case, keep_marking
from workflows.store.tables import Case, Matter, Organisation, Person, Tenure


class NoPublicDuty(NotAllowed):
    """A case about a person needs a holder of public duty with a post; nobody else has one."""

    code: ClassVar[str] = "no_public_duty"


class NotAbove(NotAllowed):
    """{organisation} is not above the organisation of this case; an item goes upward only."""

    code: ClassVar[str] = "not_above"


def given_facts(matter: Matter) -> dict[str, FactValue]:
    """Give the facts that a case knows of its matter from the opening on."""
    return {FACT: "yes" if matter.determination == Determination.DETERMINED else "no"}


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
