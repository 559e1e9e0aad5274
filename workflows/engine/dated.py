"""Lengths of effects that the rules changed on a day, and which of them counts (从旧兼从轻).

An old fact is judged by the rule of its day, and by that of the day of the decision only where
it is lighter. Measures themselves are held to that by the checks of forms; this is about how
long their effects last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from workflows.domain.steps import FactValue


@dataclass(frozen=True, slots=True)
class Version:
    """How long a parameter was from a day on, and by which rule; all count in one unit."""

    from_on: date
    value: int
    basis: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """The version that was in force on a day that matters."""

    on: date
    version: Version


def weigh(
    versions: Sequence[Version], days: Iterable[str], facts: Mapping[str, FactValue]
) -> tuple[Weighed, ...]:
    """Give the versions in force on the days that facts name, in the order of the days.

    A day that is not known, or that lies before the first version, has none.

    Args:
        versions: From the oldest to the newest.
        days: The names of the date facts: that of the facts, that of the decision.
        facts: What is known of the case.
    """
    known = sorted({str(day) for name in days if (day := facts.get(name)) is not None})
    found = ((on, _in_force(versions, on)) for on in map(date.fromisoformat, known))
    return tuple(Weighed(on, version) for on, version in found if version is not None)


def _in_force(versions: Sequence[Version], on: date) -> Version | None:
    return next((each for each in reversed(versions) if each.from_on <= on), None)


def lightest(weighed: Sequence[Weighed]) -> Weighed:
    """Give the shortest one, of equal ones the one of the earliest day."""
    return min(weighed, key=lambda each: (each.version.value, each.on))


def read_versions(table: Mapping[str, object]) -> tuple[Version, ...] | None:
    """Read the versions of a table of parameters.toml, or None where they are not right.

    ``from`` is the day since when ``value`` holds, ``before`` a list of what held earlier.
    """
    before, basis = table.get("before"), str(table.get("basis"))
    if table.get("kind") != "effect" or not isinstance(before, list) or not before:
        return None
    read = [_version(each, table.get("unit"), basis) for each in (*before, table)]
    versions = [each for each in read if each is not None]
    days = [each.from_on for each in versions]
    is_right = len(versions) == len(read) and days == sorted(set(days))
    return tuple(versions) if is_right and read_days(table) else None


def read_days(table: Mapping[str, object]) -> tuple[str, ...]:
    """Read the names of the dates that matter; none where they are not right."""
    days = table.get("on")
    if not isinstance(days, list) or not all(isinstance(each, str) for each in days):
        return ()
    return tuple(days)


def _version(source: object, unit: object, basis: str) -> Version | None:
    if not isinstance(source, dict) or source.get("unit", unit) != unit:
        return None
    first, value = source.get("from"), source.get("value")
    if not isinstance(first, date) or isinstance(first, datetime):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return None
    return Version(first, value, str(source.get("basis") or basis))
