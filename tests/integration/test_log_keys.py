"""The signing key's life, who was given which checkpoint, and verifying the log at once."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support.casework import World
from tests.support.logs import (
    KEY,
    check_log,
    last_size,
    log_marks,
    news,
    open_incidents,
    restored_log_world,
    sqlite_log_world,
)
from webapp.cli import main
from workflows.audit.key_history import KeyHistoryBroken, read_key_history
from workflows.audit.notes import parse_note
from workflows.audit.signing_key import SigningKeyUnusable, is_signed_by
from workflows.domain.errors import NotFound
from workflows.jobs.demo import forget_demo_checkpoints
from workflows.jobs.key_rotation import SigningKeyNotLost, replace_lost_key, rotate_key
from workflows.jobs.sequencing import keep_log, prepare_log, run_sequencer
from workflows.queries.log.checkpoints import checkpoint_list, epochs_of, hand_outs, log_state
from workflows.services.access import SYSTEM
from workflows.services.log.checking import LogVerdict, verify_log
from workflows.services.log.events import Means, RecipientInvalid, give_checkpoint
from workflows.services.log.notary import (
    NotaryMissing,
    SigningKeyForeign,
    SigningKeyMissing,
    public_keys_of,
)
from workflows.services.log.sequencing import seal_log
from workflows.services.vault import Vault
from workflows.store.log import last_checkpoint

INIT = SYSTEM["init"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with sqlite_log_world(tmp_path) as made:
        yield made


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "signing.key"


# ------------------------------------------------------------------------- the key


def test_the_first_start_makes_the_key_and_the_house_tells_of_it(
    world: World, tmp_path: Path, key_file: Path
) -> None:
    prepare_log(world.sessions)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    news(world, 1)
    (known,) = read_key_history(tmp_path / "keys.jsonl")
    with world.transaction() as session:
        assert public_keys_of(session) == (known.note_key,)
    check_log(world.sessions)


def test_a_missing_key_is_never_made_anew_where_something_was_signed(
    world: World, key_file: Path
) -> None:
    news(world, 1)
    key_file.unlink()
    with pytest.raises(SigningKeyMissing, match="put its copy back"):
        prepare_log(world.sessions)
    with pytest.raises(SigningKeyMissing):
        news(world, 2)
    assert keep_log(world.sessions, world.now) is None
    assert open_incidents(world) == [("log_stopped", "signing_key_missing")]
    assert not key_file.exists()


def test_nor_where_the_database_is_new_but_checkpoints_lie_outside(
    world: World, tmp_path: Path, key_file: Path
) -> None:
    news(world, 1)
    key_file.unlink()
    (tmp_path / "keys.jsonl").unlink()
    with sqlite_log_world(tmp_path) as again, pytest.raises(SigningKeyMissing):
        prepare_log(again.sessions)


def test_a_key_that_others_may_read_signs_nothing(world: World, key_file: Path) -> None:
    news(world, 1)
    before = last_size(world)
    key_file.chmod(0o644)
    with pytest.raises(SigningKeyUnusable, match="chmod 600"):
        prepare_log(world.sessions)
    with pytest.raises(SigningKeyUnusable):
        news(world, 2)
    assert last_size(world) == before


def test_a_key_of_somebody_else_signs_nothing(world: World, key_file: Path) -> None:
    news(world, 1)
    key_file.write_text("17" * 32)
    with pytest.raises(SigningKeyForeign):
        prepare_log(world.sessions)
    with pytest.raises(SigningKeyForeign), world.transaction() as session:
        seal_log(session, world.now)


def test_without_a_notary_nothing_is_signed(world: World) -> None:
    world.sessions.kw["info"] = Vault(KEY).session_marks()  # type: ignore[attr-defined]
    with pytest.raises(NotaryMissing), world.transaction() as session:
        seal_log(session, world.now)


# ------------------------------------------------------------------------ rotation


def signed_by(world: World) -> str:
    """Give the fingerprint of the key that signed the last checkpoint."""
    with world.transaction() as session:
        note = parse_note(last_checkpoint(session).note.encode())
        (key,) = [key for key in public_keys_of(session) if is_signed_by(note, key)]
    return key.fingerprint


def test_the_old_key_signs_the_new_one_and_the_new_one_what_follows(
    world: World, tmp_path: Path, key_file: Path
) -> None:
    news(world, 1)
    old, secret = signed_by(world), key_file.read_text()
    new = rotate_key(world.sessions, INIT, world.now)
    assert signed_by(world) == old, "the old key covers the record that tells of the new one"
    news(world, 2)
    assert signed_by(world) == new.fingerprint != old
    assert key_file.read_text() != secret
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("signing*")) == ["signing.key"]
    first, second = read_key_history(tmp_path / "keys.jsonl")
    assert (first.note_key.fingerprint, second.signed_by) == (old, old)
    assert verified(world).is_right


def test_a_rotation_that_was_cut_off_can_be_begun_again(
    world: World, tmp_path: Path, key_file: Path
) -> None:
    news(world, 1)
    secret = key_file.read_bytes()
    new = rotate_key(world.sessions, INIT, world.now)
    key_file.rename(tmp_path / "signing.key.next")  # as if the last step had not been done
    key_file.write_bytes(secret)
    key_file.chmod(0o600)
    news(world, 2)
    assert signed_by(world) != new.fingerprint
    assert rotate_key(world.sessions, INIT, world.now) == new
    news(world, 3)
    assert signed_by(world) == new.fingerprint
    assert len(read_key_history(tmp_path / "keys.jsonl")) == 2
    assert verified(world).is_right


def test_the_key_before_cannot_be_put_back_after_the_new_one_has_signed(
    world: World, key_file: Path
) -> None:
    news(world, 1)
    secret = key_file.read_bytes()
    rotate_key(world.sessions, INIT, world.now)
    news(world, 2)
    key_file.write_bytes(secret)
    with pytest.raises(SigningKeyForeign):
        news(world, 3)


@pytest.mark.parametrize("also", ["", "keys.jsonl"])
def test_a_lost_key_is_replaced_with_a_reason_and_only_then(
    world: World, tmp_path: Path, key_file: Path, also: str
) -> None:
    news(world, 1)
    with pytest.raises(SigningKeyNotLost):
        replace_lost_key(world.sessions, INIT, world.now, "disk")
    key_file.unlink()
    if also:
        (tmp_path / also).unlink()
    new = replace_lost_key(world.sessions, INIT, world.now, "磁盘损坏，没有副本")
    news(world, 2)
    assert signed_by(world) == new.fingerprint
    assert read_key_history(tmp_path / "keys.jsonl")[-1].reason == "磁盘损坏，没有副本"
    assert verified(world).is_right


def test_a_history_that_was_tampered_with_signs_nothing(world: World, tmp_path: Path) -> None:
    news(world, 1)
    rotate_key(world.sessions, INIT, world.now)
    path = tmp_path / "keys.jsonl"
    path.write_text(path.read_text().replace('"from":"2026-03-10', '"from":"2026-03-09'))
    with pytest.raises(KeyHistoryBroken):
        news(world, 2)


# ------------------------------------------------------------------------ hand-outs


def test_who_was_given_which_checkpoint_is_recorded_and_listed(world: World) -> None:
    news(world, 1)
    first = last_size(world)
    news(world, 2)
    with world.transaction() as session:
        give_checkpoint(
            session, INIT, world.now, to=" 旗委  组织部 ", means=Means.MINUTES, size=first
        )
        given = give_checkpoint(session, INIT, world.now, to="巡察组", means=Means.SLIP)
    run_sequencer(world.sessions, world.now)
    with world.transaction() as session:
        newest, oldest = hand_outs(session)
        root = checkpoint_list(session)[-2].root
    assert (newest.to, newest.means, newest.size) == ("巡察组", "slip", given.size)
    assert (oldest.to, oldest.means, oldest.size) == ("旗委 组织部", "minutes", first)
    assert (oldest.root, newest.root) == (root, given.root) or oldest.root != newest.root
    assert given.note.splitlines()[1:3] == [str(given.size), given.root]
    check_log(world.sessions)


@pytest.mark.parametrize("to", ["", "  ", "x" * 121])
def test_somebody_must_be_named(world: World, to: str) -> None:
    news(world, 1)
    with pytest.raises(RecipientInvalid), world.transaction() as session:
        give_checkpoint(session, INIT, world.now, to=to, means=Means.SLIP)


def test_only_a_checkpoint_that_there_is_can_be_given(world: World) -> None:
    with pytest.raises(NotFound), world.transaction() as session:
        give_checkpoint(session, INIT, world.now, to="巡察组", means=Means.SLIP)
    news(world, 1)
    with pytest.raises(NotFound), world.transaction() as session:
        give_checkpoint(session, INIT, world.now, to="巡察组", means=Means.SLIP, size=9_999)


# ---------------------------------------------------------------------- verify now


def verified(world: World) -> LogVerdict:
    with world.transaction() as session:
        return verify_log(session)


def test_a_log_as_it_should_be_verifies(world: World) -> None:
    news(world, 1)
    news(world, 2)
    verdict = verified(world)
    assert verdict.problem is None
    assert (verdict.leaves, verdict.checkpoints) == (last_size(world), 2)
    assert (verdict.waiting, verdict.files, verdict.lost_files) == (0, 1, 0)


def test_after_a_restore_files_of_what_was_lost_are_told_apart(tmp_path: Path) -> None:
    with restored_log_world(tmp_path) as world:
        run_sequencer(world.sessions, world.now)
        verdict = verified(world)
        assert verdict.problem is None
        assert (verdict.files, verdict.lost_files) == (2, 2)
        with world.transaction() as session:
            (epoch,) = epochs_of(session)
            state = log_state(session, world.now)
    assert epoch.lost_size == epoch.resumed_size + 2
    assert state.behind is None
    assert state.waiting == 0


def tamper(folder: Path, *statements: str) -> None:
    """Change the database behind the program's back, without its triggers."""
    with closing(sqlite3.connect(folder / "duban.sqlite3")) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


