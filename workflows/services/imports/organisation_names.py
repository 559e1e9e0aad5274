"""Finding organisations as officers write them: by code, or by as much of the name as needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.organisations import Kind, place_name
from workflows.services.imports.tables import Entry
from workflows.store.scope import within
from workflows.store.tables import Organisation


@dataclass(frozen=True, slots=True)
class Found:
    """An organisation as an import needs it."""

    id: str
    code: str
    name: str
    kind: str
    level: int
    parent_id: str | None
    path: str


@dataclass(slots=True)
class Directory:
    """All organisations in force by code and by name.

    A name is found alone, or behind the names of units above it: 吉日嘎图苏木阿日善图嘎查.
    """

    by_id: dict[str, Found] = field(default_factory=dict)
    by_code: dict[str, Found] = field(default_factory=dict)
    by_name: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    branches: dict[str, Found] = field(default_factory=dict)

    def find(self, entry: Entry, text: str) -> Found | None:
        """Find one organisation, or note on the row why not."""
        if text in self.by_code:
            return self.by_code[text]
        candidates = self._named(text)
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            entry.wrong("unknown_organisation", "organisation", value=text[:60])
        else:
            examples = "、".join(sorted(found.code for found in candidates)[:3])
            entry.wrong(
                "ambiguous_organisation",
                "organisation",
                value=text[:60],
                count=len(candidates),
                examples=examples,
            )
        return None

    def branch_of(self, found: Found) -> Found | None:
        """Give the Party organisation that a case about this place is about."""
        if found.kind in {Kind.BRANCH, Kind.COMMITTEE}:
            return found
        return self.branches.get(found.id)

    def _named(self, text: str) -> list[Found]:
        """Find by the longest end of the text that is a name; its start names places above."""
        wanted = "".join(text.split())
        for start in range(len(wanted) - 1):
            above, name = wanted[:start], wanted[start:]
            candidates = self.by_name.get(name)
            if candidates is None:
                candidates = self.by_name.get(place_name(name))
            if candidates:
                fitting = [found for found in candidates if self._lies_below(found, above)]
                if fitting:
                    return fitting
        return []

    def _lies_below(self, found: Found, above: str) -> bool:
        """Say whether a text is made of names of units above an organisation, in order."""
        remaining, parent = above, found.parent_id
        while remaining and parent is not None:
            unit = self.by_id[parent]
            for name in (unit.name, place_name(unit.name)):
                if remaining.endswith(name):
                    remaining = remaining.removesuffix(name)
                    break
            parent = unit.parent_id
        return not remaining


def load_directory(session: Session, paths: Sequence[str] = ("",)) -> Directory:
    """Read the organisations in force in some subtrees, with the units above them."""
    table = Organisation.__table__
    above = [path[: place + 1] for path in paths for place, dot in enumerate(path) if dot == "."]
    statement = select(
        table.c.id,
        table.c.code,
        table.c.name,
        table.c.kind,
        table.c.level,
        table.c.parent_id,
        table.c.path,
    ).where(table.c.until_on.is_(None), or_(within(table.c.path, paths), table.c.path.in_(above)))
    directory = Directory()
    for row in session.execute(statement):
        found = Found(*row)
        directory.by_id[found.id] = found
        directory.by_code[found.code] = found
        for name in {found.name, place_name(found.name)}:
            directory.by_name[name].append(found)
        if found.kind == Kind.BRANCH and found.parent_id is not None:
            directory.branches[found.parent_id] = found
    return directory
