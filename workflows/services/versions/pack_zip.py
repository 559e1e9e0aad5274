"""A pack as an uploaded zip: read with limits, and nothing in it is ever unpacked to disk."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar

from workflows.domain.errors import InvalidInput

MOST_FILES = 500
MOST_BYTES = 20 * 1024 * 1024
_ABOUT = "pack.toml"
_MAC_FOLDER = "__MACOSX"


class ZipUnreadable(InvalidInput):
    """The file is no zip, is locked by a password or is damaged."""

    code: ClassVar[str] = "zip_unreadable"


class ZipTooLarge(InvalidInput):
    """The zip holds more than {files} files, or unpacks to more than {megabytes} MB."""

    code: ClassVar[str] = "zip_too_large"


class ZipNameRefused(InvalidInput):
    """The zip holds “{name}”, which is no file of a folder: a link, a way out, or doubled."""

    code: ClassVar[str] = "zip_name_refused"


class ZipNoPack(InvalidInput):
    """The zip holds no pack: there is no pack.toml at its top or in its one folder."""

    code: ClassVar[str] = "zip_no_pack"


def read_pack_zip(content: bytes) -> dict[str, bytes]:
    """Give the files of a zipped pack by path; the folder that all may lie in is left out.

    Raises:
        ZipUnreadable, ZipTooLarge, ZipNameRefused, ZipNoPack: It cannot be taken.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            return _without_folder(_read(whole))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise ZipUnreadable from error


def _read(whole: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    entries = list(_entries(whole))
    if len(entries) > MOST_FILES:
        _refuse_size()
    for entry in entries:
        if entry.filename in files:
            raise ZipNameRefused(name=entry.filename[:80])
        with whole.open(entry) as stream:
            # What the entry says of its size is not believed.
            files[entry.filename] = stream.read(left + 1)
        left -= len(files[entry.filename])
        if left < 0:
            _refuse_size()
    return files


def _entries(whole: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Give the files of a zip, without what systems leave beside them."""
    for entry in whole.infolist():
        path = PurePosixPath(entry.filename)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        is_plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
        is_inside = not path.is_absolute() and ".." not in path.parts
        # The reader cuts names at a NUL and turns a backslash round on some systems.
        is_literal = entry.orig_filename == entry.filename and "\\" not in entry.filename
        if not (is_plain and is_inside and is_literal and entry.filename.isprintable()):
            raise ZipNameRefused(name=entry.orig_filename[:80])
        is_left_over = path.parts[:1] == (_MAC_FOLDER,)
        if not (entry.is_dir() or is_left_over or any(part.startswith(".") for part in path.parts)):
            yield entry


def _without_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    tops = {path.partition("/")[0] for path in files}
    folder = f"{next(iter(tops))}/" if len(tops) == 1 and _ABOUT not in files else ""
    inside = {path.removeprefix(folder): content for path, content in files.items()}
    if _ABOUT not in inside:
        raise ZipNoPack
    return inside


def _refuse_size() -> None:
    raise ZipTooLarge(files=MOST_FILES, megabytes=MOST_BYTES // 1024 // 1024)
