"""What leaves the database: files, mails, the second tree; and what they show after a restore."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World
from tests.support.logs import (
    check_log,
    last_size,
    log_marks,
    made_up_record,
    news,
    open_incidents,
    restored_log_world,
    sqlite_log_world,
    stream_id,
    write_records,
)
from tests.support.mailbox import Mailbox, mail_server
from workflows.audit.checkpoint_files import CheckpointFileBroken, read_checkpoint_file
from workflows.audit.merkle import Frontier
from workflows.audit.notes import parse_checkpoint, parse_note
from workflows.audit.sm3 import sm3_grown, sm3_root
from workflows.jobs.mail import MailRoute
from workflows.jobs.sequencing import keep_log, run_sequencer
from workflows.services.log.checking import verify_log
from workflows.services.log.epochs import EPOCH_STARTED
from workflows.services.log.notary import public_keys_of
from workflows.services.log.sequencing import seal_log
from workflows.services.vault import read_payload
from workflows.store.journal import read_stream
from workflows.store.log import events_of, last_checkpoint, leaves_with_records
from workflows.store.tables import DailyCheckpoint, Installation, LogLeaf, Sm3Checkpoint

DAY = timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with sqlite_log_world(tmp_path) as made:
        yield made


def notes(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "checkpoints").iterdir())


def outside_size(world: World, path: Path) -> int:
    with world.transaction() as session:
        checkpoint = read_checkpoint_file(path, public_keys_of(session))
    assert checkpoint is not None
    return checkpoint.size


# ----------------------------------------------------------------------------- files


def test_the_last_checkpoint_and_that_of_each_day_lie_outside(world: World, tmp_path: Path) -> None:
    folder, sizes = tmp_path / "checkpoints", []
    for number in range(1, 4):
        news(world, 10 * number)
        world.now += timedelta(hours=3)
        news(world, 10 * number + 1)
        sizes.append(last_size(world))
        world.now += DAY - timedelta(hours=3)
    assert notes(tmp_path) == ["2026-03-10.note", "2026-03-11.note", "latest.note"]
    assert outside_size(world, folder / "2026-03-10.note") == sizes[0]
    assert outside_size(world, folder / "2026-03-11.note") == sizes[1]
    assert outside_size(world, folder / "latest.note") == sizes[2]


def test_a_day_ends_at_the_place(world: World, tmp_path: Path) -> None:
    """2026-03-10 ends at 16:00 UTC."""
    world.now = world.now.replace(hour=15, minute=59)
    news(world, 1)
    before = last_size(world)
    world.now += timedelta(minutes=2)
    news(world, 2)
    assert outside_size(world, tmp_path / "checkpoints" / "2026-03-10.note") == before
    assert notes(tmp_path) == ["2026-03-10.note", "latest.note"]


def test_days_without_news_have_no_file_and_missed_days_are_made_up_for(
    world: World, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        with world.transaction() as session:
            write_records(session, made_up_record(stream_id(number), 1, world.now))
            seal_log(session, world.now)
        world.now += 2 * DAY
    run_sequencer(world.sessions, world.now)
    assert notes(tmp_path) == [
        "2026-03-10.note",
        "2026-03-12.note",
        "2026-03-14.note",
        "latest.note",
    ]


def test_a_full_disk_is_told_and_made_up_for(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news(world, 1)
    world.now += DAY

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        news(world, 2)
    assert notes(tmp_path) == ["latest.note"], "no half-written file is left"
    assert open_incidents(world) == [("checkpoint_file_failed", "No space left on device")]
    check_log(world.sessions)
    run_sequencer(world.sessions, world.now)
    assert notes(tmp_path) == ["2026-03-10.note", "latest.note"]
    assert outside_size(world, tmp_path / "checkpoints" / "latest.note") == last_size(world)
    assert open_incidents(world) == []


def test_a_file_that_is_outside_is_never_written_over(world: World, tmp_path: Path) -> None:
    news(world, 1)
    kept = tmp_path / "checkpoints" / "2026-03-10.note"
    kept.write_text("what was there before\n")
    world.now += DAY
    news(world, 2)
    assert kept.read_text() == "what was there before\n"


@pytest.mark.parametrize("content", [b"", b"no note", b"\xff" * 80])
def test_a_damaged_file_stops_signing_until_somebody_has_looked(
    world: World, tmp_path: Path, content: bytes
) -> None:
    news(world, 1)
    latest = tmp_path / "checkpoints" / "latest.note"
    latest.write_bytes(content)
    before = last_size(world)
    with pytest.raises(CheckpointFileBroken, match=r"latest\.note"):
        news(world, 2)
    assert keep_log(world.sessions, world.now) is None
    assert last_size(world) == before
    assert open_incidents(world) == [("log_stopped", "checkpoint_file_broken")]
    latest.unlink()
    run_sequencer(world.sessions, world.now)
    assert last_size(world) == before + 1
    assert open_incidents(world) == []


def test_the_file_of_another_installation_is_refused(world: World, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with sqlite_log_world(elsewhere) as other:
        news(other, 1)
    news(world, 1)
    shutil.copy(elsewhere / "checkpoints/latest.note", tmp_path / "checkpoints")
    with pytest.raises(CheckpointFileBroken, match="no key of this installation"):
        news(world, 2)


# ---------------------------------------------------------------------------- epochs


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[World]:
    """The database as it was before the last two days, in the place of the newer one."""
    with restored_log_world(tmp_path) as made:
        yield made


def test_after_a_restore_an_epoch_begins_before_anything_is_signed(
    restored: World, tmp_path: Path
) -> None:
    latest = tmp_path / "checkpoints" / "latest.note"
    lost, resumed = parse_checkpoint(parse_note(latest.read_bytes()).text), last_size(restored)
    assert lost.size == resumed + 2
    with restored.transaction() as session:
        write_records(session, made_up_record(stream_id(7), 1, restored.now - timedelta(hours=1)))
    run_sequencer(restored.sessions, restored.now, batch=1)
    check_log(restored.sessions)
    with restored.transaction() as session:
        (event,) = events_of(session, EPOCH_STARTED)
        house_id = session.scalars(select(Installation.house_id)).one()
        (record,) = read_stream(session, house_id, event.house_seq)
        payload = read_payload(session, record.key_id, house_id, record.seq, record.sealed)
        index = session.scalars(
            select(LogLeaf.index).where(
                LogLeaf.stream_id == house_id, LogLeaf.seq == event.house_seq
            )
        ).one()
    assert index == resumed, "the epoch's record is the first leaf"
    assert payload["form"] == event.body
    assert (int(event.body["size"]), event.body["time"]) == (lost.size, lost.recorded_at)
    assert int(event.body["resumed_size"]) == resumed
    assert open_incidents(restored) == [("epoch_started", f"{lost.size} {lost.recorded_at}")]
    assert outside_size(restored, latest) == last_size(restored)


def test_an_epoch_begins_although_nothing_was_recorded_since(restored: World) -> None:
    before = last_size(restored)
    assert run_sequencer(restored.sessions, restored.now).sequenced == 1
    assert last_size(restored) == before + 1


def test_an_epoch_begins_once(restored: World, tmp_path: Path) -> None:
    """Even where its first checkpoint did not reach the file any more."""
    latest = tmp_path / "checkpoints" / "latest.note"
    lost = latest.read_bytes()
    run_sequencer(restored.sessions, restored.now)
    latest.write_bytes(lost)
    size = last_size(restored)
    assert run_sequencer(restored.sessions, restored.now).sequenced == 0
    assert outside_size(restored, latest) == size


def test_what_lay_outside_before_a_restore_stays(restored: World, tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    before = {path.name: path.read_bytes() for path in folder.glob("2026*.note")}
    assert len(before) == 3
    run_sequencer(restored.sessions, restored.now)
    restored.now += DAY
    news(restored, 9)
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert "2026-03-13.note" in notes(tmp_path)


def test_another_root_of_the_same_size_begins_an_epoch_too(restored: World, tmp_path: Path) -> None:
    """The older copy has grown by other records meanwhile, without the file outside."""
    latest = tmp_path / "checkpoints" / "latest.note"
    lost = latest.read_bytes()
    latest.unlink()
    for number in (21, 22):
        news(restored, number)
    latest.write_bytes(lost)
    assert outside_size(restored, latest) == last_size(restored)
    run_sequencer(restored.sessions, restored.now)
    with restored.transaction() as session:
        (event,) = events_of(session, EPOCH_STARTED)
        verdict = verify_log(session)
    assert int(event.body["resumed_size"]) == outside_size(
        restored, tmp_path / "checkpoints" / "2026-03-10.note"
    ), "up to here files outside and the log agree"
    assert (verdict.problem, verdict.lost_files) == (None, 2)
    check_log(restored.sessions)


# ------------------------------------------------------------------------------ SM3


def test_where_it_is_asked_for_a_second_tree_with_sm3_follows(world: World, tmp_path: Path) -> None:
    news(world, 1)
    assert notes(tmp_path) == ["latest.note"]
    world.sessions.configure(info=log_marks(tmp_path, with_sm3=True))  # type: ignore[attr-defined]
    news(world, 2)
    world.now += DAY
    news(world, 3)
    assert notes(tmp_path) == [
        "2026-03-10.note",
        "2026-03-10.sm3.note",
        "latest.note",
        "latest.sm3.note",
    ]
    content = (tmp_path / "checkpoints/latest.sm3.note").read_bytes()
    checkpoint = parse_checkpoint(parse_note(content).text)
    with world.transaction() as session:
        bodies = [leaf.body.encode() for leaf in leaves_with_records(session)]
        head = last_checkpoint(session, Sm3Checkpoint)
    assert checkpoint.origin == "测试 (test) SM3"
    assert (checkpoint.size, checkpoint.root) == (len(bodies), head.root)
    assert checkpoint.root == sm3_root(sm3_grown(Frontier(), bodies))
    with world.transaction() as session:
        assert verify_log(session).problem is None


# ----------------------------------------------------------------------------- mail


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def route(box: Mailbox, **options: Any) -> MailRoute:
    recipients = ("jijian@qi.local", "dangan@qi.local")
    return MailRoute(
        "127.0.0.1", "duban@qi.local", recipients, port=box.port, security="none", **options
    )


def test_the_days_checkpoint_is_mailed_once(world: World, tmp_path: Path, mailbox: Mailbox) -> None:
    news(world, 1)
    run_sequencer(world.sessions, world.now, mail=route(mailbox))
    assert mailbox.mails == [], "the day is not over"
    world.now += DAY
    for _ in range(3):
        run_sequencer(world.sessions, world.now, mail=route(mailbox))
    (mail,) = mailbox.mails
    assert mailbox.recipients == ["jijian@qi.local", "dangan@qi.local"]
    assert mail["Subject"] == "存证点 2026年3月10日 测试 (test)"
    (attached,) = mail.iter_attachments()
    note = (tmp_path / "checkpoints/2026-03-10.note").read_bytes()
    assert (attached.get_filename(), attached.get_payload(decode=True)) == (
        "2026-03-10.note",
        note,
    )
    body = mail.get_body().get_content()
    with world.transaction() as session:
        assert public_keys_of(session)[0].fingerprint in body
    assert str(parse_checkpoint(parse_note(note).text).size) in body


def test_mail_that_fails_is_told_tried_again_and_stops_nothing(
    world: World, mailbox: Mailbox
) -> None:
    news(world, 1)
    world.now += DAY
    mailbox.refuses = True
    run_sequencer(world.sessions, world.now, mail=route(mailbox))
    ((kind, detail),) = open_incidents(world)
    assert kind == "checkpoint_mail_failed"
    assert "nobody here" in detail
    mailbox.refuses = False
    world.now += timedelta(minutes=5)
    run_sequencer(world.sessions, world.now, mail=route(mailbox))
    assert mailbox.mails == [], "it is not tried every minute"
    assert len(open_incidents(world)) == 1
    world.now += timedelta(minutes=6)
    assert run_sequencer(world.sessions, world.now, mail=route(mailbox)).size == last_size(world)
    assert len(mailbox.mails) == 1
    assert open_incidents(world) == []


def test_a_server_that_is_not_there_stops_nothing(world: World, mailbox: Mailbox) -> None:
    news(world, 1)
    world.now += DAY
    nowhere = MailRoute("127.0.0.1", "duban@qi.local", ("a@qi.local",), port=1, security="none")
    with world.transaction() as session:
        write_records(session, made_up_record(stream_id(2), 1, world.now))
    assert run_sequencer(world.sessions, world.now, mail=nowhere).sequenced == 1
    assert [kind for kind, _ in open_incidents(world)] == ["checkpoint_mail_failed"]


def test_days_before_mail_was_asked_for_are_not_mailed(world: World, mailbox: Mailbox) -> None:
    for number in (1, 2, 3):
        news(world, number)
        world.now += DAY
    run_sequencer(world.sessions, world.now, mail=route(mailbox))
    assert ["2026年3月12日" in mail["Subject"] for mail in mailbox.mails] == [True]
    with world.transaction() as session:
        mailed = select(DailyCheckpoint.day).where(DailyCheckpoint.mailed_at.is_not(None))
        assert session.scalars(mailed).all() == [date(2026, 3, 12)]
