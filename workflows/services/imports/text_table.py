"""Reading CSV as it comes: UTF-8 with or without mark, GB18030 from Excel, gzip."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from workflows.services.imports.problems import FileRefused

MAX_TEXT_BYTES = 512 * 1024 * 1024
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


@contextmanager
def open_text(file: Path) -> Iterator[TextIO]:
    """Open a text file, or a gzip of one, in the encoding that its bytes are valid in.

    Raises:
        FileRefused: It cannot be read, is too large or is in no encoding known here.
    """
    try:
        encoding = _encoding(file)
        with _open_bytes(file) as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
            yield text
    except (OSError, EOFError, zlib.error) as error:
        reason = f"it cannot be read ({error})"
        raise FileRefused(file=file.name, reason=reason) from error


def rows(text: TextIO, file: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not empty with the line each ends on, cells stripped."""
    reader = csv.reader(text)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            where = f"line {reader.line_num} is no CSV ({error}): save it as CSV again"
            raise FileRefused(file=file.name, reason=where) from error
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield reader.line_num, cells


def column_places(header: Sequence[str], wanted: Sequence[str], file: Path) -> list[int]:
    """Find the columns by their names, whatever their order and case.

    Raises:
        FileRefused: Columns are missing.
    """
    names = [name.lower() for name in header]
    missing = [name for name in wanted if name not in names]
    if missing:
        reason = (
            f"the first line must name the columns {', '.join(wanted)}; "
            f"missing: {', '.join(missing)}"
        )
        raise FileRefused(file=file.name, reason=reason)
    return [names.index(name) for name in wanted]


def file_hash(file: Path) -> str:
    """Give the SHA-256 of a file's bytes, by which an import is known."""
    with file.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


@contextmanager
def _open_bytes(file: Path) -> Iterator[BinaryIO]:
    with file.open("rb") as raw:
        is_gzip = raw.read(2) == _GZIP
        raw.seek(0)
        if is_gzip:
            with gzip.open(raw, "rb") as unpacked:
                yield cast("BinaryIO", unpacked)
        else:
            yield raw


def _encoding(file: Path) -> str:
    bad_lines = []
    for name in ("utf-8-sig", "gb18030"):
        line = _first_bad_line(file, name)
        if line is None:
            return name
        bad_lines.append(line)
    reason = (
        f"line {max(bad_lines)} is neither UTF-8 nor GB18030: "
        "save the file as “CSV UTF-8” from Excel or WPS"
    )
    raise FileRefused(file=file.name, reason=reason)


def _first_bad_line(file: Path, encoding: str) -> int | None:
    """Decode the whole file once and give the line where that fails, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, size = 1, 0
    with _open_bytes(file) as raw:
        while chunk := raw.read(_CHUNK):
            size += len(chunk)
            if size > MAX_TEXT_BYTES:
                reason = f"it holds more than {MAX_TEXT_BYTES >> 20} MiB of text: split it"
                raise FileRefused(file=file.name, reason=reason)
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if "\0" in text:
                return line + text[: text.index("\0")].count("\n")
            line += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None
