"""Numbers of matters: one series a year, so that a gap shows."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.domain.levels import CLUES, INTERNAL, PERSONAL
from workflows.store.base import table_of, upsert
from workflows.store.tables import NumberSeries

MATTERS = "matter"
_SERIES = {INTERNAL: "", PERSONAL: "人", CLUES: "移"}


def next_number(session: Session, series: str, year: int) -> int:
    """Take the next number of a series; the row stays locked until the transaction ends."""
    connection = session.connection()
    last = table_of(NumberSeries).c.last
    statement = (
        upsert(connection, NumberSeries)
        .values(series=series, year=year, last=1)
        .on_conflict_do_update(index_elements=["series", "year"], set_={"last": last + 1})
        .returning(last)
    )
    number: int = connection.execute(statement).scalar_one()
    return number


def matter_number(year: int, number: int) -> str:
    """Write a matter's number: 督〔2026〕17号."""
    return f"督〔{year}〕{number}号"


def case_number(matter: str, number: int, level: str = INTERNAL) -> str:
    """Write a case's number: its matter's with its place among the like cases in it.

    Those of each level are counted by themselves: in a common series a gap would tell whoever
    may not see them that there is one (AUDIT.md, sealed tracks).
    """
    return f"{matter}-{_SERIES[level]}{number}"
