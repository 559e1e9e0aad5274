"""Cases, tasks and clocks: projections of the journal (DESIGN 6)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue, PathText, Scoped

_OPEN = text("state = 'open'")
_RUNNING = text("state = 'running'")
_PAUSED = text("state = 'paused'")
_ENDED = text("state = 'ended'")
# A merged case is counted by its matter's target alone.
_LIVE = text("state NOT IN ('ended', 'merged')")
_L2 = text("level = 'L2'")
_BESIDE = text("parent_case_id IS NOT NULL")
_L3 = text("level = 'L3'")


class Case(Scoped, Base):
    """One subject on its way through one definition.

    ``version`` counts records and guards against a second writer; ``head`` is the hash
    of the last record. ``level`` is the confidentiality (L1 organisation, L2 person, L3
    sealed: about either).
    ``due_on`` is the due date of its rung's scope or its nearest task, for lists.
    ``overdue_scope`` is a scope whose term (to ``overdue_on``) ran out while it goes on.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("state IN ('open', 'stopped', 'merged', 'ended')", name="state"),
        CheckConstraint(
            "level = 'L3' OR (subject_person_id IS NULL) = (level = 'L1')",
            name="level",
        ),
        Index(None, "matter_id"),
        # All that counting the cases of a subtree in a scope, and their ages, asks for.
        Index(
            "ix_cases_place_live",
            "org_path",
            "rung",
            "level",
            "id",
            "opened_at",
            "overdue_on",
            "state",
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_cases_place_ended",
            "org_path",
            "level",
            "id",
            sqlite_where=_ENDED,
            postgresql_where=_ENDED,
        ),
        Index("ix_cases_personal", "org_path", sqlite_where=_L2, postgresql_where=_L2),
        Index("ix_cases_sealed", "org_path", sqlite_where=_L3, postgresql_where=_L3),
        # For the first ones of a whole region: the most urgent, and the last that ended.
        Index("ix_cases_due_live", "due_on", "id", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_cases_ended", "ended_at", "id", sqlite_where=_ENDED, postgresql_where=_ENDED),
        Index(None, "subject_person_id"),
        Index(None, "marking_hash"),
        # Few cases have a parent: whose page asks for those beside it walks no others.
        Index("ix_cases_beside", "parent_case_id", sqlite_where=_BESIDE, postgresql_where=_BESIDE),
    )

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    matter_id: Mapped[str] = mapped_column(ForeignKey("matter.id"))
    parent_case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    subject_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    subject_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    level: Mapped[str] = mapped_column(String(2))
    org_path: Mapped[str] = mapped_column(PathText)
    pack_hash: Mapped[str] = mapped_column(String(64))
    process_id: Mapped[str] = mapped_column(String(60))
    marking_hash: Mapped[str] = mapped_column(ForeignKey("marking.hash"))
    state: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(40))
    rung: Mapped[int | None]
    due_on: Mapped[date | None]
    overdue_scope: Mapped[str | None] = mapped_column(String(200))
    overdue_on: Mapped[date | None]
    version: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    head_at: Mapped[datetime]
    awaited: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_acted_at: Mapped[datetime]