TAMPERINGS: list[tuple[str, list[str]]] = [
    ("record was changed", ["UPDATE journal_record SET body = body || ' ' WHERE seq = 2"]),
    ("record is gone", ["DELETE FROM journal_record WHERE stream_id LIKE 'h_%' AND seq = 2"]),
    ("leaf 1 is missing", ['DELETE FROM log_leaf WHERE "index" = 1']),
    ("have another root", ["UPDATE checkpoint SET root = zeroblob(32)"]),
    ("frontier", ["UPDATE checkpoint SET frontier = (SELECT min(frontier) FROM checkpoint)"]),
    ("its note says something else", ["UPDATE checkpoint SET note = replace(note, 'T01', 'T02')"]),
    ("no key of this installation", ["UPDATE checkpoint SET note = replace(note, '— ', '— x')"]),
    (
        "have no checkpoint",
        ["DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)"],
    ),
    (
        "the log never was",
        [
            'DELETE FROM log_leaf WHERE "index" >= (SELECT min(size) FROM checkpoint)',
            "DELETE FROM checkpoint WHERE size > (SELECT min(size) FROM checkpoint)",
        ],
    ),
]


@pytest.mark.parametrize("reason,statements", TAMPERINGS, ids=[each[0] for each in TAMPERINGS])
def test_what_was_tampered_with_is_named(
    world: World, tmp_path: Path, reason: str, statements: list[str]
) -> None:
    news(world, 1)
    news(world, 2)
    tamper(tmp_path, *statements)
    verdict = verified(world)
    assert reason in str(verdict.problem)


