"""Cases that people open beside another one of the same matter: an appeal, a request (DESIGN 4.3).

The process's start event says beside cases of which processes, who may, on what facts of the
other case, which of them are taken over, and within which window. The new case has the other's
subject, so it is as sealed as that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.budgets import Budget
from workflows.domain.calendars import Calendar
from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, DubanError, NotAllowed, NotFound
from workflows.domain.levels import CLUES
from workflows.domain.records import Attachment
from workflows.domain.roles import Actor, Role
from workflows.domain.steps import FactValue
from workflows.domain.terms import Term
from workflows.engine import Definition, Opening, Pack
from workflows.engine.run import Names
from workflows.services.access import OwnCase, is_concerned, role_over, unit_path
from workflows.services.journal import Act
from workflows.services.offices import Office, Place, office_for
from workflows.services.packs import current_pack
from workflows.services.steps.forms import read_form
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.opening import start_case, tenure_of
from workflows.services.steps.paper import PaperAct, act_on_paper
from workflows.store.base import table_of
from workflows.store.tables import Case, Matter, Organisation, Tenure

BESIDE = "beside"
# Who speaks for the subject of a case: the person concerned, the organisation itself.
_OF_SUBJECT = {Role.PERSON_CONCERNED.value, Role.RECTIFIER.value}


class BesideUnready(NotAllowed):
    """{process} cannot be opened beside {number}: {condition} does not hold there."""

    code: ClassVar[str] = "beside_unready"


class BesideOpen(Conflict):
    """{process} was opened beside this case and is not over: {number}."""

    code: ClassVar[str] = "beside_open"


class BesideDecided(Conflict):
    """{process} was decided in {number}; there is no second one beside the same case."""

    code: ClassVar[str] = "beside_decided"


class NotBySubject(NotAllowed):
    """{process} is opened by the person or organisation concerned alone, in person or on paper."""

    code: ClassVar[str] = "not_by_subject"


@dataclass(frozen=True, slots=True)
class Other:
    """What is asked of the case beside which another one is opened."""

    id: str
    number: str
    matter_id: str
    subject_person_id: str | None
    definition: Definition
    facts: Mapping[str, FactValue]
    place: Place
    calendar: Calendar

    @classmethod
    def of(cls, case: LockedCase) -> Self:
        """Take it from a case under its lock."""
        return cls(
            case.id,
            case.number,
            case.matter_id,
            case.subject_person_id,
            case.definition,
            case.facts,
            case.place,
            case.calendar,
        )


@dataclass(frozen=True, slots=True)
class Window:
    """For how long something may be asked for: counted from a day, up to its last one."""

    rule: str
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Offer:
    """A process that may be opened beside a case, or why this actor may not open it himself.

    ``is_ready`` says that nothing but the actor stands against it.
    """

    opening: Opening
    window: Window | None
    is_ready: bool
    refusal: DubanError | None


@dataclass(frozen=True, slots=True)
class OpenedBeside:
    """A case that was opened beside another."""

    case_id: str
    number: str


def openings_beside(pack: Pack, process_id: str) -> Iterator[Opening]:
    """Give what can be opened beside cases of a process."""
    for definition in pack.processes.values():
        opening = definition.opening
        if opening is not None and process_id in opening.beside.processes:
            yield opening


def offers(session: Session, actor: Actor, pack: Pack, other: Other) -> tuple[Offer, ...]:
    """Give what may be opened beside a case under today's pack, and why not by this actor."""
    openings = tuple(openings_beside(pack, other.definition.process_id))
    before = _beside(session, other) if openings else ()
    found = (_offer(session, actor, other, pack, opening, before) for opening in openings)
    return tuple(each for each in found if each.refusal is None or not _is_sealed(pack, each))


def _is_sealed(pack: Pack, offer: Offer) -> bool:
    """Say whether an offer is of sealed cases, which is made to those only who may open one."""
    return pack.processes[offer.opening.process_id].level is not None


def _offer(
    session: Session,
    actor: Actor,
    other: Other,
    pack: Pack,
    opening: Opening,
    before: Sequence[Any],
) -> Offer:
    window = window_of(pack, opening, other)
    try:
        _refuse_unready(pack, opening, other, before)
    except DubanError as error:
        return Offer(opening, window, is_ready=False, refusal=error)
    try:
        office = office_for(session, opening.office_rule or "subject", other.place)
        _own_role(actor, opening, other, office)
    except DubanError as error:
        return Offer(opening, window, is_ready=True, refusal=error)
    return Offer(opening, window, is_ready=True, refusal=None)


