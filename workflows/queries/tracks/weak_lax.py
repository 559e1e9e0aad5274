"""The statutory table of weak and lax branches, each figure with the matters that it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.weak_lax import (
    TYPES,
    UNSTATED,
    Determination,
    Figure,
    FollowUpColumn,
    Kind,
    Labelled,
    figure,
    kind_of,
)
from workflows.store.tables import Case, Matter, Organisation, WeakLaxFollowUp, WeakLaxResult

FOUND, IMPROVED = "found", "improved"


@dataclass(frozen=True, slots=True)
class YearTable:
    """A year's table: figures by column, of villages, of communities and of both (None)."""

    year: int
    rows: Mapping[Kind | None, Mapping[str, Figure]]
    has_unstated: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A matter behind a figure, with its organisation and its cases that the viewer sees."""

    matter: Matter
    organisation: str
    cases: tuple[Case, ...]


def labelled(session: Session) -> tuple[Labelled, ...]:
    """Read every stretch in which a matter of the session's scope bore the label."""
    statement = (
        select(WeakLaxResult, Organisation.name)
        .join(Matter, Matter.id == WeakLaxResult.matter_id)
        .join(Organisation, Organisation.id == Matter.organisation_id)
        .order_by(WeakLaxResult.matter_id, WeakLaxResult.id)
    )
    return tuple(_stretches(session.execute(statement).all()))


def _stretches(rows: Sequence[tuple[WeakLaxResult, str]]) -> Iterator[Labelled]:
    begun: dict[str, tuple[WeakLaxResult, str]] = {}
    for row, name in rows:
        if row.result == Determination.DETERMINED:
            begun[row.matter_id] = (row, name)
        elif row.matter_id in begun and row.result == Determination.LIFTED:
            yield _stretch(*begun.pop(row.matter_id), row.met_on)
    for row, name in begun.values():
        yield _stretch(row, name, None)


def _stretch(row: WeakLaxResult, name: str, until: date | None) -> Labelled:
    return Labelled(row.matter_id, name, row.kind, row.met_on, until)


def year_table(session: Session, year: int) -> YearTable:
    """Count a year: what was found, by type, what was improved, and the follow-up columns."""
    found = [each for each in labelled(session) if each.counts_in(year)]
    done = _follow_ups(session, year)
    rows: dict[Kind | None, Mapping[str, Figure]] = {
        kind: _row(found, done, year, _of_kind(kind)) for kind in (*Kind, None)
    }
    return YearTable(year, rows, any(each.type == UNSTATED for each in found))


def _of_kind(kind: Kind | None) -> Callable[[str], bool]:
    return lambda name: kind is None or kind_of(name) is kind


def _row(
    found: Iterable[Labelled],
    done: Iterable[tuple[WeakLaxFollowUp, str]],
    year: int,
    is_in: Callable[[str], bool],
) -> Mapping[str, Figure]:
    mine = [each for each in found if is_in(each.organisation)]
    cells = {FOUND: _number(mine), IMPROVED: _number(e for e in mine if e.improved_in(year))}
    for type_ in (*TYPES, UNSTATED):
        cells[f"type{type_}"] = _number(each for each in mine if each.type == type_)
    counted = [row for row, name in done if is_in(name)]
    for measure in FollowUpColumn:
        amounts = ((row.matter_id, row.amount) for row in counted if row.measure == measure)
        cells[measure.value] = figure(amounts)
    return cells


def _number(found: Iterable[Labelled]) -> Figure:
    """Count branches once each, whatever happened to them in the year."""
    return figure((key, 1) for key in dict.fromkeys(each.matter_id for each in found))


def _follow_ups(session: Session, year: int) -> Sequence[tuple[WeakLaxFollowUp, str]]:
    statement = (
        select(WeakLaxFollowUp, Organisation.name)
        .join(Matter, Matter.id == WeakLaxFollowUp.matter_id)
        .join(Organisation, Organisation.id == Matter.organisation_id)
        .where(
            WeakLaxFollowUp.withdrawn_at.is_(None),
            WeakLaxFollowUp.done_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .order_by(WeakLaxFollowUp.id)
    )
    return [(row, name) for row, name in session.execute(statement)]


def counted(session: Session, matter_ids: Iterable[str]) -> tuple[Counted, ...]:
    """Give matters with their cases, as far as the session's scope shows them."""
    wanted = tuple(matter_ids)
    cases: dict[str, list[Case]] = {}
    for case in session.scalars(select(Case).where(Case.matter_id.in_(wanted)).order_by(Case.id)):
        cases.setdefault(case.matter_id, []).append(case)
    statement = (
        select(Matter, Organisation.name)
        .join(Organisation, Organisation.id == Matter.organisation_id)
        .where(Matter.id.in_(wanted))
        .order_by(Matter.org_path, Matter.number)
    )
    return tuple(
        Counted(matter, name, tuple(cases.get(matter.id, ())))
        for matter, name in session.execute(statement)
    )


def results_of(session: Session, matter_id: str) -> Sequence[WeakLaxResult]:
    """Give what batch acts made of a matter, the oldest first."""
    statement = select(WeakLaxResult).where(WeakLaxResult.matter_id == matter_id)
    return session.scalars(statement.order_by(WeakLaxResult.id)).all()


def follow_ups_of(session: Session, matter_id: str) -> Sequence[WeakLaxFollowUp]:
    """Give what was entered for the follow-up columns of a matter, withdrawn ones too."""
    statement = select(WeakLaxFollowUp).where(WeakLaxFollowUp.matter_id == matter_id)
    return session.scalars(statement.order_by(WeakLaxFollowUp.id)).all()
