"""Texts that people type, as they are kept: whole, or not at all."""

from __future__ import annotations

from typing import ClassVar

from workflows.domain.errors import InvalidInput


class TextTooLong(InvalidInput):
    """A text of {length} characters was given where at most {longest} are kept."""

    code: ClassVar[str] = "text_too_long"


def whole(text: str, longest: int) -> str:
    """Give a text without the blanks around it; nothing else of it is ever left out.

    Args:
        text: What somebody typed.
        longest: The most characters that are kept of it.

    Raises:
        TextTooLong: It has more.
    """
    kept = text.strip()
    if len(kept) > longest:
        raise TextTooLong(longest=longest, length=len(kept))
    return kept
