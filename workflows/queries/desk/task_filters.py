"""Which open tasks a list asks for, in SQL, and the ways by which an index leads to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from workflows.domain.clocks import due_at_of
from workflows.domain.roles import Actor, BoundedGrant, Role
from workflows.queries.desk.colour_ranges import has_colour, latest_due_on
from workflows.queries.short_ways import FEW, has_statistics, off_index
from workflows.queries.staff.accounts import accounts_named
from workflows.services.packs import lanes_in_use
from workflows.store.base import table_of
from workflows.store.scope import Scope, scope_of, within
from workflows.store.tables import Case, Matter, Organisation, Signature, Task

Found: TypeAlias = Select[*tuple[Any, ...]]
# Written as it stands in the partial indexes: with a parameter they would not serve.
IS_OPEN: ColumnElement[bool] = Task.state == literal_column("'open'")


class Whose(StrEnum):
    """Which tasks a list is about, seen from the viewer."""

    MY = "my"  # taken by him, or free and his to take
    MINE = "mine"  # taken by him
    FREE = "free"  # free and his to take
    ALL = "all"  # every open task in his scope


class Order(StrEnum):
    """How a list is sorted."""

    DUE = "due"
    NEWEST = "newest"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shall hold; ``rung`` 0 is the ground before the first."""

    whose: Whose = Whose.MY
    order: Order = Order.DUE
    org_path: str = ""
    rung: int | None = None
    colour: str = ""
    role: str = ""
    line: str = ""
    claimant: str = ""
    problem_type: str = ""
    from_on: date | None = None
    until_on: date | None = None


def matching(session: Session, actor: Actor, today: date, wanted: Wanted) -> Found:
    """Find the tasks that a list asks for, as far as the session's scope shows them."""
    statement: Found = select(Task.id, Task.due_at, Task.org_path, Task.opened_at).where(IS_OPEN)
    statement = _of_viewer(session, statement, actor, wanted.whose)
    if wanted.org_path:
        statement = statement.where(within(off_index(session, Task.org_path), (wanted.org_path,)))
    if wanted.rung is not None:
        statement = statement.where(func.coalesce(Task.rung, 0) == wanted.rung)
    if wanted.colour:
        statement = statement.where(has_colour(session, wanted.colour, today))
    if wanted.role:
        statement = statement.where(_asks_for(session, {wanted.role}, off_index))
    if wanted.line:
        statement = statement.where(Task.line == wanted.line)
    if wanted.claimant:
        named = accounts_named(session, wanted.claimant)
        statement = statement.where(Task.claimant.in_(named))
    if wanted.problem_type:
        statement = statement.where(_of_type(session, wanted.problem_type))
    if wanted.from_on:
        statement = statement.where(Task.due_on >= wanted.from_on)
    if wanted.until_on:
        statement = statement.where(Task.due_on <= wanted.until_on)
    return statement


def _of_viewer(session: Session, statement: Found, actor: Actor, whose: Whose) -> Found:
    if whose is Whose.ALL:
        return statement
    if whose is Whose.MINE:
        return statement.where(Task.claimant == actor.account_id)
    office = aliased(Organisation)
    # Most tasks are free: an index on who took them is no way to find those.
    taken_by = off_index(session, Task.claimant)
    is_free = taken_by.is_(None) if has_statistics(session) else taken_by == ""
    free = and_(is_free, _is_candidate(session, actor, office))
    if actor.person_id is not None:
        case = table_of(Case)
        own = select(case.c.id).where(case.c.subject_person_id == actor.person_id)
        free = and_(free, Task.case_id.not_in(own))
    statement = statement.join(office, office.id == Task.office_id)
    if whose is Whose.FREE:
        return statement.where(free)
    mine = or_(
        Task.claimant == actor.account_id,
        free,
        *_to_co_sign(actor, office),
        *_taken_by_lender(session, actor, office),
    )
    return statement.where(mine)


def _taken_by_lender(session: Session, actor: Actor, office: Any) -> Iterator[ColumnElement[bool]]:
    """Say that a task is taken by somebody for whom this actor may do it."""
    place = off_index(session, office.path)
    for lent in actor.bounded:
        if lent.acting_for is not None:
            yield and_(Task.claimant == lent.acting_for, _lent(session, lent, place))


def _to_co_sign(actor: Actor, office: Any) -> Iterator[ColumnElement[bool]]:
    """Say that a task waits for the signature of a principal, as this actor is one."""
    over = [grant.org_path for grant in actor.grants if grant.role == Role.PRINCIPAL]
    if over:
        yield and_(_waits_for_principal(), within(office.path, over))


def _waits_for_principal() -> ColumnElement[bool]:
    signed = table_of(Signature)
    return exists().where(
        signed.c.case_id == Task.case_id,
        signed.c.path == Task.path,
        signed.c.n == Task.n,
        signed.c.pair_with.is_not(None),
    )


