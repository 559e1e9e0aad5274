"""Made-up streams of records: written as services write them, read as a store keeps them."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflows.audit.bundle import calendar_content, pack_hash
from workflows.audit.bundle_contents import BundleContents, PayloadLine
from workflows.audit.bundle_tree import LogExcerpt
from workflows.audit.canonical import canonical, sha256_hex
from workflows.audit.chain import Head, link
from workflows.audit.commitment import close_fields, commitment
from workflows.audit.merkle import Frontier, leaf_hash
from workflows.audit.notes import Checkpoint, NoteKey, checkpoint_text, sign_note
from workflows.domain.closed_fields import closed_places, with_values
from workflows.domain.fold import CaseState
from workflows.domain.records import (
    About,
    Armed,
    Attachment,
    BudgetUnit,
    Effects,
    FactChange,
    Moved,
    MoveReason,
    Opened,
    Payload,
    Record,
    RecordKind,
    StreamKind,
    TriggerKind,
    TriggerRef,
    format_time,
)

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PACK = {
    "ladder.bpmn": b"<definitions/>",
    "forms/plan.form.json": '{"title":"整改方案"}'.encode(),
    "parameters.toml": b"R_PLAN = 15\n",
}
PACK_HASH = pack_hash(PACK)
CALENDAR = calendar_content(
    {
        "date": f"2026-03-{day:02}",
        "region": "cn",
        "is_workday": day % 7 != 1,
        "name": None,
        "status": "official",
        "source": "made up",
    }
    for day in range(1, 32)
)
CALENDAR_VERSION = sha256_hex(CALENDAR)
MARKINGS = {
    sha256_hex(content): content for content in (canonical(["ladder", n]) for n in range(9))
}
ORIGIN = "duban.test/made-up"
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = NoteKey("duban-test", SIGNER.public_key().public_bytes_raw())
DIRECTORY = [{"id": "u_" + "a" * 26, "name": "其木格", "post": "联络员"}]
PLACES = [sha256_hex(canonical(["ladder", n])) for n in range(9)]


def made_up_id(prefix: str, rng: random.Random) -> str:
    """Make an id of the journal's form from a seeded generator."""
    return f"{prefix}_{base64.b32encode(rng.randbytes(16)).decode().rstrip('=').lower()}"


