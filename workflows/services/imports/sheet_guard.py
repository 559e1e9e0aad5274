"""Looking through a workbook before anything unpacks it: size, ratio, actual cell references.

A reader that trusts the file asks for 512 GiB where one cell stands at XFD1048576. So
every XML part is scanned as a stream first, and refused where it passes the limits.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from workflows.services.imports.problems import refused

MAX_FILE_BYTES = 20 << 20
MAX_PARTS = 2_000
MAX_PART_BYTES = 256 << 20
MAX_ALL_BYTES = 512 << 20
# Ledgers of nothing but repeated words stay below 100; a bomb has a thousand.
MAX_RATIO = 300
RATIO_FROM_BYTES = 4 << 20
MAX_ROWS = 100_000
MAX_COLUMNS = 200

_CHUNK = 1 << 16
_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


# Row and column of a cell, from one.
Place = tuple[int, int]


@dataclass(slots=True)
class _Seen:
    """What a scan gathers: which part each sheet is, and the cells whose formula failed."""

    sheets: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    failed: dict[str, list[Place]] = field(default_factory=dict)


def check_workbook(file: Path) -> Mapping[str, Sequence[Place]]:
    """Refuse a workbook that is none, is locked or would burst its reader.

    Returns:
        The cells of each sheet whose formula failed: their reader takes them for empty.

    Raises:
        FileRefused: With what is wrong, where, and what to do.
    """
    size = file.stat().st_size
    if size > MAX_FILE_BYTES:
        raise refused(file, "too_large", size=-(-size >> 20), most=MAX_FILE_BYTES >> 20)
    with file.open("rb") as raw:
        start = raw.read(8)
    if start == _COMPOUND:
        raise refused(file, "locked")
    if not start.startswith(_ZIP):
        raise refused(file, "no_workbook")
    seen = _Seen()
    try:
        with zipfile.ZipFile(file) as book:
            _check_parts(file, book, seen)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refused(file, "damaged", error=error) from error
    return {name: seen.failed.get(seen.parts.get(key, ""), []) for key, name in seen.sheets.items()}


def _check_parts(file: Path, book: zipfile.ZipFile, seen: _Seen) -> None:
    parts = book.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS or len(names) != len(parts):
        raise refused(file, "odd_parts")
    if "xl/workbook.xml" not in names:
        raise refused(file, "no_workbook")
    total = 0
    for part in parts:
        with book.open(part) as stream:
            total += _Scan(file, part, seen).run(stream)
        if total > MAX_ALL_BYTES:
            raise refused(file, "unpacks", most=MAX_ALL_BYTES >> 20)


class _Scan:
    """One part read as a stream; counts its true size and looks at every cell reference."""

    def __init__(self, file: Path, part: zipfile.ZipInfo, seen: _Seen) -> None:
        """Prepare a parser that accepts no DOCTYPE."""
        self.file = file
        self.part = part
        self.seen = seen
        self.row = 0
        self.column = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._doctype

    def run(self, stream: IO[bytes]) -> int:
        """Read the part to its end and give its size."""
        size, is_xml = 0, None
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            self._check_size(size)
            if is_xml is None:
                is_xml = chunk[:4].lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ").startswith(b"<")
            if is_xml:
                self._parse(chunk)
        if is_xml:
            self._parse(b"", is_last=True)
        return size

    def _check_size(self, size: int) -> None:
        ratio = size / max(1, self.part.compress_size)
        if size > MAX_PART_BYTES or (size > RATIO_FROM_BYTES and ratio > MAX_RATIO):
            name = self.part.filename
            raise refused(self.file, "part_unpacks", part=name, size=size >> 20)

    def _parse(self, chunk: bytes, *, is_last: bool = False) -> None:
        try:
            self.parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            name = self.part.filename
            raise refused(self.file, "damaged_part", part=name, error=error) from error

    def _doctype(self, *_declaration: object) -> None:
        raise refused(self.file, "doctype", part=self.part.filename)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self.row, self.column = self.row + 1, 0
            given = attributes.get("r", "")
            if given.isdecimal():
                self.row = int(given)
        elif local == "c":
            self.column += 1
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            if found:
                self.column, self.row = _column_number(found[1]), int(found[2])
            if self.column > MAX_COLUMNS or self.row > MAX_ROWS:
                raise refused(
                    self.file,
                    "far_cell",
                    part=self.part.filename,
                    cell=f"{_column_name(self.column)}{self.row}",
                    rows=f"{MAX_ROWS:,}",
                    columns=MAX_COLUMNS,
                )
            if attributes.get("t") == "e":
                failed = self.seen.failed.setdefault(self.part.filename, [])
                failed.append((self.row, self.column))
        elif self.part.filename == "xl/workbook.xml" and local == "sheet":
            self.seen.sheets[_attribute(attributes, "id")] = attributes.get("name", "")
        elif self.part.filename == "xl/_rels/workbook.xml.rels" and local == "Relationship":
            target = attributes.get("Target", "")
            part = target[1:] if target.startswith("/") else f"xl/{target}"
            self.seen.parts[attributes.get("Id", "")] = part


def _attribute(attributes: Mapping[str, str], local: str) -> str:
    """Give an attribute of a namespace, whatever its prefix."""
    return next((text for name, text in attributes.items() if name.endswith(f":{local}")), "")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _column_name(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
