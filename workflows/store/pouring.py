"""One SQLite file's content put into another, whoever has that one open."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from workflows.store.connection import BUSY_SECONDS
from workflows.store.transaction import StorageFailed


def pour(source: Path, target: Path) -> None:
    """Let a database become what another one is, in one transaction of its own.

    Raises:
        StorageFailed: Somebody held it for too long, or the disk is full.
    """
    with (
        closing(sqlite3.connect(source)) as made,
        closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as live,
    ):
        try:
            made.backup(live)
        except sqlite3.Error as error:
            raise StorageFailed(reason=str(error)) from error
