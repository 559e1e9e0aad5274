"""What was read for a bundle, set aside in files until all of it is known.

Records are read once; the zip wants them file by file. So memory holds what a bundle names
(packs, markings, calendars, papers), never what it is made of.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

from workflows.audit.bundle_contents import PayloadLine, Withheld
from workflows.domain.merging import MERGE, UNMERGE
from workflows.domain.records import RecordKind
from workflows.services.exports.opening import OpenedRecord
from workflows.services.exports.selection import CoveredCase
from workflows.services.packs import split_definition

_PLACE = struct.Struct(">Q")
_PAYLOAD = struct.Struct(">28sQ16sII")
_WITHHELD = struct.Struct(">28sQBB")
_REASONS = ("confidential", "erased")
_BUFFER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a shown payload names, the case that has it, and the levels shown of that."""

    sha256: str
    case_id: str
    levels: frozenset[str]


class Spool:
    """Files of a folder, written once from front to end, then read as often as needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._stack = ExitStack()
        self.packs: set[str] = set()
        self.markings: set[str] = set()
        self.calendars: set[str] = set()
        self.papers: dict[str, Paper] = {}
        self._merged: set[str] = set()

    def __enter__(self) -> Self:
        """Open the files."""
        for name in ("records", "payloads", "places", "states", "register", "withheld"):
            opened = (self.folder / name).open("w+b", buffering=_BUFFER_BYTES)
            self._files[name] = self._stack.enter_context(opened)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the files; who made the folder removes them."""
        self._stack.close()

    def add_record(self, opened: OpenedRecord) -> None:
        """Set a record aside with its payload, or with why it is withheld."""
        self._files["records"].write(opened.body + b"\n")
        self._files["places"].write(_PLACE.pack(opened.index))
        self._note_named(opened.record)
        place = (opened.id.encode(), opened.seq)
        if opened.shown is not None:
            content, openings = opened.shown.content, opened.shown.openings
            head = _PAYLOAD.pack(*place, opened.shown.salt, len(content), len(openings))
            self._files["payloads"].write(head + content + openings)
        if opened.withheld is not None:
            reason = _REASONS.index(opened.withheld.reason)
            by = opened.withheld.by.encode()
            self._files["withheld"].write(_WITHHELD.pack(*place, reason, len(by)) + by)

    def _note_named(self, record: Mapping[str, Any]) -> None:
        self.markings.update(filter(None, (record["from"], record["to"])))
        if record["definition"]:
            self.packs.add(split_definition(record["definition"])[0])
        if record["calendar"]:
            self.calendars.add(record["calendar"])
        if record["kind"] == RecordKind.INTERVENED:
            self._note_merger(record)

    def _note_merger(self, record: Mapping[str, Any]) -> None:
        if record["trigger"]["name"] == MERGE:
            self._merged.add(record["id"])
        elif record["trigger"]["name"] == UNMERGE:
            self._merged.discard(record["id"])

    def note_papers(self, opened: OpenedRecord) -> None:
        """Remember the papers of a shown payload."""
        if opened.shown is not None and opened.payload is not None:
            for paper in opened.payload["attachments"]:
                kept = Paper(paper["sha256"], opened.id, opened.levels)
                self.papers.setdefault(kept.sha256, kept)

    def add_state(self, case: CoveredCase, line: Mapping[str, Any]) -> None:
        """Set a state line aside, and the case's line of the register."""
        self._files["states"].write(orjson.dumps(line) + b"\n")
        standing = "merged" if case.id in self._merged else "open"
        state = "closed" if line["ended"] else standing
        self._files["register"].write(f"{case.number}\t{state}\n".encode())

    def placed_records(self) -> Iterator[tuple[int, bytes]]:
        """Give the records in their order, each with its place in the log."""
        places = self._read("places")
        for line in self._read("records"):
            yield _PLACE.unpack(places.read(_PLACE.size))[0], line[:-1]

    def payloads(self) -> Iterator[PayloadLine]:
        """Give what the bundle shows, in the order of the records."""
        file = self._read("payloads")
        while head := file.read(_PAYLOAD.size):
            stream_id, seq, salt, *sizes = _PAYLOAD.unpack(head)
            yield PayloadLine(stream_id.decode(), seq, salt, *map(file.read, sizes))

    def withheld(self) -> Iterator[Withheld]:
        """Give what the bundle does not show, in the order of the records."""
        file = self._read("withheld")
        while head := file.read(_WITHHELD.size):
            stream_id, seq, reason, size = _WITHHELD.unpack(head)
            yield Withheld(stream_id.decode(), seq, _REASONS[reason], file.read(size).decode())

    def states(self) -> Iterator[dict[str, Any]]:
        """Give the state lines by id."""
        return map(orjson.loads, self._read("states"))

    def register(self) -> Iterator[bytes]:
        """Give a line of number, tab, state and its end for each case, in no particular order."""
        return iter(self._read("register"))

    def _read(self, name: str) -> BinaryIO:
        file = self._files[name]
        file.flush()
        file.seek(0)
        return file
