"""Spies on what a piece of work does to its surroundings."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.move")
_CONNECTING = ("socket.connect", "socket.sendto", "smtplib.connect")


@dataclass
class Deeds:
    """Files opened for writing or changed, connections made, statements that do not read."""

    files: list[str] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


_watching: list[Deeds] = []


def _hook(name: str, arguments: tuple[Any, ...]) -> None:
    for deeds in _watching:
        if name == "open" and (arguments[2] or 0) & _WRITING:
            deeds.files.append(str(arguments[0]))
        elif name in _CHANGING:
            deeds.files.append(f"{name} {arguments[0]}")
        elif name in _CONNECTING:
            deeds.connections.append(f"{name} {arguments[1:]}")


# A hook of the interpreter can never be taken away: there is one, and it mostly sleeps.
sys.addaudithook(_hook)


@contextmanager
def spying(engine: Engine) -> Iterator[Deeds]:
    """Watch this process and an engine for a while."""
    deeds = Deeds()

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split(maxsplit=1)[0].upper() not in ("SELECT", "BEGIN", "PRAGMA"):
            deeds.statements.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    _watching.append(deeds)
    try:
        yield deeds
    finally:
        _watching.remove(deeds)
        event.remove(engine, "before_cursor_execute", listen)
