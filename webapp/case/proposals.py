"""The corrections of a case that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.words.packs import PackWords
from workflows.queries.case.page import CasePage
from workflows.services.corrections.correcting import corrected_seq, is_correction
from workflows.services.secrecy.clearance import readable_facts


@dataclass(frozen=True, slots=True)
class Proposed:
    """A correction that waits: the record, why, and each fact with its old and new value."""

    seq: int
    reason: str
    changes: tuple[tuple[str, str, str], ...]


def proposed_in(page: CasePage, speak: PackWords, levels: frozenset[str]) -> dict[int, Proposed]:
    """Give what corrections that wait for a second person would change."""
    declared = speak.pack.facts
    found = {}
    for entry in filter(is_correction, page.waiting):
        new = readable_facts(speak.pack, entry.values, levels)
        found[entry.id] = Proposed(
            corrected_seq(entry),
            str(entry.values.get("_reason", "")),
            tuple(
                (
                    speak.fact(name),
                    speak.value(name, page.facts.get(name)),
                    speak.value(name, value),
                )
                for name, value in new.items()
                if name in declared
            ),
        )
    return found
