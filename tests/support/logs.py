"""Logs to look at: worlds whose sessions can sign, made-up records, trees computed anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, select

from tests.support.casework import World, make_world
from tests.support.databases import flush_sqlite, make_sqlite_template
from workflows.audit.canonical import sha256_hex
from workflows.audit.merkle import leaf_hash, range_root
from workflows.jobs.leaving import publish
from workflows.jobs.sequencing import run_sequencer
from workflows.services.log.notary import Notary
from workflows.services.vault import Vault
from workflows.store.caserows import insert_records
from workflows.store.connection import open_engine, session_factory
from workflows.store.log import last_checkpoint
from workflows.store.scope import SystemScope
from workflows.store.tables import Incident, JournalRecord, LogLeaf
from workflows.store.transaction import Session, transaction

KEY = bytes(range(32))


def log_marks(instance: Path, **options: Any) -> dict[str, object]:
    """Give what sessions carry that write and sign."""
    notary = Notary(instance, **options)
    return {**Vault(KEY).session_marks(), **notary.session_marks()}


def log_world(engine: Engine, instance: Path, **options: Any) -> World:
    """Make an installation whose sessions can sign."""
    return make_world(session_factory(engine, log_marks(instance, **options)))


@cache
def _installed() -> tuple[bytes, World]:
    """Make an installation that has signed nothing, once for all tests of a process."""
    with TemporaryDirectory() as folder:
        file = make_sqlite_template(Path(folder) / "installed.sqlite3")
        engine = open_engine(f"sqlite:///{file}")
        world = log_world(engine, Path(folder))
        engine.dispose()
        return flush_sqlite(file).read_bytes(), world


@contextmanager
def sqlite_log_world(folder: Path, **options: Any) -> Iterator[World]:
    """Open an installation of its own in a file of a folder."""
    content, made = _installed()
    file = folder / "duban.sqlite3"
    file.write_bytes(content)
    engine = open_engine(f"sqlite:///{file}")
    # The cast remembers whom it hired: each file has people of its own.
    yield World(
        session_factory(engine, log_marks(folder, **options)), deepcopy(made.cast), made.now
    )
    engine.dispose()


@contextmanager
def restored_log_world(folder: Path) -> Iterator[World]:
    """Open one that was put back to how it was three days ago; the files outside are newer."""
    with sqlite_log_world(folder) as world:
        news(world, 1)
    file = folder / "duban.sqlite3"
    kept = flush_sqlite(file).read_bytes()
    with _reopened(folder, world) as again:
        for number in (2, 3):
            again.now += timedelta(days=1)
            news(again, number)
        again.now += timedelta(days=1)
        publish(again.sessions, again.now)
        world.now = again.now
    flush_sqlite(file)
    file.write_bytes(kept)
    with _reopened(folder, world) as restored:
        yield restored


@contextmanager
def _reopened(folder: Path, world: World) -> Iterator[World]:
    engine = open_engine(f"sqlite:///{folder / 'duban.sqlite3'}")
    yield World(session_factory(engine, log_marks(folder)), world.cast, world.now)
    engine.dispose()


def news(world: World, number: int) -> None:
    """Let something be recorded, and sign for it."""
    with world.transaction() as session:
        write_records(session, made_up_record(stream_id(number), 1, world.now))
    run_sequencer(world.sessions, world.now)


def last_size(world: World) -> int:
    """Give how many leaves the last checkpoint covers."""
    with world.transaction() as session:
        return int(last_checkpoint(session).size)


def stream_id(number: int) -> str:
    """Give the id of a made-up stream."""
    return (
        f"c_{number:a>26}".replace("0", "a").replace("1", "b").replace("8", "c").replace("9", "d")
    )


def made_up_record(stream: str, seq: int, at: datetime) -> Mapping[str, Any]:
    """Give the row of a record that the log asks nothing of but its bytes."""
    body = f'{{"id":"{stream}","seq":{seq}}}'
    return {
        "stream_id": stream,
        "seq": seq,
        "kind": "clock_fired",
        "actor": "system:sweep",
        "role": None,
        "performed_by": None,
        "recorded_at": at,
        "hash": sha256_hex(body.encode()),
        "body": body,
    }


def write_records(session: Session, *records: Mapping[str, Any]) -> None:
    """Write made-up records."""
    insert_records(session, records, [])


def open_incidents(world: World) -> list[tuple[str, str]]:
    """Give what stands as an incident: kind and detail."""
    with world.transaction() as session:
        rows = session.scalars(select(Incident).where(Incident.resolved_at.is_(None)))
        return sorted((row.kind, row.detail) for row in rows)


def check_log(sessions: Any) -> int:
    """Make sure that the log holds every record once, in order, and give its size."""
    with transaction(sessions, SystemScope("test")) as session:
        bodies = {
            (row.stream_id, row.seq): row.body.encode()
            for row in session.scalars(select(JournalRecord))
        }
        leaves = session.scalars(select(LogLeaf).order_by(LogLeaf.index)).all()
        head = last_checkpoint(session)
    places = [(leaf.stream_id, leaf.seq) for leaf in leaves]
    assert [leaf.index for leaf in leaves] == list(range(len(leaves)))
    assert sorted(places) == sorted(bodies), "every record has one leaf"
    last: dict[str, int] = {}
    for stream, seq in places:
        assert seq == last.get(stream, 0) + 1, "a stream's records stand in its order"
        last[stream] = seq
    hashes = [leaf_hash(bodies[place]) for place in places]
    assert hashes == [leaf.leaf_hash for leaf in leaves]
    assert head is not None
    assert (head.size, head.root) == (len(leaves), range_root(hashes))
    return len(leaves)
