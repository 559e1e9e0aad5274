"""The text of a file that arrives, to look for words in it; nothing of it is kept.

Office files are zips of XML and are read as such, without a parser that could be led astray;
PDF is read by a process of its own under limits. What has no text, as a scan, gives none.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib

from workflows.services.imports.own_process import in_own_process

_MOST_PARTS = 2_000
_MOST_BYTES = 64 << 20
_DEEPEST = 2
_PDF_SECONDS = 30
# What ends a paragraph, a cell or a slide's line: letters on both sides are no word.
_END = re.compile(rb"</(?:\w+:)?(?:p|si|c|row|text|h|tc)>")
_TAG = re.compile(rb"<[^>]*>")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LETTERS = re.compile("[\u4e00-\u9fff\u2605\u3000-\u303f\uff01-\uff5e ]{2,}")


def text_in(content: bytes) -> str:
    """Give the text of a file as far as it can be read, an empty one else."""
    start = content[:8]
    if start.startswith(b"PK"):
        return "\n".join(_zipped(content, _DEEPEST))
    if b"%PDF-" in content[:1024]:
        return _pdf(content)
    if start == _COMPOUND:
        return _wide(content)
    return _plain(content)


def _zipped(content: bytes, depth: int) -> list[str]:
    """Give the texts of the XML parts of a zip, and of zips within it."""
    texts, left = [], _MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for part in parts.infolist()[:_MOST_PARTS]:
                with parts.open(part) as stream:
                    read = stream.read(left)
                left -= len(read)
                texts += _of_part(part.filename, read, depth)
                if left <= 0:
                    break
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return texts
    return texts


def _of_part(name: str, content: bytes, depth: int) -> list[str]:
    if content.startswith(b"PK") and depth:
        return [name, *_zipped(content, depth - 1)]
    if content.startswith((_COMPOUND, b"%PDF-")):
        return [name, text_in(content)]
    if b"<" in content[:200]:
        shown = _TAG.sub(b"", _END.sub(b"\n", content))
        return [html.unescape(shown.decode("utf-8", "replace"))]
    return [_plain(content)]


def _wide(content: bytes) -> str:
    """Give what reads as Chinese in an old Office file, which keeps its letters in two bytes."""
    even = content.decode("utf-16-le", "replace")
    odd = content[1:].decode("utf-16-le", "replace")
    return "\n".join((*_LETTERS.findall(even), *_LETTERS.findall(odd)))


def _plain(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:4096]:
        return ""
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _pdf(content: bytes) -> str:
    """Read a PDF in a process of its own, so that a bad one ends that process alone."""
    text = in_own_process("workflows.services.imports.pdf_text", content, _PDF_SECONDS)
    return text.decode("utf-8", "replace")
