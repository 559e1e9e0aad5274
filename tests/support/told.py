"""A case on the shipped ladder with all that a timeline can tell, written without a database."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.support.journal import (
    MadeUpLog,
    StreamWriter,
    contents_of,
    house_record,
    made_up_id,
)
from workflows.audit.bundle import pack_hash
from workflows.audit.bundle_contents import BundleContents, Withheld
from workflows.audit.canonical import canonical, sha256_hex
from workflows.domain.records import (
    Armed,
    Attachment,
    BudgetUnit,
    Effects,
    Opened,
    RecordKind,
    Source,
    StreamKind,
    TriggerKind,
    TriggerRef,
)
from workflows.shipped import shipped_pack_dir

SCAN = "移交单扫描件".encode()
LADDER = {
    path.relative_to(shipped_pack_dir()).as_posix(): path.read_bytes()
    for path in sorted(shipped_pack_dir().rglob("*"))
    if path.is_file()
}
_DAY = timedelta(days=1)
_STANDS: dict[str, dict[str, Any]] = {
    "accept": {"accept": 1},
    "verify": {"verify": 1},
    "talk": {"call_criticism": {"talk": 1}},
    "ended": {},
}
_MARKINGS = {name: canonical(marking) for name, marking in _STANDS.items()}


class ToldCase:
    """Writes the case; ``names`` are those that its directory tells, and may be hostile."""

    def __init__(self, files: dict[str, bytes] = LADDER, scan: str = "移交单.pdf", **names: str):
        self.files = files
        self.case = StreamWriter(random.Random(11))
        self.house = StreamWriter(random.Random(12), StreamKind.HOUSE)
        rng = random.Random(13)
        self.branch, self.secretary = made_up_id("o", rng), made_up_id("p", rng)
        self.scan = Attachment(scan, hashlib.sha256(SCAN).hexdigest(), len(SCAN))
        self.directory = [
            {"id": self.case.officer, "name": names.get("officer", "阿古拉"), "person": None},
            {"id": self.case.colleague, "name": names.get("colleague", "其木格"), "person": None},
            {"id": self.secretary, "name": names.get("secretary", "巴特尔"), "person": None},
        ]
        self.organisations = [
            {"id": self.branch, "name": names.get("branch", "阿日善图嘎查党支部")},
            {"id": self.case.office, "name": names.get("office", "苏布德旗委组织部")},
        ]
        self.problem = names.get("problem", "三会一课没有按期召开")

    def contents(self, **others: Any) -> BundleContents:
        """Give the bundle of this case and of the house that stated its names."""
        self._tell()
        form = {"directory": self.directory, "grants": [], "organisations": self.organisations}
        house_record(self.house, "directory_stated", form=form)
        withheld = [Withheld(self.case.id, 4, "涉及检举人", self.case.office)]
        fields: dict[str, Any] = {
            "definitions": {pack_hash(self.files): self.files},
            "markings": {sha256_hex(each): each for each in _MARKINGS.values()},
            "directory": self.directory,
            "organisations": self.organisations,
            "withheld": withheld,
        }
        streams = (self.case, self.house)
        contents = contents_of(*streams, log=MadeUpLog(*streams), **(fields | others))
        kept = [line for line in contents.payloads if (line.id, line.seq) != (self.case.id, 4)]
        kept = [line for line in kept if (line.id, line.seq) != (self.case.id, 8)]
        state = self.case.state.state_line({4, 8})
        return replace(contents, payloads=kept, state_lines=[state])

    def _write(self, kind: RecordKind, effects: Effects, to: str | None, **others: Any) -> None:
        fields: dict[str, Any] = {
            "definition": f"{pack_hash(self.files)}/ladder",
            "calendar": None,
            "to_marking": sha256_hex(_MARKINGS[to]) if to else None,
            "after": _DAY,
        }
        self.case.write(kind, effects, **(fields | others))

    def _tell(self) -> None:
        self._open()
        done = Effects(closed=("accept#1",), cancelled=("accept_due#1",), opened=(self._verify(),))
        accepted = {"trigger": _task("accept#1"), "role": "R03", "form": {"acceptance": "accept"}}
        facts = {"acceptance": "accept"}
        self._write(RecordKind.TASK_COMPLETED, done, "verify", facts=facts, **accepted)
        self._write(
            RecordKind.UNDONE, Effects(), "accept", about=2, after=timedelta(seconds=20), form={}
        )
        again = replace(done, opened=(replace(self._verify(), task="verify#2"),))
        self._write(
            RecordKind.TASK_COMPLETED, again, "verify", facts=facts,
            acting_for=self.case.colleague, **accepted,
        )  # fmt: skip
        self._on_paper()
        self._write(
            RecordKind.CORRECTED, Effects(), None, about=1, facts={"problem_type": "P102"},
            form={"consequences": [{
                "seq": 1, "kind": "clock", "name": "R_ACC", "place": "accept_due#1",
                "was": "2026-03-09", "would_be": "2026-03-10",
            }]},
        )  # fmt: skip
        self._write(
            RecordKind.CLOCK_FIRED,
            Effects(fired=("talk_due#1",)),
            None,
            actor="system:sweep",
            trigger=TriggerRef(TriggerKind.CLOCK, "R_TALK", "talk_due#1"),
            form={"late_seconds": 7200},
        )
        talked = Effects(closed=("call_criticism/talk#1",), ended=True)
        self._write(
            RecordKind.TASK_COMPLETED, talked, "ended", facts={"talked_on": "2026-03-20"},
            trigger=_task("call_criticism/talk#1"), form={"attitude": "accepts"},
        )  # fmt: skip
        self._write(RecordKind.PAYLOAD_ERASED, Effects(), None, about=8, form={})

    def _open(self) -> None:
        opened = Opened("accept#1", "accept", 0, self.case.office, ("R01", "R03"))
        armed = Armed(
            "accept_due#1", "R_ACC", "accept#1", date(2026, 3, 2), 5, BudgetUnit.WORKDAYS,
            date(2026, 3, 9), self.case.due_at(date(2026, 3, 9)),
        )  # fmt: skip
        form = {
            "case_number": "督〔2026〕7号-1",
            "organisation": self.branch,
            "subject": self.branch,
            "description": self.problem,
            "problem_type": "P101",
        }
        self._write(
            RecordKind.CASE_OPENED,
            Effects(opened=(opened,), armed=(armed,)),
            "accept",
            facts={"problem_type": "P101", "description": self.problem},
            form=form,
            papers=(self.scan,),
        )

    def _on_paper(self) -> None:
        opened = Opened("call_criticism/talk#1", "talk", 1, self.case.office, ("R08",))
        armed = Armed(
            "talk_due#1", "R_TALK", None, date(2026, 3, 6), 5, BudgetUnit.WORKDAYS,
            date(2026, 3, 13), self.case.due_at(date(2026, 3, 13)),
        )  # fmt: skip
        self._write(
            RecordKind.TASK_COMPLETED,
            Effects(closed=("verify#2",), opened=(opened,), armed=(armed,)),
            "talk",
            facts={"finding": "substantiated", "verified_on": "2026-03-03"},
            trigger=_task("verify#2"),
            performed_by=self.secretary,
            source=Source.PAPER,
            occurred_at=self.case.now - timedelta(days=3),
            form={
                "paper_document": "会议记录3号",
                "paper_scan_follows": True,
                "entered_late": True,
            },
        )

    def _verify(self) -> Opened:
        return Opened("verify#1", "verify", 0, self.case.office, ("R02",))


def _task(ref: str) -> TriggerRef:
    name = ref.partition("#")[0].rpartition("/")[2]
    return TriggerRef(TriggerKind.TASK, name, ref)


def scan_folder(folder: Path) -> dict[str, Path]:
    """Keep the scan as a file, as a bundle takes it, by its hash."""
    path = folder / "scan"
    path.write_bytes(SCAN)
    return {hashlib.sha256(SCAN).hexdigest(): path}
