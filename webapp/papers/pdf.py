"""Papers of the office as PDF, set by typst after GB/T 9704-2012."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.papers.official import (
    Block,
    Fine,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    QrMark,
    ending_date,
    ending_indents,
    head_points,
)
from webapp.papers.qr import qr_file
from webapp.papers.typesetting import typeset


def official_pdf(paper: OfficialPaper, at: datetime) -> bytes:
    """Set a paper as PDF; the same paper and moment give the same bytes."""
    return typeset("official", values_of(paper), at)


def values_of(paper: OfficialPaper) -> dict[str, Any]:
    """Give a paper as the JSON values that its template reads."""
    on = ending_date(paper)
    issuer, date = ending_indents(paper.issuer, on)
    return {
        "title": paper.title,
        "number": paper.number,
        "secrecy": paper.secrecy,
        "addressee": paper.addressee,
        "blocks": [_block(each) for each in paper.blocks],
        "appendices": list(paper.appendices),
        "signers": list(paper.signers),
        "issuer": paper.issuer,
        "date": on,
        "ending": {"issuer": issuer, "date": date},
        "watermark": paper.watermark,
        "head": paper.head,
        "headSize": head_points(paper.head),
        "letter": paper.is_letter,
        "copies": "、".join(paper.copies),
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "text": block.text}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": block.text, "flush": block.is_flush}
    if isinstance(block, Grid):
        return {
            "kind": "grid",
            "headings": list(block.headings),
            "rows": [list(row) for row in block.rows],
            "shares": list(block.shares),
        }
    if isinstance(block, Fine):
        return {"kind": "fine", "lines": list(block.lines)}
    if isinstance(block, QrMark):
        return {"kind": "qr", "svg": qr_file(block.text)}
    return {"kind": "page"}
