"""From the records of a case to its rows (DESIGN 6): what the services wrote, folded again.

A record says what happened, the pack what a task or timer is, the payload what was typed
and carried out. So rows that were lost or damaged come back as they were.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, TypeAlias

from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.merging import MERGE, UNMERGE
from workflows.domain.organisations import SUCCEEDED
from workflows.domain.records import Armed, MoveReason, Opened, Record, RecordKind
from workflows.engine import Definition, standing
from workflows.services.packs import split_definition
from workflows.services.steps.changes import place_of, split_place
from workflows.services.steps.locked import Fresh, Overdue, overdue_after, rung_at

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, int]
# What an officer's intervention makes of a case.
_STATES = {"stop": "stopped", "go_on": "open", MERGE: "merged", UNMERGE: "open"}
Applied: TypeAlias = tuple[Record, str, Mapping[str, Any] | None]


class RowsUnknown(DubanError):
    """The rows of case {id} cannot be told from its records: {reason}"""

    code: ClassVar[str] = "rows_unknown"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a fold asks for besides the records.

    ``identity`` is what the case's row says of it, for where the payload that said so was
    erased; empty where there is no row.
    """

    definition_of: Callable[[str], Definition]
    marking_of: Callable[[str], str]
    path_of: Callable[[str], str]
    identity: Mapping[str, Any]


