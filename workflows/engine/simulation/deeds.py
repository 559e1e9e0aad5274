"""The records of a case, read once for a back-test: thousands of cases are gone through."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from workflows.domain.clocks import local_date
from workflows.domain.entries import path_at
from workflows.domain.records import parse_time
from workflows.engine.simulation.histories import CaseHistory

_HOUR = len("2026-03-10T09")


class Deed(NamedTuple):
    """A record with its payload and its times.

    ``path`` is that of the task or clock that it is about. ``at`` is when it was recorded,
    ``recorded_on`` the local day of that, and ``on`` the local day on which it happened.
    """

    record: Any
    payload: Any
    seq: int
    kind: str
    ref: str
    path: str
    at: datetime
    recorded_on: date
    on: date

    @property
    def occurred_at(self) -> datetime:
        """Give when it happened."""
        return parse_time(self.record["occurred_at"])


def read_deeds(history: CaseHistory) -> list[Deed] | None:
    """Read the records of a case that stand; null where a payload is gone."""
    deeds = []
    for body, content in history.records:
        if content is None:
            return None
        record = orjson.loads(body)
        at, occurred, ref = record["recorded_at"], record["occurred_at"], record["trigger"]["ref"]
        recorded_on = _day_of(at[:_HOUR])
        deeds.append(
            Deed(
                record,
                orjson.loads(content),
                record["seq"],
                record["kind"],
                ref,
                path_at(ref),
                datetime.fromisoformat(at),
                recorded_on,
                recorded_on if occurred == at else _day_of(occurred[:_HOUR]),
            )
        )
    return _standing(deeds)


def _standing(deeds: list[Deed]) -> list[Deed]:
    """Leave out what was taken back within the minute, and its taking back."""
    undone = {deed.record["about"]["seq"] for deed in deeds if deed.kind == "undone"}
    if not undone:
        return deeds
    return [deed for deed in deeds if deed.kind != "undone" and deed.seq not in undone]


@lru_cache(maxsize=100_000)
def _day_of(hour: str) -> date:
    """Give the local day of an hour in UTC, from which the zone is whole hours away."""
    return local_date(datetime.fromisoformat(f"{hour}:00:00+00:00"))
