"""Records of the journal and what they carry (AUDIT.md, "Streams and records").

A record is built by services, chained and checked by workflows.audit.chain, and
kept by the store as the bytes it was hashed from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, TypeAlias

from workflows.domain.record_effects import (
    NO_EFFECTS,
    Armed,
    Assigned,
    Effects,
    Moved,
    NaiveTime,
    Opened,
    format_time,
    parse_time,
)
from workflows.domain.record_kinds import (
    ZERO_HASH,
    BudgetUnit,
    MoveReason,
    RecordKind,
    Source,
    StreamKind,
    TriggerKind,
)
from workflows.domain.record_shape import JsonObject, check_payload, check_record

__all__ = [
    "ZERO_HASH",
    "About",
    "Armed",
    "Assigned",
    "Attachment",
    "BudgetUnit",
    "Effects",
    "FactChange",
    "JsonValue",
    "MoveReason",
    "Moved",
    "NaiveTime",
    "Opened",
    "Payload",
    "Record",
    "RecordKind",
    "Source",
    "StreamKind",
    "TriggerKind",
    "TriggerRef",
    "format_time",
    "parse_time",
]

JsonValue: TypeAlias = (
    "bool | int | str | list[JsonValue] | tuple[JsonValue, ...] | Mapping[str, JsonValue] | None"
)


@dataclass(frozen=True, slots=True)
class TriggerRef:
    """What caused a record.

    ``ref`` is path#n of a task or clock, ``id:seq`` of a sender, or what an
    officer's operation acts on.
    """

    type: TriggerKind
    name: str
    ref: str

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object."""
        return {"type": self.type.value, "name": self.name, "ref": self.ref}


@dataclass(frozen=True, slots=True)
class About:
    """The record that a record is about."""

    id: str
    seq: int

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object."""
        return {"id": self.id, "seq": self.seq}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry of the journal.

    ``recorded_at`` is the server's clock and ``occurred_at`` the day the act was
    done. ``trace`` holds (expression id, truth); ``payload`` is the commitment
    to what the record carries. ``seq`` and ``prev`` come from the stream's head.
    """

    stream: StreamKind
    id: str
    seq: int
    prev: str
    kind: RecordKind
    recorded_at: datetime
    occurred_at: datetime
    actor: str
    trigger: TriggerRef
    role: str | None = None
    office: str | None = None
    acting_for: str | None = None
    delegation: str | None = None
    performed_by: str | None = None
    source: Source | None = None
    about: About | None = None
    definition: str | None = None
    from_marking: str | None = None
    to_marking: str | None = None
    effects: Effects = NO_EFFECTS
    trace: tuple[tuple[str, bool], ...] = ()
    calendar: str | None = None
    basis: str | None = None
    payload: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object with exactly the journal's keys, unchecked."""
        return {
            "v": 1,
            "stream": self.stream.value,
            "id": self.id,
            "seq": self.seq,
            "prev": self.prev,
            "kind": self.kind.value,
            "recorded_at": format_time(self.recorded_at),
            "occurred_at": format_time(self.occurred_at),
            "actor": self.actor,
            "role": self.role,
            "office": self.office,
            "acting_for": self.acting_for,
            "delegation": self.delegation,
            "performed_by": self.performed_by,
            "source": None if self.source is None else self.source.value,
            "about": None if self.about is None else self.about.to_json(),
            "definition": self.definition,
            "from": self.from_marking,
            "to": self.to_marking,
            "trigger": self.trigger.to_json(),
            "effects": self.effects.to_json(),
            "trace": [[expression, value] for expression, value in self.trace],
            "calendar": self.calendar,
            "basis": self.basis,
            "payload": self.payload,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read a record.

        Raises:
            RecordInvalid: where a key is missing, unknown or of the wrong type.
        """
        check_record(value)
        about, trigger, source = value["about"], value["trigger"], value["source"]
        return cls(
            stream=StreamKind(value["stream"]),
            id=value["id"],
            seq=value["seq"],
            prev=value["prev"],
            kind=RecordKind(value["kind"]),
            recorded_at=parse_time(value["recorded_at"]),
            occurred_at=parse_time(value["occurred_at"]),
            actor=value["actor"],
            role=value["role"],
            office=value["office"],
            acting_for=value["acting_for"],
            delegation=value["delegation"],
            performed_by=value["performed_by"],
            source=None if source is None else Source(source),
            about=None if about is None else About(**about),
            definition=value["definition"],
            from_marking=value["from"],
            to_marking=value["to"],
            trigger=TriggerRef(TriggerKind(trigger["type"]), trigger["name"], trigger["ref"]),
            effects=Effects.from_json(value["effects"]),
            trace=tuple((expression, truth) for expression, truth in value["trace"]),
            calendar=value["calendar"],
            basis=value["basis"],
            payload=value["payload"],
        )


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact's value before and after a record."""

    old: JsonValue
    new: JsonValue


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a record, known by its hash."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a record carries besides its bones: facts, form values, reasons, papers.

    The payload of a case's first record carries ``case_number``, ``organisation``
    and ``subject`` in its form. ``links`` holds ids by name, or lists of ids:
    ``opens``, ``matter``.
    """

    facts: Mapping[str, FactChange] = field(default_factory=dict)
    form: Mapping[str, JsonValue] = field(default_factory=dict)
    trace_values: Mapping[str, JsonValue] = field(default_factory=dict)
    reason: str | None = None
    links: Mapping[str, str | list[str]] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object with exactly the payload's keys, unchecked."""
        return {
            "facts": {
                name: {"old": change.old, "new": change.new} for name, change in self.facts.items()
            },
            "form": dict(self.form),
            "trace_values": dict(self.trace_values),
            "reason": self.reason,
            "links": dict(self.links),
            "attachments": [
                {"name": paper.name, "sha256": paper.sha256, "bytes": paper.size_bytes}
                for paper in self.attachments
            ],
        }

    @classmethod
    def from_json(cls, value: JsonObject, stream_id: str = "?", seq: int = 0) -> Self:
        """Read a payload; the id and seq of its record stand in errors only.

        Raises:
            PayloadInvalid: where a key is missing, unknown or of the wrong type.
        """
        check_payload(value, stream_id, seq)
        return cls(
            facts={name: FactChange(**change) for name, change in value["facts"].items()},
            form=value["form"],
            trace_values=value["trace_values"],
            reason=value["reason"],
            links=value["links"],
            attachments=tuple(
                Attachment(paper["name"], paper["sha256"], paper["bytes"])
                for paper in value["attachments"]
            ),
        )
