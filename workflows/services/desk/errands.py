"""What a meeting gave an office or one person to do in a case (交办): at the desk until it is done.

It stands on no diagram and moves nothing; both ends are comments in the case's records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session, aliased

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.organisations import Kind
from workflows.domain.roles import Actor
from workflows.services.desk.comments import comment
from workflows.services.steps.locked import load_locked
from workflows.store.base import table_of
from workflows.store.tables import Account, Case, Errand, Organisation

MOST_SHOWN = 50
MOST_DONE = 400
_MOST_DAYS = 731
_BANNER = 3  # the level of a banner


class AddresseeUnfit(InvalidInput):
    """An errand is for an office on the way from the case's place upwards, or one of its people."""

    code: ClassVar[str] = "addressee_unfit"


class ErrandDayPast(InvalidInput):
    """An errand is due after today, within two years."""

    code: ClassVar[str] = "errand_day_past"


class ErrandDone(Conflict):
    """The errand was done before."""

    code: ClassVar[str] = "errand_done"


class ErrandUnsaid(InvalidInput):
    """Whoever ends an errand says what was done, in at most {longest} characters."""

    code: ClassVar[str] = "errand_unsaid"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom an errand is for: an office, or with an account one person of it."""

    office_id: str
    name: str
    account_id: str | None = None

    @property
    def key(self) -> str:
        """Give what it is chosen by."""
        return self.account_id or self.office_id


@dataclass(frozen=True, slots=True)
class ErrandLine:
    """An errand that waits, with its case; ``may_end`` where the viewer is to do it or gave it."""

    row: Errand
    number: str
    subject: str
    office: str
    person: str | None
    set_by: str
    may_end: bool

    @property
    def who(self) -> str:
        """Name whom it is for."""
        return f"{self.office} {self.person}" if self.person else self.office


@dataclass(frozen=True, slots=True)
class Directory:
    """The offices to which errands can go in some cases, and their people, by the unit's path."""

    offices: Mapping[str, Sequence[Organisation]]
    people: Mapping[str, Sequence[Addressee]]

    def for_case(self, org_path: str, first: Iterable[str] = ()) -> tuple[Addressee, ...]:
        """Give whom an errand in a case can be for: some offices first, then from below upwards."""
        order = {office: place for place, office in enumerate(first)}
        found = [each for path in _units_above(org_path) for each in self.offices.get(path, ())]
        found.sort(key=lambda each: order.get(each.id, len(order)))
        return tuple(
            addressee
            for each in found
            for addressee in (Addressee(each.id, each.name), *self.people.get(each.id, ()))
        )


def directory(session: Session, org_paths: Iterable[str]) -> Directory:
    """Read whom errands can be for in cases at some places: the bodies of their units upwards."""
    units = {path for org_path in org_paths for path in _units_above(org_path)}
    unit = aliased(Organisation)
    statement = (
        select(Organisation, unit.path)
        .join(unit, unit.id == Organisation.parent_id)
        .where(unit.path.in_(units), Organisation.kind != Kind.UNIT)
        .order_by(Organisation.path)
    )
    offices: dict[str, list[Organisation]] = {}
    for office, path in session.execute(statement):
        offices.setdefault(path, []).append(office)
    ids = [each.id for bodies in offices.values() for each in bodies]
    return Directory(offices, _people(session, ids))


def _units_above(org_path: str) -> Iterator[str]:
    """Give the paths from a place up to its banner."""
    codes = org_path.strip(".").split(".")
    for end in range(len(codes), _BANNER - 1, -1):
        yield "".join(f"{code}." for code in codes[:end])


def _people(session: Session, office_ids: Sequence[str]) -> dict[str, list[Addressee]]:
    statement = (
        select(Account.id, Account.display_name, Organisation.id)
        .join(Organisation, Organisation.id == Account.office_id)
        .where(Organisation.id.in_(office_ids), Account.is_active)
        .order_by(Account.display_name, Account.id)
    )
    found: dict[str, list[Addressee]] = {}
    for id_, name, office in session.execute(statement):
        found.setdefault(office, []).append(Addressee(office, name, id_))
    return found


def addressee_of(session: Session, org_path: str, key: str) -> Addressee:
    """Find whom an errand in a case is for: an office or an account by its id.

    Raises:
        AddresseeUnfit: It is no office on the case's way upwards, and nobody of one.
    """
    for each in directory(session, [org_path]).for_case(org_path):
        if each.key == key:
            return each
    raise AddresseeUnfit


def named(session: Session, to: Addressee) -> str:
    """Name whom an errand is for, a person with the office."""
    if to.account_id is None:
        return to.name
    return f"{session.get_one(Organisation, to.office_id).name} {to.name}"