def open_beside(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    process_id: str,
    values: Mapping[str, Any],
    *,
    paper: PaperAct | None = None,
    attachments: Sequence[Attachment] = (),
) -> OpenedBeside:
    """Open a case beside another one; the lock of that one lets nobody open the same twice.

    Nothing is written into the other case. The new one walks today's pack: its procedure is
    that of the day on which it is asked for.

    Raises:
        NotFound: There is no such case, or no such process beside it.
        BesideUnready, BesideOpen, BesideDecided: The other case does not stand so.
        NotBySubject, RoleMissing, OwnCase: This actor may not.
        PaperNeeded, OwnAccountNeeded: The paper does not do.
        ValidationFailed: Naming every field that needs another value.
    """
    locked = load_locked(session, case_id)
    other = Other.of(locked)
    pack = current_pack(session, local_date(now))
    opening = opening_named(pack, process_id, other)
    _refuse_unready(pack, opening, other, _beside(session, other))
    office = office_for(session, opening.office_rule or "subject", other.place)
    if paper is None:
        act = Act(actor, now, now, _own_role(actor, opening, other, office), office.id)
    else:
        act = act_on_paper(session, locked, opening, office, actor, now, paper)
        _refuse_stranger(session, act, opening, other)
    known = opening_facts(session, pack, opening, other, local_date(act.occurred_at))
    definition = pack.processes[process_id]
    facts, form = read_form(definition, opening.form, values, known)
    person_id = _person_of(opening, other, facts)
    if person_id is not None and person_id in (actor.person_id, act.performed_by):
        _refuse_own(opening)
    noted = paper.noted() if paper else {}
    opened, number = start_case(
        session,
        definition,
        act,
        other.place,
        session.get_one(Matter, other.matter_id),
        {**known, **facts},
        form={**form, **noted},
        person_id=person_id,
        parent_case_id=other.id,
        attachments=tuple(attachments),
        trigger=BESIDE,
    )
    return OpenedBeside(opened, number)


def _person_of(opening: Opening, other: Other, facts: Mapping[str, FactValue]) -> str | None:
    """Give whom the new case is about: the other's subject, or whom its form names."""
    named = facts.get(opening.beside.person) if opening.beside.person else None
    return named if isinstance(named, str) else other.subject_person_id


def _refuse_own(opening: Opening) -> None:
    """Let nobody but the person concerned open a case about himself.

    Raises:
        OwnCase: It is for officers.
    """
    if Role.PERSON_CONCERNED not in opening.roles:
        raise OwnCase


def opening_named(pack: Pack, process_id: str, other: Other) -> Opening:
    """Find how a process is opened beside a case.

    Raises:
        NotFound: It is not.
    """
    for opening in openings_beside(pack, other.definition.process_id):
        if opening.process_id == process_id:
            return opening
    raise NotFound(what="process beside this case", key=process_id)


def opening_for(
    session: Session, actor: Actor, pack: Pack, process_id: str, other: Other, *, on_paper: bool
) -> Opening:
    """Find how this actor opens a process beside a case.

    Paper of somebody else is for every officer to enter, but not into a case that is sealed.

    Raises:
        NotFound: There is no such process, or it is not for him; nothing tells which.
    """
    opening = opening_named(pack, process_id, other)
    if on_paper and pack.processes[process_id].level is None:
        return opening
    office = office_for(session, opening.office_rule or "subject", other.place)
    try:
        _own_role(actor, opening, other, office)
    except DubanError:
        raise NotFound(what="process beside this case", key=process_id) from None
    return opening


def opening_facts(
    session: Session, pack: Pack, opening: Opening, other: Other, on: date
) -> dict[str, FactValue]:
    """Give what a case knows as it is opened on a day: of its subject, and of the other case."""
    beside, facts = opening.beside, dict[str, FactValue]()
    if other.subject_person_id is not None:
        tenure = tenure_of(session, other.subject_person_id, on)
        facts["subject_person"] = other.subject_person_id
        facts["subject_category"] = tenure.subject_category if tenure is not None else None
    facts |= {name: other.facts.get(name) for name in beside.takes}
    if beside.on is not None:
        facts[beside.on] = on.isoformat()
    if beside.late is not None:
        window = window_of(pack, opening, other)
        facts[beside.late] = "yes" if window is not None and on > window.until_on else "no"
    return {
        name: value for name, value in facts.items() if value is not None and name in pack.facts
    }


def window_of(pack: Pack, opening: Opening, other: Other) -> Window | None:
    """Work out the window from the latest of its days; before the first one none runs."""
    beside = opening.beside
    if beside.window is None:
        return None
    days = [day for name in beside.since if isinstance(day := other.facts.get(name), str)]
    return (
        window_from(pack, opening, date.fromisoformat(max(days)), other.calendar) if days else None
    )


