"""Setting papers as PDF: a template of ours, and data that is never read as anything but data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from webapp.papers.glyphs import code_points, missing_signs, paper_fonts

PDF = "application/pdf"
_TEMPLATES = Path(__file__).resolve().with_name("typst")


def typeset(template: str, values: Mapping[str, Any], at: datetime) -> bytes:
    """Set a paper as PDF.

    The values reach the template as one JSON text. Whatever they say, typst shows them as
    text: it reads no markup, no code and no file because of them. Signs that no font has are
    named on each page.

    Args:
        template: The name of a file in webapp/papers/typst, without its ending.
        values: JSON values, as the template expects them.
        at: The moment that the file says it was made at; the same moment and values give
            the same bytes.
    """
    said = json.dumps(values, ensure_ascii=False)
    return typst.compile(
        _TEMPLATES / f"{template}.typ",
        root=_TEMPLATES,
        font_paths=paper_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": said, "missing": code_points(missing_signs(values))},
        timestamp=int(at.timestamp()),
    )
