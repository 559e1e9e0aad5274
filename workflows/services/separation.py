"""Who may not do a step because of what he did before: forbidden pairs and four eyes.

A person counts with all his accounts, with what he did on paper, and with what others did
for him by delegation.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import ClassVar

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.entries import path_at
from workflows.domain.errors import NotAllowed
from workflows.domain.pairs import Deed, can_be_made_up_for, forbidden_with
from workflows.domain.roles import Actor, Role
from workflows.engine import Activity
from workflows.services.access import RolesForbidden
from workflows.services.journal import Act
from workflows.services.recused import closed_cases, refuse_recused
from workflows.store.base import table_of
from workflows.store.journal import roles_acted_under
from workflows.store.scope import require_scope
from workflows.store.tables import Account, Case, Grant, JournalRecord

START, SIGN = "start", "sign"
# Asked at each step, so made once.
_ACCOUNTS_OF = select(table_of(Account).c.id).where(
    table_of(Account).c.person_id == bindparam("person")
)


class SamePerson(NotAllowed):
    """This step is another person's, because {activity} was done by the same one."""

    code: ClassVar[str] = "same_person"


class TouchedOrigin(NotAllowed):
    """Who did anything in the original case, or is its subject, keeps away from this step."""

    code: ClassVar[str] = "touched_origin"


class LiaisonAccepts(NotAllowed):
    """Who looks after a branch as its liaison does not accept what it put right."""

    code: ClassVar[str] = "liaison_accepts"


