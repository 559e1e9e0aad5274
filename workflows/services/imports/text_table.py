"""Reading CSV as it comes: UTF-8 with or without mark, GB18030, Unicode text, gzip."""

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

from workflows.services.imports.problems import refused

MAX_TEXT_BYTES = 512 * 1024 * 1024
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
# Spreadsheets part by commas, by semicolons where a comma is the decimal sign, or by tabs.
_SIGNS = ",;\t"
_LINES_LOOKED_AT, _LINE_LENGTH = 20, 10_000


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
        raise refused(file, "unreadable", error=error) from error


def rows(text: TextIO, file: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not empty, each with its number as a spreadsheet counts, stripped."""
    reader = csv.reader(text, delimiter=_parting_sign(text))
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise refused(file, "no_csv", line=reader.line_num, error=error) from error
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield number, cells


def _parting_sign(text: TextIO) -> str:
    """Find what parts the cells: of the signs, the one that a line at the top holds most often."""
    lines = [text.readline(_LINE_LENGTH) for _ in range(_LINES_LOOKED_AT)]
    text.seek(0)
    # GB18030 has a mark too, which its codec leaves in place.
    if text.read(1) != "\ufeff":
        text.seek(0)
    return max(_SIGNS, key=lambda sign: max(line.count(sign) for line in lines))


def column_places(header: Sequence[str], wanted: Sequence[str], file: Path) -> list[int]:
    """Find the columns by their names, whatever their order and case.

    Raises:
        FileRefused: Columns are missing.
    """
    names = [name.lower() for name in header]
    missing = [name for name in wanted if name not in names]
    if missing:
        told = {"wanted": ", ".join(wanted), "missing": ", ".join(missing)}
        raise refused(file, "no_columns", **told)
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
    with _open_bytes(file) as raw:
        if raw.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
    bad_lines = []
    for name in ("utf-8-sig", "gb18030"):
        line = _first_bad_line(file, name)
        if line is None:
            return name
        bad_lines.append(line)
    raise refused(file, "unknown_encoding", line=max(bad_lines))


def _first_bad_line(file: Path, encoding: str) -> int | None:
    """Decode the whole file once and give the line where that fails, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, size = 1, 0
    with _open_bytes(file) as raw:
        while chunk := raw.read(_CHUNK):
            size += len(chunk)
            if size > MAX_TEXT_BYTES:
                raise refused(file, "too_much_text", most=MAX_TEXT_BYTES >> 20)
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
