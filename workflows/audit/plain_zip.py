"""Writing files as the one form of zip that bundles have: the same files, the same bytes."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from workflows.audit.zipform import CHUNK_BYTES, ZipMember, directory, local_header


def write_plain_zip(target: BinaryIO, files: Mapping[str, Path | bytes]) -> int:
    """Write files by name, in the byte order of the names, stored; give the size.

    Names may be Chinese: each carries the flag that says so (UTF-8).
    """
    members: list[ZipMember] = []
    offset = 0
    for name in sorted(files, key=str.encode):
        size, crc = _measured(files[name])
        header = local_header(name, size, crc)
        target.write(header)
        _copy(files[name], target)
        members.append(ZipMember(name, size, crc, offset))
        offset += len(header) + size
    end = directory(members)
    target.write(end)
    return offset + len(end)


def _measured(source: Path | bytes) -> tuple[int, int]:
    if isinstance(source, bytes):
        return len(source), zlib.crc32(source)
    size = crc = 0
    with source.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return size, crc


def _copy(source: Path | bytes, target: BinaryIO) -> None:
    if isinstance(source, bytes):
        target.write(source)
        return
    with source.open("rb") as file:
        shutil.copyfileobj(file, target, CHUNK_BYTES)
