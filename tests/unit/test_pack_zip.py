"""A zipped pack is read whole or refused, and nothing in it is believed."""

import io
import stat
import zipfile

import pytest

from tests.support.packs import zipped
from workflows.services.versions.pack_zip import (
    MOST_BYTES,
    MOST_FILES,
    ZipNameRefused,
    ZipNoPack,
    ZipTooLarge,
    ZipUnreadable,
    read_pack_zip,
)

ABOUT = {"pack.toml": b'id = "a"', "forms/a.json": b"{}"}


def _zip(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in (("pack.toml", b""), *entries):
            file.writestr(entry, content)
    return whole.getvalue()


@pytest.mark.parametrize("folder", ["", "my-ladder/", "规则包/"])
def test_a_pack_is_found_at_the_top_or_in_its_one_folder(folder: str) -> None:
    assert read_pack_zip(zipped(ABOUT, folder)) == ABOUT


def test_what_systems_leave_beside_a_folder_is_left_out() -> None:
    left = {"__MACOSX/a/._pack.toml": b"x", "a/.DS_Store": b"x"}
    files = {f"a/{path}": content for path, content in ABOUT.items()}
    assert read_pack_zip(zipped({**files, **left})) == ABOUT


@pytest.mark.parametrize(
    "name",
    ["../pack.toml", "/etc/passwd", "forms/../../x", "forms\\x.json", "a\nb.toml", "..", "a/.."],
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(ZipNameRefused):
        read_pack_zip(_zip((name, b"x")))


def test_links_and_devices_are_refused() -> None:
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        entry = zipfile.ZipInfo("forms/a.json")
        entry.external_attr = (kind | 0o644) << 16
        with pytest.raises(ZipNameRefused):
            read_pack_zip(_zip((entry, b"/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ZipNameRefused):
        read_pack_zip(_zip(("facts.toml", b"a"), ("facts.toml", b"b")))


def test_a_name_that_goes_on_after_a_zero_byte_is_refused() -> None:
    raw = _zip(("facts.tomlXevil", b"x")).replace(b"facts.tomlXevil", b"facts.toml\0evil")
    with pytest.raises((ZipNameRefused, ZipUnreadable)):
        read_pack_zip(raw)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = _zip(("facts.toml", b"\0" * (MOST_BYTES + 1)))
    assert len(bomb) < 100_000
    with pytest.raises(ZipTooLarge):
        read_pack_zip(bomb)


def test_a_size_that_lies_is_not_believed() -> None:
    content = b"\0" * (MOST_BYTES + 1)
    honest = _zip(("facts.toml", content))
    lying = honest.replace(len(content).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises((ZipTooLarge, ZipUnreadable)):
        read_pack_zip(lying)


def test_too_many_files_are_refused() -> None:
    with pytest.raises(ZipTooLarge):
        read_pack_zip(_zip(*((f"forms/{number}.json", b"") for number in range(MOST_FILES))))


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"hello", zipped(ABOUT)[:-30], b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_zip_or_empty_is_refused(content: bytes) -> None:
    with pytest.raises((ZipUnreadable, ZipNoPack)):
        read_pack_zip(content)


def test_a_damaged_or_locked_file_is_refused() -> None:
    whole = bytearray(zipped({"pack.toml": b"abc" * 1000}))
    whole[60] ^= 0xFF
    with pytest.raises(ZipUnreadable):
        read_pack_zip(bytes(whole))
    locked = bytearray(zipped(ABOUT))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = locked.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        locked[at] |= 1
    with pytest.raises(ZipUnreadable):
        read_pack_zip(bytes(locked))


def test_a_zip_without_a_pack_is_told_so() -> None:
    with pytest.raises(ZipNoPack):
        read_pack_zip(zipped({"a/facts.toml": b"", "b/pack.toml": b""}))
