"""Follow all records of a bundle, in parts of whole streams. Part of verify.py."""

from __future__ import annotations

from collections.abc import Callable

from workflows.audit.beside import Known
from workflows.audit.container import Container
from workflows.audit.lines import LineReader
from workflows.audit.manifest import withheld_places
from workflows.audit.trail import Trail, TrailFindings, TrailPart, TrailReaders


def follow_trail(
    container: Container, known: Known, on_record: Callable[[], None] | None = None
) -> TrailFindings:
    """Follow every record and give what was found, the first problem among it."""
    manifest, members = container.manifest, container.members
    part = TrailPart(
        streams=dict(manifest["streams"]),
        withheld=set(withheld_places(manifest)),
        may_skip_house=container.is_signed and manifest["scope"]["type"] != "all",
        known=known,
    )
    path = container.path
    with (
        path.open("rb") as records,
        path.open("rb") as payloads,
        path.open("rb") as states,
        path.open("rb") as positions,
    ):
        readers = TrailReaders(
            LineReader(records, members["records.jsonl"]),
            LineReader(payloads, members["payloads.jsonl"]),
            LineReader(states, members["state.jsonl"]),
            LineReader(positions, members["positions.jsonl"]) if container.is_signed else None,
        )
        return Trail(part, readers).follow(on_record)
