"""What a matter was merged with, what could be merged, and what is owed to its sources."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.domain.merging import MergeState
from workflows.queries.names import names_of
from workflows.store.tables import Case, FeedbackDuty, Matter, MatterMerge

MOST = 50


@dataclass(frozen=True, slots=True)
class Merger:
    """A merger with both matters and the names of those who asked, decided and undid it."""

    row: MatterMerge
    matter: Matter
    into: Matter
    asked_by: str
    decided_by: str
    undone_by: str

    @property
    def took_two(self) -> bool:
        """Say whether somebody else had to agree."""
        return self.row.decided_by not in (None, self.row.asked_by)


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed to a source, with the number of the matter that came from it."""

    duty: FeedbackDuty
    matter_number: str


def merged_into(session: Session, matter: Matter) -> Matter | None:
    """Give the matter that another one is handled with, as far as the scope shows it."""
    if matter.merged_into_id is None:
        return None
    return session.scalar(select(Matter).where(Matter.id == matter.merged_into_id))


def merged_from(session: Session, matter_id: str) -> tuple[Matter, ...]:
    """Give the matters that are handled in one."""
    statement = select(Matter).where(Matter.merged_into_id == matter_id).order_by(Matter.found_on)
    return tuple(session.scalars(statement))


def mergers_of(session: Session, matter_id: str) -> tuple[Merger, ...]:
    """Read the mergers of a matter, whatever became of them, the newest first."""
    into = aliased(Matter)
    rows = session.execute(
        select(MatterMerge, Matter, into)
        .join(Matter, Matter.id == MatterMerge.matter_id)
        .join(into, into.id == MatterMerge.into_id)
        .where(or_(MatterMerge.matter_id == matter_id, MatterMerge.into_id == matter_id))
        .order_by(MatterMerge.asked_at.desc())
        .limit(MOST)
    ).all()
    people = [(row.asked_by, row.decided_by, row.undone_by) for row, *_ in rows]
    names = names_of(session, {each for three in people for each in three if each})
    return tuple(
        Merger(row, matter, target, *(names.get(each or "", "") for each in three))
        for (row, matter, target), three in zip(rows, people, strict=True)
    )


def owed_for(session: Session, matter_id: str) -> tuple[Owed, ...]:
    """Read what is owed for a matter and those merged into it, the earliest day first."""
    statement = (
        select(FeedbackDuty, Matter.number)
        .join(Matter, Matter.id == FeedbackDuty.matter_id)
        .where(or_(Matter.id == matter_id, Matter.merged_into_id == matter_id))
        .order_by(FeedbackDuty.due_on.asc().nulls_last(), FeedbackDuty.id)
    )
    return tuple(Owed(duty, number) for duty, number in session.execute(statement))


def could_merge(session: Session, matter: Matter) -> tuple[Matter, ...]:
    """Give the other matters of the same organisation that have an open case and stand alone."""
    has_case = exists().where(Case.matter_id == Matter.id, Case.level == "L1", Case.state == "open")
    waits = exists().where(
        MatterMerge.matter_id == Matter.id, MatterMerge.state == MergeState.ASKED.value
    )
    statement = (
        select(Matter)
        .where(
            Matter.org_path == matter.org_path,
            Matter.id != matter.id,
            Matter.merged_into_id.is_(None),
            has_case,
            ~waits,
        )
        .order_by(Matter.found_on, Matter.number)
        .limit(MOST)
    )
    return tuple(session.scalars(statement))
