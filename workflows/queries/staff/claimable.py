"""Open tasks that nobody could claim today, and that nobody would enter from paper either."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import literal_column, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import DubanError
from workflows.domain.orphans import Orphan, OrphanKind
from workflows.domain.pairs import can_be_made_up_for, forbidden_with
from workflows.domain.reviews import REVIEW
from workflows.domain.roles import BoundedGrant, Role
from workflows.engine import Definition
from workflows.services.access import bounded_grants, unit_path
from workflows.services.packs import definition_of
from workflows.services.recused import recused_in
from workflows.services.separation import START, touched_origin
from workflows.services.steps.eligibility import CLASS_FACT
from workflows.services.steps.paper import OFFICER_ROLES
from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import (
    Account,
    Case,
    CaseFact,
    Grant,
    JournalRecord,
    Organisation,
    Signature,
    Task,
)

BATCH = 500
# Branches, committees and the person concerned need no account: officers enter what they did.
_BODIES_ON_PAPER = frozenset({"branch", "committee"})
_ROLES_ON_PAPER = frozenset({Role.RECTIFIER.value, Role.PERSON_CONCERNED.value})
_TASK, _CASE, _OFFICE = table_of(Task), table_of(Case), table_of(Organisation)
_RECORD, _SIGNATURE = table_of(JournalRecord), table_of(Signature)
_FACT = table_of(CaseFact)
_OPEN = (
    select(
        _TASK.c.id,
        _TASK.c.case_id,
        _TASK.c.path,
        _TASK.c.n,
        _TASK.c.roles,
        _TASK.c.rung,
        _OFFICE.c.path.label("office"),
        _OFFICE.c.kind.label("kind"),
        _CASE.c.org_path,
        _CASE.c.subject_person_id,
        _CASE.c.version,
        _CASE.c.pack_hash,
        _CASE.c.process_id,
    )
    .join(_CASE, _CASE.c.id == _TASK.c.case_id)
    .outerjoin(_OFFICE, _OFFICE.c.id == _TASK.c.office_id)
    .where(
        _TASK.c.state == literal_column("'open'"),
        # A review of consequences may stand open in a case that has ended.
        or_(_CASE.c.state == "open", _TASK.c.path == REVIEW),
    )
    .order_by(_TASK.c.id)
    .limit(BATCH)
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role over an office today."""

    account_id: str
    person_id: str | None
    role: str


Place: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Staff:
    """Who holds what where today, by role and path; ``officers`` are the units of officers."""

    holders: Mapping[Place, Sequence[Holder]]
    officers: frozenset[str]
    lent: Sequence[tuple[Holder, BoundedGrant]] = ()
    _known: dict[Place, tuple[Holder, ...]] = field(default_factory=dict, repr=False)

    def over(self, roles: str, path: str) -> tuple[Holder, ...]:
        """Give all who hold one of the roles of a task at a path or above it."""
        known = self._known.get((roles, path))
        if known is None:
            known = self._known[roles, path] = tuple(
                holder
                for above in _ways_up(path)
                for role in roles.split()
                for holder in self.holders.get((role, above), ())
            )
        return known

    def lent_for(self, task: Any) -> Iterator[Holder]:
        """Give those to whom a role of a task was lent within its bounds."""
        activity = task.path.rpartition("/")[2]
        for holder, lent in self.lent:
            if holder.role in task.roles.split() and lent.covers(
                task.office or "", task.case_id, activity
            ):
                yield holder

    def enters_paper(self, task: Any) -> bool:
        """Say whether an officer of the case enters what people without accounts did."""
        return self.types_for(task.roles.split(), task.kind, task.org_path)

    def types_for(self, roles: Iterable[str], kind: str, org_path: str) -> bool:
        """Say whether an officer enters from paper what a body of a kind did under some roles."""
        is_on_paper = kind in _BODIES_ON_PAPER or not _ROLES_ON_PAPER.isdisjoint(roles)
        return is_on_paper and any(above in self.officers for above in _ways_up(org_path))


