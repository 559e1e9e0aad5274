"""Secret keys in files of their own: made in one piece, readable by their owner only.

A key is 32 random bytes, kept as 64 hex digits and a line end.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from workflows.domain.journal_errors import JournalError

KEY_BYTES = 32


def load_or_create_key(path: Path, unusable: type[JournalError]) -> bytes:
    """Read a key, making it where there is none.

    The key appears under its name in one piece; of several processes that start at once
    one makes it and all read the same.

    Args:
        path: where the key lies.
        unusable: what is raised, with ``path`` and ``reason``, where it cannot be used.
    """
    if not path.exists():
        _publish_new_key(path)
    return load_key(path, unusable)


def load_key(path: Path, unusable: type[JournalError]) -> bytes:
    """Read a key; ``unusable`` where it is missing, others may read it or it is no key."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(KEY_BYTES * 2 + 2)
    except OSError as error:
        raise unusable(path=path, reason=error.strerror) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise unusable(path=path, reason=f"others may read it; run chmod 600 {path}")
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError as error:
        raise unusable(path=path, reason="it is not 64 hex digits") from error
    if len(key) != KEY_BYTES:
        raise unusable(path=path, reason="it is not 64 hex digits")
    return key


def write_in_one_piece(path: Path, content: bytes, *, mode: int, replace: bool) -> bool:
    """Write a file so that whoever reads it finds all of it or none, also after a crash.

    Args:
        path: the file; its folder is made where it is missing.
        content: what it holds afterwards.
        mode: who may read it.
        replace: whether a file that is there gives way.

    Returns:
        Whether it was written; without ``replace``, not where one was there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
            return True
        try:
            # A link, unlike a rename, never replaces the file of a faster process.
            path.hardlink_to(draft)
        except FileExistsError:
            return False
        return True
    finally:
        draft.unlink(missing_ok=True)


def _publish_new_key(path: Path) -> None:
    content = secrets.token_hex(KEY_BYTES).encode() + b"\n"
    write_in_one_piece(path, content, mode=0o600, replace=False)
