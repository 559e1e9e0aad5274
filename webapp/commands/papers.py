"""What commands that write papers share."""

from __future__ import annotations

from pathlib import Path

from webapp.commands.edge import CommandRefused

FORMATS = ("docx", "pdf")


def format_of(out: Path) -> str:
    """Say by the name of a file whether it becomes a docx or a PDF.

    Raises:
        CommandRefused: It is neither.
    """
    ending = out.suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise CommandRefused(f"{out}: the name ends in .docx or .pdf")
    return ending
