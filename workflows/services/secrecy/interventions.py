"""Registering that somebody asked about a case or meddled with it; few read it (DOMAIN 3.5).

The principal of the discipline line and the auditor do, never the one whom it names. It stands
in no record of the case, no paper and no bundle but by the command for clues.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows.audit.canonical import canonical
from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.ids import new_id
from workflows.domain.interventions import Approach, Manner
from workflows.domain.roles import Actor, Role
from workflows.services.access import RoleMissing, is_concerned
from workflows.services.journal import append_house
from workflows.services.numbers import next_number
from workflows.services.offices import Office, Place, office_for
from workflows.services.recused import closed_cases
from workflows.services.secrecy.informants import VAULT, begin_of
from workflows.services.secrecy.looking import Looked, list_look
from workflows.services.supervised import discipline_offices
from workflows.services.vault import PayloadErased, key_for, seal, unseal
from workflows.store.base import table_of
from workflows.store.journal import key_id_of
from workflows.store.tables import Account, Case, Intervention, Matter, Organisation, Person

LONGEST_TEXT = 500
LONGEST_NAME = 60
_SERIES = "intervention"


class ApproachInvalid(InvalidInput):
    """It needs who it was, the case, a day not after today; texts of at most {longest} signs."""

    code: ClassVar[str] = "approach_invalid"


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry as its reader sees it: what happened, about which case, who registered it."""

    entry: Intervention
    approach: Approach
    case_number: str
    registered_by: str


def register_approach(
    session: Session, actor: Actor, now: datetime, case_number: str, approach: Approach
) -> None:
    """Register that somebody asked about a case, by its number; nothing tells whether it exists.

    Raises:
        RoleMissing: The actor works nowhere.
        ApproachInvalid: Something is missing or too long.
    """
    _check(approach, case_number, local_date(now))
    case = _case_of(session, case_number)
    office = _office_of(session, actor, case)
    today = local_date(now)
    year = today.year
    entry = Intervention(
        id=new_id("n"),
        number=f"干〔{year}〕{next_number(session, _SERIES, year)}号",
        case_id=case.id if case else None,
        office_id=office.id,
        office_path=office.path,
        kept_on=today,
    )
    key = key_for(session, entry.id, begin_of(today))
    said = {
        "case": case_number.strip(),
        "manner": approach.manner.value,
        "on": approach.on.isoformat(),
        "who": approach.who.strip(),
        "post": approach.post.strip(),
        "said": approach.said.strip(),
        "person": _person_named(session, approach.who.strip()),
        "by": actor.account_id,
    }
    entry.sealed = seal(session, key, entry.id, 1, canonical(said)).sealed
    session.add(entry)
    session.flush()
    tell_entry(session, actor, now, "approach_kept", entry)


def _check(approach: Approach, case_number: str, today: date) -> None:
    texts = (approach.post, approach.said, case_number)
    is_long = any(len(text) > LONGEST_TEXT for text in texts) or len(approach.who) > LONGEST_NAME
    is_short = not approach.who.strip() or not case_number.strip()
    if is_long or is_short or approach.on > today:
        raise ApproachInvalid(longest=LONGEST_TEXT)


def _person_named(session: Session, name: str) -> str | None:
    """Give the one person of the register who bears a name; of several nobody is taken."""
    found = session.scalars(select(Person.id).where(Person.name == name).limit(2)).all()
    return found[0] if len(found) == 1 else None


def _case_of(session: Session, number: str) -> Any:
    case = table_of(Case)
    columns = (case.c.id, case.c.org_path, case.c.subject_organisation_id, case.c.matter_id)
    statement = select(*columns).where(case.c.number == number.strip())
    return session.connection().execute(statement).one_or_none()


def _office_of(session: Session, actor: Actor, case: Any) -> Office:
    """Give the discipline office of the banner of a case, or of the officer himself."""
    if case is not None:
        matter = table_of(Matter)
        statement = select(matter.c.registering_office_id).where(matter.c.id == case.matter_id)
        office_id = session.connection().execute(statement).scalar_one()
        place = Place(case.subject_organisation_id, case.org_path, office_id)
        return office_for(session, "banner_discipline", place)
    own = session.get(Organisation, actor.office_id) if actor.office_id else None
    if own is None:
        raise RoleMissing(roles=Role.HANDLER, office="")
    return office_for(session, "banner_discipline", Place(own.id, own.path, own.id))


