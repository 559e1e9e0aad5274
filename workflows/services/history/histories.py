"""Reading what happened for a back-test: through a scope, as exports do, and never writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.domain.clocks import due_at_of
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.levels import CLUES, INTERNAL
from workflows.engine import Pack
from workflows.engine.simulation.books import Surroundings
from workflows.engine.simulation.histories import CaseHistory, MatterHistory, Sweeps
from workflows.services.calendars import calendar_of
from workflows.services.offices import Place, office_for
from workflows.services.packs import pack_files
from workflows.services.vault import PayloadErased, opened_whole, unseal
from workflows.store.journal import first_firings, read_streams
from workflows.store.tables import CalendarVersion, Case, Matter, Organisation, PackVersion

# A record without a payload says nothing of facts, forms or links.
_EMPTY = b'{"attachments":[],"facts":{},"form":{},"links":{},"reason":null,"trace_values":{}}'


class PeriodEmpty(NotFound):
    """No matter was registered from {from_on} to {to_on}."""

    code: ClassVar[str] = "period_empty"


class PeriodBackwards(InvalidInput):
    """The period from {from_on} to {to_on} ends before it begins."""

    code: ClassVar[str] = "period_backwards"


class ProcessesLacking(InvalidInput):
    """The pack has no {processes}, which cases of the period walk."""

    code: ClassVar[str] = "processes_lacking"


@dataclass(frozen=True, slots=True)
class Period:
    """The local days on which matters were registered, both included."""

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.to_on < self.from_on:
            raise PeriodBackwards(from_on=self.from_on, to_on=self.to_on)

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Give the first moment, and the first one after the end."""
        day_before = date.fromordinal(self.from_on.toordinal() - 1)
        return due_at_of(day_before), due_at_of(self.to_on)


def matters_of(session: Session, period: Period) -> list[str]:
    """Give the matters whose first case was opened in a period.

    Raises:
        PeriodEmpty: There is none.
    """
    first, after = period.moments
    statement = (
        select(Case.matter_id)
        .where(Case.parent_case_id.is_(None), Case.opened_at >= first, Case.opened_at < after)
        .distinct()
        .order_by(Case.matter_id)
    )
    found = list(session.scalars(statement))
    if not found:
        raise PeriodEmpty(from_on=period.from_on, to_on=period.to_on)
    return found


def refuse_lacking(session: Session, pack: Pack, period: Period) -> None:
    """Make sure that a pack has the processes that cases of a period walk.

    Raises:
        ProcessesLacking: It has not.
    """
    parent = aliased(Case)
    first, after = period.moments
    statement = (
        select(Case.process_id)
        .join(parent, parent.matter_id == Case.matter_id)
        .where(parent.parent_case_id.is_(None), parent.opened_at >= first)
        .where(parent.opened_at < after, Case.level != CLUES)
        .distinct()
    )
    lacking = sorted(set(session.scalars(statement)) - set(pack.processes))
    if lacking:
        raise ProcessesLacking(processes=", ".join(lacking))


def read_surroundings(session: Session, pack: Pack, horizon: datetime) -> Surroundings:
    """Read what the cases of a history are played by, up to a moment."""
    hashes = list(session.scalars(select(PackVersion.hash)))
    versions = select(CalendarVersion.version, CalendarVersion.created_at).order_by(
        CalendarVersion.created_at
    )
    calendars = tuple(
        (row.created_at, calendar_of(session, row.version).jsonl())
        for row in session.execute(versions)
    )
    return Surroundings(
        pack=dict(pack.files),
        packs=pack_files(session, hashes),
        calendars=calendars,
        sweeps=Sweeps.of(first_firings(session)),
        horizon=horizon,
    )


def read_matters(session: Session, pack: Pack, matter_ids: list[str]) -> list[MatterHistory]:
    """Read the histories of some matters; a payload whose key is gone is null.

    Sealed cases are no part of them: a report counts cases.
    """
    rows = session.execute(
        select(Case, Matter.registering_office_id)
        .join(Matter, Matter.id == Case.matter_id)
        .where(Case.matter_id.in_(matter_ids), Case.level != CLUES)
        .order_by(Case.matter_id, Case.opened_at, Case.number)
    ).all()
    streams = read_streams(session, [row.Case.id for row in rows])
    rules = lane_rules(pack)
    found: dict[str, list[CaseHistory]] = {}
    for case, office_id in rows:
        place = Place(case.subject_organisation_id, case.org_path, office_id)
        history = CaseHistory(
            id=case.id,
            number=case.number if case.level == INTERNAL else "",
            process_id=case.process_id,
            org_path=case.org_path,
            parent=case.parent_case_id,
            offices={rule: office_for(session, rule, place).id for rule in rules},
            records=tuple(_records(session, case.id, streams.get(case.id, ()))),
        )
        found.setdefault(case.matter_id, []).append(history)
    return [MatterHistory(tuple(cases)) for cases in found.values()]


def lane_rules(pack: Pack) -> frozenset[str]:
    """Give the rules by which the lanes of a pack find their offices."""
    lanes = (
        element.lane
        for definition in pack.processes.values()
        for element in definition.process.elements.values()
    )
    return frozenset({"subject"} | {lane.office for lane in lanes if lane and lane.office})


def office_names(session: Session) -> Mapping[str, str]:
    """Give the names of all organisations by id."""
    return dict(session.execute(select(Organisation.id, Organisation.name)).all())


def _records(session: Session, case_id: str, rows: Any) -> Iterator[tuple[str, bytes | None]]:
    for row in rows:
        if row.sealed is None:
            yield row.body, _EMPTY
            continue
        try:
            opened = unseal(session, row.key_id, case_id, row.seq, row.sealed)
            whole = orjson.dumps(opened_whole(opened)) if opened.openings else opened.content
            yield row.body, whole
        except PayloadErased:
            yield row.body, None