@dataclass(slots=True)
class CaseRows:
    """The rows of a case after some of its records.

    ``is_whole`` turns false where a payload was erased: facts, pauses and effects can
    then not be told.
    """

    surroundings: Surroundings
    case: Row = field(default_factory=dict)
    tasks: dict[Key, Row] = field(default_factory=dict)
    clocks: dict[Key, Row] = field(default_factory=dict)
    pauses: list[Row] = field(default_factory=list)
    effects: list[Row] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    is_whole: bool = True
    _definition: str = ""
    _markings: list[tuple[str, str]] = field(default_factory=list)
    _open: dict[str, Row] = field(default_factory=dict)
    _live: dict[str, Row] = field(default_factory=dict)
    _overdue: Overdue | None = None
    _standing: list[Applied] = field(default_factory=list)

    def apply(self, record: Record, record_hash: str, payload: Mapping[str, Any] | None) -> None:
        """Take the next record.

        Raises:
            RowsUnknown: It says too little.
        """
        if record.kind is RecordKind.UNDONE:
            self._undo(record, record_hash)
            return
        self._standing.append((record, record_hash, payload))
        self._definition = record.definition or self._definition
        self.is_whole = self.is_whole and payload is not None
        if record.seq == 1:
            self._begin(record, payload)
        done = (payload or {}).get("form", {}).get("carried_out", {})
        fired = self._end(record)
        for opened in record.effects.opened:
            self._open_task(record, opened)
        for armed in record.effects.armed:
            self._arm(record, armed, done.get("rearmed", {}))
        self._assign(record)
        self._keep_pauses(done.get("rearmed", {}))
        self._pause(record, done)
        self._move(record, done.get("extended", {}))
        if record.kind is RecordKind.WITHDRAWN and record.to_marking is not None:
            self._date_again()
        self._add_effects(record, done.get("effects", ()))
        self._lift_effects(record, done.get("lifted_effects", ()))
        for name, change in (payload or {"facts": {}})["facts"].items():
            self.facts[name] = json.dumps(change["new"], ensure_ascii=False)
        self._change_case(record, record_hash, done, fired)

    def _undo(self, record: Record, record_hash: str) -> None:
        """Go back to the rows before the last record that stands; the fold checked which it is."""
        again = CaseRows(self.surroundings)
        for each in self._standing[:-1]:
            again.apply(*each)
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(again, name))
        self._change_case(replace(record, to_marking=None), record_hash, {}, None)

    def finish(self) -> None:
        """Work out what depends on where the case stands: its rung and what it waits for."""
        for number, (name, marking_hash) in enumerate(reversed(self._markings)):
            definition = self.surroundings.definition_of(name)
            marking = self.surroundings.marking_of(marking_hash)
            places = standing(definition, marking)
            if number == 0:
                is_over = self.case["state"] == "ended"
                self.case["awaited"] = [] if is_over else list(places.messages)
            self.case["rung"] = rung_at(definition, places)
            if self.case["rung"] is not None:
                break

    def _process(self) -> Definition:
        return self.surroundings.definition_of(self._definition)

    # ------------------------------------------------------------- the case

    def _begin(self, record: Record, payload: Mapping[str, Any] | None) -> None:
        identity = self.surroundings.identity
        if payload is not None:
            form, links = payload["form"], payload["links"]
            is_personal = form["subject"].startswith("p_")
            identity = {
                "number": form["case_number"],
                "matter_id": links["matter"],
                "parent_case_id": links.get("parent"),
                "subject_organisation_id": form["organisation"],
                "subject_person_id": form["subject"] if is_personal else None,
                "level": self._process().level_about(form["subject"] if is_personal else None),
                "org_path": self.surroundings.path_of(form["organisation"]),
            }
        elif not identity:
            raise RowsUnknown(id=record.id, reason="its first payload was erased with its row")
        self.case.update(
            identity,
            id=record.id,
            opened_at=record.recorded_at,
            state="open",
            outcome=None,
            ended_at=None,
        )

    def _change_case(
        self, record: Record, record_hash: str, done: Mapping[str, Any], fired: Row | None
    ) -> None:
        case = self.case
        case["pack_hash"], case["process_id"] = split_definition(self._definition)
        if record.to_marking is not None:
            self._markings.append((self._definition, record.to_marking))
            case["marking_hash"] = record.to_marking
            if record.kind is RecordKind.WITHDRAWN and case["state"] == "ended":
                case.update(state="open", ended_at=None)
        case["outcome"] = done.get("outcome", case["outcome"])
        if record.effects.ended:
            case.update(state="ended", ended_at=record.recorded_at)
        if record.kind is RecordKind.INTERVENED:
            case["state"] = _STATES.get(record.trigger.name, case["state"])
            self._hold(record.trigger.name)
            if record.trigger.name == SUCCEEDED:
                self._succeed(record.trigger.ref)
        self._overdue = overdue_after(
            self._overdue,
            None if fired is None else Fresh(fired),
            [Fresh(clock) for clock in self._live.values()],
            (*self._open, *self._live),
            has_ended=case["state"] == "ended",
        )
        dates = (clock["due_on"] for clock in self._live.values() if clock["due_of"])
        case.update(
            due_on=min(dates, default=None),
            overdue_scope=self._overdue.scope if self._overdue else None,
            overdue_on=self._overdue.due_on if self._overdue else None,
            version=record.seq,
            head=record_hash,
            head_at=record.recorded_at,
            last_acted_at=record.recorded_at,
        )

    # ------------------------------------------------------------- its tasks

    def _succeed(self, organisation_id: str) -> None:
        """Let the case be the successor's, with all its tasks."""
        path = self.surroundings.path_of(organisation_id)
        self.case.update(subject_organisation_id=organisation_id, org_path=path)
        for row in self.tasks.values():
            row["org_path"] = path

    def _hold(self, name: str) -> None:
        """Hold the open tasks of a case that was merged, and open them again."""
        after = {MERGE: "held", UNMERGE: "open"}.get(name)
        for row in self._open.values() if after else ():
            row["state"] = after

    def _open_task(self, record: Record, opened: Opened) -> None:
        path, n = split_place(opened.task)
        activity = self._process().activity(path)
        self.tasks[path, n] = self._open[path] = {
            "case_id": record.id,
            "org_path": self.case["org_path"],
            "path": path,
            "n": n,
            "activity": opened.activity,
            "rung": activity.rung,
            "level": self.case["level"],
            "line": activity.line,
            "office_id": opened.office,
            "roles": " ".join(opened.roles),
            "claimant": None,
            "state": "open",
            "opened_at": record.recorded_at,
            "closed_at": None,
            "closed_by": None,
            "due_on": None,
            "due_at": None,
            "is_milestone": False,
            "opened_seq": record.seq,
        }

    def _assign(self, record: Record) -> None:
        for assigned in record.effects.assigned:
            row = self.tasks[split_place(assigned.task)]
            row.update(claimant=assigned.claimant, office_id=assigned.office)

    def _end(self, record: Record) -> Row | None:
        """Close tasks and end clocks; give the clock that fired."""
        state = "withdrawn" if record.kind is RecordKind.WITHDRAWN else "closed"
        for place in record.effects.closed:
            row = self.tasks[split_place(place)]
            row.update(state=state, closed_at=record.recorded_at, closed_by=record.actor)
            self._open.pop(row["path"])
        fired = None
        for place in record.effects.fired:
            fired = self._end_clock(place, "fired", record.seq)
        for place in record.effects.cancelled:
            self._end_clock(place, "cancelled", record.seq)
        return fired

    # ------------------------------------------------------------ its clocks

    def _end_clock(self, place: str, state: str, seq: int) -> Row:
        row = self.clocks[split_place(place)]
        row.update(state=state, ended_seq=seq)
        self._live.pop(row["path"])
        return row

    def _arm(self, record: Record, armed: Armed, rearmed: Mapping[str, str]) -> None:
        path, n = split_place(armed.clock)
        timer = self._process().timer(path)
        old = self.clocks.get(split_place(rearmed.get(armed.clock, "")))
        row = self.clocks[path, n] = self._live[path] = {
            "case_id": record.id,
            "path": path,
            "n": n,
            "rule": armed.rule,
            "kind": self._kind(armed.rule),
            "due_of": armed.task or timer.due_of,
            "anchor_on": armed.anchor_on,
            "budget": armed.budget,
            "unit": armed.unit.value,
            "due_on": armed.due_on,
            "due_at": armed.due_at,
            "provisional": armed.provisional,
            "calendar": old["calendar"] if old else record.calendar,
            "state": "running",
            "armed_seq": record.seq,
            "ended_seq": None,
            "extension_days": old["extension_days"] if old else 0,
        }
        task = self._open.get(_owner(row))
        if task is not None and record.kind is not RecordKind.WITHDRAWN:
            _date(task, row)
            if task["opened_seq"] == record.seq:
                task["is_milestone"] = timer.series

    def _kind(self, rule: str) -> str:
        kind = self._process().pack.parameters[rule].kind
        return kind.value if kind is not None else ""

    def _pause(self, record: Record, done: Mapping[str, Any]) -> None:
        on = local_date(record.occurred_at)
        for place in record.effects.paused:
            row = self.clocks[split_place(place)]
            row["state"] = "paused"
            if place in done.get("rearmed", {}):
                continue
            self._date_owner(row)
            if place in done.get("paused", {}):
                self.pauses.append(_pause_row(row, on, done["paused"][place]))
        for place in record.effects.resumed:
            row = self.clocks[split_place(place)]
            row["state"] = "running"
            for pause in self.pauses:
                if place_of(Fresh(pause)) == place and pause["to_on"] is None:
                    pause["to_on"] = on

    def _keep_pauses(self, rearmed: Mapping[str, str]) -> None:
        """Give clocks that run again under a new number the pauses that they had."""
        numbers = {old: split_place(new)[1] for new, old in rearmed.items()}
        for pause in list(self.pauses):
            place = place_of(Fresh(pause))
            if place in numbers:
                self.pauses.append({**pause, "n": numbers[place]})

    def _move(self, record: Record, extended: Mapping[str, int]) -> None:
        for moved in record.effects.moved:
            row = self.clocks[split_place(moved.clock)]
            row.update(due_on=moved.due_on, due_at=moved.due_at, provisional=moved.provisional)
            if moved.why is MoveReason.WITHDRAWAL:
                row.update(state="running", ended_seq=None)
                self._live[row["path"]] = row
                continue
            row["calendar"] = record.calendar
            row["extension_days"] = extended.get(moved.clock, row["extension_days"])
            self._date_owner(row)

    def _date_again(self) -> None:
        """Let live clocks date the tasks that a withdrawal opened again."""
        for path, clock in self._live.items():
            task = self._open.get(_owner(clock))
            if task is None:
                continue
            due_of = place_of(Fresh(task))
            if task["due_at"] != clock["due_at"] or due_of != clock["due_of"]:
                _date(task, clock)
                task["is_milestone"] = self._process().timer(path).series
                clock["due_of"] = due_of

    def _date_owner(self, clock: Row) -> None:
        task = self._open.get(_owner(clock))
        if task is not None:
            _date(task, clock)

    # ------------------------------------------------- effects on the person

    def _add_effects(self, record: Record, effects: Iterable[Mapping[str, Any]]) -> None:
        for effect in effects:
            until_on = effect["until_on"]
            self.effects.append(
                {
                    "case_id": record.id,
                    "person_id": self.case["subject_person_id"],
                    "org_path": self.case["org_path"],
                    "kind": effect["kind"],
                    "rule": effect["rule"],
                    "from_on": date.fromisoformat(effect["from_on"]),
                    "until_on": None if until_on is None else date.fromisoformat(until_on),
                    "basis": effect["basis"],
                    "seq": record.seq,
                    "standing": "stands",
                    "ended_on": None,
                    "ended_at": None,
                }
            )

    def _lift_effects(self, record: Record, lifted: Iterable[Mapping[str, Any]]) -> None:
        rows = {(row["seq"], row["kind"]): row for row in self.effects}
        for each in lifted:
            ended_on = each["ended_on"]
            rows[each["seq"], each["kind"]].update(
                standing=each["standing"],
                ended_on=None if ended_on is None else date.fromisoformat(ended_on),
                ended_at=record.recorded_at,
            )


def _owner(clock: Row) -> str:
    return (clock["due_of"] or "").partition("#")[0]


def _date(task: Row, clock: Row) -> None:
    task["due_on"], task["due_at"] = clock["due_on"], clock["due_at"]


def _pause_row(clock: Row, from_on: date, grounds: Mapping[str, str]) -> Row:
    return {
        "case_id": clock["case_id"],
        "path": clock["path"],
        "n": clock["n"],
        "from_on": from_on,
        "to_on": None,
        "until_on": date.fromisoformat(grounds["until_on"]) if "until_on" in grounds else None,
        "reason": grounds["reason"],
        "approver": grounds["approver"],
    }
