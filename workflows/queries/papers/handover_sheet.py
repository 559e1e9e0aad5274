"""What somebody has in hand when he hands over for a while (交接单): tasks, dates, papers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.domain.clocks import local_date
from workflows.domain.errors import NotFound
from workflows.domain.levels import CLUES, INTERNAL
from workflows.domain.records import RecordKind
from workflows.domain.roles import ADMINISTRATORS, Actor
from workflows.queries.papers.documents import documents_by
from workflows.queries.staff.delegations import Lent, delegations_of
from workflows.services.packs import definition_of
from workflows.store.tables import Case, Clock, JournalRecord, Organisation, Task

MOST_TASKS, MOST_DATES = 50, 60
_MOST_READ = 500
_OFFICE = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class InHand:
    """A case in which somebody has an open task; ``organisation`` is empty where it is a person's.

    The sheet goes from hand to hand, so it names nobody whom a case is about.
    """

    case_id: str
    case_number: str
    pack_hash: str
    process_id: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it: each line with its case; tasks and dates with the day, papers with their names.

    ``tasks`` are activities, ``dates`` paths or else rules, both in the words of the pack.
    """

    tasks: tuple[tuple[InHand, str, date | None], ...]
    dates: tuple[tuple[InHand, str, str, date], ...]
    papers: tuple[tuple[InHand, str, date], ...]


def delegation_seen(session: Session, actor: Actor, key: str) -> Lent:
    """Give a delegation to its lender, his substitute, and the principal over the place.

    Raises:
        NotFound: There is none such for him.
    """
    works = not any(grant.role in ADMINISTRATORS for grant in actor.grants)
    for each in delegations_of(session, actor, key) if works else ():
        if each.row.kind == "delegation":
            return each
    raise NotFound(what="delegation", key=key)


def sheet_of(session: Session, lender: Actor) -> Sheet:
    """Read what somebody has in hand, as far as the session's scope shows it."""
    rows = _in_hand(session, lender)
    cases = {case.case_id: case for case, _ in rows}
    return Sheet(
        tasks=tuple((case, task.activity, task.due_on) for case, task in rows),
        dates=tuple(_dates(session, cases, {f"{t.path}#{t.n}" for _, t in rows})),
        papers=tuple(_papers(session, cases, lender.account_id)),
    )


def _in_hand(session: Session, lender: Actor) -> list[tuple[InHand, Task]]:
    """Give what he took, and what nobody took in cases in which he acted and may act again."""
    statement = (
        select(
            Task,
            Case.number,
            Case.pack_hash,
            Case.process_id,
            Case.level,
            Organisation.name,
            _OFFICE.path,
        )
        .join(Case, Case.id == Task.case_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .join(_OFFICE, _OFFICE.id == Task.office_id)
        .where(Task.state == "open", Case.level != CLUES)
        .where(or_(Task.claimant == lender.account_id, _free_where_he_acted(lender.account_id)))
        .order_by(Task.due_on.is_(None), Task.due_on, Case.number, Task.id)
        .limit(_MOST_READ)
    )
    found = [
        (InHand(task.case_id, number, pack, process, name if level == INTERNAL else ""), task)
        for task, number, pack, process, level, name, office in session.execute(statement)
        if task.claimant or lender.holds(task.roles.split(), office)
    ]
    return found[:MOST_TASKS]


def _free_where_he_acted(account_id: str) -> ColumnElement[bool]:
    acted = exists().where(
        JournalRecord.stream_id == Task.case_id,
        JournalRecord.actor == account_id,
        JournalRecord.kind == RecordKind.TASK_COMPLETED,
    )
    return and_(Task.claimant.is_(None), acted)


def _dates(
    session: Session, cases: dict[str, InHand], of_tasks: Collection[str]
) -> Iterator[tuple[InHand, str, str, date]]:
    """Give the other running dates of these cases, the nearest first."""
    statement = (
        select(Clock)
        .where(Clock.case_id.in_(list(cases)), Clock.state == "running")
        .order_by(Clock.due_on, Clock.id)
        .limit(MOST_DATES)
    )
    for clock in session.scalars(statement):
        if clock.due_of not in of_tasks:
            path = (clock.due_of or "").partition("#")[0]
            yield cases[clock.case_id], path, clock.rule, clock.due_on


def _papers(
    session: Session, cases: dict[str, InHand], account_id: str
) -> Iterator[tuple[InHand, str, date]]:
    """Give the documents that this account's acts made and that have no number yet."""
    for case_id, case in cases.items():
        definition = definition_of(session, case.pack_hash, case.process_id)
        for line in documents_by(session, case_id, definition):
            made = line.made
            is_his = account_id in (made.record.actor, made.record.acting_for)
            if is_his and made.document.word and line.issued is None:
                yield case, made.document.name, local_date(made.record.occurred_at)
