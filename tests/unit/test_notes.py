"""Signed notes and checkpoints are written and read in one form only."""

import base64
import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflows.audit.merkle import Frontier, leaf_hash
from workflows.audit.notes import (
    Checkpoint,
    CheckpointBroken,
    NoteBroken,
    NoteKey,
    NoteUnsigned,
    checkpoint_text,
    is_key_fingerprint,
    is_key_name,
    key_fingerprint,
    parse_checkpoint,
    parse_note,
    sign_note,
    verify_note,
)

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = NoteKey("duban-demo", SIGNER.public_key().public_bytes_raw())
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_KEY = NoteKey("duban-demo", OTHER.public_key().public_bytes_raw())
ROOT = Frontier().append(leaf_hash(b"record")).root()
CHECKPOINT = Checkpoint("督办示例 (demo)", 12, ROOT, "2026-03-02T01:00:00.000000Z")


def signed(text: str = checkpoint_text(CHECKPOINT)) -> bytes:
    return sign_note(text, KEY, SIGNER.sign)


def test_checkpoint_is_written_byte_for_byte_as_the_page_of_the_journal_says() -> None:
    text = (
        "督办示例 (demo)\n12\n" + base64.b64encode(ROOT).decode() + "\n"
        "time 2026-03-02T01:00:00.000000Z\n"
    )
    key_id = hashlib.sha256(b"duban-demo\n\x01" + KEY.public_key).digest()[:4]
    line = base64.b64encode(key_id + SIGNER.sign(text.encode())).decode()
    assert checkpoint_text(CHECKPOINT) == text
    assert signed() == f"{text}\n— duban-demo {line}\n".encode()


def test_note_reads_back_as_it_was_signed() -> None:
    note = parse_note(signed())
    verify_note(note, KEY)
    assert parse_checkpoint(note.text) == CHECKPOINT
    assert [line.key_id for line in note.signatures] == [KEY.id]


def test_note_of_another_key_text_or_name_is_unsigned() -> None:
    note = parse_note(signed())
    other_text = replace(note, text=note.text.replace("12", "13"))
    for changed, key in (
        (note, OTHER_KEY),
        (note, replace(KEY, name="duban")),
        (other_text, KEY),
        (replace(note, signatures=()), KEY),
    ):
        with pytest.raises(NoteUnsigned, match=key.name):
            verify_note(changed, key)


def test_lines_of_others_count_for_nothing_but_a_wrong_line_of_ours_does() -> None:
    other = sign_note(checkpoint_text(CHECKPOINT), OTHER_KEY, OTHER.sign).split(b"\n\n")[1]
    verify_note(parse_note(signed() + other), KEY)
    wrong = base64.b64encode(KEY.id + bytes(64)).decode()
    with pytest.raises(NoteUnsigned):
        verify_note(parse_note(signed() + f"— duban-demo {wrong}\n".encode()), KEY)


def test_signer_that_holds_another_key_is_noticed() -> None:
    with pytest.raises(NoteBroken, match="another key"):
        sign_note("text\n", KEY, OTHER.sign)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content + b"\n",
        lambda content: content.replace(b"\n\n", b"\n"),
        lambda content: content.replace("—".encode(), b"-"),
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b"12", b"\t12"),
        lambda content: content.replace(b"\n\n", b"\n\xff\n\n"),
        lambda content: content[:-3] + b"=\n",
        lambda content: content.replace(b"duban-demo ", b"duban+demo "),
        lambda content: content + b"x" * 65536,
        lambda content: b"\n\n" + content.split(b"\n\n")[1],
        lambda content: content[:0],
    ],
)
def test_what_is_no_note_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(NoteBroken, match=r"a\.note"):
        parse_note(change(signed()), "a.note")


def test_no_other_spelling_of_a_signature_is_read() -> None:
    content = signed()
    line = content[:-1].rsplit(b" ", 1)[1]
    bare = line.rstrip(b"=")
    for spelled in (bare, line + b"=", line[:4] + b" " + line[4:], line.replace(b"+", b"-")):
        if spelled != line:
            with pytest.raises(NoteBroken):
                parse_note(content.replace(line, spelled))


@pytest.mark.parametrize(
    "part, found",
    [
        ({"origin": ""}, "origin"),
        ({"origin": "a\nb"}, "origin"),
        ({"origin": " "}, "origin"),
        ({"size": -1}, "size"),
        ({"size": 2**63}, "size"),
        ({"root": b"short"}, "root"),
        ({"recorded_at": "2026-03-02"}, "time"),
        ({"recorded_at": "2026-13-02T01:00:00.000000Z"}, "time"),
    ],
)
def test_checkpoint_that_could_not_be_read_back_is_not_written(
    part: dict[str, object], found: str
) -> None:
    with pytest.raises(CheckpointBroken, match=found):
        checkpoint_text(replace(CHECKPOINT, **part))


@pytest.mark.parametrize(
    "line, other",
    [("12", "012"), ("12", "+12"), ("12", "12 "), ("time ", "time  "), ("time ", "Time ")],
)
def test_other_spellings_of_a_checkpoint_are_refused(line: str, other: str) -> None:
    with pytest.raises(CheckpointBroken):
        parse_checkpoint(checkpoint_text(CHECKPOINT).replace(line, other, 1))


def test_further_lines_of_a_checkpoint_are_refused() -> None:
    with pytest.raises(CheckpointBroken):
        parse_checkpoint(checkpoint_text(CHECKPOINT) + "more\n")


def test_fingerprint_is_read_as_people_type_it() -> None:
    shown = key_fingerprint(KEY.public_key)
    assert "".join(shown.split()) == hashlib.sha256(KEY.public_key).hexdigest()
    assert len(shown.split()) == 16
    for typed in (
        shown,
        shown.upper(),
        shown.replace(" ", ""),
        shown.replace(" ", ":"),
        f" {shown}\n",
    ):
        assert is_key_fingerprint(typed, KEY.public_key)
    for typed in ("", shown[:-1], shown + "0", key_fingerprint(OTHER_KEY.public_key)):
        assert not is_key_fingerprint(typed, KEY.public_key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\u200bb", "a\n", None, 1])
def test_key_names_are_one_printable_word(name: object) -> None:
    assert not is_key_name(name)
    assert is_key_name("督办-旗县")
