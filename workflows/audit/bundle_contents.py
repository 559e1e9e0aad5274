"""What goes into an audit bundle, as its writer takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from workflows.audit.bundle_tree import LogExcerpt
from workflows.audit.notes import NoteKey
from workflows.domain.journal_errors import BundleError
from workflows.domain.records import JsonValue


class BundleOrder(BundleError):
    """{file} is not in order: {place} comes after {before}."""

    code = "bundle_order"


@dataclass(frozen=True, slots=True)
class PayloadLine:
    """A payload that the bundle shows, as canonical bytes.

    ``openings`` are canonical too: for each closed value, by its commitment, ``{"salt",
    "value"}`` or why it is withheld, ``{"by", "reason"}``; empty where it has none.
    """

    id: str
    seq: int
    salt: bytes
    content: bytes
    openings: bytes = b""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A payload that the bundle does not show, why, and by whose decision."""

    id: str
    seq: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleContents:
    """What goes into a bundle.

    ``made_at`` is the export record's recorded_at; the bundle covers the records before
    it. ``scope`` has ``type`` and the keys of its type (`manifest.check_manifest`).
    ``records`` are pairs of log index and canonical bytes, ordered by id, then seq: case
    streams whole from seq 1, a house stream from any seq on. ``payloads`` and
    ``withheld`` have the same order, ``state_lines`` that of the ids. ``definitions`` are
    files by path, by pack hash; ``markings`` canonical bytes by hash; ``calendars`` their
    days by version, canonical lines; ``attachments`` files by SHA-256. ``directory``,
    ``grants`` and ``organisations`` are what the payload of a ``directory_stated`` record
    in the bundle carries, or nothing. ``signer`` signs with the private half of ``key``.
    """

    origin: str
    made_at: datetime
    scope: Mapping[str, JsonValue]
    recipient: str
    app_version: str
    key: NoteKey
    signer: Callable[[bytes], bytes]
    log: LogExcerpt
    records: Iterable[tuple[int, bytes]]
    payloads: Iterable[PayloadLine]
    state_lines: Iterable[Mapping[str, Any]]
    withheld: Iterable[Withheld] = ()
    definitions: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    markings: Mapping[str, bytes] = field(default_factory=dict)
    calendars: Mapping[str, bytes] = field(default_factory=dict)
    directory: Iterable[Mapping[str, Any]] = ()
    grants: Iterable[Mapping[str, Any]] = ()
    organisations: Iterable[Mapping[str, Any]] = ()
    register: Iterable[Mapping[str, Any]] = ()
    attachments: Mapping[str, Path] = field(default_factory=dict)
