"""Matters: what was found."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue, PathText, Scoped


class Matter(Scoped, Base):
    """A problem, its source and the organisation it was found at.

    ``determination`` says how the label 软弱涣散 stands: ``reported`` until a batch act
    determines it (DOMAIN 5.7.5), then the number of its minutes is kept beside it.
    ``request_key`` is of the form that registered it: sent twice, it registers once.
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
