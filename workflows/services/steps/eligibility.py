"""Who may do a task, and why somebody else may not: one answer for pages and acts alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.pairs import Deed
from workflows.domain.roles import ADMINISTRATORS, Actor, BoundedGrant, Role
from workflows.engine import Activity
from workflows.services.access import OwnCase, RoleMissing, is_concerned
from workflows.services.offices import Office, office_by_id
from workflows.services.recused import refuse_recused
from workflows.services.separation import (
    Doer,
    Grounds,
    doer_behind,
    doer_of,
    doer_on_paper,
    met_liaison,
    met_pair,
    origins_of,
    refuse_origin,
    refuse_same_person,
)
from workflows.services.steps.locked import LiveRow, LockedCase
from workflows.services.supervised import refuse_supervisor

CLASS_FACT = "rectification_class"
_CONCERNED = Role.PERSON_CONCERNED.value


class DelegationTooNarrow(RoleMissing):
    """What was lent to this person does not reach this task: {roles} over {office}."""

    code: ClassVar[str] = "delegation_too_narrow"


class ReservedInPerson(NotAllowed):
    """This step is done in person: nobody does it for somebody else."""

    code: ClassVar[str] = "reserved_in_person"


class AdministratorActs(RoleMissing):
    """Administrators work on no case; this needs one of the roles {roles} over {office}."""

    code: ClassVar[str] = "administrator_acts"


@dataclass(frozen=True, slots=True)
class Sought:
    """A task that somebody seeks to do, with what of its case says whether he may."""

    case_id: str
    subject_person_id: str | None
    activity: Activity
    office: Office
    grounds: Grounds

    @classmethod
    def of(cls, session: Session, case: LockedCase, row: LiveRow) -> Self:
        """Take an open task of a locked case."""
        activity = case.definition.activity(row.path)
        return cls(
            case.id,
            case.subject_person_id,
            activity,
            office_by_id(session, row.office_id),
            grounds_of(activity, case.facts),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """By which role somebody may do a task.

    ``pair`` is an earlier act of his that this one goes with only with a reason and the
    principal's signature. ``lent`` is the delegation or borrowing that gives him the role.
    """

    role: str
    pair: Deed | None = None
    lent: BoundedGrant | None = None

    @property
    def acting_for(self) -> str | None:
        """Give the account that he would act for."""
        return self.lent.acting_for if self.lent else None

    @property
    def delegation(self) -> str | None:
        """Give the id of what lends him the role."""
        return self.lent.id if self.lent else None


def grounds_of(activity: Activity, facts: Mapping[str, object]) -> Grounds:
    """Give what says whether forbidden pairs are hard in a task."""
    return Grounds(activity.rung, facts.get(CLASS_FACT))


def standing_of(session: Session, sought: Sought, actor: Actor) -> Standing:
    """Give by which of his roles somebody may do a task: one without a pair, if he has it.

    Raises:
        RoleMissing: He holds none of the roles there; administrators never do.
        OwnCase: The case is about him, and the task is not for the person concerned.
        Recused, RecusalPending: He keeps out of the case.
        Supervises: He supervises it for the discipline line.
        SamePerson, RolesForbidden: Because of what he did in the case before.
        TouchedOrigin: Because he had to do with the original case.
        LiaisonAccepts: He would accept what the branch he looks after put right.
        ReservedInPerson: He would do for somebody else what is done in person.
    """
    refusal: NotAllowed | None = None
    light: Standing | None = None
    held = tuple(_roles(sought, actor))
    if not held:
        raise _no_role(sought, actor)
    own = doer_of(session, actor)
    for role, lent in held:
        try:
            refuse_supervisor(session, sought.case_id, actor, role)
            pair = _pair(session, sought, role, lent, _doer(session, own, lent))
        except NotAllowed as error:
            refusal = refusal or error
            continue
        standing = Standing(role, pair, lent)
        if standing.pair is None:
            return standing
        light = light or standing
    if light is None:
        raise refusal or _no_role(sought, actor)
    return light


def refusal_of(session: Session, sought: Sought, actor: Actor) -> NotAllowed | None:
    """Say why somebody may not do a task, or None."""
    try:
        standing_of(session, sought, actor)
    except NotAllowed as error:
        return error
    return None


def standing_on_paper(
    session: Session, sought: Sought, role: str, person_id: str, typist: Actor
) -> Standing:
    """Give by which role somebody may have done a task on paper.

    Raises:
        SamePerson, RolesForbidden: Because of what he did in the case before.
        TouchedOrigin: Because he, or who types it, had to do with the original case.
    """
    doer = doer_on_paper(session, person_id)
    return Standing(role, _met(session, sought, role, doer, doer | doer_of(session, typist)))


def _roles(sought: Sought, actor: Actor) -> Iterator[tuple[str, BoundedGrant | None]]:
    """Give the roles of a task that somebody holds: his own, then those lent to him.

    The person concerned is one by being the case's subject: nobody is granted or lent that.
    """
    if is_concerned(actor, sought.subject_person_id) and _CONCERNED in sought.activity.roles:
        yield _CONCERNED, None
    roles = tuple(role for role in sought.activity.roles if role != _CONCERNED)
    held = [grant for grant in actor.grants if sought.office.path.startswith(grant.org_path)]
    for role in roles:
        if any(grant.role == role for grant in held):
            yield role, None
    for lent in actor.bounded:
        if lent.covers(sought.office.path, sought.case_id, sought.activity.id):
            yield from ((role, lent) for role in roles if role in lent.roles)


def _doer(session: Session, own: Doer, lent: BoundedGrant | None) -> Doer:
    """Give as whom somebody is judged: as himself, and as the one for whom he acts."""
    if lent is None or lent.acting_for is None:
        return own
    return own | doer_behind(session, lent.acting_for)


def _pair(
    session: Session, sought: Sought, role: str, lent: BoundedGrant | None, doer: Doer
) -> Deed | None:
    if lent is not None and lent.acting_for is not None and sought.activity.is_in_person:
        raise ReservedInPerson
    is_own = sought.subject_person_id is not None and sought.subject_person_id in doer.persons
    if is_own and role != _CONCERNED:
        raise OwnCase
    return _met(session, sought, role, doer, doer)


def _met(session: Session, sought: Sought, role: str, doer: Doer, at_hand: Doer) -> Deed | None:
    """Hold a task against what was done in the case before, and who keeps out of it.

    ``at_hand`` are the doer and whoever types what he did on paper.
    """
    _refuse_recused(session, sought, doer)
    refuse_same_person(session, sought.case_id, sought.activity, doer)
    refuse_origin(session, sought.case_id, sought.activity, at_hand)
    place, grounds = sought.office.path, sought.grounds
    liaison = met_liaison(session, sought.case_id, role, place, doer, grounds)
    streams = _streams(session, sought.case_id, role)
    return met_pair(session, streams, role, doer, grounds) or liaison


def _refuse_recused(session: Session, sought: Sought, doer: Doer) -> None:
    """Keep out who keeps out of the case, or of one before it about the same person.

    A request for tolerance, an appeal: who may not decide about somebody decides that neither.
    """
    refuse_recused(session, sought.case_id, doer.accounts, doer.persons)
    if sought.subject_person_id is None:
        return
    for origin, about in origins_of(session, sought.case_id):
        if about == sought.subject_person_id:
            refuse_recused(session, origin, doer.accounts, doer.persons)


def _streams(session: Session, case_id: str, role: str) -> tuple[str, ...]:
    """Give the cases in which acts count: for a review also what it reviews."""
    if role != Role.APPEAL_REVIEWER:
        return (case_id,)
    return (case_id, *dict(origins_of(session, case_id)))


def _no_role(sought: Sought, actor: Actor) -> RoleMissing:
    held = {grant.role for grant in actor.grants}
    kind: type[RoleMissing] = RoleMissing
    if any(not set(sought.activity.roles).isdisjoint(each.roles) for each in actor.bounded):
        kind = DelegationTooNarrow
    elif held and held <= ADMINISTRATORS:
        kind = AdministratorActs
    return kind(roles=", ".join(sought.activity.roles), office=sought.office.path)
