"""What differs between two versions of a pack, to be drawn and to be read (DESIGN 4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine.difference.changes import Change, ChangeKind, Part
from workflows.engine.difference.files import compare_about, compare_files, compare_guardrails
from workflows.engine.difference.forms import compare_forms, form_name
from workflows.engine.difference.processes import compare_processes
from workflows.engine.difference.rules import compare_facts, compare_parameters, compare_tables
from workflows.engine.pack import Pack

__all__ = ["Change", "ChangeKind", "PackDifference", "Part", "compare_packs", "form_name"]

# A node that is new and one whose attributes changed: what is told of it last is drawn.
_STRONGEST = (ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.REMOVED)
_DRAWN = frozenset({Part.NODE, Part.FLOW, Part.LANE})


@dataclass(frozen=True, slots=True)
class PackDifference:
    """All that differs, in the order in which it is read; every changed file is told of."""

    before: str
    after: str
    changes: tuple[Change, ...]

    def in_process(self, process: str) -> tuple[Change, ...]:
        """Give the changes of one process: itself, its nodes, ways and lanes."""
        parts = (*_DRAWN, Part.PROCESS)
        return tuple(each for each in self.changes if each.part in parts and each.place == process)

    def marks(self, process: str) -> Mapping[str, ChangeKind]:
        """Give what is marked on the diagram of a process, by the ids of its elements."""
        found: dict[str, ChangeKind] = {}
        for each in self.changes:
            if each.part in _DRAWN and each.place == process and each.element:
                known = found.get(each.element, ChangeKind.CHANGED)
                found[each.element] = max(known, each.kind, key=_STRONGEST.index)
        return found

    def to_json(self) -> dict[str, object]:
        """Give it as JSON, in both languages."""
        changes = [each.to_json() for each in self.changes]
        return {"before": self.before, "after": self.after, "changes": changes}


def compare_packs(old: Pack, new: Pack) -> PackDifference:
    """Say everything that differs between two versions."""
    changes = [
        *compare_about(old, new),
        *compare_processes(old, new),
        *compare_parameters(old, new),
        *compare_tables(old, new),
        *compare_forms(old, new),
        *compare_facts(old, new),
        *compare_guardrails(old, new),
    ]
    changes += compare_files(old, new, (each.file for each in changes))
    return PackDifference(old.hash, new.hash, tuple(changes))
