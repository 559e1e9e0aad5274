"""The rectification ledger (整改台账, DOMAIN D09): a line for each case of an organisation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.records import RecordKind
from workflows.engine import Pack
from workflows.queries.lights import case_light, open_pauses
from workflows.queries.organisations.changes import former_name, with_former
from workflows.services.packs import pack_of, split_definition
from workflows.services.reports.log_cases import Reader, Wanted, wanted_cases
from workflows.services.secrecy.clearance import closed_to, levels_of
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.journal import read_streams
from workflows.store.tables import (
    Attachment,
    Case,
    Clock,
    Matter,
    Organisation,
    Person,
    Task,
    Tenure,
)

_BATCH = 200
# The forms of the shipped pack that the columns come from; where a pack lacks one, its
# column stays empty.
_PLAN, _PROGRESS, _LETTERS = "plan", "progress", frozenset({"letter1", "letter2"})
_TAKEN_BACK = frozenset({RecordKind.WITHDRAWN, RecordKind.UNDONE})
_HEAD, _DEPUTY = "书记", "副"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line as officers keep it.

    ``light`` is a colour, ``paused`` or ``done``. ``due_on`` is the last day of the term of
    rectification, before there is one that of the case. ``responsible`` is whom the plan names,
    to those who may read of persons; else the secretary of the organisation, post and name.
    ``evidence`` are names of files. ``urged`` counts supervisory letters,
    ``closed_on`` is the day it was struck off.
    """

    matter_number: str
    organisation: str
    problem_type: str
    description: str
    source: str
    found_on: date
    measures: str
    responsible: str
    due_on: date | None
    percent: int | None
    evidence: tuple[str, ...]
    light: str
    urged: int
    closed_on: date | None
    minutes: str


@dataclass(slots=True)
class Course:
    """What the records of a case say of its rectification."""

    measures: str = ""
    responsible: str = ""
    percent: int | None = None
    urged: int = 0
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is read for some cases at once, by case or organisation."""

    streams: Mapping[str, Sequence[Any]]
    terms: Mapping[str, date]
    files: Mapping[str, list[tuple[str, str]]]
    heads: Mapping[str, str]
    tasks: Mapping[str, list[Task]]
    clocks: Mapping[str, list[Clock]]
    merged: Mapping[str, list[Matter]]
    stopped: Mapping[tuple[str, str, int], date] = field(default_factory=dict)


def ledger_lines(
    session: Session, reader: Reader, wanted: Wanted, today: date
) -> Iterator[LedgerLine]:
    """Read the ledger that a reader may take out, by place and by the day of finding.

    Cases about persons are never in it. A merged case is one line with what it was merged
    into, which names the sources of both.
    """
    statement = (
        select(Case.id)
        .join(Matter, Matter.id == Case.matter_id)
        .where(
            wanted_cases(session, wanted),
            Case.level == "L1",
            Case.parent_case_id.is_(None),
            Case.state != "merged",
        )
        .order_by(Case.org_path, Matter.found_on, Matter.number)
    )
    ids = session.scalars(statement).all()
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        rows = {row.Case.id: row for row in session.execute(_cases_of(part))}
        batch = _batch(session, [rows[id_].Case for id_ in part], today)
        for id_ in part:
            levels = reader.levels_in(rows[id_].Case)
            if levels:
                yield _line(session, rows[id_], batch, levels, today)


def _cases_of(ids: Sequence[str]) -> Any:
    return (
        select(Case, Matter, Organisation.name)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .where(Case.id.in_(ids))
    )


def _batch(session: Session, cases: Sequence[Case], today: date) -> _Batch:
    ids = [case.id for case in cases]
    live = [case.id for case in cases if case.state != "ended"]
    tasks = session.scalars(select(Task).where(Task.case_id.in_(live), Task.state == "open")).all()
    clocks = session.scalars(
        select(Clock).where(Clock.case_id.in_(live), Clock.state.in_(("running", "paused")))
    ).all()
    return _Batch(
        streams=read_streams(session, ids),
        terms=_terms(session, ids),
        files=_files(session, ids),
        heads=_heads(session, {case.subject_organisation_id for case in cases}, today),
        tasks=_by_case(tasks),
        clocks=_by_case(clocks),
        merged=_merged(session, {case.matter_id for case in cases}),
        stopped=open_pauses(session, clocks),
    )


def _merged(session: Session, matter_ids: set[str]) -> Mapping[str, list[Matter]]:
    """Read what is handled in some matters."""
    statement = select(Matter).where(Matter.merged_into_id.in_(matter_ids)).order_by(Matter.number)
    found: dict[str, list[Matter]] = defaultdict(list)
    for matter in session.scalars(statement):
        found[str(matter.merged_into_id)].append(matter)
    return found


def _sources(pack: Pack, matter: Matter, merged: Sequence[Matter]) -> str:
    """Name the source of a matter, and those of what was merged into it, a line each."""
    own = pack.name("choice", f"source.{matter.source}")
    others = (f"{pack.name('choice', f'source.{each.source}')}（{each.number}）" for each in merged)
    return "\n".join((own, *others))


def _by_case(rows: Sequence[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _terms(session: Session, ids: Sequence[str]) -> Mapping[str, date]:
    """Read the last day of each case's newest term: the clock of a scope, not of a task."""
    is_term = (Clock.case_id.in_(ids), Clock.due_of.is_not(None), Clock.due_of.not_like("%#%"))
    newest = (
        select(Clock.case_id, func.max(Clock.armed_seq).label("seq"))
        .where(*is_term)
        .group_by(Clock.case_id)
        .subquery()
    )
    statement = (
        select(Clock.case_id, func.max(Clock.due_on))
        .join(newest, (newest.c.case_id == Clock.case_id) & (newest.c.seq == Clock.armed_seq))
        .where(*is_term)
        .group_by(Clock.case_id)
    )
    return dict(session.execute(statement).all())


