"""Files on their way into a bundle's zip, which needs sizes and checksums before bytes."""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from workflows.audit.manifest import check_name
from workflows.audit.zipform import CHUNK_BYTES, ZipMember, directory, local_header


class Spool:
    """Keeps a bundle's files in a folder until all are there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, tuple[Path, int, int]] = {}
        self.listed: dict[str, dict[str, str | int]] = {}

    def part(self, name: str) -> SpooledPart:
        """Open a file to be written piece by piece; it counts once it is closed.

        Raises:
            FileUnexpected: where no bundle has such a file.
        """
        check_name(name)
        path = self._folder / f"{len(self._files)}.part"
        self._files[name] = (path, 0, 0)
        return SpooledPart(self, name, path)

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a whole file aside."""
        with self.part(name) as part:
            for chunk in chunks:
                part.write(chunk)

    def add_path(self, name: str, source: Path) -> None:
        """Copy a file of the disk aside."""
        with self.part(name) as part, source.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                part.write(chunk)

    def finish(self, name: str, size: int, digest: str, crc: int) -> None:
        """Note what a closed part came to."""
        self._files[name] = (self._files[name][0], size, crc)
        self.listed[name] = {"sha256": digest, "bytes": size}

    def write_zip(self, file: BinaryIO) -> int:
        """Write all files as a canonical zip, in the order of their names, and give its size."""
        members: list[ZipMember] = []
        offset = 0
        for name in sorted(self._files, key=str.encode):
            path, size, crc = self._files[name]
            header = local_header(name, size, crc)
            file.write(header)
            with path.open("rb") as part:
                shutil.copyfileobj(part, file, CHUNK_BYTES)
            path.unlink()
            members.append(ZipMember(name, size, crc, offset))
            offset += len(header) + size
        end = directory(members)
        file.write(end)
        return offset + len(end)


class SpooledPart:
    """One file that is being written."""

    def __init__(self, spool: Spool, name: str, path: Path) -> None:
        self._spool, self._name = spool, name
        self._file = path.open("wb", buffering=CHUNK_BYTES)
        self._digest, self._crc, self._size = hashlib.sha256(), 0, 0

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end."""
        self._file.write(chunk)
        self._digest.update(chunk)
        self._crc = zlib.crc32(chunk, self._crc)
        self._size += len(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if error is None:
            self._spool.finish(self._name, self._size, self._digest.hexdigest(), self._crc)