@dataclass(frozen=True, slots=True)
class Doer:
    """Whose earlier acts count for an act: accounts, and people without them."""

    accounts: frozenset[str]
    persons: frozenset[str]

    def __or__(self, other: Doer) -> Doer:
        """Judge two people as one."""
        return Doer(self.accounts | other.accounts, self.persons | other.persons)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What of a task says whether a forbidden pair is hard there."""

    rung: int | None = None
    rectification_class: object = None


HARD = Grounds()


def doer_of(session: Session, actor: Actor) -> Doer:
    """Give whose acts count for somebody: his own, through all his accounts."""
    if actor.person_id is None:
        return Doer(frozenset({actor.account_id}), frozenset())
    known = doer_on_paper(session, actor.person_id)
    return Doer(known.accounts | {actor.account_id}, known.persons)


def doer_behind(session: Session, account_id: str) -> Doer:
    """Give whose acts count for whoever has an account, through all his accounts."""
    person_id = session.scalar(select(Account.person_id).where(Account.id == account_id))
    if person_id is None:
        return Doer(frozenset({account_id}), frozenset())
    return doer_on_paper(session, person_id)


def doer_on_paper(session: Session, person_id: str) -> Doer:
    """Give whose acts count for somebody who acted on paper."""
    own = session.connection().execute(_ACCOUNTS_OF, {"person": person_id}).scalars()
    return Doer(frozenset(own), frozenset({person_id}))


def doer_in(session: Session, act: Act) -> Doer:
    """Give whose acts count for an act."""
    if act.performed_by is not None:
        return doer_on_paper(session, act.performed_by)
    return doer_of(session, act.actor)


def refuse_kept_out(session: Session, actor: Actor, case_ids: Iterable[str]) -> None:
    """Refuse whoever keeps out of one of some cases, for acts that write no record of theirs.

    Raises:
        Recused, RecusalPending: He does, with whichever of his accounts.
    """
    wanted, kept_out = set(case_ids), closed_cases(session, actor.account_id, actor.person_id)
    for case_id in sorted(wanted.intersection(kept_out)):
        doer = doer_of(session, actor)
        refuse_recused(session, case_id, doer.accounts, doer.persons)


def cases_about(session: Session, person_id: str) -> Collection[str]:
    """Give the cases about a person, whoever may see them."""
    case = table_of(Case)
    statement = select(case.c.id).where(case.c.subject_person_id == person_id)
    return require_scope(session).execute(statement).scalars().all()


def met_liaison(
    session: Session, case_id: str, role: str, office_path: str, doer: Doer, grounds: Grounds
) -> Deed | None:
    """Keep whoever is liaison of the case's branch out of its acceptance, or say that he is.

    A liaison acts in no step, so his grant counts: one over less than the office's own unit,
    that lasted when the case was opened or began since. On light classes it is a pair that is
    made up for, like any other.

    Raises:
        LiaisonAccepts: He is, and the pair is one that nothing makes up for.
    """
    if role != Role.ACCEPTOR:
        return None
    case = session.get_one(Case, case_id)
    grant = table_of(Grant).c
    since = local_date(case.opened_at)
    held = select(grant.org_path, grant.from_on).where(
        grant.account_id.in_(doer.accounts),
        grant.role == Role.LIAISON.value,
        or_(grant.until_on.is_(None), grant.until_on >= since),
    )
    for path, from_on in session.connection().execute(held.order_by(grant.from_on)):
        if case.org_path.startswith(path) and not office_path.startswith(path):
            if can_be_made_up_for(role, Role.LIAISON, grounds.rung, grounds.rectification_class):
                return Deed(Role.LIAISON, None, datetime.combine(from_on, time(), SHANGHAI))
            raise LiaisonAccepts
    return None


def met_pair(
    session: Session, stream_ids: Iterable[str], role: str, doer: Doer, grounds: Grounds
) -> Deed | None:
    """Find an earlier act that this role goes with only where it is made up for.

    Raises:
        RolesForbidden: One that it does not go with at all, or not on these grounds.
    """
    apart = forbidden_with(role)
    if not apart:
        return None
    light = None
    for stream_id in stream_ids:
        deeds = roles_acted_under(session, stream_id, doer.accounts, doer.persons)
        for other in sorted(apart & deeds.keys()):
            deed = deeds[other]
            if not can_be_made_up_for(role, other, grounds.rung, grounds.rectification_class):
                raise RolesForbidden(role=role, other=other, seq=deed.seq, at=deed.at)
            light = light or deed
    return light


def refuse_forbidden_pair(session: Session, stream_id: str, role: str, doer: Doer) -> None:
    """Refuse a role that does not go together with one held in the same case before.

    Raises:
        RolesForbidden: Naming both roles, and the record of the earlier act.
    """
    met_pair(session, (stream_id,), role, doer, HARD)


def refuse_same_person(session: Session, case_id: str, activity: Activity, doer: Doer) -> None:
    """Refuse who did one of the activities that a task must be apart from.

    Raises:
        SamePerson: Naming the activity.
    """
    for other in activity.other_than:
        for done in _acts(session, case_id, other):
            if not done.accounts.isdisjoint(doer.accounts) or not done.persons.isdisjoint(
                doer.persons
            ):
                raise SamePerson(activity=other)


def _acts(session: Session, case_id: str, activity: str) -> list[Doer]:
    """Read who did an activity of a case or signed it: on paper not the one who typed it."""
    record = table_of(JournalRecord)
    statement = select(record.c.body).where(record.c.stream_id == case_id)
    if activity == START:
        statement = statement.where(record.c.seq == 1)
    else:
        named = record.c.body.contains(activity, autoescape=True)
        statement = statement.where(record.c.kind.in_(("task_completed", "intervened")), named)
    bodies = (json.loads(body) for body in session.connection().execute(statement).scalars())
    return [
        _doer_in(body)
        for body in bodies
        if activity == START or _activity_in(body["trigger"]) == activity
    ]


def _activity_in(trigger: dict[str, str]) -> str:
    """Give the activity that a record completed, or that it signs before others do."""
    if trigger["name"] == SIGN:
        return path_at(trigger["ref"]).rpartition("/")[2]
    return trigger["name"] if trigger["type"] == "task" else ""


def _doer_in(body: dict[str, str | None]) -> Doer:
    if body["performed_by"] is not None:
        return Doer(frozenset(), frozenset({body["performed_by"]}))
    acted = {body["actor"], body["acting_for"]}
    return Doer(frozenset(each for each in acted if each), frozenset())


def refuse_origin(session: Session, case_id: str, activity: Activity, doer: Doer) -> None:
    """Keep a step that is apart from the original case free of all who did anything there.

    The original is the case beside which this one was opened, and every case before that.
    It counts who acted, who typed what another did, and whose act was typed; a person counts
    with all his accounts.

    Raises:
        TouchedOrigin: One of them did, or is the subject himself.
    """
    if not activity.is_apart:
        return
    accounts, people = touched_origin(session, case_id)
    if not accounts.isdisjoint(doer.accounts) or not people.isdisjoint(doer.persons):
        raise TouchedOrigin


def touched_origin(session: Session, case_id: str) -> tuple[set[str], set[str]]:
    """Give the accounts and the people that did anything in the cases before this one."""
    record, account = table_of(JournalRecord), table_of(Account)
    before = dict(origins_of(session, case_id))
    connection = require_scope(session)
    acts = select(record.c.actor, record.c.performed_by, record.c.acting_for).where(
        record.c.stream_id.in_(before)
    )
    rows = connection.execute(acts.distinct()).all()
    accounts = {each for row in rows for each in (row.actor, row.acting_for) if each}
    people = {row.performed_by for row in rows if row.performed_by is not None}
    owners = select(account.c.id, account.c.person_id).where(
        or_(account.c.id.in_(accounts), account.c.person_id.in_(people))
    )
    for row in connection.execute(owners):
        accounts.add(row.id)
        people |= {row.person_id} if row.person_id is not None else set()
    return accounts, people | {each for each in before.values() if each is not None}


def origins_of(session: Session, case_id: str) -> Iterator[tuple[str, str | None]]:
    """Give the cases before one with the people they are about, the nearest first."""
    case = table_of(Case)
    connection = require_scope(session)
    above = select(case.c.parent_case_id).where(case.c.id == case_id)
    while (parent := connection.execute(above).scalar_one_or_none()) is not None:
        about = select(case.c.subject_person_id).where(case.c.id == parent)
        yield parent, connection.execute(about).scalar_one()
        above = select(case.c.parent_case_id).where(case.c.id == parent)