def test_the_tree_with_sm3_is_verified_too(world: World, tmp_path: Path) -> None:
    world.sessions.configure(info=log_marks(tmp_path, with_sm3=True))  # type: ignore[attr-defined]
    news(world, 1)
    tamper(tmp_path, "UPDATE sm3_checkpoint SET root = zeroblob(32)")
    assert "SM3: the leaves have another root" in str(verified(world).problem)


# ------------------------------------------------------------------------ commands


@pytest.fixture
def run(world: World, tmp_path: Path) -> Callable[..., Result]:
    """Run `duban log …` on the world's installation."""
    key = tmp_path / "master.key"
    key.write_text(KEY.hex())
    key.chmod(0o600)
    runner = CliRunner(env={"DUBAN_INSTANCE": str(tmp_path), "DUBAN_DATABASE_URL": ""})
    return lambda *words: runner.invoke(main, ["log", *words])


def as_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_commands_seal_verify_hand_out_and_show(world: World, run: Callable[..., Result]) -> None:
    assert as_json(run("status", "--json"))["waiting"] > 0
    sealed = as_json(run("seal", "--json"))
    assert sealed["sequenced"] > 0
    verdict = as_json(run("verify", "--json"))
    assert (verdict["is_right"], verdict["leaves"]) == (True, sealed["size"])
    handed = run("hand-out", "--to", "旗委组织部", "--means", "minutes")
    assert handed.exit_code == 0
    state = as_json(run("status", "--json"))
    assert handed.output.splitlines()[1:3] == [str(state["size"]), state["root"]]
    assert [(each["to"], each["means"]) for each in state["hand_outs"]] == [
        ("旗委组织部", "minutes")
    ]
    shown = run("status").output
    assert state["key_fingerprint"] in shown
    assert "旗委组织部" in shown
    assert "Nothing differs." in run("verify").output