def _is_candidate(session: Session, actor: Actor, office: Any) -> ColumnElement[bool]:
    """Say in SQL what `Actor.holds` says: a role of the task, over its office or above it."""
    place = off_index(session, office.path)
    held: dict[str, set[str]] = {}
    for grant in actor.grants:
        held.setdefault(grant.org_path, set()).add(grant.role)
    return or_(
        false(),
        *(
            and_(
                _asks_for(session, roles, off_index),
                within(place, (path,)),
            )
            for path, roles in sorted(held.items())
        ),
        *(_lent(session, each, place) for each in actor.bounded),
    )


def _lent(session: Session, lent: BoundedGrant, place: Any) -> ColumnElement[bool]:
    """Say in SQL what `BoundedGrant.covers` says."""
    bounds = [_asks_for(session, set(lent.roles), off_index), within(place, (lent.org_path,))]
    if lent.case_id is not None:
        bounds.append(Task.case_id == lent.case_id)
    if lent.activities:
        bounds.append(Task.activity.in_(lent.activities))
    return and_(*bounds)


def _asks_for(
    session: Session, roles: set[str], write: Callable[[Session, Any], Any] = lambda _, it: it
) -> ColumnElement[bool]:
    """Say that a task is for one of these roles; the lanes of the packs tell which are so."""
    lists = (lane for lane in lanes_in_use(session) if not roles.isdisjoint(lane.split()))
    asked: ColumnElement[bool] = write(session, Task.roles).in_(sorted(lists))
    return asked


def _of_type(session: Session, problem_type: str) -> ColumnElement[bool]:
    case, matter = table_of(Case), table_of(Matter)
    return exists().where(
        case.c.id == Task.case_id,
        matter.c.id == case.c.matter_id,
        off_index(session, matter.c.problem_type) == problem_type,
    )


def ways_to(
    session: Session, actor: Actor, wanted: Wanted, due: ColumnElement[bool] | None
) -> Iterator[ColumnElement[bool]]:
    """Give what all tasks of a list have in common and an index knows."""
    if wanted.whose is Whose.MINE:
        yield Task.claimant == actor.account_id
    scope = scope_of(session)
    if wanted.org_path:
        yield within(Task.org_path, (wanted.org_path,))
    elif isinstance(scope, Scope):
        near = within(Task.org_path, sorted({*scope.paths, *scope.person_paths}))
        yield or_(near, Task.case_id.in_(scope.case_ids)) if scope.case_ids else near
    if due is not None:
        yield due
    if wanted.role:
        yield _asks_for(session, {wanted.role})
    if wanted.whose in {Whose.MY, Whose.FREE}:
        lent = {role for each in actor.bounded for role in each.roles}
        free = _asks_for(session, {grant.role for grant in actor.grants} | lent)
        lenders = {each.acting_for for each in actor.bounded if each.acting_for}
        is_mine: ColumnElement[bool] = Task.claimant.in_({actor.account_id, *lenders})
        if any(grant.role == Role.PRINCIPAL for grant in actor.grants):
            is_mine = or_(is_mine, _waits_for_principal())
        yield _either(free, is_mine) if wanted.whose is Whose.MY else free
    if wanted.rung:
        yield Task.rung == wanted.rung
    if wanted.problem_type:
        yield _few_of(_tasks_of_type(wanted.problem_type))


def _either(one: ColumnElement[bool], other: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say "or" so that each side goes by its own index."""
    sides = union_all(*(select(Task.id).where(IS_OPEN, side) for side in (one, other)))
    return _few_of(select(sides.subquery().c.id))


def _tasks_of_type(problem_type: str) -> Select[Any]:
    task, case, matter = table_of(Task), table_of(Case), table_of(Matter)
    return (
        select(task.c.id)
        .join(case, case.c.id == task.c.case_id)
        .join(matter, matter.c.id == case.c.matter_id)
        .where(task.c.state == literal_column("'open'"), matter.c.problem_type == problem_type)
    )


def _few_of(ids: Select[Any]) -> ColumnElement[bool]:
    """Say that a task is one of these; of many, one more than a few says that they are many."""
    return Task.id.in_(ids.limit(FEW + 1))


def due_between(session: Session, today: date, wanted: Wanted) -> ColumnElement[bool] | None:
    """Say between which moments all tasks of a list are due, if that is known."""
    until = (wanted.until_on, latest_due_on(session, wanted.colour, today))
    until_on = min((on for on in until if on is not None), default=None)
    bounds = []
    if wanted.from_on:
        bounds.append(Task.due_at >= due_at_of(wanted.from_on))
    if until_on:
        bounds.append(Task.due_at <= due_at_of(until_on))
    return and_(*bounds) if bounds else None
