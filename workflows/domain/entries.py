"""Entries of the journal as JSON, to be gone through again."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows.domain.records import parse_time
from workflows.domain.steps import FactValue


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its payload, as JSON."""

    record: Mapping[str, Any]
    payload: Mapping[str, Any]

    @property
    def seq(self) -> int:
        """Give its place in the chain."""
        return int(self.record["seq"])

    @property
    def ref(self) -> str:
        """Give the task or clock that it is about as path#n."""
        return str(self.record["trigger"]["ref"])

    @property
    def occurred_at(self) -> datetime:
        """Give when it happened."""
        return parse_time(self.record["occurred_at"])

    @property
    def recorded_at(self) -> datetime:
        """Give when it was recorded."""
        return parse_time(self.record["recorded_at"])

    def places(self, effect: str) -> dict[str, str]:
        """Give the tasks or clocks of an effect as path#n by path."""
        key = {"opened": "task", "armed": "clock", "moved": "clock"}.get(effect)
        listed = self.record["effects"][effect]
        places = [each[key] for each in listed] if key else listed
        return {split_place(place)[0]: place for place in places}

    def typed_facts(self, known: Container[str]) -> dict[str, FactValue]:
        """Give the facts that the form wrote, unchanged ones too; not those of the step."""
        return {name: value for name, value in self.payload["form"].items() if name in known}


def path_at(place: str) -> str:
    """Give the path of ``path#n``."""
    return place.rpartition("#")[0]


def split_place(place: str) -> tuple[str, int]:
    """Split ``path#n``; a malformed one belongs to no task."""
    path, _, n = place.rpartition("#")
    return path, int(n) if n.isdecimal() and len(n) < 10 else 0
