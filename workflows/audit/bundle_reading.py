"""Reading a bundle of our own case by case: the records with what the bundle shows of them.

Nothing is verified here. Memory holds one case, the names and what is withheld.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

from workflows.audit.container import Container, open_container
from workflows.audit.lines import LineReader
from workflows.domain.closed_fields import with_values

_DEFINITIONS, FIELDS = "definitions/", "fields"


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record of a bundle, its leaf, and its payload or why that is not shown.

    ``withheld`` is the manifest's reason, or ``fields`` where single values are withheld.
    """

    index: int
    record: Mapping[str, Any]
    payload: Mapping[str, Any] | None
    withheld: str


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A case of a bundle: its records from the first on, and its state line."""

    id: str
    records: tuple[ReadRecord, ...]
    state: Mapping[str, Any]


class BundleReader:
    """A bundle that is open for reading; it may be read as often as wanted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Open it and read what is needed beside records."""
        self._file = self._open()
        self._container: Container = open_container(self._path, self._file)
        self.manifest = self._container.manifest
        self._withheld = {
            (each["id"], each["seq"]): str(each["reason"]) for each in self.manifest["withheld"]
        }
        self.manifest_hash = self._container.manifest_hash
        self.fingerprint = self._container.key.fingerprint
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._stack.close()

    def cases(self) -> Iterator[ReadCase]:
        """Read the cases in the order of their ids."""
        states = self.lines("state.jsonl")
        for case_id, records in groupby(self._records("c_"), lambda each: each.record["id"]):
            yield ReadCase(str(case_id), tuple(records), next(states))

    def house(self) -> Iterator[ReadRecord]:
        """Read the records of the house that are in the bundle."""
        return self._records("h_")

    def lines(self, name: str) -> Iterator[Any]:
        """Read one of its files of lines."""
        return map(orjson.loads, self._raw(name))

    def content(self, name: str) -> bytes:
        """Read one of its files whole."""
        member = self._container.members[name]
        self._file.seek(member.content_offset)
        return self._file.read(member.size_bytes)

    def names(self, folder: str) -> tuple[str, ...]:
        """Name its files in a folder."""
        return tuple(name for name in self._container.members if name.startswith(folder))

    def pack(self, pack_hash: str) -> dict[str, bytes]:
        """Read the files of a pack by path."""
        folder = f"{_DEFINITIONS}{pack_hash}/"
        return {name.removeprefix(folder): self.content(name) for name in self.names(folder)}

    def _records(self, prefix: str) -> Iterator[ReadRecord]:
        start = f'{{"id":"{prefix}'.encode()
        payloads = (line for line in self._raw("payloads.jsonl") if line.startswith(start))
        shown = map(orjson.loads, payloads)
        waiting = next(shown, None)
        places = self._raw("positions.jsonl")
        for line, place in zip(self._raw("records.jsonl"), places, strict=True):
            if not place.startswith(start):
                continue
            record, index = orjson.loads(line), orjson.loads(place)["index"]
            at = (record["id"], record["seq"])
            payload, why = None, self._withheld.get(at, "")
            if waiting is not None and (waiting["id"], waiting["seq"]) == at:
                payload, why = _opened(waiting)
                waiting = next(shown, None)
            yield ReadRecord(index, record, payload, why)

    def _raw(self, name: str) -> Iterator[bytes]:
        """Read lines through a file of their own: several are read side by side."""
        member = self._container.members[name]
        return LineReader(self._open(), member).raw()

    def _open(self) -> BinaryIO:
        return self._stack.enter_context(self._path.open("rb"))


def _opened(line: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Put those values into a payload that the line opens, and say whether some are withheld."""
    openings = line.get("openings")
    if openings is None:
        return line["payload"], ""
    values = {key: each["value"] for key, each in openings.items() if "value" in each}
    why = FIELDS if len(values) < len(openings) else ""
    return with_values(line["payload"], values), why
