"""The signing key: its file, its name, and how one key vouches for the next."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflows.audit.key_history import (
    KeyHistoryBroken,
    KnownKey,
    first_key,
    read_key_history,
    replacing_key,
    succeeding_key,
    write_key_history,
)
from workflows.audit.notes import is_key_name, parse_note, sign_note, verify_note
from workflows.audit.signing_key import (
    SigningKey,
    SigningKeyUnusable,
    is_signed_by,
    key_name,
    load_or_create_signing_key,
    load_signing_key,
)

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
ONE, TWO, THREE = (SigningKey.of("duban-test", bytes([n]) * 32) for n in (1, 2, 3))


def history(*keys: KnownKey) -> tuple[KnownKey, ...]:
    return keys


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    key = load_or_create_signing_key(path, "duban-test")
    assert load_or_create_signing_key(path, "duban-test") == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "signing.key"
    load_or_create_signing_key(path, "duban-test")
    path.chmod(mode)
    with pytest.raises(SigningKeyUnusable, match="chmod 600"):
        load_signing_key(path, "duban-test")


@pytest.mark.parametrize("content", ["", "00" * 31, "zz" * 32, "00" * 33])
def test_what_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "signing.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SigningKeyUnusable, match="64 hex digits"):
        load_signing_key(path, "duban-test")


def test_a_key_never_shows_its_secret() -> None:
    shown = f"{ONE} {ONE!r} {ONE.note_key}"
    assert "\\x01\\x01\\x01" not in shown
    assert "01" * 8 not in shown


@pytest.mark.parametrize("title", ["督办 (production)", "a + b (demo)", "  x\u3000y (test)"])
def test_a_name_is_one_that_signature_lines_may_hold(title: str) -> None:
    name = key_name(title, "h_abcdefghijklmnopqrstuvwxyz")
    assert is_key_name(name)
    assert name.endswith("-abcdefgh")
    assert name != key_name(title, "h_bbcdefghijklmnopqrstuvwxyz")


def test_what_is_signed_is_found_good_by_verifier_and_library_alike() -> None:
    note = parse_note(sign_note("one line\n", ONE.note_key, ONE.sign))
    verify_note(note, ONE.note_key)
    assert is_signed_by(note, ONE.note_key)
    assert not is_signed_by(note, TWO.note_key)
    assert not is_signed_by(replace(note, text="another line\n"), ONE.note_key)


# --------------------------------------------------------------------- keys.jsonl


def test_a_history_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "keys.jsonl"
    keys = (
        first_key(ONE, NOW),
        succeeding_key(ONE, TWO, NOW),
        replacing_key(THREE, NOW, "签名密钥所在磁盘损坏"),
    )
    write_key_history(path, keys)
    assert read_key_history(path) == keys
    assert read_key_history(tmp_path / "missing") == ()


def test_keys_of_several_installations_may_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.jsonl"
    other = SigningKey.of("duban-other", bytes([9]) * 32)
    keys = (first_key(ONE, NOW), first_key(other, NOW), succeeding_key(ONE, TWO, NOW))
    write_key_history(path, keys)
    assert read_key_history(path) == keys


@pytest.mark.parametrize(
    "keys,reason",
    [
        (history(first_key(ONE, NOW), first_key(TWO, NOW)), "no reason is given"),
        (history(first_key(ONE, NOW), succeeding_key(TWO, THREE, NOW)), "another key"),
        (
            history(
                first_key(ONE, NOW),
                replace(succeeding_key(ONE, TWO, NOW), note_key=THREE.note_key),
            ),
            "signature is wrong",
        ),
        (
            history(first_key(ONE, NOW), replace(succeeding_key(ONE, TWO, NOW), signature=None)),
            "another key",
        ),
    ],
    ids=["unsigned", "signed by another", "another key put in", "signature taken out"],
)
def test_a_key_that_the_one_before_did_not_sign_is_refused(
    tmp_path: Path, keys: tuple[KnownKey, ...], reason: str
) -> None:
    path = tmp_path / "keys.jsonl"
    write_key_history(path, keys)
    with pytest.raises(KeyHistoryBroken, match=f"Line 2 of .*{reason}"):
        read_key_history(path)


@pytest.mark.parametrize("line", ["", "{}", "[]", "no", '{"from":1}'])
def test_a_line_that_is_no_key_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "keys.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(KeyHistoryBroken, match="Line 1"):
        read_key_history(path)
