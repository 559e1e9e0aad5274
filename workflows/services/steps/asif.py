"""How a case would stand if something had been known in time (DESIGN 6, late entries).

The journal is replayed: what people did is done again where its task is open, clocks that
would not have run out are left out. These are the baseless firings. What was withdrawn
before counts as not having happened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.entries import Entry, split_place
from workflows.domain.errors import Conflict
from workflows.engine import Definition
from workflows.services.packs import definition_of, split_definition
from workflows.services.steps.forms import read_form
from workflows.services.steps.locked import LockedCase
from workflows.services.steps.replaying import Replay
from workflows.services.vault import read_payload
from workflows.store.base import table_of
from workflows.store.journal import read_stream
from workflows.store.tables import Clock

# Does in a replay what comes to be known; says whether it could be done there.
Insertion: TypeAlias = Callable[[Replay], bool]


class ReplayDiffers(Conflict):
    """The records of case {number}, done again, lead elsewhere than the case stands."""

    code: ClassVar[str] = "replay_differs"


@dataclass(frozen=True, slots=True)
class AsIf:
    """How the case would stand without its baseless firings, before the act itself.

    ``baseless`` are the seqs of firings and ``void`` those of acts on branches that only
    these opened, oldest first. ``was_open`` says whether the act could be done then,
    ``is_open`` whether its task would still be open today.
    """

    target: Replay
    baseless: tuple[int, ...]
    void: tuple[int, ...]
    was_open: bool
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """The history of a case, to be gone through again.

    ``undone`` are the seqs that were withdrawn, ``done`` those that were done again on the
    way to where the case stands; ``renamed`` maps the number under which a withdrawal
    opened a task again to the one it had.
    """

    case: LockedCase
    versions: Mapping[str, Definition]
    entries: list[Entry]
    undone: frozenset[int]
    done: frozenset[int]
    renamed: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, case: LockedCase) -> Past:
        """Read all records of a case and do them again.

        Raises:
            ReplayDiffers: They do not lead to where the case stands.
        """
        entries = []
        for row in read_stream(session, case.id):
            payload = read_payload(session, row.key_id, case.id, row.seq, row.sealed)
            entries.append(Entry(json.loads(row.body), payload))
        undone = frozenset(
            entry.record["about"]["seq"]
            for entry in entries
            if entry.record["kind"] in ("withdrawn", "undone")
        )
        named = {entry.record["definition"] for entry in entries} - {None}
        versions = {name: definition_of(session, *split_definition(name)) for name in named}
        actual = Replay.start(versions, case.calendar, entries[0])
        followed = actual.follow(entries[1:], undone)
        if actual.marking != case.marking:
            raise ReplayDiffers(number=case.number)
        return cls(case, versions, entries, undone, frozenset(followed.done), actual.renamed)

    def before(self, seq: int) -> Replay:
        """Replay the records before one, as they were."""
        replay = Replay.start(self.versions, self.case.calendar, self.entries[0])
        replay.follow(self.entries[1 : seq - 1], self.undone)
        return replay

    def same_task(self, one: str | None, other: str) -> bool:
        """Say whether two numbers stand for the same opening of a task."""
        return one is not None and self._first_name(one) == self._first_name(other)

    def _first_name(self, place: str) -> str:
        while place in self.renamed:
            place = self.renamed[place]
        return place

    def as_if(self, seq: int, insert: Insertion) -> AsIf:
        """Say what would have become of the case if something had come before a record."""
        before, later = self.before(seq), self.entries[seq - 1 :]
        trial = before.copy()
        was_open = insert(trial)
        baseless = frozenset(trial.follow(later, self.undone).impossible)
        while True:
            target = before.copy()
            followed = target.follow(later, self.undone | baseless)
            if baseless.issuperset(followed.impossible):
                break
            baseless |= frozenset(followed.impossible)
        void = {done for done in self.done if done >= seq} - set(followed.done) - baseless
        return AsIf(target, tuple(sorted(baseless)), tuple(sorted(void)), was_open)

    def act_in_time(
        self, seq: int, task: str, facts: Mapping[str, Any], occurred_at: datetime
    ) -> AsIf:
        """Say what would have become of the case if a task had been done before a record."""
        path, _ = split_place(task)

        def insert(replay: Replay) -> bool:
            is_open = self.same_task(replay.tasks.get(path), task)
            return is_open and replay.do_task(path, facts, occurred_at)

        plan = self.as_if(seq, insert)
        return replace(plan, is_open=self.same_task(plan.target.tasks.get(path), task))

    def payload_of(self, seq: int) -> Mapping[str, Any]:
        """Give the payload of a record."""
        return self.entries[seq - 1].payload


def first_fired_after(session: Session, case_id: str, occurred_at: datetime) -> int | None:
    """Give the seq of the first firing whose deadline had not come at a moment."""
    clock = table_of(Clock)
    statement = (
        select(clock.c.ended_seq)
        .where(clock.c.case_id == case_id, clock.c.state == "fired", clock.c.due_at > occurred_at)
        .order_by(clock.c.ended_seq)
        .limit(1)
    )
    seq: int | None = session.connection().execute(statement).scalar_one_or_none()
    return seq


def done_in_time(
    session: Session,
    case: LockedCase,
    task: str,
    values: Mapping[str, Any],
    occurred_at: datetime,
) -> AsIf | None:
    """Say what an act would have spared its case; null where no deadline fired after it.

    Raises:
        ValidationFailed: Naming every field that needs another value.
    """
    seq = first_fired_after(session, case.id, occurred_at)
    if seq is None:
        return None
    past = Past.of(session, case)
    activity = case.definition.activity(split_place(task)[0])
    facts, _ = read_form(case.definition, activity.form, values, past.before(seq).facts)
    return past.act_in_time(seq, task, facts, occurred_at)


def cases_opened_by(session: Session, case: LockedCase, plan: AsIf) -> list[str]:
    """Give the cases that void acts opened."""
    past = Past.of(session, case)
    opened: list[str] = []
    for seq in plan.void:
        opened.extend(past.payload_of(seq)["links"].get("opens", ()))
    return opened
