"""The one form of zip that a bundle may have, written and checked from the same layout.

Members are stored in the byte order of their names, one after the other from byte
0, each behind its local header; the directory and its end follow. Flag UTF-8,
1980-01-01 00:00, made by 2.0, needed 2.0, no attributes, comments or extra fields. A
member, offset or count that does not fit gets the ZIP64 field and need 4.5, in the
places where it does not fit only. Standard library only: part of verify.py.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from workflows.domain.journal_errors import BundleError

CHUNK_BYTES = 1024 * 1024
_FULL_32 = 0xFFFFFFFF
_FULL_16 = 0xFFFF
_UTF8_FLAG = 0x0800
_DATE_1980 = 0x0021
_NEEDED, _NEEDED_ZIP64 = 20, 45
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END_64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_LARGEST_DIRECTORY = 256 * 1024 * 1024


class ZipFormBroken(BundleError):
    """Not a canonical zip at byte {offset}: {reason}."""

    code = "zip_form_broken"


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A stored file; ``offset`` is where its local header starts."""

    name: str
    size_bytes: int
    crc: int
    offset: int

    @property
    def content_offset(self) -> int:
        """Where the member's bytes start."""
        return self.offset + len(local_header(self.name, self.size_bytes, self.crc))


def local_header(name: str, size_bytes: int, crc: int) -> bytes:
    """Write the header that stands before a member's bytes."""
    encoded = name.encode()
    extra = b""
    needed, shown = _NEEDED, size_bytes
    if size_bytes >= _FULL_32:
        extra = struct.pack("<HHQQ", 1, 16, size_bytes, size_bytes)
        needed, shown = _NEEDED_ZIP64, _FULL_32
    fixed = _LOCAL.pack(
        b"PK\x03\x04",
        needed,
        _UTF8_FLAG,
        0,
        0,
        _DATE_1980,
        crc,
        shown,
        shown,
        len(encoded),
        len(extra),
    )
    return fixed + encoded + extra


def directory(members: Sequence[ZipMember]) -> bytes:
    """Write the directory and everything after it."""
    start = 0
    if members:
        last = members[-1]
        start = last.content_offset + last.size_bytes
    entries = b"".join(map(_directory_entry, members))
    return entries + _directory_end(len(members), len(entries), start)


def _directory_entry(member: ZipMember) -> bytes:
    large = b""
    size, offset = member.size_bytes, member.offset
    if size >= _FULL_32:
        large += struct.pack("<QQ", size, size)
        size = _FULL_32
    if offset >= _FULL_32:
        large += struct.pack("<Q", offset)
        offset = _FULL_32
    extra = struct.pack("<HH", 1, len(large)) + large if large else b""
    encoded = member.name.encode()
    fixed = _CENTRAL.pack(
        b"PK\x01\x02",
        _NEEDED,
        _NEEDED_ZIP64 if large else _NEEDED,
        _UTF8_FLAG,
        0,
        0,
        _DATE_1980,
        member.crc,
        size,
        size,
        len(encoded),
        len(extra),
        0,
        0,
        0,
        0,
        offset,
    )
    return fixed + encoded + extra


def _directory_end(count: int, size: int, start: int) -> bytes:
    end = _END.pack(
        b"PK\x05\x06",
        0,
        0,
        min(count, _FULL_16),
        min(count, _FULL_16),
        min(size, _FULL_32),
        min(start, _FULL_32),
        0,
    )
    if count < _FULL_16 and size < _FULL_32 and start < _FULL_32:
        return end
    end_64 = _END_64.pack(
        b"PK\x06\x06", 44, _NEEDED_ZIP64, _NEEDED_ZIP64, 0, 0, count, count, size, start
    )
    return end_64 + _LOCATOR.pack(b"PK\x06\x07", 0, start + size, 1) + end


def read_members(file: BinaryIO) -> tuple[ZipMember, ...]:
    """Read a zip's members and make sure that every byte outside them is canonical.

    What the directory says is only believed to rebuild all headers, which must then
    be the file's own bytes. The members' bytes themselves are not read.

    Raises:
        ZipFormBroken: naming the first byte that is not in its place.
    """
    size = file.seek(0, 2)
    start = _directory_start(file, size)
    file.seek(start)
    found = file.read(size - start)
    members = _parse_directory(found, start)
    offset = 0
    for member in members:
        header = local_header(member.name, member.size_bytes, member.crc)
        file.seek(offset)
        _compare(file.read(len(header)), header, offset, "a local header is not as it must be")
        offset += len(header) + member.size_bytes
    if offset != start:
        raise ZipFormBroken(offset=offset, reason="the members do not end where the directory is")
    _compare(found, directory(members), start, "the directory is not as it must be")
    return members


def _directory_start(file: BinaryIO, size: int) -> int:
    if size < _END.size:
        raise ZipFormBroken(offset=0, reason="this is no zip")
    file.seek(size - _END.size)
    signature, _, _, _, _, length, start, _ = _END.unpack(file.read(_END.size))
    if signature != b"PK\x05\x06":
        raise ZipFormBroken(
            offset=size - _END.size, reason="this is no zip, or bytes follow its end"
        )
    if _FULL_32 in (start, length):
        before = size - _END.size - _LOCATOR.size - _END_64.size
        if before < 0:
            raise ZipFormBroken(offset=0, reason="the ZIP64 end is missing")
        file.seek(before)
        start = _END_64.unpack(file.read(_END_64.size))[-1]
    if start > size or size - start > _LARGEST_DIRECTORY:
        raise ZipFormBroken(offset=size - _END.size, reason="the directory is not where it must be")
    return int(start)


def _parse_directory(found: bytes, start: int) -> tuple[ZipMember, ...]:
    members: list[ZipMember] = []
    at = offset = 0
    while found[at : at + 4] == b"PK\x01\x02":
        member, length = _parse_entry(found, at, start, offset)
        if members and member.name.encode() <= members[-1].name.encode():
            raise ZipFormBroken(offset=start + at, reason="names are not in byte order")
        members.append(member)
        offset = member.content_offset + member.size_bytes
        if offset > start:
            raise ZipFormBroken(offset=start + at, reason="a member reaches into the directory")
        at += length
    return tuple(members)


def _parse_entry(found: bytes, at: int, start: int, offset: int) -> tuple[ZipMember, int]:
    try:
        fields = _CENTRAL.unpack_from(found, at)
        crc, size, name_length, extra_length = fields[7], fields[9], fields[10], fields[11]
        at += _CENTRAL.size
        name = found[at : at + name_length].decode()
        if size == _FULL_32:
            size = struct.unpack_from("<Q", found, at + name_length + 4)[0]
    except (struct.error, UnicodeDecodeError) as error:
        raise ZipFormBroken(offset=start + at, reason="a directory entry cannot be read") from error
    return ZipMember(name, size, crc, offset), _CENTRAL.size + name_length + extra_length


def _compare(found: bytes, expected: bytes, offset: int, reason: str) -> None:
    if found == expected:
        return
    pairs = zip(found, expected, strict=False)
    first = next((i for i, (one, other) in enumerate(pairs) if one != other), None)
    if first is None:
        first = min(len(found), len(expected))
    raise ZipFormBroken(offset=offset + first, reason=reason)