def window_from(pack: Pack, opening: Opening, on: date, calendar: Calendar) -> Window | None:
    """Work out the window that counts from a day."""
    rule = opening.beside.window
    parameter = pack.parameters[rule] if rule is not None else None
    if rule is None or parameter is None or parameter.amount is None or parameter.kind is None:
        return None
    budget = Budget.of(parameter.amount.value, parameter.amount.unit)
    return Window(rule, on, Term(on, budget, parameter.kind).due(calendar).due_on)


# ------------------------------------------------------------- how the other case stands


def _beside(session: Session, other: Other) -> Sequence[Any]:
    """Read the cases beside another one: process, number, state and outcome of each.

    A sealed one stands in nobody's way: the refusal would tell of it.
    """
    case = table_of(Case)
    statement = select(case.c.process_id, case.c.number, case.c.state, case.c.outcome).where(
        case.c.parent_case_id == other.id, case.c.level != CLUES
    )
    return session.connection().execute(statement).all()


def _refuse_unready(pack: Pack, opening: Opening, other: Other, before: Sequence[Any]) -> None:
    """Refuse what the other case's subject, facts or earlier cases beside it do not allow.

    Raises:
        BesideUnready, BesideOpen, BesideDecided: Saying which of them.
    """
    definition = pack.processes[opening.process_id]
    is_of_person = other.subject_person_id is not None
    fits = definition.subject in (None, "person" if is_of_person else "organisation")
    when = opening.when
    holds = when is None or when.holds(Names(pack, other.facts), null_answers=True)
    if not (fits and holds):
        condition = when.text if when is not None else "subject"
        raise BesideUnready(process=opening.name, number=other.number, condition=condition)
    _refuse_second(pack, opening, other, before)


def _refuse_second(pack: Pack, opening: Opening, other: Other, before: Sequence[Any]) -> None:
    """Refuse a second case of a kind beside the same one, and one that another stands against.

    Raises:
        BesideOpen, BesideDecided: Naming the process and the number of the earlier case.
    """
    settled = {(opening.process_id, outcome) for outcome in opening.beside.once}
    settled |= {*opening.beside.unless}
    kinds = {opening.process_id, *(process for process, _ in settled)}
    names = {
        each.process_id: each.name for each in openings_beside(pack, other.definition.process_id)
    }
    for process, number, state, outcome in before:
        if process not in kinds:
            continue
        name = names.get(process, opening.name)
        if state != "ended":
            raise BesideOpen(process=name, number=number)
        if (process, outcome) in settled:
            raise BesideDecided(process=name, number=number)


# ------------------------------------------------------------------------ who opens it


def _own_role(actor: Actor, opening: Opening, other: Other, office: Office) -> str:
    """Give the role in which somebody may open a case himself.

    Raises:
        NotBySubject: It is for the person or organisation concerned alone.
        OwnCase: He is the person concerned, and it is for officers.
        RoleMissing: He has no role for it.
    """
    if is_concerned(actor, other.subject_person_id):
        if Role.PERSON_CONCERNED not in opening.roles:
            raise OwnCase
        return Role.PERSON_CONCERNED.value
    roles = tuple(role for role in opening.roles if role != Role.PERSON_CONCERNED)
    if not roles:
        raise NotBySubject(process=opening.name)
    return role_over(actor, roles, office.path)


def _refuse_stranger(session: Session, act: Act, opening: Opening, other: Other) -> None:
    """Refuse the paper of somebody else where only the subject may ask.

    Raises:
        NotBySubject: It was not the person concerned, or nobody of the organisation.
    """
    if not {*opening.roles} <= _OF_SUBJECT:
        return
    if other.subject_person_id is not None:
        is_of_subject = act.performed_by == other.subject_person_id
    else:
        is_of_subject = _serves_subject(session, act, other)
    if not is_of_subject:
        raise NotBySubject(process=opening.name)


def _serves_subject(session: Session, act: Act, other: Other) -> bool:
    """Tell whether somebody holds a post in the case's organisation or its unit on the day."""
    on = local_date(act.occurred_at)
    path = session.get_one(Organisation, other.place.subject_organisation_id).path
    held = select(Tenure.id).where(
        Tenure.person_id == act.performed_by,
        Tenure.org_path.in_((path, unit_path(path))),
        Tenure.from_on <= on,
        Tenure.until_on.is_(None) | (Tenure.until_on >= on),
    )
    return session.execute(held).first() is not None
