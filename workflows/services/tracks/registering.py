"""Registering what was found at an organisation: a matter, with its first case (DESIGN 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, NotFound
from workflows.domain.ids import new_id
from workflows.domain.records import Attachment
from workflows.domain.roles import Actor
from workflows.domain.steps import FactValue
from workflows.services import numbers
from workflows.services.access import role_serving
from workflows.services.journal import Act
from workflows.services.offices import Office, Place, office_by_id
from workflows.services.packs import current_pack
from workflows.services.steps.forms import read_form
from workflows.services.steps.opening import start_case
from workflows.services.tracks.determination import keep_imported
from workflows.services.tracks.relapsing import link_relapse
from workflows.store.tables import Matter, Organisation


class RegisteredAlready(Conflict):
    """The same form was sent twice; the matter is registered as {number}."""

    code: ClassVar[str] = "registered_already"


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
