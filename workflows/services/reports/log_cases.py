"""Reading cases for a log of process mining: through the session's scope and a reader's levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from workflows.audit.ocel import Directory, LoggedOrganisation
from workflows.audit.process_log import LoggedCase, LoggedMatter, LoggedRecord, Value, What
from workflows.domain.clocks import due_at_of, local_date
from workflows.domain.errors import NotFound
from workflows.domain.levels import CLUES, PERSONAL
from workflows.domain.records import Record, RecordKind
from workflows.domain.reviews import REVIEW
from workflows.domain.roles import Actor
from workflows.engine import Pack
from workflows.engine.facts import FactDeclaration, FactType
from workflows.engine.findings import Language
from workflows.services.calendars import current_calendar
from workflows.services.packs import pack_of, split_definition
from workflows.services.secrecy.clearance import cleared_levels, may_export
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.journal import read_streams
from workflows.store.scope import within
from workflows.store.tables import Case, Matter, Organisation, PackVersion

_BATCH = 200
_DAY = timedelta(days=1)
_FREE = frozenset({FactType.TEXT, FactType.PERSON})
_RECORDS: Mapping[str, tuple[str, str]] = {
    RecordKind.CASE_OPENED: ("开立案件", "Case opened"),
    RecordKind.TASK_CLAIMED: ("领取", "Claimed"),
    RecordKind.TASK_RELEASED: ("退回", "Released"),
    RecordKind.TASK_REASSIGNED: ("转办", "Reassigned"),
    RecordKind.TASK_COMPLETED: ("办结", "Completed"),
    RecordKind.WITHDRAWN: ("撤销误触发", "Withdrawn"),
    RecordKind.CORRECTED: ("更正", "Corrected"),
    RecordKind.UNDONE: ("撤回", "Undone"),
    RecordKind.CASE_MIGRATED: ("改按新版规则办理", "Brought to another version"),
    RecordKind.CASE_CLOSED: ("结案", "Case closed"),
    RecordKind.PAYLOAD_ERASED: ("内容销毁", "Content erased"),
    "sign": ("第一人签署", "First signature"),
    "comment": ("备注", "Comment"),
    "remind": ("催办", "Reminded"),
    "over_cap": ("超上限仍提出", "Asked beyond the cap"),
    "pause": ("暂停计时", "Clock paused"),
    "resume": ("恢复计时", "Clock resumed"),
    "enter_late": ("补录待确认", "Late entry waits"),
    "refuse_late": ("补录不予确认", "Late entry refused"),
    "pause_from": ("补录暂停待确认", "Late pause waits"),
    "stop": ("中止办理", "Case stopped"),
    "go_on": ("继续办理", "Case goes on"),
    "end": ("批准终结", "Case ended by its approver"),
    "correct": ("更正待确认", "Correction waits"),
    "refuse_correction": ("更正不予确认", "Correction refused"),
    "review_consequences": ("核查后果办结", "Review of consequences ended"),
    "publish": ("决定公开", "Publication decided"),
    "break_glass": ("应急查阅", "Opened in need"),
    "recuse": ("决定回避", "Recused"),
    "supervise": ("纳入督办", "Supervision begun"),
    "end_supervision": ("结束督办", "Supervision ended"),
    "handed_over": ("职务交接", "Post handed over"),
    "succeeded": ("单位撤并，转由承继单位", "Passed to the successor"),
    "calendar": ("放假通知公布，期限重算", "Dates counted anew"),
    "merge": ("并案，本案停办", "Merged into another matter"),
    "unmerge": ("拆分，本案续办", "Taken out of the merger"),
    "merged_in": ("并入其他事项", "Another matter merged in"),
    "taken_out": ("拆出其他事项", "Another matter taken out"),
    "determine": ("集体认定", "Determined by minutes"),
}

_REVIEW = ("核查后果", "Review of consequences")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a log or paper is to hold: a period in which they ran, a subtree, or all.

    With ``cases`` only those of these ids.
    """

    from_on: date | None = None
    to_on: date | None = None
    organisation: str | None = None
    cases: tuple[str, ...] = ()

    def said(self) -> str:
        """Write it on one line, for the log itself and for the record of the export."""
        parts = [f"organisation {self.organisation}"] if self.organisation else []
        parts += [f"from {self.from_on}"] if self.from_on else []
        parts += [f"to {self.to_on}"] if self.to_on else []
        parts += [f"cases {' '.join(sorted(self.cases))}"] if self.cases else []
        return ", ".join(parts) or "all"


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a log is made; ``levels`` overrules what the actor's roles open to him."""

    actor: Actor
    levels: frozenset[str] | None = None

    def levels_in(self, case: Case) -> frozenset[str]:
        """Give the levels of a case's content that he may take out; none where no case."""
        if self.levels is not None:
            return self.levels if case.level in self.levels else frozenset()
        if case.level == CLUES:
            return frozenset()
        if not may_export(self.actor, case.org_path):
            return frozenset()
        return cleared_levels(self.actor, case.org_path, case.level)