def _ways_up(path: str) -> list[str]:
    parts = path.split(".")[:-1]
    return ["".join(f"{part}." for part in parts[:end]) for end in range(len(parts) + 1)]


def staff_on(session: Session, today: date) -> Staff:
    """Read who holds roles on a day."""
    grant, account = table_of(Grant), table_of(Account)
    statement = (
        select(account.c.id, account.c.person_id, grant.c.role, grant.c.org_path, _OFFICE.c.kind)
        .join_from(grant, account, account.c.id == grant.c.account_id)
        .join(_OFFICE, _OFFICE.c.id == grant.c.organisation_id)
        .where(
            account.c.is_active,
            grant.c.from_on <= today,
            or_(grant.c.until_on.is_(None), grant.c.until_on >= today),
        )
    )
    holders: dict[Place, list[Holder]] = defaultdict(list)
    officers = set[str]()
    for account_id, person_id, role, path, kind in require_scope(session).execute(statement):
        holders[role, path].append(Holder(account_id, person_id, role))
        if role in OFFICER_ROLES:
            officers.add(path if kind == "unit" else unit_path(path))
    return Staff(holders, frozenset(officers), tuple(_lent_on(session, today)))


def _lent_on(session: Session, today: date) -> Iterator[tuple[Holder, BoundedGrant]]:
    lent = list(bounded_grants(session, today))
    users = select(Account.id, Account.person_id).where(
        Account.id.in_({account_id for account_id, _ in lent}), Account.is_active
    )
    people = {row.id: row.person_id for row in session.execute(users)} if lent else {}
    for account_id, bounds in lent:
        if account_id in people:
            for role in bounds.roles:
                yield Holder(account_id, people[account_id], role), bounds


def unclaimable_tasks(session: Session, today: date) -> Iterator[Orphan]:
    """Find open tasks without anybody who could claim them: batch by batch, whole in the end."""
    staff, after = staff_on(session, today), 0
    connection = require_scope(session)
    while tasks := connection.execute(_OPEN.where(_TASK.c.id > after)).all():
        after = tasks[-1].id
        for task in _without_anybody(session, staff, tasks):
            yield Orphan(OrphanKind.TASK_UNCLAIMABLE, task.case_id, f"{task.path}#{task.n}")


def _without_anybody(session: Session, staff: Staff, tasks: Sequence[Any]) -> Iterator[Any]:
    doubtful: dict[int, tuple[Holder, ...]] = {}
    recused = recused_in(session, {task.case_id for task in tasks})
    for task in tasks:
        holders = (*staff.over(task.roles, task.office or ""), *staff.lent_for(task))
        if not holders:
            if not staff.enters_paper(task):
                yield task
        # Whom a case excludes has acted in it, by a record, or is who it is about, or recused.
        elif (
            task.case_id in recused
            or _is_apart(session, task)
            or len({holder.account_id for holder in holders}) <= task.version + 1
        ):
            doubtful[task.id] = holders
    if doubtful:
        asked = [task for task in tasks if task.id in doubtful]
        acts, signed = _acts(session, asked, doubtful), _signers(session, asked)
        closed, classes = _doers(session, asked), _classes(session, asked)
        for task in asked:
            barred = signed.get((task.case_id, task.path, task.n), set()) | closed.get(
                task.id, set()
            )
            barred = barred | recused.get(task.case_id, set())
            if _is_apart(session, task):
                barred = barred.union(*touched_origin(session, task.case_id))
            if all(
                not barred.isdisjoint((holder.account_id, holder.person_id))
                or _is_excluded(holder, task, acts[task.case_id], classes.get(task.case_id))
                for holder in doubtful[task.id]
            ):
                yield task


def _is_excluded(
    holder: Holder, task: Any, acts: Sequence[Any], rectification_class: object
) -> bool:
    """Say whether a holder is who the case is about, or acted under a role that bars this one."""
    if holder.person_id is not None and holder.person_id == task.subject_person_id:
        return True
    barring = forbidden_with(holder.role)
    return any(
        act.role in barring
        and _acted(holder, act)
        and not can_be_made_up_for(holder.role, act.role, task.rung, rectification_class)
        for act in acts
    )


