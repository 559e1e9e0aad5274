"""How a case would stand if something had been known in time (DESIGN 6, late entries).

The journal is replayed from before the first deadline in question: what people did is
done again where its task is open, clocks that would not have run are left out. These
are the baseless firings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.fold import CaseState
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Definition, standing, step
from workflows.services.changes import split_place
from workflows.services.locked import LockedCase, marking_text
from workflows.services.vault import unseal
from workflows.store.base import table_of
from workflows.store.journal import read_stream
from workflows.store.tables import Clock

_STEPS = {"task_completed": TriggerType.TASK, "clock_fired": TriggerType.CLOCK}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its payload, as JSON."""

    record: Mapping[str, Any]
    payload: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Give the path of the task or clock that the record is about."""
        return split_place(self.record["trigger"]["ref"])[0]


@dataclass(frozen=True, slots=True)
class AsIf:
    """Where the case would stand without its baseless firings (their seqs, oldest first)."""

    marking: str
    baseless: tuple[int, ...]
    first_seq: int
    was_open: bool


def fired_after(session: Session, case_id: str, occurred_at: datetime) -> list[int]:
    """Give the seqs of firings whose deadline had not come when something was done."""
    clock = table_of(Clock)
    statement = (
        select(clock.c.ended_seq)
        .where(clock.c.case_id == case_id, clock.c.state == "fired", clock.c.due_at > occurred_at)
        .order_by(clock.c.ended_seq)
    )
    return list(session.connection().execute(statement).scalars())


def as_if(
    session: Session,
    case: LockedCase,
    first_seq: int,
    act: Trigger | None,
    facts: Mapping[str, FactValue],
    without: frozenset[int] = frozenset(),
) -> AsIf:
    """Replay a case from a record on, as if an act had come before it.

    Args:
        session: Carries the vault that opens the payloads.
        case: The locked case.
        first_seq: The first record to replay.
        act: What was done in time; null where only ``without`` is asked.
        facts: What the act wrote.
        without: Firings to leave out whatever the act.
    """
    entries = _entries(session, case.id)
    state = CaseState()
    for entry in entries[: first_seq - 1]:
        state.apply(entry.record, entry.payload)
    start = _Replay(case.definition, marking_text(session, state.marking or ""), state.facts)
    later = entries[first_seq - 1 :]
    trial = start.copy()
    was_open = act is None or trial.take(act, facts)
    baseless = {*without, *trial.follow(later, without)}
    start.follow(later, frozenset(baseless))
    return AsIf(start.marking, tuple(sorted(baseless)), first_seq, was_open)


@dataclass(slots=True)
class _Replay:
    """A case stepped in memory."""

    definition: Definition
    marking: str
    facts: dict[str, Any]

    def copy(self) -> _Replay:
        return _Replay(self.definition, self.marking, dict(self.facts))

    def take(self, trigger: Trigger, facts: Mapping[str, Any]) -> bool:
        """Step if the trigger's place is open; say whether it was."""
        places = standing(self.definition, self.marking)
        if trigger.path not in (*places.tasks, *places.clocks, *places.messages):
            return False
        self.facts.update(facts)
        done = step(self.definition, self.marking, trigger, self.facts)
        self.marking = done.marking
        self.facts.update(done.facts_written)
        return True

    def follow(self, entries: list[Entry], without: frozenset[int]) -> list[int]:
        """Repeat later records; give the firings that cannot happen any more."""
        impossible = []
        for entry in entries:
            trigger = self._trigger(entry)
            if trigger is None or entry.record["seq"] in without:
                continue
            facts = {name: change["new"] for name, change in entry.payload["facts"].items()}
            if not self.take(trigger, facts) and trigger.type is TriggerType.CLOCK:
                impossible.append(entry.record["seq"])
        return impossible

    def _trigger(self, entry: Entry) -> Trigger | None:
        kind = entry.record["kind"]
        if kind in _STEPS:
            return Trigger(_STEPS[kind], entry.path)
        if kind != "message_received":
            return None
        name = entry.record["trigger"]["name"]
        waiting = standing(self.definition, self.marking).messages
        paths = [path for path in waiting if self.definition.message(path).message == name]
        return Trigger(TriggerType.MESSAGE, paths[0] if paths else "")


def _entries(session: Session, case_id: str) -> list[Entry]:
    """Read a case's records; those that were withdrawn before count no more."""
    entries = []
    for row in read_stream(session, case_id):
        payload = json.loads(unseal(session, row.key_id, case_id, row.seq, row.sealed).content)
        entries.append(Entry(json.loads(row.body), payload))
    return entries
