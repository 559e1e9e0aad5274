"""One case of a bundle, in words: what its papers and lines are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from webapp.case.story import Event, story_of
from webapp.dates import today_of
from webapp.review_package.directory import Directory
from webapp.words import labels
from webapp.words.packs import PackWords
from workflows.audit.bundle_reading import BundleReader, ReadCase, ReadRecord
from workflows.domain.deviation_state import Noted
from workflows.domain.records import Record, RecordKind
from workflows.engine import Definition, Pack, build_pack
from workflows.queries.case.timeline import Entry, Timeline
from workflows.queries.reports.ledger import Course, course_of
from workflows.services.packs import split_definition

KEPT_BACK = "（留存不出）"
_TAKING_BACK = (RecordKind.WITHDRAWN, RecordKind.UNDONE)


class Packs:
    """The packs of a bundle, built once each."""

    def __init__(self, reader: BundleReader) -> None:
        self._reader = reader
        self._built: dict[str, Pack] = {}

    def __call__(self, pack_hash: str) -> Pack:
        """Give a pack by its hash."""
        if pack_hash not in self._built:
            self._built[pack_hash] = build_pack(self._reader.pack(pack_hash))
        return self._built[pack_hash]

    def definition(self, written: str) -> Definition:
        """Give the process that a record names."""
        pack_hash, process_id = split_definition(written)
        return self(pack_hash).processes[process_id]


def noted(read: ReadRecord) -> Noted:
    """Take a record of a bundle as the deviations want it."""
    return Noted(read.index, Record.from_json(read.record), read.payload, read.withheld)


@dataclass(frozen=True)
class CaseTold:
    """A case as it stood at the end of its bundle."""

    case: ReadCase
    packs: Packs
    directory: Directory

    @property
    def id(self) -> str:
        """Give its id."""
        return self.case.id

    @property
    def last(self) -> ReadRecord:
        """Give its last record."""
        return self.case.records[-1]

    @cached_property
    def noted(self) -> tuple[Noted, ...]:
        """Give its records."""
        return tuple(map(noted, self.case.records))

    @cached_property
    def definition(self) -> Definition:
        """Give the process that it runs on."""
        written = [each.record["definition"] for each in self.case.records]
        return self.packs.definition(next(filter(None, reversed(written))))

    @cached_property
    def speak(self) -> PackWords:
        """Give the words of its pack."""
        return PackWords(self.definition.pack, self.directory.names)

    @property
    def _opening(self) -> Mapping[str, Any]:
        payload = self.case.records[0].payload
        return payload["form"] if payload else {}

    @property
    def name(self) -> str:
        """Give its number, or its id where the bundle does not show that."""
        return str(self._opening.get("case_number") or self.id)

    @property
    def organisation(self) -> str:
        """Name the organisation that it is at."""
        found = self._opening.get("organisation")
        return self.directory.name(found) if found else KEPT_BACK

    @property
    def subject(self) -> str:
        """Name whom it is about."""
        found = self._opening.get("subject")
        return self.directory.name(found) if found else KEPT_BACK

    @property
    def is_personal(self) -> bool:
        """Say whether it is about a person."""
        return str(self._opening.get("subject", "")).startswith("p_")

    def fact(self, name: str) -> str:
        """Write a fact, or that it is withheld."""
        state = self.case.state
        if name in state["withheld"]:
            return KEPT_BACK
        return self.speak.value(name, state["facts"].get(name))

    def day_fact(self, name: str) -> date | None:
        """Give a fact that is a day."""
        value = self.case.state["facts"].get(name)
        return date.fromisoformat(value) if value else None

    @property
    def appeal_result(self) -> str:
        """Say what an appeal came to, and to what it changed a measure; "" for other cases."""
        result = self.fact("appeal_result")
        is_changed = self.case.state["facts"].get("appeal_result") == "changed"
        return f"{result}为{self.fact('changed_measure')}" if is_changed else result

    @property
    def opened_on(self) -> date:
        """Give the day it was opened on."""
        return today_of(self.noted[0].record.recorded_at)

    @property
    def ended_on(self) -> date | None:
        """Give the day it ended on."""
        if not self.case.state["ended"]:
            return None
        ended = [each.record for each in self.noted if each.record.effects.ended]
        return today_of(ended[-1].recorded_at) if ended else None

    @property
    def due_on(self) -> date | None:
        """Give the nearest last day of its running clocks."""
        running = (clock["due_on"] for clock in self.case.state["clocks"] if not clock["paused"])
        return min(map(date.fromisoformat, running), default=None)

    @property
    def rungs(self) -> tuple[int, ...]:
        """Give the rungs that it has been on, in their order."""
        opened = (task.rung for each in self.noted for task in each.record.effects.opened)
        return tuple(sorted({rung for rung in opened if rung}))

    def state_on(self, today: date) -> str:
        """Say how it stands."""
        state = self.case.state
        if state["ended"]:
            return "已办结"
        if any(clock["paused"] for clock in state["clocks"]):
            return "暂停计时"
        due_on = self.due_on
        return "逾期" if due_on is not None and due_on < today else "办理中"

    @cached_property
    def course(self) -> Course:
        """Give what was planned, reported, urged and closed."""
        payloads = {each.record["seq"]: each.payload for each in self.case.records}
        records = [each.record for each in self.case.records]
        return course_of(records, self.packs, lambda _pack, seq: payloads[seq])

    @cached_property
    def events(self) -> list[Event]:
        """Tell its records, oldest first."""
        taken_back = {
            each.record.about.seq: each.record.seq
            for each in self.noted
            if each.record.kind in _TAKING_BACK and each.record.about
        }
        corrections: dict[int, list[Entry]] = defaultdict(list)
        for each in self.noted:
            if each.record.kind is RecordKind.CORRECTED and each.record.about:
                corrections[each.record.about.seq].append(Entry(each.record, each.payload or {}))
        entries = tuple(
            Entry(
                each.record,
                each.payload or {},
                taken_back.get(each.record.seq),
                each.kept_back == "erased",
                tuple(corrections.get(each.record.seq, ())),
            )
            for each in self.noted
        )
        timeline = Timeline(entries, len(entries), self.directory.names)
        return story_of(timeline, self.definition, self.speak)

    def bases(self) -> Iterator[tuple[str, ...]]:
        """Give for each record the rules that it rested on, each with its official basis."""
        rules: dict[str, list[str]] = defaultdict(list)
        for each in self.noted:
            record = each.record
            fired = record.kind is RecordKind.CLOCK_FIRED
            told = [record.trigger.name] if fired else rules.get(record.trigger.ref, [])
            yield tuple(dict.fromkeys(map(self._basis, told)))
            for armed in record.effects.armed:
                if armed.task is not None:
                    rules[armed.task].append(armed.rule)

    def _basis(self, rule: str) -> str:
        return f"{self.speak.rule(rule)}：{self.speak.basis(rule) or '本单位自定'}"

    def who(self, each: Noted) -> tuple[str, str]:
        """Name who acted, and his post on that day or else his role."""
        record = each.record
        doer = record.performed_by or record.actor
        post = self.directory.post_on(doer, today_of(record.occurred_at))
        return self.speak.person(doer), post or (labels.role(record.role) if record.role else "")
