"""Looking through a workbook before anything unpacks it: size, ratio, actual cell references.

A reader that trusts the file asks for 512 GiB where one cell stands at XFD1048576. So
every XML part is scanned as a stream first, and refused where it passes the limits.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO
from xml.parsers import expat

from workflows.services.imports.problems import FileRefused

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
_SAVE_AGAIN = "open it in Excel or WPS and save it as .xlsx again"


def check_workbook(file: Path) -> None:
    """Refuse a workbook that is none, is locked or would burst its reader.

    Raises:
        FileRefused: With what is wrong, where, and what to do.
    """
    size = file.stat().st_size
    if size > MAX_FILE_BYTES:
        _refuse(file, f"it has {size >> 20} MiB, at most {MAX_FILE_BYTES >> 20} are read: split it")
    with file.open("rb") as raw:
        start = raw.read(8)
    if start == _COMPOUND:
        _refuse(
            file,
            "it is protected by a password or an old .xls: save it as .xlsx without a password",
        )
    if not start.startswith(_ZIP):
        _refuse(file, f"it is no .xlsx workbook: {_SAVE_AGAIN}")
    try:
        with zipfile.ZipFile(file) as book:
            _check_parts(file, book)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileRefused(
            file=file.name, reason=f"it is damaged ({error}): {_SAVE_AGAIN}"
        ) from error


def _check_parts(file: Path, book: zipfile.ZipFile) -> None:
    parts = book.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS or len(names) != len(parts):
        _refuse(file, f"its parts are too many or doubled: {_SAVE_AGAIN}")
    if "xl/workbook.xml" not in names:
        _refuse(file, f"it is no .xlsx workbook: {_SAVE_AGAIN}")
    total = 0
    for part in parts:
        with book.open(part) as stream:
            total += _Scan(file, part).run(stream)
        if total > MAX_ALL_BYTES:
            _refuse(file, f"it unpacks to more than {MAX_ALL_BYTES >> 20} MiB: split it")


class _Scan:
    """One part read as a stream; counts its true size and looks at every cell reference."""

    def __init__(self, file: Path, part: zipfile.ZipInfo) -> None:
        """Prepare a parser that accepts no DOCTYPE."""
        self.file = file
        self.part = part
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
            _refuse(
                self.file,
                f"{self.part.filename} unpacks to far more than a ledger holds "
                f"({size >> 20} MiB and more): {_SAVE_AGAIN}",
            )

    def _parse(self, chunk: bytes, *, is_last: bool = False) -> None:
        try:
            self.parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            raise FileRefused(
                file=self.file.name,
                reason=f"{self.part.filename} is damaged ({error}): {_SAVE_AGAIN}",
            ) from error

    def _doctype(self, *_declaration: object) -> None:
        _refuse(self.file, f"{self.part.filename} has a DOCTYPE, as no workbook does")

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
                _refuse(
                    self.file,
                    f"{self.part.filename} has a cell at {_column_name(self.column)}{self.row}; "
                    f"at most {MAX_ROWS:,} rows and {MAX_COLUMNS} columns are read: "
                    "delete what stands beyond, empty formatted rows too, or split it",
                )


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


def _refuse(file: Path, reason: str) -> None:
    raise FileRefused(file=file.name, reason=reason)
