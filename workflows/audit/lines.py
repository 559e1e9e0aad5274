"""Canonical JSON read with the standard library: parse, write again, compare bytes.

Part of verify.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from workflows.audit.zipform import CHUNK_BYTES, ZipMember
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_kinds import LARGEST_INTEGER
from workflows.domain.record_shape import brief

_LONG_BYTES = 64 * 1024
LONGEST_LINE_BYTES = 64 * 1024 * 1024


class LineBroken(BundleError):
    """{file} line {line} is not canonical JSON: {reason}."""

    code = "line_not_canonical"


class NotCanonicalJson(BundleError):
    """These bytes are not canonical JSON: {reason}."""

    code = "not_canonical_json"


def _integer_of(digits: str) -> int:
    value = int(digits) if len(digits) < 20 else LARGEST_INTEGER + 1
    if abs(value) > LARGEST_INTEGER:
        raise NotCanonicalJson(reason="an integer of 2^53 or more")
    return value


def _no_float(digits: str) -> NoReturn:
    raise NotCanonicalJson(reason=f"a floating point number, {digits[:20]}")


_decode = json.JSONDecoder(
    parse_int=_integer_of, parse_float=_no_float, parse_constant=_no_float
).decode
# From the first byte above ASCII to the end of its string; one with a colon behind is a key.
_NOT_ASCII = re.compile(rb'([\x80-\xff][^"\\]*(?:\\.[^"\\]*)*)"(:?)')
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode


def encode_canonical(value: Any) -> bytes:
    """Write a value whose restrictions are known to hold."""
    return _encode(value).encode()


def decode_canonical(content: bytes) -> Any:
    """Read a value and make sure that these bytes are its canonical form.

    Raises:
        NotCanonicalJson: saying why they are not.
    """
    try:
        value = _decode(content.decode())
        is_same = _is_written_as(value, content)
    except json.JSONDecodeError as error:
        raise NotCanonicalJson(reason=f"not JSON, {error.msg}") from error
    except UnicodeError as error:
        raise NotCanonicalJson(reason="text that is not UTF-8") from error
    except RecursionError as error:
        raise NotCanonicalJson(reason="nested too deeply") from error
    if not is_same:
        raise NotCanonicalJson(reason="another order, spacing, spelling, or a key twice")
    if not content.isascii():
        for text, colon in _NOT_ASCII.findall(content):
            if colon:
                raise NotCanonicalJson(reason=f"the key …{brief(text.decode())} is not ASCII")
    return value


def _is_written_as(value: Any, content: bytes) -> bool:
    """Tell whether bytes are what a value is written as; a long one is not written in one piece.

    A manifest names hundreds of thousands of streams.
    """
    if len(content) < _LONG_BYTES:
        return _encode(value).encode() == content
    at = 0
    for piece in _pieces(value):
        written = piece.encode()
        if not content.startswith(written, at):
            return False
        at += len(written)
    return at == len(content)


def _pieces(value: Any, depth: int = 2) -> Iterator[str]:
    """Write a value piece by piece, the things inside those inside it one by one."""
    if not depth or type(value) not in (dict, list) or not value:
        yield _encode(value)
        return
    is_dict = type(value) is dict
    sign = "{" if is_dict else "["
    for each in sorted(value) if is_dict else value:
        yield f"{sign}{_encode(each)}:" if is_dict else sign
        yield from _pieces(value[each] if is_dict else each, depth - 1)
        sign = ","
    yield "}" if is_dict else "]"


class LineReader:
    """One reading of a member's lines, or of those in a range of its bytes.

    Gives each line's bytes without the line's end, and its value. The file must not be
    read by anybody else meanwhile. A range begins with a line and ends with one.
    """

    def __init__(
        self, file: BinaryIO, member: ZipMember, start: int = 0, end: int | None = None
    ) -> None:
        self._file, self._member, self._start = file, member, start
        self._left = (member.size_bytes if end is None else end) - start
        self._count = 0

    def __iter__(self) -> Iterator[tuple[bytes, Any]]:
        """Read on.

        Raises:
            LineBroken: naming the first line that is not canonical.
        """
        for content in self.raw():
            try:
                value = decode_canonical(content)
            except NotCanonicalJson as error:
                raise self.broken(error.attributes["reason"]) from error
            yield content, value

    def raw(self) -> Iterator[bytes]:
        """Read on, without a look at what stands in the lines.

        Raises:
            LineBroken: for a line without end, or one that is too long.
        """
        file, left = self._file, self._left
        file.seek(self._member.content_offset + self._start)
        while left:
            self._count += 1
            line = file.readline(min(left, LONGEST_LINE_BYTES))
            left -= len(line)
            if line[-1:] != b"\n":
                raise self.broken("it has no end or is longer than 64 MiB")
            yield line[:-1]

    def number(self) -> int:
        """Give the number in the file, from 1, of the line that was read last."""
        here = self._file.tell()
        self._file.seek(self._member.content_offset)
        left, before = self._start, 0
        while left:
            chunk = self._file.read(min(left, CHUNK_BYTES))
            left -= len(chunk)
            before += chunk.count(b"\n")
        self._file.seek(here)
        return before + self._count

    def broken(self, reason: object) -> LineBroken:
        """Give the error that names the line that was read last."""
        return LineBroken(file=self._member.name, line=self.number(), reason=reason)