def _readable(session: Session, actor: Actor, entries: Select[Intervention]) -> list[Intervention]:
    """Read those of some entries that are for somebody: their principal, his superior, the auditor.

    Whoever one names does not read it, by person or by name, whichever of his accounts he
    uses, nor who keeps out of its case.
    """
    reads_all = any(grant.role == Role.AUDIT_ADMIN for grant in actor.grants)
    led = discipline_offices(session, actor, (Role.PRINCIPAL,))
    if not led and not reads_all:
        return []
    kept_out = closed_cases(session, actor.account_id, actor.person_id)
    names = _names_of(session, actor)
    return [
        each
        for each in session.scalars(entries)
        if (reads_all or any(_leads(each.office_path, path) for path in led))
        and each.case_id not in kept_out
        and not _is_named(session, actor, names, each)
    ]


def _names_of(session: Session, actor: Actor) -> set[str]:
    if actor.person_id is None:
        return {actor.display_name}
    own = select(Account.display_name).where(Account.person_id == actor.person_id)
    return {actor.display_name, *session.scalars(own)}


def _is_named(session: Session, actor: Actor, names: Container[str], entry: Intervention) -> bool:
    approach = read_approach(session, entry).approach
    return is_concerned(actor, approach.person_id) or approach.who in names


def _leads(office_path: str, led: str) -> bool:
    """Say whether a discipline office is another one, or stands in a unit above it."""
    unit = led[: led.rstrip(".").rfind(".") + 1]
    banner = office_path[: office_path.rstrip(".").rfind(".") + 1]
    return led == office_path or (banner.startswith(unit) and banner != unit)


def read_approach(session: Session, entry: Intervention) -> Opened:
    """Unseal an entry; the caller knows that it may be read.

    Raises:
        PayloadErased: Its key is gone.
    """
    key = key_id_of(session, entry.id)
    if key is None:
        raise PayloadErased(id=entry.id, seq=1)
    said: dict[str, Any] = orjson.loads(unseal(session, key, entry.id, 1, entry.sealed).content)
    approach = Approach(
        manner=Manner(said["manner"]),
        on=date.fromisoformat(said["on"]),
        who=said["who"],
        post=said["post"],
        said=said["said"],
        person_id=said["person"],
    )
    return Opened(entry, approach, said["case"], said["by"])


def open_approach(session: Session, actor: Actor, now: datetime, entry_id: str) -> Opened:
    """Open an entry, on record and as a look.

    Raises:
        NotFound: There is none for this actor.
    """
    entry = entry_for(session, actor, entry_id)
    seq = tell_entry(session, actor, now, "approach_opened", entry)
    list_look(session, actor, now, seq, Looked.APPROACH)
    return read_approach(session, entry)


def entry_for(session: Session, actor: Actor, entry_id: str) -> Intervention:
    """Give an entry to somebody who may open it.

    Raises:
        NotFound: There is none for this actor.
    """
    statement = select(Intervention).where(Intervention.id == entry_id)
    found = _readable(session, actor, statement)
    if not found:
        raise NotFound(what="intervention", key=entry_id)
    return found[0]


def entries_for(session: Session, actor: Actor, limit: int = 200) -> list[Intervention]:
    """Give the entries that somebody may open, the newest first."""
    statement = select(Intervention).order_by(Intervention.kept_on.desc(), Intervention.id)
    return _readable(session, actor, statement.limit(limit))


def lines_on(session: Session, actor: Actor, case_id: str) -> tuple[int, date | None]:
    """Give how many entries of a case somebody may open, and the day of the last; zero else."""
    statement = select(Intervention).where(Intervention.case_id == case_id)
    rows = _readable(session, actor, statement)
    return len(rows), max((each.kept_on for each in rows), default=None)


def tell_entry(session: Session, actor: Actor, now: datetime, act: str, entry: Intervention) -> int:
    """Record something of an entry in the house, under the one name of the vault's records."""
    form = {"act": act, "entry": entry.id, "number": entry.number}
    return append_house(session, actor, now, VAULT, VAULT, form=form)