class CaseFact(Base):
    """What is known of a case, a row a fact, so that a step rewrites only what changed."""

    __tablename__ = "case_fact"
    # The key and the rows are one tree then, and the facts of a case lie together.
    __table_args__ = ({"sqlite_with_rowid": False},)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Task(Scoped, Base):
    """An open or closed piece of human work, known as ``path#n``.

    ``is_milestone`` marks the terms of a series: missing one colours, it never ends.
    ``held`` is the state of what stays open in a case that was merged: nobody does it.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("case_id", "path", "n"),
        Index(
            "uq_task_open",
            "case_id",
            "path",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_task_office_open", "office_id", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index(
            "ix_task_claimant_open",
            "claimant",
            "due_at",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_task_path_open", "org_path", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        # For lists over a whole region, which are read in the order of their due dates.
        Index("ix_task_due_open", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_task_roles_open", "roles", sqlite_where=_OPEN, postgresql_where=_OPEN),
        # By rung for lists, and all that counting what stands where asks for.
        Index(
            "ix_task_rung_open",
            "rung",
            "org_path",
            "path",
            "level",
            "due_on",
            "is_milestone",
            "state",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    path: Mapped[str] = mapped_column(String(200))
    n: Mapped[int]
    activity: Mapped[str] = mapped_column(String(60))
    rung: Mapped[int | None]
    level: Mapped[str] = mapped_column(String(2))
    line: Mapped[str] = mapped_column(String(12))
    office_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    roles: Mapped[str] = mapped_column(String(60))
    claimant: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(40))
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    is_milestone: Mapped[bool] = mapped_column(default=False)
    opened_seq: Mapped[int]


class Clock(Base):
    """A deadline and how it came to its date.

    ``due_of`` is the ``path#n`` of the task whose due date this is, or the path of a
    scope. A firing is one row change guarded by UNIQUE(case, path, n): it happens once.
    """

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("case_id", "path", "n"),
        CheckConstraint("state IN ('running', 'paused', 'fired', 'cancelled')", name="state"),
        # In the order in which a sweep takes them, so that it never sorts what is due.
        Index("ix_clock_due", "due_at", "id", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
        Index("ix_clock_paused", "case_id", sqlite_where=_PAUSED, postgresql_where=_PAUSED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    path: Mapped[str] = mapped_column(String(200))
    n: Mapped[int]
    rule: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    due_of: Mapped[str | None] = mapped_column(String(210))
    anchor_on: Mapped[date]
    budget: Mapped[int]
    unit: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[date]
    due_at: Mapped[datetime]
    provisional: Mapped[bool]
    calendar: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    armed_seq: Mapped[int]
    ended_seq: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    extension_days: Mapped[int] = mapped_column(default=0)


class ClockPause(Base):
    """A stretch of days that a clock does not count; a hold ends by itself after ``until_on``."""

    __tablename__ = "clock_pause"
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "path", "n"],
            ["clock.case_id", "clock.path", "clock.n"],
            name="fk_clock_pause_clock",
        ),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(String(28))
    path: Mapped[str] = mapped_column(String(200))
    n: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    approver: Mapped[str] = mapped_column(String(40))


class Signature(Base):
    """One of several people who must sign the same task (DESIGN 4.2).

    ``signed_for`` is who he signed for by delegation. ``pair_with`` is a role under which
    he acted before and that his own does not go together with; ``reason`` says why he does
    both, and the principal signs for it.
    """

    __tablename__ = "signature"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    signer: Mapped[str] = mapped_column(String(40), primary_key=True)
    signed_at: Mapped[datetime]
    values: Mapped[dict[str, object]] = mapped_column(JsonValue)
    role: Mapped[str | None] = mapped_column(String(4))
    signed_for: Mapped[str | None] = mapped_column(String(40))
    pair_with: Mapped[str | None] = mapped_column(String(4))
    reason: Mapped[str | None] = mapped_column(Text)


class Draft(Base):
    """What an officer typed and has not sent yet."""

    __tablename__ = "draft"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    task: Mapped[str] = mapped_column(String(210), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    values: Mapped[dict[str, object]] = mapped_column(JsonValue)
    saved_at: Mapped[datetime]


class PersonEffect(Scoped, Base):
    """One effect of a measure on a person; each ends by itself (DOMAIN 5.7.2).

    ``standing`` is ``void`` where it was lifted from the start, ``ended`` where it ended
    early, with ``ended_on`` as its last day; ``ended_at`` is when that was recorded.
    """

    __tablename__ = "person_effect"
    __table_args__ = (
        Index(None, "person_id", "until_on"),
        Index(None, "org_path"),
        UniqueConstraint("case_id", "seq", "kind"),
        CheckConstraint("standing IN ('stands', 'ended', 'void')", name="standing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    kind: Mapped[str] = mapped_column(String(30))
    rule: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    basis: Mapped[str] = mapped_column(String(200))
    seq: Mapped[int]
    standing: Mapped[str] = mapped_column(String(8), default="stands", server_default="stands")
    ended_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class LateEntry(Base):
    """An act before a deadline that has already fired, waiting for a second person (DESIGN 6)."""

    __tablename__ = "late_entry"
    __table_args__ = (Index(None, "case_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    task: Mapped[str] = mapped_column(String(210))
    occurred_at: Mapped[datetime]
    performed_by: Mapped[str | None] = mapped_column(String(28))
    document: Mapped[str] = mapped_column(String(200))
    values: Mapped[dict[str, object]] = mapped_column(JsonValue)
    entered_by: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    decided_by: Mapped[str | None] = mapped_column(String(40))
