"""Matters: what was found."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue, PathText, Scoped


class Matter(Scoped, Base):
    """A problem, its source and the organisation it was found at.

    ``determination`` says how the label 软弱涣散 stands: ``reported`` until a batch act
    determines it (DOMAIN 5.7.5), then the number of its minutes is kept beside it.
    ``request_key`` is of the form that registered it: sent twice, it registers once.
    ``merged_into_id`` is the matter that it is handled with since it was merged.
    ``relapse_of_id`` is the ended matter whose problem came back in this one, for which
    ``liaison_level`` (包联) is a step higher.
    """

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("request_key"),
        Index(None, "org_path", "registered_at"),
        Index(None, "organisation_id", "found_on"),
        Index(None, "problem_type"),
    )

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    registering_office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    problem_type: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(30))
    summary: Mapped[str] = mapped_column(Text)
    found_on: Mapped[date]
    registered_at: Mapped[datetime]
    registered_by: Mapped[str] = mapped_column(String(40))
    determination: Mapped[str] = mapped_column(String(20), default="reported")
    determined_minutes: Mapped[str | None] = mapped_column(String(80))
    request_key: Mapped[str | None] = mapped_column(String(64))
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("matter.id"), index=True)
    relapse_of_id: Mapped[str | None] = mapped_column(ForeignKey("matter.id"), index=True)
    liaison_level: Mapped[str] = mapped_column(String(20), default="first_secretary")


class MatterMerge(Base):
    """That a matter was merged into another, or that this was asked for; never deleted."""

    __tablename__ = "matter_merge"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'merged', 'refused', 'undone')", name="state"),
        Index(None, "matter_id", "state"),
        Index(None, "into_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    matter_id: Mapped[str] = mapped_column(ForeignKey("matter.id"))
    into_id: Mapped[str] = mapped_column(ForeignKey("matter.id"))
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(40))
    undone_at: Mapped[datetime | None]
    undone_reason: Mapped[str] = mapped_column(Text, default="")


class FeedbackDuty(Base):
    """What is owed to whom a matter came from; a merger changes nothing in it.

    ``towards`` is a kind of source and never names anybody. Without ``due_on`` nobody
    outside has set a day.
    """

    __tablename__ = "feedback_duty"
    __table_args__ = (Index(None, "matter_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[str] = mapped_column(ForeignKey("matter.id"))
    towards: Mapped[str] = mapped_column(String(30))
    document: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date | None]
    noted_by: Mapped[str] = mapped_column(String(40))
    noted_at: Mapped[datetime]
    given_on: Mapped[date | None]
    given_document: Mapped[str] = mapped_column(String(120), default="")
    given_by: Mapped[str | None] = mapped_column(String(40))
    given_at: Mapped[datetime | None]


class Attachment(Scoped, Base):
    """A piece of evidence, known by its hash; as confidential as the form it came with."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "case_id"), Index(None, "org_path"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    level: Mapped[str] = mapped_column(String(2))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by: Mapped[str] = mapped_column(String(40))
    uploaded_at: Mapped[datetime]


class MatterImport(Base):
    """A ledger that was imported, by the hash of its file."""

    __tablename__ = "matter_import"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(40))
    counts: Mapped[dict[str, int]] = mapped_column(JsonValue)