def _files(session: Session, ids: Sequence[str]) -> Mapping[str, list[tuple[str, str]]]:
    statement = (
        select(Attachment.case_id, Attachment.level, Attachment.name)
        .where(Attachment.case_id.in_(ids))
        .order_by(Attachment.id)
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for case_id, level, name in session.execute(statement):
        found[str(case_id)].append((level, name))
    return found


def _heads(session: Session, organisations: set[str], today: date) -> Mapping[str, str]:
    """Read the secretaries of organisations today: post and name, a line each."""
    statement = (
        select(Tenure.organisation_id, Tenure.post, Person.name)
        .join(Person, Person.id == Tenure.person_id)
        .where(
            Tenure.organisation_id.in_(organisations),
            Tenure.from_on <= today,
            func.coalesce(Tenure.until_on, today) >= today,
        )
        .order_by(Tenure.from_on.desc(), Tenure.id)
    )
    found: dict[str, str] = {}
    for organisation, post, name in session.execute(statement):
        if _HEAD in post and _DEPUTY not in post:
            found.setdefault(organisation, f"{post}\n{name}")
    return found


def _line(
    session: Session, row: Any, batch: _Batch, levels: frozenset[str], today: date
) -> LedgerLine:
    case, matter, organisation = row
    pack = pack_of(session, case.pack_hash)
    told = _told(session, case, batch.streams.get(case.id, ()), levels)
    return LedgerLine(
        matter_number=matter.number,
        organisation=with_former(organisation, former_name(session, case, matter)),
        problem_type=pack.name("choice", f"problem_type.{matter.problem_type}"),
        description=matter.summary,
        source=_sources(pack, matter, batch.merged.get(matter.id, [])),
        found_on=matter.found_on,
        measures=told.measures,
        responsible=told.responsible or batch.heads.get(case.subject_organisation_id, ""),
        due_on=batch.terms.get(case.id, case.due_on),
        percent=100 if told.closed_on else told.percent,
        evidence=tuple(name for level, name in batch.files.get(case.id, ()) if level in levels),
        light=_light(session, case, batch, today),
        urged=told.urged,
        closed_on=told.closed_on,
        minutes=matter.determined_minutes or "",
    )


def _light(session: Session, case: Case, batch: _Batch, today: date) -> str:
    if case.state == "ended":
        return "done"
    if case.state == "stopped":
        return "paused"
    light = case_light(
        session,
        case,
        batch.tasks.get(case.id, []),
        batch.clocks.get(case.id, []),
        today,
        batch.stopped,
    )
    return "paused" if light.is_hatched else light.colour.value


def _told(session: Session, case: Case, rows: Sequence[Any], levels: frozenset[str]) -> Course:
    sealed = {row.seq: row for row in rows}

    def payload_of(pack: Pack, seq: int) -> Mapping[str, Any] | None:
        row = sealed[seq]
        try:
            payload = read_payload(session, row.key_id, case.id, row.seq, row.sealed)
        except PayloadErased:
            return None
        if levels >= levels_of(pack, payload):
            return closed_to(pack, payload, levels)
        return None

    records = [orjson.loads(row.body) for row in rows]
    return course_of(records, partial(pack_of, session), payload_of)


def course_of(
    records: Sequence[Mapping[str, Any]],
    pack_by_hash: Callable[[str], Pack],
    payload_of: Callable[[Pack, int], Mapping[str, Any] | None],
) -> Course:
    """Read what was planned, reported, urged and closed; what was taken back does not count.

    Args:
        records: All of a case, in order.
        pack_by_hash: Gives the pack that a record was made under.
        payload_of: Gives the payload of a seq, or None where the reader is not shown it.
    """
    course = Course()
    taken_back = {each["about"]["seq"] for each in records if each["kind"] in _TAKEN_BACK}
    for record in records:
        if record["kind"] != RecordKind.TASK_COMPLETED or record["seq"] in taken_back:
            continue
        pack = pack_by_hash(split_definition(record["definition"])[0])
        form_id = _forms_of(pack).get(record["trigger"]["name"])
        course.urged += form_id in _LETTERS
        payload = payload_of(pack, record["seq"])
        if payload is not None:
            _take_in(course, form_id, payload)
    return course


@lru_cache(maxsize=64)
def _forms_of(pack: Pack) -> Mapping[str, str]:
    """Give the form of each activity that has one, whichever process it stands in."""
    return {
        element.id: str(element.attributes["form"])
        for definition in pack.processes.values()
        for element in definition.process.elements.values()
        if element.attributes.get("form")
    }


def _take_in(told: Course, form_id: str | None, payload: Mapping[str, Any]) -> None:
    form, facts = payload["form"], payload["facts"]
    if form_id == _PLAN:
        told.measures = str(form.get("measures") or told.measures)
        named = form.get("responsible")
        told.responsible = named if isinstance(named, str) else told.responsible
    if form_id == _PROGRESS and isinstance(form.get("percent"), int):
        told.percent = form["percent"]
    new = {name: change["new"] for name, change in facts.items()}
    if new.get("closed_on"):
        told.closed_on = date.fromisoformat(new["closed_on"])
    if new.get("closure") == "returned" or new.get("look_back_outcome") == "relapsed":
        told.closed_on, told.percent = None, None