def assign(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    seq: int,
    to: Addressee,
    text: str,
    due_on: date,
) -> None:
    """Give an office, or one person of it, something to do; ``seq`` is the record that says so.

    The case is locked by whoever wrote that record.

    Raises:
        ErrandDayPast: The day lies not ahead, or too far.
    """
    if not 0 < (due_on - local_date(now)).days <= _MOST_DAYS:
        raise ErrandDayPast
    session.add(
        Errand(
            case_id=case_id,
            seq=seq,
            office_id=to.office_id,
            account_id=to.account_id,
            text=text,
            due_on=due_on,
            set_by=actor.account_id,
            set_at=now,
        )
    )
    session.flush()


def case_of(session: Session, errand_id: int) -> str:
    """Give the case of an errand, as far as the session's scope shows it.

    Raises:
        NotFound: There is none.
    """
    statement = select(Case.id).join(Errand, Errand.case_id == Case.id)
    found = session.scalar(statement.where(Errand.id == errand_id))
    if found is None:
        raise NotFound(what="errand", key=str(errand_id))
    return found


def finish(session: Session, actor: Actor, now: datetime, errand_id: int, text: str) -> Errand:
    """End an errand with what was done, as a comment in its case.

    Raises:
        NotFound: There is none that waits for this actor, nor did he set it.
        ErrandDone: Somebody ended it before.
        ErrandUnsaid: It is not said what was done.
        RoleMissing, OwnCase: See `comment`.
    """
    if not 0 < len(text.strip()) <= MOST_DONE:
        raise ErrandUnsaid(longest=MOST_DONE)
    found = session.get(Errand, errand_id)
    if found is None:
        raise NotFound(what="errand", key=str(errand_id))
    load_locked(session, found.case_id)
    session.refresh(found)
    if found.done_seq is not None:
        raise ErrandDone
    if not _lines(session, actor, and_(Errand.id == errand_id, _seen_by(actor))):
        raise NotFound(what="errand", key=str(errand_id))
    said = f"调度会交办已办（{found.text}）：{text.strip()}"
    found.done_seq = comment(session, actor, now, found.case_id, said)
    session.flush()
    return found


def errands_at_desk(session: Session, actor: Actor, today: date) -> tuple[ErrandLine, ...]:
    """Give what waits for somebody or his office, and from its day on what he gave to others."""
    his = or_(_for(actor), and_(Errand.set_by == actor.account_id, Errand.due_on <= today))
    return _lines(session, actor, his)


def errands_in(session: Session, actor: Actor, case_ids: Sequence[str]) -> tuple[ErrandLine, ...]:
    """Give what waits in some cases, whoever is to do it."""
    return _lines(session, actor, Errand.case_id.in_(case_ids)) if case_ids else ()


def take_back_errands(session: Session, case_id: str, seq: int) -> None:
    """Follow a record that was taken back: what it gave is gone, what it ended waits again."""
    table, connection = table_of(Errand), session.connection()
    connection.execute(delete(table).where(table.c.case_id == case_id, table.c.seq == seq))
    ended = (table.c.case_id == case_id) & (table.c.done_seq == seq)
    connection.execute(update(table).where(ended).values(done_seq=None))


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    return or_(_for(actor), Errand.set_by == actor.account_id)


def _for(actor: Actor) -> ColumnElement[bool]:
    """Say that an errand is for somebody, or for all of the office to which he belongs."""
    office = table_of(Organisation).alias()
    granted = select(office.c.id).where(office.c.path.in_({g.org_path for g in actor.grants}))
    of_office: ColumnElement[bool] = Errand.office_id.in_(granted)
    if actor.office_id is not None:
        of_office = or_(of_office, Errand.office_id == actor.office_id)
    return or_(Errand.account_id == actor.account_id, and_(Errand.account_id.is_(None), of_office))


def _lines(session: Session, actor: Actor, which: ColumnElement[bool]) -> tuple[ErrandLine, ...]:
    """Read errands that wait, as far as the session's scope shows their cases."""
    office, person, giver = aliased(Organisation), aliased(Account), aliased(Account)
    statement = (
        select(
            Errand,
            Case.number,
            Organisation.name,
            office.name,
            person.display_name,
            giver.display_name,
            _seen_by(actor),
        )
        .join(Case, Case.id == Errand.case_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .join(office, office.id == Errand.office_id)
        .join(giver, giver.id == Errand.set_by)
        .outerjoin(person, person.id == Errand.account_id)
        .where(Errand.done_seq.is_(None), which)
        .order_by(Errand.due_on, Errand.id)
        .limit(MOST_SHOWN)
    )
    rows = session.execute(statement)
    return tuple(ErrandLine(*row[:-1], may_end=bool(row[-1])) for row in rows)
