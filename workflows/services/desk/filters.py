"""Filters of the worklist that are kept: one's own, and those of one's office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.roles import Actor
from workflows.store.base import table_of, upsert
from workflows.store.tables import Account, DefaultFilter, SavedFilter

MOST_FILTERS = 30
MOST_CHARACTERS = 40


class FilterUnnamed(InvalidInput):
    """A filter that is kept has a name of at most {longest} characters."""

    code: ClassVar[str] = "filter_unnamed"


class FilterNameTaken(Conflict):
    """One of your filters is called {name} already."""

    code: ClassVar[str] = "filter_name_taken"


class TooManyFilters(InvalidInput):
    """Nobody keeps more than {most} filters."""

    code: ClassVar[str] = "too_many_filters"


class NoOffice(InvalidInput):
    """Who belongs to no office shares a filter with none."""

    code: ClassVar[str] = "no_office"


class FilterOfAnother(NotAllowed):
    """A filter is changed by who saved it; where he has left, by his office."""

    code: ClassVar[str] = "filter_of_another"


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """A filter that somebody may use; ``has_left`` says that who saved it did leave the office."""

    id: int
    name: str
    values: Mapping[str, str]
    saved_by: str
    is_own: bool
    is_shared: bool
    has_left: bool
    is_default: bool

    @property
    def may_change(self) -> bool:
        """Say whether the one who looks may rename, share or delete it."""
        return self.is_own or self.has_left


def filters_of(session: Session, actor: Actor) -> tuple[KeptFilter, ...]:
    """Give the filters that somebody may use: his own first, then those of his office."""
    default = session.get(DefaultFilter, actor.account_id)
    statement = (
        select(SavedFilter, Account)
        .join(Account, Account.id == SavedFilter.account_id)
        .where(_usable(actor))
        .order_by(SavedFilter.account_id != actor.account_id, SavedFilter.name, SavedFilter.id)
    )
    return tuple(_kept(actor, row, account, default) for row, account in session.execute(statement))


def _usable(actor: Actor) -> ColumnElement[bool]:
    own = SavedFilter.account_id == actor.account_id
    if actor.office_id is None:
        return own
    return or_(own, SavedFilter.office_id == actor.office_id)


def _kept(
    actor: Actor, row: SavedFilter, account: Account, default: DefaultFilter | None
) -> KeptFilter:
    return KeptFilter(
        row.id,
        row.name,
        row.values,
        account.display_name,
        row.account_id == actor.account_id,
        row.office_id is not None,
        not account.is_active or account.office_id != row.office_id,
        default is not None and default.filter_id == row.id,
    )


def save_filter(
    session: Session, actor: Actor, now: datetime, name: str, values: Mapping[str, str]
) -> int:
    """Keep a filter under a name, for oneself; one's own of that name is overwritten.

    Raises:
        FilterUnnamed: It has no name, or too long a one.
        TooManyFilters: There are too many already.
    """
    name = _name(name)
    mine = list(
        session.scalars(select(SavedFilter).where(SavedFilter.account_id == actor.account_id))
    )
    row = next((each for each in mine if each.name == name), None)
    if row is None:
        if len(mine) >= MOST_FILTERS:
            raise TooManyFilters(most=MOST_FILTERS)
        row = SavedFilter(account_id=actor.account_id, name=name, values={}, made_at=now)
        session.add(row)
    row.values = dict(values)
    session.flush()
    return row.id


def rename_filter(session: Session, actor: Actor, filter_id: int, name: str) -> None:
    """Give a filter another name.

    Raises:
        FilterOfAnother: It is not this actor's to change.
        FilterNameTaken: Who saved it has another one of that name.
    """
    row, name = _changeable(session, actor, filter_id), _name(name)
    taken = select(SavedFilter.id).where(
        SavedFilter.account_id == row.account_id,
        SavedFilter.name == name,
        SavedFilter.id != filter_id,
    )
    if session.execute(taken).first() is not None:
        raise FilterNameTaken(name=name)
    row.name = name


def share_filter(session: Session, actor: Actor, filter_id: int, *, is_shared: bool) -> None:
    """Let the people of one's office use a filter, or no longer.

    Raises:
        FilterOfAnother: It is not this actor's to change.
        NoOffice: He belongs to none.
    """
    row = _changeable(session, actor, filter_id)
    if is_shared and actor.office_id is None:
        raise NoOffice
    row.office_id = actor.office_id if is_shared else None
    if not is_shared:
        _forget(session, filter_id, but=row.account_id)


def delete_filter(session: Session, actor: Actor, filter_id: int) -> None:
    """Delete a filter; worklists that opened with it open without.

    Raises:
        FilterOfAnother: It is not this actor's to change.
    """
    row = _changeable(session, actor, filter_id)
    _forget(session, filter_id)
    session.delete(row)
    session.flush()


def set_default(session: Session, actor: Actor, filter_id: int | None) -> None:
    """Let somebody's worklist open with a filter that he may use, or with none.

    Raises:
        NotFound: There is no such filter for him.
    """
    table = table_of(DefaultFilter)
    if filter_id is None:
        mine = delete(table).where(table.c.account_id == actor.account_id)
        session.connection().execute(mine)
        return
    _usable_one(session, actor, filter_id)
    statement = upsert(session.connection(), DefaultFilter).values(
        account_id=actor.account_id, filter_id=filter_id
    )
    changed = {"filter_id": statement.excluded["filter_id"]}
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["account_id"], set_=changed)
    )


def _forget(session: Session, filter_id: int, but: str = "") -> None:
    table = table_of(DefaultFilter)
    statement = delete(table).where(table.c.filter_id == filter_id, table.c.account_id != but)
    session.connection().execute(statement)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= MOST_CHARACTERS:
        raise FilterUnnamed(longest=MOST_CHARACTERS)
    return name


def _usable_one(session: Session, actor: Actor, filter_id: int) -> KeptFilter:
    for each in filters_of(session, actor):
        if each.id == filter_id:
            return each
    raise NotFound(what="filter", key=str(filter_id))


def _changeable(session: Session, actor: Actor, filter_id: int) -> SavedFilter:
    if not _usable_one(session, actor, filter_id).may_change:
        raise FilterOfAnother
    return session.get_one(SavedFilter, filter_id)
