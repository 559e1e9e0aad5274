"""Who stands behind the ids of a bundle, as its own directory tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from workflows.audit.bundle_reading import BundleReader


class Directory:
    """Names, posts and places; what the bundle does not name stays an id."""

    def __init__(
        self, people: Iterable[Mapping[str, Any]], organisations: Iterable[Mapping[str, Any]]
    ) -> None:
        self.names: dict[str, str] = {}
        self._persons: dict[str, str] = {}
        self._posts: dict[str, list[Mapping[str, Any]]] = {}
        for line in people:
            self.names.setdefault(line["id"], line["name"])
            if line["person"]:
                self._persons[line["id"]] = line["person"]
            if line["post"]:
                self._posts.setdefault(line["id"], []).append(line)
        self.names.update((line["id"], line["name"]) for line in organisations)

    @classmethod
    def of(cls, reader: BundleReader) -> Directory:
        """Read the directory of a bundle."""
        return cls(reader.lines("directory.jsonl"), reader.lines("organisations.jsonl"))

    def name(self, id_: str | None) -> str:
        """Give a name."""
        return self.names.get(id_, id_) if id_ else ""

    def post_on(self, id_: str, on: date) -> str:
        """Give the posts that an account's person, or a person, held on a day, with the place."""
        person = self._persons.get(id_, id_)
        held = [line for line in self._posts.get(person, ()) if _covers(line, on)]
        return "、".join(f"{self.name(line['office'])}{line['post']}" for line in held)


def _covers(line: Mapping[str, Any], on: date) -> bool:
    day = on.isoformat()
    return (line["from"] or "") <= day <= (line["until"] or "9999-12-31")