def test_the_command_rotates_the_key_and_shows_no_secret(
    run: Callable[..., Result], key_file: Path
) -> None:
    before = as_json(run("seal", "--json"))
    assert before["size"]
    old = key_file.read_text().strip()
    shown = run("rotate-key")
    assert shown.exit_code == 0
    new = key_file.read_text().strip()
    assert old not in shown.output
    assert new not in shown.output
    assert as_json(run("status", "--json"))["key_fingerprint"] in shown.output


def test_verify_ends_with_1_where_something_differs(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    run("seal")
    tamper(tmp_path, "UPDATE journal_record SET body = body || ' ' WHERE seq = 2")
    found = run("verify")
    assert found.exit_code == 1
    assert "the record was changed" in found.output


def test_a_missing_key_is_refused_with_what_to_do(
    run: Callable[..., Result], key_file: Path
) -> None:
    run("seal")
    key_file.unlink()
    for command in (["seal"], ["rotate-key"]):
        refused = run(*command)
        assert refused.exit_code == 2
        assert "put its copy back" in refused.output
    assert run("rotate-key", "--lost", "磁盘损坏").exit_code == 0
    assert run("verify").exit_code == 0


def test_init_makes_the_key_and_shows_its_fingerprint_only(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    runner = CliRunner(env={"DUBAN_INSTANCE": str(folder), "DUBAN_DATABASE_URL": ""})
    made = runner.invoke(main, ["init", "--mode", "test"])
    assert made.exit_code == 0, made.output
    secret = (folder / "signing.key").read_text().strip()
    assert runner.invoke(main, ["log", "seal"]).exit_code == 0
    state = as_json(runner.invoke(main, ["log", "status", "--json"]))
    assert state["key_fingerprint"] in made.output
    assert secret not in made.output


def test_a_new_demo_forgets_the_checkpoints_of_the_one_before_and_no_others(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoints"
    news(world, 1)
    for name, origin in (("a.note", "演示 (demo)"), ("a.sm3.note", "演示 (demo) SM3")):
        (folder / name).write_text(f"{origin}\n1\n")
    forget_demo_checkpoints(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["latest.note"]


def test_the_scheduler_signs_by_itself(run: Callable[..., Result], tmp_path: Path) -> None:
    surroundings = {**os.environ, "DUBAN_INSTANCE": str(tmp_path), "DUBAN_DATABASE_URL": ""}
    program = [sys.executable, "-c", "from webapp.cli import main; main()", "scheduler"]
    process = subprocess.Popen(program, env=surroundings, stderr=subprocess.DEVNULL)
    try:
        give_up_at = time.monotonic() + 120
        while not (tmp_path / "checkpoints/latest.note").exists():
            assert process.poll() is None
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait()
    assert as_json(run("verify", "--json"))["leaves"] > 0


def test_a_database_behind_is_told(tmp_path: Path) -> None:
    with restored_log_world(tmp_path):
        key = tmp_path / "master.key"
        key.write_text(KEY.hex())
        key.chmod(0o600)
        runner = CliRunner(env={"DUBAN_INSTANCE": str(tmp_path), "DUBAN_DATABASE_URL": ""})
        behind = runner.invoke(main, ["log", "status"])
        assert behind.exit_code == 1
        assert "the next run begins a new epoch" in behind.output
        assert runner.invoke(main, ["log", "seal"]).exit_code == 0
        after = runner.invoke(main, ["log", "status"])
        assert after.exit_code == 0
        assert "Restored:" in after.output
