"""Logs to look at: worlds whose sessions can sign, made-up records, trees computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from tests.support.casework import World, make_world
from workflows.audit.canonical import sha256_hex
from workflows.audit.merkle import leaf_hash, range_root
from workflows.services.notary import Notary
from workflows.services.vault import Vault
from workflows.store.caserows import insert_records
from workflows.store.connection import session_factory
from workflows.store.log import last_checkpoint
from workflows.store.scope import SystemScope
from workflows.store.tables import JournalRecord, LogLeaf
from workflows.store.transaction import Session, transaction

KEY = bytes(range(32))


def log_marks(instance: Path, **options: Any) -> dict[str, object]:
    """Give what sessions carry that write and sign."""
    notary = Notary(instance, **options)
    return {**Vault(KEY).session_marks(), **notary.session_marks()}


def log_world(engine: Engine, instance: Path, **options: Any) -> World:
    """Make an installation whose sessions can sign."""
    return make_world(session_factory(engine, log_marks(instance, **options)))


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
