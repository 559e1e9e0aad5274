"""What a file is by its bytes, against what its name says."""

import pytest

from workflows.domain.file_kinds import contradicts, image_type

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "name, content, is_lie",
    [
        ("方案.PDF", b"%PDF-1.7", False),
        ("方案.pdf", b"PK\x03\x04", True),
        ("照片.jpeg", b"\xff\xd8\xff\xe0", False),
        ("照片.jpg", PNG, True),
        ("表.xlsx", b"PK\x03\x04", False),
        ("旧表.xls", b"\xd0\xcf\x11\xe0", False),
        ("说明.txt", "堃喆昇玥镕𠮷".encode(), False),
        ("说明.txt", b"MZ\x90", True),
        ("没有扩展名", b"anything", False),
        ("run", b"#!/bin/sh", True),
    ],
)
def test_a_name_that_its_bytes_contradict_is_a_lie(name: str, content: bytes, is_lie: bool) -> None:
    assert contradicts(name, content) is is_lie


def test_only_true_pictures_are_shown() -> None:
    assert image_type("a.png", PNG) == "image/png"
    assert image_type("a.png", b"<svg>") is None
    assert image_type("a.svg", b"<svg>") is None
    assert image_type("a.pdf", b"%PDF-") is None
