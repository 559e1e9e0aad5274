"""Registering that somebody asked about a case or meddled with it; few read it (DOMAIN 3.5).

The principal of the discipline line and the auditor do, never the one whom it names. It stands
in no record of the case, no paper and no bundle but by the command for clues.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.audit.canonical import canonical
from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.ids import new_id
from workflows.domain.interventions import Approach, Manner
from workflows.domain.roles import Actor, Role
from workflows.services.access import RoleMissing
from workflows.services.informants import VAULT, begin_of
from workflows.services.journal import append_house
from workflows.services.looking import Looked, list_look
from workflows.services.numbers import next_number
from workflows.services.offices import Office, Place, office_for
from workflows.services.recused import closed_cases
from workflows.services.vault import PayloadErased, key_for, seal, unseal
from workflows.store.base import table_of
from workflows.store.journal import key_id_of
from workflows.store.tables import Account, Case, Intervention, Matter, Organisation, Person

LONGEST_TEXT = 500
LONGEST_NAME = 60
_SERIES = "intervention"
_DISCIPLINE = "discipline"


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


def reads_all(actor: Actor) -> bool:
    """Say whether somebody reads the register as the auditor."""
    return any(grant.role == Role.AUDIT_ADMIN for grant in actor.grants)


def led_offices(session: Session, actor: Actor) -> set[str]:
    """Give the paths of the discipline offices that somebody leads, himself or from above."""
    paths = {grant.org_path for grant in actor.grants if grant.role == Role.PRINCIPAL}
    statement = select(Organisation.path).where(
        Organisation.path.in_(paths), Organisation.kind == _DISCIPLINE
    )
    return set(session.scalars(statement)) if paths else set()


def may_read(session: Session, actor: Actor, entry: Intervention, led: Iterable[str]) -> bool:
    """Say whether somebody reads an entry: its principal or his superior, or the auditor.

    Whoever it names does not, by person or by name, whichever of his accounts he uses, nor who
    keeps out of its case.
    """
    if not (reads_all(actor) or any(_leads(entry.office_path, path) for path in led)):
        return False
    if entry.case_id in closed_cases(session, actor.account_id, actor.person_id):
        return False
    opened = read_approach(session, entry)
    names = {actor.display_name}
    if actor.person_id is not None:
        own = select(Account.display_name).where(Account.person_id == actor.person_id)
        names |= set(session.scalars(own))
    is_named = opened.approach.person_id is not None and (
        opened.approach.person_id == actor.person_id
    )
    return not is_named and opened.approach.who not in names


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
    entry = session.get(Intervention, entry_id)
    if entry is None or not may_read(session, actor, entry, led_offices(session, actor)):
        raise NotFound(what="intervention", key=entry_id)
    seq = tell_entry(session, actor, now, "approach_opened", entry)
    list_look(session, actor, now, seq, Looked.APPROACH)
    return read_approach(session, entry)


def entries_for(session: Session, actor: Actor, limit: int = 200) -> list[Intervention]:
    """Give the entries that somebody may open, the newest first."""
    led = led_offices(session, actor)
    if not led and not reads_all(actor):
        return []
    statement = select(Intervention).order_by(Intervention.kept_on.desc(), Intervention.id)
    rows = session.scalars(statement.limit(limit)).all()
    return [entry for entry in rows if may_read(session, actor, entry, led)]


def lines_on(session: Session, actor: Actor, case_id: str) -> tuple[int, date | None]:
    """Give how many entries of a case somebody may open, and the day of the last; zero else."""
    led = led_offices(session, actor)
    if not led and not reads_all(actor):
        return 0, None
    statement = select(Intervention).where(Intervention.case_id == case_id)
    rows = [each for each in session.scalars(statement) if may_read(session, actor, each, led)]
    return len(rows), max((each.kept_on for each in rows), default=None)


def tell_entry(session: Session, actor: Actor, now: datetime, act: str, entry: Intervention) -> int:
    """Record something of an entry in the house, under the one name of the vault's records."""
    form = {"act": act, "entry": entry.id, "number": entry.number}
    return append_house(session, actor, now, VAULT, VAULT, form=form)