class StreamWriter:
    """Writes one stream, keeping what a store and services would keep.

    Values of ``closed`` names are committed to one by one; those of ``withheld`` names are
    not opened to whoever gets the bundle.
    """

    def __init__(
        self,
        rng: random.Random,
        stream: StreamKind = StreamKind.CASE,
        *,
        closed: Collection[str] = (),
        withheld: Collection[str] = (),
    ) -> None:
        self.rng = rng
        self.closed, self.withheld = closed, withheld
        self.stream = stream
        self.id = made_up_id(stream.value[0], rng)
        self.officer = made_up_id("u", rng)
        self.colleague = made_up_id("u", rng)
        self.office = made_up_id("o", rng)
        self.head = Head(self.id)
        self.state, self.told = CaseState(), CaseState()
        self.now = START
        self.contents: list[bytes] = []
        self.payloads: list[PayloadLine] = []

    def write(
        self,
        kind: RecordKind,
        effects: Effects | None = None,
        *,
        to: int | None = None,
        facts: dict[str, Any] | None = None,
        old: dict[str, Any] | None = None,
        actor: str | None = None,
        about: int | None = None,
        after: timedelta = timedelta(minutes=5),
        opens: str | None = None,
        form: dict[str, Any] | None = None,
        papers: tuple[Attachment, ...] = (),
        **others: Any,
    ) -> dict[str, Any]:
        """Write the next record, fold it and give it as JSON."""
        self.now += after
        seq = self.head.seq + 1
        payload = Payload(
            facts={
                name: FactChange((old or self.state.facts).get(name), new)
                for name, new in (facts or {}).items()
            },
            form=form or {"意见".encode().hex(): "同意", "case_number": "督〔2026〕1号"},
            reason="按期整改",
            links={"opens": [opens]} if opens else {},
            attachments=papers,
        ).to_json()
        content, openings = self._closed(payload)
        salt = self.rng.randbytes(16)
        fields: dict[str, Any] = {
            "stream": self.stream,
            "id": self.id,
            "seq": seq,
            "prev": self.head.hash,
            "kind": kind,
            "recorded_at": self.now,
            "occurred_at": self.now,
            "actor": actor or self.officer,
            "trigger": TriggerRef(TriggerKind.OFFICER, "act", "case"),
            "about": None if about is None else About(self.id, about),
            "definition": f"{PACK_HASH}/ladder" if self.stream is StreamKind.CASE else None,
            "from_marking": self.state.marking,
            "to_marking": None if to is None else PLACES[to],
            "effects": effects or Effects(),
            "calendar": CALENDAR_VERSION,
            "payload": commitment(salt, content),
        }
        written = link(self.head, Record(**(fields | others)))
        record = Record(**(fields | others)).to_json()
        if self.stream is StreamKind.CASE:
            values = {key: each["value"] for key, each in openings.items() if "value" in each}
            self.state.apply(record, payload)
            self.told.apply(record, with_values(json.loads(content), values))
        self.head = written.head
        self.contents.append(written.content)
        told = canonical(openings) if openings else b""
        self.payloads.append(PayloadLine(self.id, seq, salt, content, told))
        return record

    def _closed(self, payload: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
        """Close what is to be closed; gives the openings that the bundle has of it."""
        content, kept = close_fields(payload, frozenset(self.closed))
        openings = json.loads(kept or b"{}")
        for name, key in closed_places(json.loads(content)):
            if name in self.withheld:
                openings[key] = {"by": "u_office", "reason": "涉及个人"}
        return content, openings

    def open(self, to: int = 0) -> dict[str, Any]:
        """Open the case with a first task and a clock on it."""
        effects = Effects(opened=(self.task("intake/verify#1"),), armed=(self.clock("t/plan#1"),))
        return self.write(RecordKind.CASE_OPENED, effects, to=to, facts={"score": 70, "open": True})

    def task(self, place: str, rung: int = 2) -> Opened:
        """Give a task at this office."""
        activity = place.rpartition("#")[0].rpartition("/")[2]
        return Opened(place, activity, rung, self.office, ("liaison", "secretary"))

    def clock(self, place: str, due_on: date = date(2026, 3, 20)) -> Armed:
        """Give a clock that is due on this day."""
        return Armed(
            place,
            "R_PLAN",
            None,
            date(2026, 3, 2),
            15,
            BudgetUnit.WORKDAYS,
            due_on,
            self.due_at(due_on),
        )

    def moved(self, place: str, due_on: date, why: MoveReason) -> Moved:
        """Give a clock's move to this day."""
        return Moved(place, due_on, self.due_at(due_on), False, why)

    @staticmethod
    def due_at(due_on: date) -> datetime:
        """Give midnight in Shanghai after this day."""
        return datetime(due_on.year, due_on.month, due_on.day, 16, tzinfo=UTC)

    def fire(self, clock: str, opened: str, armed: str, to: int) -> dict[str, Any]:
        """Fire a clock as the sweep does, opening a letter's task with a clock of its own."""
        effects = Effects(opened=(self.task(opened),), armed=(self.clock(armed),), fired=(clock,))
        return self.write(
            RecordKind.CLOCK_FIRED, effects, to=to, actor="system:sweep", after=timedelta(days=20)
        )


def case_with_history(rng: random.Random) -> StreamWriter:
    """Write a case that was opened, worked on, escalated, corrected and went on."""
    case = StreamWriter(rng)
    case.open()
    done = Effects(closed=("intake/verify#1",), opened=(case.task("rect/plan#1"),))
    case.write(RecordKind.TASK_COMPLETED, done, to=1, facts={"plan": "方案", "score": 65})
    case.write(RecordKind.UNDONE, to=0, about=2, after=timedelta(seconds=20))
    case.write(RecordKind.TASK_COMPLETED, done, to=1, facts={"plan": "方案二"})
    case.fire("t/plan#1", "letters/first#1", "t/letter#1", to=2)
    case.write(RecordKind.CORRECTED, about=4, facts={"plan": "方案三"})
    return case


def case_with_closed_fields(rng: random.Random, withheld: Collection[str] = ()) -> StreamWriter:
    """Write a case that names persons in a field and in a fact, corrected once."""
    case = StreamWriter(rng, closed=("named", "plan"), withheld=withheld)
    case.open()
    done = Effects(closed=("intake/verify#1",), opened=(case.task("rect/plan#1"),))
    form = {"named": "乌兰", "plan": "由宝音负责", "other": "按期"}
    case.write(RecordKind.TASK_COMPLETED, done, to=1, facts={"plan": form["plan"]}, form=form)
    case.fire("t/plan#1", "letters/first#1", "t/letter#1", to=2)
    case.write(RecordKind.CORRECTED, about=2, facts={"plan": "由乌兰负责", "score": 65})
    return case


def house_stream(rng: random.Random) -> StreamWriter:
    """Write a house stream of two logins and the statement of who is who."""
    house = StreamWriter(rng, StreamKind.HOUSE)
    house_record(house, "login")
    house_record(house, "login")
    form = {"directory": DIRECTORY, "grants": [], "organisations": []}
    house_record(house, "directory_stated", form=form)
    return house


def house_record(house: StreamWriter, name: str, **others: Any) -> dict[str, Any]:
    """Write a record of the house."""
    trigger = TriggerRef(TriggerKind.HOUSE, name, "office")
    return house.write(RecordKind.HOUSE, trigger=trigger, **others)


class MadeUpLog:
    """A log over all records of some streams, in the order in which they were recorded."""

    def __init__(self, *streams: StreamWriter) -> None:
        placed = [
            (json.loads(content)["recorded_at"], stream.id, seq, content)
            for stream in streams
            for seq, content in enumerate(stream.contents, 1)
        ]
        self.index = {place[1:3]: index for index, place in enumerate(sorted(placed))}
        self.leaves = [leaf_hash(place[3]) for place in sorted(placed)]

    def checkpoint(self, size: int | None = None, signer: Ed25519PrivateKey = SIGNER) -> bytes:
        """Sign a checkpoint of the first leaves."""
        shown = self.leaves[:size]
        recorded_at = format_time(START + timedelta(hours=len(shown)))
        root = Frontier().extend(shown).root()
        text = checkpoint_text(Checkpoint(ORIGIN, len(shown), root, recorded_at))
        return sign_note(
            text, NoteKey(KEY.name, signer.public_key().public_bytes_raw()), signer.sign
        )

    def excerpt(self, *sizes: int, **others: Any) -> LogExcerpt:
        """Give what a bundle needs of the log, with checkpoints of these sizes and the last."""
        notes = [self.checkpoint(size) for size in sorted({*sizes, len(self.leaves)})]
        return LogExcerpt(**({"leaves": iter(self.leaves), "checkpoints": notes} | others))


def contents_of(
    *streams: StreamWriter, log: MadeUpLog | None = None, **others: Any
) -> BundleContents:
    """Give what a bundle of these streams holds, in a log of these or of more."""
    ordered = sorted(streams, key=lambda stream: stream.id)
    logged = log or MadeUpLog(*streams)
    has_house = any(stream.stream is StreamKind.HOUSE for stream in streams)
    fields: dict[str, Any] = {
        "origin": ORIGIN,
        "made_at": datetime(2026, 4, 1, tzinfo=UTC),
        "scope": {"type": "all"},
        "recipient": "巡察组",
        "app_version": "0.1.0",
        "key": KEY,
        "signer": SIGNER.sign,
        "log": logged.excerpt(),
        "records": [
            (logged.index[stream.id, seq], content)
            for stream in ordered
            for seq, content in enumerate(stream.contents, 1)
        ],
        "payloads": [line for stream in ordered for line in stream.payloads],
        "state_lines": [
            (stream.told if stream.closed else stream.state).state_line()
            for stream in ordered
            if stream.stream is StreamKind.CASE
        ],
        "definitions": {PACK_HASH: PACK},
        "markings": MARKINGS,
        "calendars": {CALENDAR_VERSION: CALENDAR},
        "directory": DIRECTORY if has_house else [],
        "register": [{"number": "督〔2026〕1号", "state": "open"}],
    }
    return BundleContents(**(fields | others))