def wanted_cases(session: Session, wanted: Wanted) -> ColumnElement[bool]:
    """Give the condition for the cases that are wanted.

    Raises:
        NotFound: There is no organisation of that id or code.
    """
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.organisation is not None:
        path = organisation_at(session, wanted.organisation).path
        conditions.append(within(Case.org_path, (path,)))
    if wanted.cases:
        conditions.append(Case.id.in_(wanted.cases))
    if wanted.to_on is not None:
        conditions.append(Case.opened_at < due_at_of(wanted.to_on))
    if wanted.from_on is not None:
        start = due_at_of(wanted.from_on - _DAY)
        conditions.append(or_(Case.ended_at.is_(None), Case.ended_at >= start))
    return and_(*conditions)


def organisation_at(session: Session, key: str) -> Organisation:
    """Give an organisation by its id or code.

    Raises:
        NotFound: There is none.
    """
    named = or_(Organisation.id == key, Organisation.code == key)
    found = session.scalar(select(Organisation).where(named))
    if found is None:
        raise NotFound(what="organisation", key=key)
    return found


def read_cases(
    session: Session, reader: Reader, wanted: Wanted, language: Language
) -> Iterator[LoggedCase]:
    """Read the wanted cases that a reader may take out, matter by matter, in batches."""
    statement = (
        select(Case.id)
        .where(wanted_cases(session, wanted))
        .order_by(Case.matter_id, Case.opened_at, Case.number)
    )
    ids = session.scalars(statement).all()
    namer = _namer(session, language)
    for start in range(0, len(ids), _BATCH):
        yield from _batch(session, reader, ids[start : start + _BATCH], namer)


def read_directory(session: Session) -> Directory:
    """Read the organisations and pack versions that cases may name."""
    organisations = {
        unit.id: LoggedOrganisation(
            unit.id, unit.code, unit.name, unit.kind, unit.level, unit.parent_id
        )
        for unit in session.scalars(select(Organisation))
    }
    versions = session.execute(select(PackVersion.hash, PackVersion.title, PackVersion.label))
    return Directory(organisations, {hash_: f"{title} {label}" for hash_, title, label in versions})


def _batch(
    session: Session, reader: Reader, ids: Sequence[str], namer: Any
) -> Iterator[LoggedCase]:
    rows = session.execute(
        select(Case, Matter)
        .join(Matter, Matter.id == Case.matter_id)
        .where(Case.id.in_(ids))
        .order_by(Case.matter_id, Case.opened_at, Case.number)
    ).all()
    streams = read_streams(session, ids)
    for case, matter in rows:
        levels = reader.levels_in(case)
        if levels:
            yield _case(session, case, matter, streams.get(case.id, ()), levels, namer)


def _case(
    session: Session,
    case: Case,
    matter: Matter,
    rows: Sequence[Any],
    levels: frozenset[str],
    namer: Any,
) -> LoggedCase:
    records = tuple(_record(session, case, row, levels) for row in rows)
    hashes = {split_definition(each.record.definition or "")[0] for each in records} - {""}
    return LoggedCase(
        id=case.id,
        number=case.number,
        process=case.process_id,
        pack_hash=case.pack_hash,
        level=case.level,
        state=case.state,
        opened_at=case.opened_at,
        ended_at=case.ended_at,
        organisation=case.subject_organisation_id,
        person=case.subject_person_id,
        parent=case.parent_case_id,
        matter=LoggedMatter(
            matter.id,
            matter.number,
            matter.organisation_id,
            matter.problem_type,
            matter.source,
            matter.found_on,
        ),
        records=records,
        calendar=current_calendar(session).for_region(case.org_path),
        namer=namer,
        tells_persons=PERSONAL in levels,
        sealed=frozenset().union(*(_sealed(pack_of(session, h), levels) for h in hashes)),
    )


