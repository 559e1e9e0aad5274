"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

from collections.abc import Mapping

_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), (b"\xd0\xcf\x11\xe0",)
_JPEG, _TIFF = (b"\xff\xd8\xff",), (b"II*\0", b"MM\0*")
# By the ending of a name: how such a file begins. Others are taken as they are.
_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
    "tif": _TIFF,
    "tiff": _TIFF,
    "zip": _ZIP,
    "docx": _ZIP,
    "xlsx": _ZIP,
    "pptx": _ZIP,
    "ofd": _ZIP,
    "doc": (*_OLE, b"{\\rtf"),
    "xls": (*_OLE, b"<"),
    "ppt": _OLE,
}
# Programs: never evidence, whatever they are called.
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!")
_IMAGES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}


def contradicts(name: str, content: bytes) -> bool:
    """Say whether a file is a program, or no such file as the ending of its name says."""
    if content.startswith(_PROGRAMS):
        return True
    beginnings = _BEGINNINGS.get(_ending(name))
    return beginnings is not None and not content.startswith(beginnings)


def image_type(name: str, content: bytes) -> str | None:
    """Give the type of a picture that a browser may show; None for anything else."""
    found = _IMAGES.get(_ending(name))
    return None if contradicts(name, content) else found


def is_pdf(name: str, content: bytes) -> bool:
    """Say whether a file is a PDF by its name and by its first bytes."""
    return _ending(name) == "pdf" and not contradicts(name, content)


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
