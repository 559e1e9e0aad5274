"""Run as a process of its own: reads a PDF from standard input and writes its text."""

from __future__ import annotations

import sys

import pypdfium2

from workflows.services.imports.sheet_reader import limit_this_process

_MOST_PAGES = 500


def main() -> None:
    """Write the text of the first pages; nothing where it cannot be read."""
    content = sys.stdin.buffer.read()
    limit_this_process()
    try:
        document = pypdfium2.PdfDocument(content)
        for number in range(min(len(document), _MOST_PAGES)):
            text = document[number].get_textpage().get_text_bounded()
            sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    except (pypdfium2.PdfiumError, MemoryError, ValueError):
        return


if __name__ == "__main__":
    main()
