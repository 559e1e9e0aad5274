"""Which record a value of a case comes from, and how it came to be known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from workflows.domain.entries import Entry, path_at
from workflows.domain.records import RecordKind
from workflows.domain.steps import FactValue
from workflows.engine import Definition
from workflows.engine.errors import UnknownPlace
from workflows.engine.forms import FormSchema
from workflows.services.packs import definition_of, split_definition
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.journal import read_stream

STEPS = frozenset(("case_opened", "task_completed", "clock_fired", "message_received"))
TYPED = frozenset(("case_opened", "task_completed", "message_received"))
_NOTHING: Mapping[str, object] = {"facts": {}, "form": {}, "links": {}}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record with its content and the version of the pack that it was made under.

    ``before`` is what was known before it; ``typed`` the facts that its form wrote,
    unchanged ones too. Without its payload nothing of that is known.
    """

    entry: Entry
    definition: Definition
    before: Mapping[str, FactValue]
    typed: Mapping[str, FactValue]
    is_erased: bool

    @property
    def kind(self) -> str:
        """Give the kind of the record."""
        return str(self.entry.record["kind"])

    @property
    def changed(self) -> dict[str, FactValue]:
        """Give the facts that the record changed, with their new values."""
        return {name: change["new"] for name, change in self.entry.payload["facts"].items()}

    @property
    def schema(self) -> FormSchema | None:
        """Give the form that wrote it."""
        return form_of(self.definition, self.entry)


@dataclass(slots=True)
class Origins:
    """From which typed record each value comes; 0 where the program worked it out itself."""

    by_fact: dict[str, int] = field(default_factory=dict)
    _typed: dict[str, list[tuple[int, FactValue]]] = field(default_factory=dict)

    def note(self, each: Recorded) -> None:
        """Take the next record; a correction leaves the origin where it was."""
        seq = each.entry.seq
        if each.kind == "withdrawn":
            for name, value in each.changed.items():
                self.by_fact[name] = self._last_typing(name, value)
        elif each.kind in STEPS:
            self.by_fact.update(dict.fromkeys(each.changed, 0))
            for name, value in each.typed.items():
                self.by_fact[name] = seq
                self._typed.setdefault(name, []).append((seq, value))
        elif each.kind == "corrected":
            for name, value in each.changed.items():
                self._typed.setdefault(name, []).append((self.by_fact.get(name, 0), value))

    def _last_typing(self, name: str, value: FactValue) -> int:
        """Find who had typed a value that a withdrawal brought back."""
        typed = reversed(self._typed.get(name, ()))
        return next((seq for seq, known in typed if known == value), 0)


def recorded(session: Session, case_id: str) -> Iterator[Recorded]:
    """Go through the records of a case with what was known before each.

    What was taken back within the minute is left out, and so is its taking back.

    Args:
        session: Carries the vault.
        case_id: The case, which the caller has read within its scope.
    """
    known: dict[str, FactValue] = {}
    definition: Definition | None = None
    rows = [(row, json.loads(row.body)) for row in read_stream(session, case_id)]
    undone = {record["about"]["seq"] for _, record in rows if record["kind"] == "undone"}
    for row, record in rows:
        if row.seq in undone or record["kind"] == "undone":
            continue
        if record["definition"] is not None:
            definition = definition_of(session, *split_definition(record["definition"]))
        if definition is None:
            continue
        try:
            payload, is_erased = read_payload(session, row.key_id, case_id, row.seq, row.sealed), 0
        except PayloadErased:
            payload, is_erased = dict(_NOTHING), 1
        each = _recorded(Entry(record, payload), definition, dict(known), bool(is_erased))
        yield each
        known.update({**each.typed, **each.changed})


def _recorded(
    entry: Entry, definition: Definition, before: Mapping[str, FactValue], is_erased: bool
) -> Recorded:
    kind, typed = entry.record["kind"], {}
    if kind in TYPED:
        typed = entry.typed_facts(definition.pack.facts)
    return Recorded(entry, definition, before, typed, is_erased)


def origins_of(entries: Sequence[Recorded]) -> Mapping[str, int]:
    """Say from which record each value that is known now was typed; 0 where none was."""
    origins = Origins()
    for each in entries:
        origins.note(each)
    return origins.by_fact


def form_of(definition: Definition, entry: Entry) -> FormSchema | None:
    """Give the form that a record was filled in with, None where it had none."""
    trigger = entry.record["trigger"]
    name = form_named(definition, RecordKind(entry.record["kind"]), trigger["name"], entry.ref)
    return definition.pack.forms.get(name or "")


def form_named(definition: Definition, kind: RecordKind, name: str, ref: str) -> str | None:
    """Name the form that a record was filled in with; name and ref are its trigger's."""
    if kind is RecordKind.CASE_OPENED:
        return definition.start_form
    if kind is RecordKind.MESSAGE_RECEIVED:
        return _message_form(definition, name)
    try:
        return definition.activity(path_at(ref)).form
    except UnknownPlace:
        return None


def _message_form(definition: Definition, message: str) -> str | None:
    elements = (
        element
        for each in definition.pack.processes.values()
        for element in each.process.elements.values()
    )
    forms = (each.attributes.get("form") for each in elements if each.message == message)
    return next(filter(None, forms), None)
