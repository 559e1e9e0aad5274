"""What an inspection report tells: the cases of a place and a period, and what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.record_kinds import MoveReason, RecordKind
from workflows.queries.log.checkpoints import SignedHead, key_fingerprint, signed_head
from workflows.services.packs import pack_of
from workflows.services.reports.log_cases import (
    Reader,
    Wanted,
    is_sealed_process,
    organisation_at,
    wanted_cases,
)
from workflows.store.journal import read_streams
from workflows.store.tables import Case, Clock, Matter, Organisation, Person

_BATCH = 200
_PERSONAL, _SEALED = "L2", "L3"
# The process that appeals would run on, where a pack has one.
_APPEAL = "appeal"
_TAKEN_BACK = frozenset({RecordKind.WITHDRAWN, RecordKind.UNDONE})
_ACTS_OF_OFFICERS: Mapping[str, str] = {
    "pause": "pauses",
    "pause_from": "late_entries",
    "enter_late": "late_entries",
}
_ACTS_OF_KINDS: Mapping[str, str] = {
    RecordKind.CORRECTED: "corrections",
    RecordKind.WITHDRAWN: "withdrawals",
    RecordKind.UNDONE: "undone",
}
# What is counted of the records of a period.
ACTS = ("extensions", "pauses", "late_entries", "corrections", "withdrawals", "undone")
# How a term ended: before it ran out, not before, or not yet.
TERMS = ("kept", "missed", "running")
_TERM_OF_STATE: Mapping[str, str] = {"cancelled": "kept", "fired": "missed"}


@dataclass(frozen=True, slots=True)
class InspectedCase:
    """A case as it stands; ``person`` is there for who is cleared to name him.

    ``rung`` is where it stands or stood last, ``is_referral`` says that it hands a matter
    over to another authority.
    """

    id: str
    number: str
    matter: str
    level: str
    organisation: str
    person: str
    problem_type: str
    source: str
    rung: int | None
    state: str
    outcome: str
    process: str
    pack_hash: str
    due_on: date | None
    opened_on: date
    is_referral: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """The cases that a reader may take out, what their records of the period tell, and the log.

    ``acts`` are counted by the names of `ACTS`, ``terms`` by those of `TERMS`: those whose last
    day lies in the period. ``appeals`` and ``referrals`` are None where nothing is to be said
    of them: there is no process for the one, the reader may not know of the other. ``head`` is
    None where no checkpoint was signed yet.
    """

    place: str
    wanted: Wanted
    levels: frozenset[str]
    cases: tuple[InspectedCase, ...]
    acts: Mapping[str, int]
    terms: Mapping[str, int]
    appeals: int | None
    referrals: int | None
    records: int
    head: SignedHead | None
    fingerprint: str

    @property
    def matters(self) -> int:
        """Count the matters that have one of the cases."""
        return len({case.matter for case in self.cases})


@dataclass(slots=True)
class _Counts:
    acts: Counter[str] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)
    records: int = 0


def inspect(
    session: Session, reader: Reader, wanted: Wanted, levels: frozenset[str], title: str
) -> Inspection:
    """Read what a report tells of the wanted cases.

    Args:
        session: Carries the scope of whoever asks.
        reader: Whose roles say which cases are in it.
        wanted: The place and the period.
        levels: What may be told; persons' cases are in it only with L2.
        title: The name of the installation, where no place is named.

    Raises:
        NotFound: There is no such organisation.
    """
    counts, cases = _Counts(), []
    for batch in _batches(session, wanted):
        told = [row for row in batch if _may_be_told(session, row.Case, reader, levels)]
        cases += [_case(session, row, levels) for row in told]
        _count(session, [row.Case.id for row in told], wanted, counts)
    place = title
    if wanted.organisation is not None:
        place = organisation_at(session, wanted.organisation).name
    head = signed_head(session)
    return Inspection(
        place=place,
        wanted=wanted,
        levels=levels,
        cases=tuple(cases),
        acts={name: counts.acts[name] for name in ACTS},
        terms={name: counts.terms[name] for name in TERMS},
        appeals=_appeals(session, cases) if _PERSONAL in levels else None,
        referrals=sum(case.is_referral for case in cases) if _SEALED in levels else None,
        records=counts.records,
        head=head,
        fingerprint=key_fingerprint(session, head.note) if head else "",
    )


def _batches(session: Session, wanted: Wanted) -> Iterator[Sequence[Any]]:
    """Read the wanted cases by place, matter and day, some at a time."""
    order = (Case.org_path, Matter.found_on, Case.number)
    ids = session.scalars(
        select(Case.id)
        .join(Matter, Matter.id == Case.matter_id)
        .where(wanted_cases(session, wanted))
        .order_by(*order)
    ).all()
    for start in range(0, len(ids), _BATCH):
        yield session.execute(
            select(Case, Matter, Organisation.name, Person.name.label("person"))
            .join(Matter, Matter.id == Case.matter_id)
            .join(Organisation, Organisation.id == Case.subject_organisation_id)
            .outerjoin(Person, Person.id == Case.subject_person_id)
            .where(Case.id.in_(ids[start : start + _BATCH]))
            .order_by(*order)
        ).all()


def _may_be_told(session: Session, case: Case, reader: Reader, levels: frozenset[str]) -> bool:
    if case.level not in levels & reader.levels_in(case):
        return False
    return _SEALED in levels or not _is_referral(session, case)


def _is_referral(session: Session, case: Case) -> bool:
    return is_sealed_process(pack_of(session, case.pack_hash), case.process_id)


def _case(session: Session, row: Any, levels: frozenset[str]) -> InspectedCase:
    case, matter, organisation, person = row
    pack = pack_of(session, case.pack_hash)
    return InspectedCase(
        id=case.id,
        number=case.number,
        matter=matter.number,
        level=case.level,
        organisation=organisation,
        person=(person or "") if _PERSONAL in levels else "",
        problem_type=pack.name("choice", f"problem_type.{matter.problem_type}"),
        source=pack.name("choice", f"source.{matter.source}"),
        rung=case.rung,
        state=case.state,
        outcome=case.outcome or "",
        process=case.process_id,
        pack_hash=case.pack_hash,
        due_on=case.due_on,
        opened_on=local_date(case.opened_at),
        is_referral=_is_referral(session, case),
    )


def _appeals(session: Session, cases: Sequence[InspectedCase]) -> int | None:
    packs = {case.pack_hash for case in cases}
    if not any(_APPEAL in pack_of(session, each).processes for each in packs):
        return None
    return sum(case.process == _APPEAL for case in cases)


def _count(session: Session, ids: Sequence[str], wanted: Wanted, counts: _Counts) -> None:
    """Count what the records of some cases tell of the period, and how their terms ended."""
    for rows in read_streams(session, ids).values():
        records = [orjson.loads(row.body) for row in rows]
        taken_back = {each["about"]["seq"] for each in records if each["kind"] in _TAKEN_BACK}
        for row, record in zip(rows, records, strict=True):
            if _is_within(local_date(row.recorded_at), wanted):
                counts.records += 1
                counts.acts.update(_acts(record, taken_back))
    states = (
        select(Clock.state, Clock.due_on, func.count())
        .where(Clock.case_id.in_(ids), Clock.kind == "act", Clock.due_of.is_not(None))
        .group_by(Clock.state, Clock.due_on)
    )
    for state, due_on, number in session.execute(states):
        if _is_within(due_on, wanted):
            counts.terms[_TERM_OF_STATE.get(state, "running")] += number


def _is_within(on: date, wanted: Wanted) -> bool:
    after = wanted.from_on is None or on >= wanted.from_on
    return after and (wanted.to_on is None or on <= wanted.to_on)


def _acts(record: Mapping[str, Any], taken_back: set[int]) -> Iterator[str]:
    """Give what a record counts as; nothing where it was taken back."""
    if record["kind"] in _ACTS_OF_KINDS:
        yield _ACTS_OF_KINDS[record["kind"]]
        return
    if record["seq"] in taken_back:
        return
    if record["kind"] == RecordKind.INTERVENED and record["trigger"]["name"] in _ACTS_OF_OFFICERS:
        yield _ACTS_OF_OFFICERS[record["trigger"]["name"]]
    if any(moved["why"] == MoveReason.EXTENSION for moved in record["effects"]["moved"]):
        yield "extensions"
