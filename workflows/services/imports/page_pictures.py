"""Pages of PDF files that arrived, as pictures: they can be looked at and do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore

from workflows.services.imports.own_process import in_own_process

MOST_PAGES = 20
_SECONDS = 20
# Drawing takes a core and much memory; whoever comes third waits, and not for ever.
_AT_ONCE = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as PNG, with how many pages its file has."""

    png: bytes
    pages: int


def page_picture(content: bytes, number: int) -> PagePicture | None:
    """Draw a page of a PDF, counted from one; null where it cannot be drawn in time."""
    if not 1 <= number <= MOST_PAGES or not _AT_ONCE.acquire(timeout=_SECONDS):
        return None
    try:
        module = "workflows.services.imports.pdf_page"
        count, _, png = in_own_process(module, content, _SECONDS, str(number)).partition(b"\n")
    finally:
        _AT_ONCE.release()
    return PagePicture(png, int(count)) if count.isdigit() else None