def _acted(holder: Holder, act: Any) -> bool:
    if act.performed_by is not None:
        return bool(act.performed_by == holder.person_id)
    return holder.account_id in (act.actor, act.acting_for)


def _classes(session: Session, tasks: Sequence[Any]) -> Mapping[str, object]:
    """Read of which class the rectification is in the cases of some tasks."""
    statement = select(_FACT.c.case_id, _FACT.c.value).where(
        _FACT.c.case_id.in_({task.case_id for task in tasks}), _FACT.c.name == CLASS_FACT
    )
    return {key: json.loads(value) for key, value in require_scope(session).execute(statement)}


def _acts(
    session: Session, tasks: Sequence[Any], holders: Mapping[int, Sequence[Holder]]
) -> Mapping[str, Sequence[Any]]:
    """Read who acted in these cases under a role that bars one of the holders'."""
    roles = {holder.role for task in tasks for holder in holders[task.id]}
    barring = frozenset().union(*map(forbidden_with, roles))
    statement = select(
        _RECORD.c.stream_id,
        _RECORD.c.actor,
        _RECORD.c.role,
        _RECORD.c.performed_by,
        _RECORD.c.acting_for,
    ).where(_RECORD.c.stream_id.in_({task.case_id for task in tasks}), _RECORD.c.role.in_(barring))
    acts: dict[str, list[Any]] = defaultdict(list)
    for act in require_scope(session).execute(statement):
        acts[act.stream_id].append(act)
    return acts


def _signers(session: Session, tasks: Sequence[Any]) -> Mapping[tuple[str, str, int], set[str]]:
    """Read who has signed already where another person must sign too."""
    statement = select(_SIGNATURE).where(_SIGNATURE.c.case_id.in_({task.case_id for task in tasks}))
    signers: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for row in require_scope(session).execute(statement):
        signers[row.case_id, row.path, row.n].add(row.signer)
    return signers


def _doers(session: Session, tasks: Sequence[Any]) -> Mapping[int, set[str]]:
    """Read who did the steps that a task must be done apart from, by the task's row."""
    apart = {
        task.id: (task.case_id, names) for task in tasks if (names := _other_than(session, task))
    }
    if not apart:
        return {}
    cases = {case_id for case_id, _ in apart.values()}
    closed = select(_TASK.c.case_id, _TASK.c.activity, _TASK.c.closed_by).where(
        _TASK.c.case_id.in_(cases), _TASK.c.state == "closed"
    )
    begun = select(_RECORD.c.stream_id, literal_column(f"'{START}'"), _RECORD.c.actor).where(
        _RECORD.c.stream_id.in_(cases), _RECORD.c.seq == 1
    )
    did: dict[tuple[str, str], set[str]] = defaultdict(set)
    connection = require_scope(session)
    for case_id, activity, who in (*connection.execute(closed), *connection.execute(begun)):
        did[case_id, activity].add(who)
    return {
        key: set().union(*(did[case_id, name] for name in names))
        for key, (case_id, names) in apart.items()
    }


def _other_than(session: Session, task: Any) -> tuple[str, ...]:
    return _apart_from(session, task)[0]


def _is_apart(session: Session, task: Any) -> bool:
    return _apart_from(session, task)[1]


def _apart_from(session: Session, task: Any) -> tuple[tuple[str, ...], bool]:
    try:
        return _separation(definition_of(session, task.pack_hash, task.process_id), task.path)
    except (DubanError, LookupError):
        return (), False  # where the case stands is wrong: that is found by its marking


@lru_cache(maxsize=4096)
def _separation(definition: Definition, path: str) -> tuple[tuple[str, ...], bool]:
    activity = definition.activity(path)
    return activity.other_than, activity.is_apart