def _record(session: Session, case: Case, row: Any, levels: frozenset[str]) -> LoggedRecord:
    record = Record.from_json(orjson.loads(row.body))
    try:
        payload = read_payload(session, row.key_id, case.id, row.seq, row.sealed)
    except PayloadErased:
        return LoggedRecord(record)
    pack = pack_of(session, split_definition(record.definition or f"{case.pack_hash}/")[0])
    form = payload["form"]
    late_seconds = form.get("late_seconds")
    return LoggedRecord(
        record,
        dict(_readable(pack, payload["facts"], levels)),
        late_seconds if isinstance(late_seconds, int) else None,
        _is_late(record),
    )


def _is_late(record: Record) -> bool:
    """Say whether an act was entered a day or more after it was done; a sweep has its seconds."""
    days = local_date(record.recorded_at) - local_date(record.occurred_at)
    return record.kind is not RecordKind.CLOCK_FIRED and days >= _DAY


def _readable(
    pack: Pack, facts: Mapping[str, Any], levels: frozenset[str]
) -> Iterator[tuple[str, Value | None]]:
    """Give the new values of facts of the reader's levels that are no free text and no person."""
    for name, change in facts.items():
        declared = pack.facts.get(name)
        if declared is not None and declared.type not in _FREE and declared.level in levels:
            yield name, _typed(declared, change["new"])


def _typed(declared: FactDeclaration, value: Any) -> Value | None:
    if value is None:
        return None
    if declared.type is FactType.DATE:
        return due_at_of(date.fromisoformat(value) - _DAY)
    if declared.type is FactType.DECIMAL:
        return Decimal(value).scaleb(-declared.scale)
    if declared.type is FactType.CODES:
        return " ".join(value)
    found: Value = value
    return found


def _sealed(pack: Pack, levels: frozenset[str]) -> frozenset[str]:
    """Give the activities of processes that write sealed facts: that they run is sealed too."""
    if CLUES in levels:
        return frozenset()
    return frozenset(
        element.id
        for process_id, definition in pack.processes.items()
        if is_sealed_process(pack, process_id)
        for element in definition.process.elements.values()
    )


@lru_cache(maxsize=256)
def is_sealed_process(pack: Pack, process_id: str) -> bool:
    """Say whether a process writes sealed facts, so that nobody may know that it runs."""
    elements = pack.processes[process_id].process.elements.values()
    return any(CLUES in _form_levels(pack, each.attributes.get("form")) for each in elements)


def _form_levels(pack: Pack, form: Any) -> set[str]:
    schema = pack.forms.get(form or "")
    keys = (field.key for field in schema.fields) if schema else ()
    return {pack.facts[key].level.value for key in keys if key in pack.facts}


def _namer(session: Session, language: Language) -> Any:
    """Give what names activities, rules and messages as the pack of a record does."""
    known: dict[tuple[str | None, What, str], str] = {}

    def name(definition: str | None, what: What, code: str) -> str:
        key = (definition, what, code)
        if key not in known:
            known[key] = _name(session, definition, what, code, language)
        return known[key]

    return name


def _name(
    session: Session, definition: str | None, what: What, code: str, language: Language
) -> str:
    if what == "record":
        return _RECORDS.get(code, (code, code))[language == "en"]
    if definition is None:
        return code
    if code == REVIEW:
        return _REVIEW[language == "en"]
    pack = pack_of(session, split_definition(definition)[0])
    if what == "message":
        return _message(pack, code, language)
    return pack.name("parameter" if what == "rule" else what, code, language)


def _message(pack: Pack, message: str, language: Language) -> str:
    for definition in pack.processes.values():
        for element in definition.process.elements.values():
            if element.message == message and element.name:
                return pack.name("activity", element.id, language)
    return message
