"""Weak and lax branches (软弱涣散) in the Party's statistics: ten types, follow-up columns.

Source: the intra-Party statistics table 整顿软弱涣散基层党组织情况 (DOMAIN 2.2.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# The fact by which a case knows that its matter bears the label.
FACT = "weak_lax_determined"
# What is wrong, in the order of the table.
TYPES = tuple(f"{number:02d}" for number in range(1, 11))
# Where a row was imported without its type.
UNSTATED = ""
_COMMUNITY = "社区"


class Determination(StrEnum):
    """How the label stands at a matter."""

    REPORTED = "reported"
    DETERMINED = "determined"
    NOT_DETERMINED = "not_determined"
    LIFTED = "lifted"


# What a batch may make of each state: nothing is labelled that nobody reported.
FOLLOWING: Mapping[str, tuple[Determination, ...]] = {
    Determination.REPORTED: (Determination.DETERMINED, Determination.NOT_DETERMINED),
    Determination.NOT_DETERMINED: (Determination.DETERMINED,),
    Determination.DETERMINED: (Determination.LIFTED,),
    Determination.LIFTED: (Determination.DETERMINED,),
}


class FollowUpColumn(StrEnum):
    """A column of the table: what was needed or done, counted by its unit."""

    SECRETARY_MISSING = "secretary_missing"
    SECRETARY_APPOINTED = "secretary_appointed"
    SECRETARY_UNFIT = "secretary_unfit"
    SECRETARY_REPLACED = "secretary_replaced"
    SECRETARY_TRAINED = "secretary_trained"
    TRAINED_ABOVE = "trained_above"
    PAIRED_UNIT = "paired_unit"
    CONTACT_LEADER = "contact_leader"
    FIRST_SECRETARY = "first_secretary"
    VILLAGE_CADRE = "village_cadre"
    CAMPAIGN = "campaign"
    SOLVED = "solved"
    PUNISHED = "punished"


class Kind(StrEnum):
    """Which row of the table a branch belongs to."""

    VILLAGE = "village"
    COMMUNITY = "community"


def kind_of(organisation: str) -> Kind:
    """Say from its name whether a branch is that of a village or of a community."""
    return Kind.COMMUNITY if _COMMUNITY in organisation else Kind.VILLAGE


@dataclass(frozen=True, slots=True)
class Labelled:
    """A matter with its label, from the day of its minutes until the day of its exit.

    ``since`` is null where an imported row has no day: it counts from the beginning.
    """

    matter_id: str
    organisation: str
    type: str
    since: date | None
    until: date | None

    def counts_in(self, year: int) -> bool:
        """Say whether it stood on some day of a year."""
        began = self.since is None or self.since.year <= year
        return began and (self.until is None or self.until.year >= year)

    def improved_in(self, year: int) -> bool:
        """Say whether it was lifted in a year."""
        return self.until is not None and self.until.year == year


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the table, and the matters that it counts."""

    value: int
    matters: tuple[str, ...]


def figure(counted: Iterable[tuple[str, int]]) -> Figure:
    """Add up amounts by matter."""
    rows = tuple(counted)
    return Figure(sum(amount for _, amount in rows), tuple(dict.fromkeys(key for key, _ in rows)))
