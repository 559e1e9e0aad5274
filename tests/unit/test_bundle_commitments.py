"""Commitments, sealed payloads, wrapped keys and the master key's file."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from workflows.audit.commitment import (
    CommitmentDiffers,
    MasterKeyUnusable,
    OpenedPayload,
    SealBroken,
    check_commitment,
    commitment,
    load_master_key,
    load_or_create_master_key,
    new_subject_key,
    open_payload,
    seal_payload,
    unwrap_key,
    wrap_key,
)

CONTENT = '{"reason":"同意"}'.encode()


def test_commitment_is_the_hash_of_prefix_salt_and_payload() -> None:
    salt = bytes(range(16))
    assert commitment(salt, CONTENT) == hashlib.sha256(b"\x10" + salt + CONTENT).hexdigest()


def test_sealed_payload_opens_for_its_record_and_key_only() -> None:
    key = new_subject_key()
    sealed = seal_payload(key, "c_a", 3, CONTENT)
    opened = open_payload(key, "c_a", 3, sealed.sealed)
    assert opened.content == CONTENT
    check_commitment(sealed.commitment, "c_a", 3, opened)
    for other_key, stream_id, seq in (
        (new_subject_key(), "c_a", 3),
        (key, "c_b", 3),
        (key, "c_a", 4),
    ):
        with pytest.raises(SealBroken):
            open_payload(other_key, stream_id, seq, sealed.sealed)


def test_same_payload_is_never_sealed_alike_twice() -> None:
    key = new_subject_key()
    one, other = (seal_payload(key, "c_a", 3, CONTENT) for _ in range(2))
    assert one.commitment != other.commitment
    assert one.sealed != other.sealed
    assert CONTENT not in one.sealed


def test_changed_or_cut_bytes_do_not_open() -> None:
    key = new_subject_key()
    sealed = seal_payload(key, "c_a", 3, CONTENT).sealed
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(SealBroken):
            open_payload(key, "c_a", 3, bytes(changed))
    for length in (0, 1, 12, 13, 14, len(sealed) - 1):
        with pytest.raises(SealBroken):
            open_payload(key, "c_a", 3, sealed[:length])


def test_payload_of_another_record_is_not_committed_to() -> None:
    key = new_subject_key()
    sealed = seal_payload(key, "c_a", 3, CONTENT)
    with pytest.raises(CommitmentDiffers, match="c_a seq 3"):
        check_commitment(sealed.commitment, "c_a", 3, OpenedPayload(bytes(16), CONTENT))


def test_wrapped_key_opens_for_its_subject_and_master_only() -> None:
    master, key = new_subject_key(), new_subject_key()
    wrapped = wrap_key(master, "p_a", key)
    assert unwrap_key(master, "p_a", wrapped) == key
    assert key not in wrapped
    for other, subject in ((new_subject_key(), "p_a"), (master, "p_b")):
        with pytest.raises(SealBroken):
            unwrap_key(other, subject, wrapped)


def test_master_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "instance" / "master.key"
    key = load_or_create_master_key(path)
    assert len(key) == 32
    assert load_or_create_master_key(path) == key
    assert load_master_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]


def test_those_who_race_for_the_master_key_agree(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    start = Barrier(8)

    def load(_: int) -> bytes:
        start.wait()
        return load_or_create_master_key(path)

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(load, range(8)))
    assert len(set(keys)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.key"]


def test_master_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    load_or_create_master_key(path)
    path.chmod(0o640)
    with pytest.raises(MasterKeyUnusable, match="chmod 600"):
        load_or_create_master_key(path)


@pytest.mark.parametrize("content", [b"", b"00" * 31, b"zz" * 32, b"\xff" * 64, b"00" * 64])
def test_file_that_is_no_key_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(MasterKeyUnusable, match="64 hex digits"):
        load_or_create_master_key(path)
    assert path.read_bytes() == content


def test_missing_master_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyUnusable, match=r"master\.key"):
        load_master_key(tmp_path / "master.key")
