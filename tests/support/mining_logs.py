"""A made-up log for process mining: two cases, told record by record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from workflows.audit.ocel import Directory, LoggedOrganisation
from workflows.audit.process_log import LoggedCase, LoggedMatter, LoggedRecord, LogHead, What
from workflows.domain.clocks import due_at_of
from workflows.domain.records import (
    Armed,
    Assigned,
    BudgetUnit,
    Effects,
    Moved,
    MoveReason,
    Opened,
    Record,
    RecordKind,
    Source,
    StreamKind,
    TriggerKind,
    TriggerRef,
)
from workflows.store.calendar_source import official_calendar

PACK, LATER_PACK = "a" * 64, "b" * 64
LEAGUE, BANNER, BRANCH, OFFICE = "o_league", "o_banner", "o_branch", "o_office"
ANNA, BOLD, PERSON = "u_anna", "u_bold", "p_person"
MATTER = LoggedMatter("m_1", "督〔2026〕1号", BRANCH, "P101", "spot_check", date(2026, 2, 2))
DIRECTORY = Directory(
    {
        id_: LoggedOrganisation(id_, id_[2:].upper(), name, kind, level, parent)
        for id_, name, kind, level, parent in (
            (LEAGUE, "塔林盟", "unit", 2, None),
            (BANNER, "查干旗", "unit", 3, LEAGUE),
            (OFFICE, "查干旗委组织部", "organisation", 3, BANNER),
            (BRANCH, "阿日善图嘎查党支部", "branch", 5, BANNER),
        )
    },
    {PACK: "阶梯 1", LATER_PACK: "阶梯 2"},
)
HEAD = LogHead("试验日志", "试验（test）", datetime(2026, 3, 20, tzinfo=UTC), "c" * 64, "all")


def moment(text: str) -> datetime:
    """Read a time in China, ``2026-02-10 09:00``."""
    return datetime.fromisoformat(f"{text}:00+08:00")


def record(
    seq: int,
    kind: RecordKind,
    at: str,
    effects: Effects | None = None,
    *,
    trigger: tuple[TriggerKind, str, str],
    case_id: str = "c_branch",
    actor: str = ANNA,
    occurred: str | None = None,
    pack: str = PACK,
    **others: Any,
) -> Record:
    """Make a record of a case; chains and markings are nothing to a log."""
    fields: dict[str, Any] = {
        "stream": StreamKind.CASE,
        "id": case_id,
        "seq": seq,
        "prev": "0" * 64,
        "kind": kind,
        "recorded_at": moment(at),
        "occurred_at": moment(occurred or at),
        "actor": actor,
        "role": None if actor.startswith("system:") else "R03",
        "definition": f"{pack}/ladder",
        "trigger": TriggerRef(*trigger),
        "effects": effects or Effects(),
    }
    return Record(**(fields | others))


def opened(activity: str, n: int = 1) -> Opened:
    """Open a task of the office."""
    return Opened(f"{activity}#{n}", activity, 2, OFFICE, ("R02", "R03"))


def armed(activity: str, due_on: str) -> Armed:
    """Arm the clock of a task."""
    on = date.fromisoformat(due_on)
    return Armed(
        f"{activity}_due#1",
        "R_VERIFY",
        f"{activity}#1",
        date(2026, 2, 10),
        10,
        BudgetUnit.WORKDAYS,
        on,
        due_at_of(on),
    )


def branch_records() -> tuple[LoggedRecord, ...]:
    """Tell of a verification that was released, moved, missed and entered late from paper.

    2026-02-15 to 23 is the Spring Festival; 14 and 28 February are working Saturdays.
    """
    task, officer = TriggerKind.TASK, TriggerKind.OFFICER
    verify = Effects(opened=(opened("verify"),), armed=(armed("verify", "2026-03-03"),))
    late = record(
        8,
        RecordKind.TASK_COMPLETED,
        "2026-03-06 10:00",
        Effects(closed=("verify#1", "remind#1"), opened=(opened("refer"), opened("plan"))),
        trigger=(task, "verify", "verify#1"),
        occurred="2026-03-02 15:00",
        actor=BOLD,
        performed_by=PERSON,
        source=Source.PAPER,
    )
    facts = {
        "verified_on": due_at_of(date(2026, 3, 1)),
        "score": Decimal("70.5"),
        "grounds": "duty_lacking weak_lax",
        "is_urgent": True,
    }
    return (
        LoggedRecord(
            record(
                1,
                RecordKind.CASE_OPENED,
                "2026-02-10 09:00",
                verify,
                trigger=(officer, "open", "m_1"),
            ),
            {"problem_type": "P101"},
        ),
        LoggedRecord(
            record(
                2,
                RecordKind.TASK_CLAIMED,
                "2026-02-11 09:00",
                Effects(assigned=(Assigned("verify#1", ANNA, OFFICE),)),
                trigger=(officer, "claim", "verify#1"),
            )
        ),
        LoggedRecord(
            record(
                3,
                RecordKind.TASK_RELEASED,
                "2026-02-12 09:00",
                Effects(assigned=(Assigned("verify#1", None, OFFICE),)),
                trigger=(officer, "release", "verify#1"),
            )
        ),
        LoggedRecord(
            record(
                4,
                RecordKind.TASK_CLAIMED,
                "2026-02-13 09:00",
                Effects(assigned=(Assigned("verify#1", ANNA, OFFICE),)),
                trigger=(officer, "claim", "verify#1"),
            )
        ),
        LoggedRecord(
            record(
                5,
                RecordKind.TASK_REASSIGNED,
                "2026-02-24 09:00",
                Effects(assigned=(Assigned("verify#1", BOLD, OFFICE),)),
                trigger=(officer, "reassign", "verify#1"),
            )
        ),
        LoggedRecord(
            record(
                6,
                RecordKind.INTERVENED,
                "2026-02-25 09:00",
                Effects(
                    moved=(
                        Moved(
                            "verify_due#1",
                            date(2026, 3, 4),
                            due_at_of(date(2026, 3, 4)),
                            provisional=False,
                            why=MoveReason.PAUSE,
                        ),
                    )
                ),
                trigger=(officer, "resume", "verify_due#1"),
            )
        ),
        LoggedRecord(
            record(
                7,
                RecordKind.CLOCK_FIRED,
                "2026-03-05 00:00",
                Effects(fired=("verify_due#1",), opened=(opened("remind"),)),
                trigger=(TriggerKind.CLOCK, "R_VERIFY", "verify_due#1"),
                actor="system:sweep",
            ),
            late_seconds=120,
        ),
        LoggedRecord(late, facts, is_late=True),
        LoggedRecord(
            record(
                9,
                RecordKind.CASE_MIGRATED,
                "2026-03-09 09:00",
                trigger=(officer, "migrate", "1"),
                pack=LATER_PACK,
            )
        ),
        LoggedRecord(
            record(
                10,
                RecordKind.MESSAGE_RECEIVED,
                "2026-03-10 09:00",
                Effects(closed=("plan#1", "refer#1"), ended=True),
                trigger=(TriggerKind.MESSAGE, "referral_filed", "c_other:3"),
                pack=LATER_PACK,
            ),
            {"score": None},
        ),
    )


def branch_case(**others: Any) -> LoggedCase:
    """Give the case of the branch; what is referred is sealed."""
    fields: dict[str, Any] = {
        "id": "c_branch",
        "number": "督〔2026〕1号-1",
        "process": "ladder",
        "pack_hash": LATER_PACK,
        "level": "L1",
        "state": "ended",
        "opened_at": moment("2026-02-10 09:00"),
        "ended_at": moment("2026-03-10 09:00"),
        "organisation": BRANCH,
        "person": None,
        "parent": None,
        "matter": MATTER,
        "records": branch_records(),
        "calendar": official_calendar(),
        "namer": name,
        "sealed": frozenset({"refer"}),
    }
    return LoggedCase(**(fields | others))


def person_case(**others: Any) -> LoggedCase:
    """Give the case of a person, opened by that of the branch."""
    first = record(
        1,
        RecordKind.CASE_OPENED,
        "2026-03-09 10:00",
        Effects(opened=(opened("decide"),)),
        trigger=(TriggerKind.OFFICER, "open", "m_1"),
        case_id="c_person",
    )
    fields: dict[str, Any] = {
        "id": "c_person",
        "number": "督〔2026〕1号-2",
        "process": "accountability",
        "pack_hash": PACK,
        "level": "L2",
        "state": "open",
        "opened_at": moment("2026-03-09 10:00"),
        "ended_at": None,
        "person": PERSON,
        "parent": "c_branch",
        "records": (LoggedRecord(first),),
        "tells_persons": True,
    }
    return branch_case(**(fields | others))


def name(definition: str | None, what: What, code: str) -> str:
    """Name what a made-up pack would name."""
    assert definition is not None
    return {"verify": "核实 <调查> & “认定”"}.get(code, f"{what} {code}")
