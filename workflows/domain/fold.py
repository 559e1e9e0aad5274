"""The state of a case as a fold over its records (AUDIT.md, "The fold").

The state needs nothing but the records and the payloads that may be read. The
same code folds in services, in ``rebuild`` and in every bundle's verify.py, so it
works on records as JSON objects and needs the standard library only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from workflows.domain.closed_fields import is_closed
from workflows.domain.fold_errors import (
    AfterEnd,
    ClockDiffers,
    FactDiffers,
    MarkingDiffers,
    NotUndoable,
    NotWithdrawable,
    OutOfOrder,
    StateDiffers,
    TaskDiffers,
)
from workflows.domain.fold_parts import Before, Firing, OpenTask, RunningClock, same
from workflows.domain.record_shape import JsonObject, brief

UNDO_SECONDS = 60


class CaseState:
    """What is known of a case after some of its records.

    ``facts`` holds every fact that a payload wrote, nulls included, and closed values as
    they stand in it where they were not opened;
    ``written_by`` the seq of the record that wrote it last; ``last_gap`` is the
    seq of the last record whose payload was not at hand, or 0. After an error the
    state is not to be used.
    """

    __slots__ = (
        "_firings",
        "_undoable",
        "clocks",
        "ended",
        "entered",
        "facts",
        "id",
        "last_gap",
        "marking",
        "seq",
        "tasks",
        "written_by",
    )

    def __init__(self) -> None:
        self.id: str | None = None
        self.seq = 0
        self.marking: str | None = None
        self.ended = False
        self.facts: dict[str, Any] = {}
        self.written_by: dict[str, int] = {}
        self.tasks: dict[str, OpenTask] = {}
        self.clocks: dict[str, RunningClock] = {}
        self.entered: dict[str, int] = {}
        self.last_gap = 0
        self._undoable: deque[Before] = deque()
        self._firings: dict[int, Firing] = {}

    def apply(self, record: JsonObject, payload: JsonObject | None = None) -> None:
        """Take the next record, with its payload where that may be read.

        Raises:
            FoldError: where the record does not fit the state before it.
        """
        self._check_place(record)
        if record["kind"] == "undone":
            self._undo(record, payload)
        else:
            self._remember(record, payload)
            self._change(record, payload)
        self.seq = record["seq"]

    def state_line(self, withheld_seqs: Collection[int] = ()) -> dict[str, Any]:
        """Give the case's line of state.jsonl.

        Args:
            withheld_seqs: the records whose payloads are kept from the reader; facts
                that one of them wrote last are named, not shown.
        """
        kept = [
            name
            for name, seq in self.written_by.items()
            if seq in withheld_seqs or is_closed(self.facts[name])
        ]
        return {
            "id": self.id,
            "seq": self.seq,
            "marking": self.marking,
            "ended": self.ended,
            "facts": {name: value for name, value in self.facts.items() if name not in kept},
            "withheld": sorted(kept),
            "tasks": [self.tasks[task].to_json() for task in sorted(self.tasks)],
            "clocks": [self.clocks[clock].to_json() for clock in sorted(self.clocks)],
        }

    def compare(self, line: JsonObject) -> None:
        """Make sure that a line of state.jsonl says what the records say.

        A fact may be named as withheld only if a payload that is not at hand could
        have written it last, or its value is closed; then it must be.

        Raises:
            StateDiffers: naming the first key that differs.
        """
        expected = self.state_line()
        if line.keys() != expected.keys():
            raise self._differs("keys", sorted(expected), sorted(line))
        for key in ("id", "seq", "marking", "ended", "tasks", "clocks"):
            if not same(line[key], expected[key]):
                raise self._differs(key, expected[key], line[key])
        self._compare_facts(line["facts"], line["withheld"])

    def _compare_facts(self, shown: Any, withheld: Any) -> None:
        if type(shown) is not dict or type(withheld) is not list:
            raise self._differs("facts", "an object and a list", [shown, withheld])
        if withheld and (
            not all(type(name) is str for name in withheld)
            or withheld != sorted(set(withheld) - shown.keys())
        ):
            raise self._differs("withheld", "sorted names that stand nowhere else", withheld)
        for name in sorted(self.facts.keys() | shown.keys() | set(withheld)):
            if name in withheld:
                is_known = self.written_by.get(name, 0) >= self.last_gap
                if is_known and not is_closed(self.facts[name]):
                    raise self._differs(f"facts.{name}", self.facts.get(name), "withheld")
            elif name not in self.facts or name not in shown:
                raise self._differs(f"facts.{name}", name in self.facts, name in shown)
            elif is_closed(self.facts[name]) or not same(shown[name], self.facts[name]):
                raise self._differs(f"facts.{name}", self.facts[name], shown[name])

    def _differs(self, key: str, expected: object, found: object) -> StateDiffers:
        return StateDiffers(
            id=self.id, seq=self.seq, key=key, expected=brief(expected), found=brief(found)
        )

    def _check_place(self, record: JsonObject) -> None:
        if self.id is None:
            self.id = record["id"]
        if record["id"] != self.id or record["seq"] != self.seq + 1:
            raise OutOfOrder(
                id=record["id"], seq=record["seq"], expected=f"{self.id} seq {self.seq + 1}"
            )
        if record["from"] != self.marking:
            raise MarkingDiffers(
                id=self.id,
                seq=record["seq"],
                key="from",
                found=record["from"],
                expected=self.marking,
            )

    def _change(self, record: JsonObject, payload: JsonObject | None) -> None:
        effects = record["effects"]
        withdrawn = self._firing_of(record) if record["kind"] == "withdrawn" else None
        self._move_marking(record)
        if effects["opened"] or effects["assigned"] or effects["closed"]:
            self._change_tasks(record, effects)
        self._change_clocks(record, effects, withdrawn)
        if withdrawn is not None:
            self._check_withdrawal(record, withdrawn)
        self._write_facts(record, payload)

    def _move_marking(self, record: JsonObject) -> None:
        if record["to"] is not None:
            if self.ended and record["kind"] != "withdrawn":
                raise AfterEnd(id=self.id, seq=record["seq"])
            self.marking = record["to"]
            self.ended = False
        if record["effects"]["ended"]:
            self.ended = True

    def _change_tasks(self, record: JsonObject, effects: JsonObject) -> None:
        for opened in effects["opened"]:
            task = opened["task"]
            self._enter(record, task)
            self.tasks[task] = OpenTask(
                task, opened["activity"], opened["rung"], opened["office"], tuple(opened["roles"])
            )
        for assigned in effects["assigned"]:
            before = self._open_task(record, assigned["task"], "assigned")
            self.tasks[before.task] = replace(
                before, claimant=assigned["claimant"], office=assigned["office"]
            )
        for task in effects["closed"]:
            self._open_task(record, task, "closed")
            del self.tasks[task]

    def _enter(self, record: JsonObject, task: str) -> None:
        """Count a task's entry; a path is entered with a number never used before."""
        path, _, number = task.rpartition("#")
        if int(number) <= self.entered.get(path, 0):
            raise TaskDiffers(
                id=self.id,
                seq=record["seq"],
                task=task,
                key="opened",
                reason="this number was used before",
            )
        self.entered[path] = int(number)

    def _open_task(self, record: JsonObject, task: str, key: str) -> OpenTask:
        try:
            return self.tasks[task]
        except KeyError:
            raise TaskDiffers(
                id=self.id, seq=record["seq"], task=task, key=key, reason="it is not open"
            ) from None

    def _change_clocks(
        self, record: JsonObject, effects: JsonObject, withdrawn: Firing | None
    ) -> None:
        for armed in effects["armed"]:
            if armed["clock"] in self.clocks:
                raise self._clock_differs(record, armed["clock"], "armed", "it runs already")
            self.clocks[armed["clock"]] = RunningClock(**armed)
        for moved in effects["moved"]:
            if withdrawn is not None and moved["clock"] in withdrawn.fired:
                self.clocks.setdefault(moved["clock"], withdrawn.fired[moved["clock"]])
            before = self._running(record, moved["clock"], "moved")
            self.clocks[before.clock] = replace(
                before,
                due_on=moved["due_on"],
                due_at=moved["due_at"],
                provisional=moved["provisional"],
            )
        for key, paused in (("paused", True), ("resumed", False)):
            for clock in effects[key]:
                before = self._running(record, clock, key)
                if before.paused is paused:
                    raise self._clock_differs(record, clock, key, f"it is {key} already")
                self.clocks[clock] = replace(before, paused=paused)
        for key in ("cancelled", "fired"):
            for clock in effects[key]:
                if self._running(record, clock, key).paused and key == "fired":
                    raise self._clock_differs(record, clock, key, "it is paused")
                del self.clocks[clock]

    def _running(self, record: JsonObject, clock: str, key: str) -> RunningClock:
        try:
            return self.clocks[clock]
        except KeyError:
            raise self._clock_differs(record, clock, key, "it does not run") from None

    def _clock_differs(self, record: JsonObject, clock: str, key: str, reason: str) -> ClockDiffers:
        return ClockDiffers(id=self.id, seq=record["seq"], clock=clock, key=key, reason=reason)

    def _write_facts(self, record: JsonObject, payload: JsonObject | None) -> None:
        seq = record["seq"]
        if payload is None:
            if record["payload"] is not None:
                self.last_gap = seq
            return
        erasing = record["kind"] == "payload_erased"
        for name, change in payload["facts"].items():
            known, old = self.facts.get(name), change["old"]
            is_known = self.written_by.get(name, 0) >= self.last_gap
            # A closed value says nothing; each is committed to anew, so hashes differ too.
            is_known = is_known and not erasing and not is_closed(known) and not is_closed(old)
            if is_known and not same(known, old):
                raise FactDiffers(
                    id=self.id,
                    seq=seq,
                    fact=name,
                    expected=brief(known),
                    found=brief(old),
                )
            self.facts[name] = change["new"]
            self.written_by[name] = seq

    # ------------------------------------------------------------ undone

    def _remember(self, record: JsonObject, payload: JsonObject | None) -> None:
        """Keep the state before an officer's act for as long as he may undo it."""
        if not record["actor"].startswith("u_"):
            self._undoable.clear()
            self._remember_firing(record)
            return
        recorded_at = datetime.fromisoformat(record["recorded_at"])
        while self._undoable and _seconds(self._undoable[0], recorded_at) > UNDO_SECONDS:
            self._undoable.popleft()
        self._undoable.append(
            Before(
                record["seq"],
                record["actor"],
                recorded_at,
                _why_not_undoable(record, payload),
                self.marking,
                self.ended,
                dict(self.facts),
                dict(self.written_by),
                dict(self.tasks),
                dict(self.clocks),
                dict(self.entered),
                self.last_gap,
            )
        )
        self._remember_firing(record)

    def _undo(self, record: JsonObject, payload: JsonObject | None) -> None:
        """Go back to the state before the last record that stands."""
        before = self._undoable.pop() if self._undoable else None
        if before is None or before.seq != record["about"]["seq"]:
            raise self._not_undoable(record, "it is not the last act that stands")
        if before.refusal is not None:
            raise self._not_undoable(record, before.refusal)
        if before.actor != record["actor"]:
            raise self._not_undoable(record, "somebody else did it")
        if _seconds(before, datetime.fromisoformat(record["recorded_at"])) > UNDO_SECONDS:
            raise self._not_undoable(record, f"more than {UNDO_SECONDS} s have passed")
        if payload is not None and payload["facts"]:
            raise self._not_undoable(record, "an undoing writes no facts of its own")
        expected = None if before.marking == self.marking else before.marking
        if record["to"] != expected:
            raise MarkingDiffers(
                id=self.id, seq=record["seq"], key="to", found=record["to"], expected=expected
            )
        self._restore(before)

    def _restore(self, before: Before) -> None:
        self.marking, self.ended = before.marking, before.ended
        self.facts, self.written_by = before.facts, before.written_by
        self.tasks, self.clocks, self.entered = before.tasks, before.clocks, before.entered
        self.last_gap = before.last_gap

    def _not_undoable(self, record: JsonObject, reason: str) -> NotUndoable:
        return NotUndoable(
            id=self.id, seq=record["seq"], about=record["about"]["seq"], reason=reason
        )

    # --------------------------------------------------------- withdrawn

    def _remember_firing(self, record: JsonObject) -> None:
        """Keep what a fired clock did for as long as the case lives."""
        if record["kind"] != "clock_fired":
            return
        effects = record["effects"]
        self._firings[record["seq"]] = Firing(
            tuple(opened["task"] for opened in effects["opened"]),
            tuple(armed["clock"] for armed in effects["armed"]),
            {clock: self._running(record, clock, "fired") for clock in effects["fired"]},
        )

    def _firing_of(self, record: JsonObject) -> Firing:
        try:
            return self._firings.pop(record["about"]["seq"])
        except KeyError:
            raise self._not_withdrawable(
                record, "it fired no clock or is withdrawn already"
            ) from None

    def _check_withdrawal(self, record: JsonObject, firing: Firing) -> None:
        """Make sure that nothing is left of what the firing opened and its clock is back."""
        left = [task for task in firing.opened if task in self.tasks]
        left += [clock for clock in firing.armed if clock in self.clocks]
        if left:
            raise self._not_withdrawable(record, f"{left[0]}, which it opened, is left")
        moved = {moved["clock"] for moved in record["effects"]["moved"]}
        for clock in firing.fired:
            if clock not in moved:
                raise self._not_withdrawable(record, f"the clock {clock} is not restored")

    def _not_withdrawable(self, record: JsonObject, reason: str) -> NotWithdrawable:
        return NotWithdrawable(
            id=self.id, seq=record["seq"], about=record["about"]["seq"], reason=reason
        )


_NEVER_UNDONE = frozenset(
    ("case_opened", "clock_fired", "withdrawn", "case_migrated", "payload_erased", "corrected")
)


def _why_not_undoable(record: JsonObject, payload: JsonObject | None) -> str | None:
    if record["kind"] in _NEVER_UNDONE:
        return f"a record of kind {record['kind']} stays"
    if record["effects"]["thrown"]:
        return "something was sent"
    if payload is not None and payload["links"].get("opens"):
        return "it opened a case"
    return None


def _seconds(before: Before, moment: datetime) -> float:
    return (moment - before.recorded_at).total_seconds()
