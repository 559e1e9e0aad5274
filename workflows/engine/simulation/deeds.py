"""The records of a case, read once for a back-test: thousands of cases are gone through."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from workflows.domain.clocks import local_date
from workflows.domain.entries import Entry
from workflows.engine.simulation.histories import CaseHistory

_SECOND = len("2026-03-10T09:00:00")


class Deed(NamedTuple):
    """A record with its payload and its times.

    ``at`` is when it was recorded, ``recorded_on`` the local day of that, and ``on`` the
    local day on which it happened.
    """

    record: Any
    payload: Any
    seq: int
    kind: str
    ref: str
    at: datetime
    recorded_on: date
    on: date

    @property
    def entry(self) -> Entry:
        """Give it as an entry of the journal."""
        return Entry(self.record, self.payload)


def read_deeds(history: CaseHistory) -> list[Deed] | None:
    """Read the records of a case; null where a payload is gone."""
    deeds = []
    for body, content in history.records:
        if content is None:
            return None
        record = orjson.loads(body)
        at, occurred = record["recorded_at"], record["occurred_at"]
        recorded_on = _day_of(at[:_SECOND])
        deeds.append(
            Deed(
                record,
                orjson.loads(content),
                record["seq"],
                record["kind"],
                record["trigger"]["ref"],
                datetime.fromisoformat(at),
                recorded_on,
                recorded_on if occurred == at else _day_of(occurred[:_SECOND]),
            )
        )
    return deeds


@lru_cache(maxsize=100_000)
def _day_of(second: str) -> date:
    """Give the local day of a moment in UTC; people act in the same seconds more than once."""
    return local_date(datetime.fromisoformat(f"{second}+00:00"))
