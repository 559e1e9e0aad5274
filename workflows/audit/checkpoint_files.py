"""Checkpoints outside the database: instance/checkpoints (AUDIT.md, Log).

``latest.note`` follows the log, ``YYYY-MM-DD.note`` keeps the last checkpoint of a day at
the place. Whoever takes them elsewhere can show later that nothing before was changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from workflows.audit.key_file import write_in_one_piece
from workflows.audit.notes import (
    Checkpoint,
    CheckpointBroken,
    NoteBroken,
    NoteKey,
    parse_checkpoint,
    parse_note,
)
from workflows.audit.signing_key import is_signed_by
from workflows.domain.journal_errors import JournalError

FOLDER = "checkpoints"
_READABLE = 0o644
_DAILY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.note")


class CheckpointFileBroken(JournalError):
    """The checkpoint file {path} cannot be used: {reason}."""

    code = "checkpoint_file_broken"


def latest_path(folder: Path, suffix: str = "") -> Path:
    """Give the file of the last checkpoint; ``suffix`` names another tree than SHA-256's."""
    return folder / f"latest{suffix}.note"


def daily_path(folder: Path, day: date, suffix: str = "") -> Path:
    """Give the file of a day's last checkpoint."""
    return folder / f"{day.isoformat()}{suffix}.note"


def daily_files(folder: Path) -> Iterator[Path]:
    """Give the daily files that are there, oldest first."""
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if _DAILY.fullmatch(path.name))


def write_latest(path: Path, note: bytes) -> None:
    """Let the file of the last checkpoint say this, in one piece."""
    if not path.exists() or path.read_bytes() != note:
        write_in_one_piece(path, note, mode=_READABLE, replace=True)


def write_daily(path: Path, note: bytes) -> bool:
    """Write a day's file unless it is there: what is outside is never written over."""
    return write_in_one_piece(path, note, mode=_READABLE, replace=False)


def read_checkpoint_file(path: Path, keys: Iterable[NoteKey]) -> Checkpoint | None:
    """Read a checkpoint file that one of these keys signed; None where there is no file.

    Raises:
        CheckpointFileBroken: where it is none, or another key signed it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CheckpointFileBroken(path=path, reason=error.strerror) from error
    try:
        note = parse_note(content, path.name)
        checkpoint = parse_checkpoint(note.text, path.name)
    except (NoteBroken, CheckpointBroken) as error:
        raise CheckpointFileBroken(path=path, reason=error.attributes["reason"]) from error
    if not any(is_signed_by(note, key) for key in keys):
        raise CheckpointFileBroken(path=path, reason="no key of this installation signed it")
    return checkpoint
