"""Which entries of the informant vault may be erased: two years after their matter closed.

Nothing is erased by a timer: `services/history/erasing.py` has two people sign (DOMAIN 3.6, 5.7.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.informants import YEARS_KEPT
from workflows.services.secrecy.informants import closed_on
from workflows.store.journal import key_id_of
from workflows.store.scope import as_system
from workflows.store.tables import Informant, Matter

_PREFIX = "i_"


@dataclass(frozen=True, slots=True)
class Due:
    """An entry that may be erased; ``org_path`` is the place of its matter."""

    entry: Informant
    key_id: str
    org_path: str
    closed_on: date


def is_informant(subject_id: str) -> bool:
    """Tell the id of an entry of the vault from those of organisations and people."""
    return subject_id.startswith(_PREFIX)


def due_informant(session: Session, today: date, informant_id: str) -> Due | None:
    """Give an entry if it may be erased; None if it is kept still, or gone."""
    entry = session.get(Informant, informant_id)
    key_id = key_id_of(session, informant_id)
    if entry is None or key_id is None:
        return None
    closed = closed_on(session, entry.matter_id)
    if closed is None or _years_after(closed) > today:
        return None
    with as_system(session, "informants"):
        path = session.get_one(Matter, entry.matter_id).org_path
    return Due(entry, key_id, path, closed)


def proposed(session: Session, today: date) -> list[Due]:
    """Give all entries that may be erased; somebody puts them on a list, or not."""
    kept = select(Informant.id).where(Informant.sealed.is_not(None)).order_by(Informant.id)
    found = (due_informant(session, today, each) for each in session.scalars(kept).all())
    return [each for each in found if each is not None]


def empty_entry(session: Session, due: Due, today: date) -> None:
    """Empty the row of an entry whose key is deleted; that it was there stays."""
    due.entry.sealed, due.entry.erased_on = None, today
    session.flush()


def _years_after(day: date) -> date:
    try:
        return day.replace(year=day.year + YEARS_KEPT)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + YEARS_KEPT, day=28)
