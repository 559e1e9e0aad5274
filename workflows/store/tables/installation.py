"""What an installation is, and what its jobs leave behind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue


class Installation(Base):
    """The one row that says what this database is; its mode never changes.

    ``clock_offset_seconds`` moves the clock of a demo or test installation.
    """

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("mode IN ('production', 'demo', 'test')", name="mode"),
        CheckConstraint("mode <> 'production' OR clock_offset_seconds = 0", name="true_clock"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mode: Mapped[str] = mapped_column(String(12))
    house_id: Mapped[str] = mapped_column(String(28))
    title: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    clock_offset_seconds: Mapped[int] = mapped_column(default=0)
    last_seen_at: Mapped[datetime]


class Heartbeat(Base):
    """When a job last ran, and what it did.

    ``late_seconds`` is how late it was at most within the last day, at ``late_at``.
    """

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(String(20), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    late_seconds: Mapped[int] = mapped_column(default=0)
    late_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, int]] = mapped_column(JsonValue, default=dict)


class Incident(Base):
    """Something that needs a person: a case that a sweep cannot step, a lane without an office."""

    __tablename__ = "incident"
    __table_args__ = (Index(None, "resolved_at", "opened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    detail: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(40))


class Outbox(Base):
    """Something for another case or the outside, written in the transaction that decided it.

    ``target`` is for whom, where it leaves the house: it is tried again at ``retry_at``,
    after ``attempts`` that failed, the last one for ``problem``; ``given_up_at`` is when
    nobody needed it any more.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "sent_at", "id"), Index(None, "target", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    body: Mapped[dict[str, str]] = mapped_column(JsonValue)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    target: Mapped[str | None] = mapped_column(String(28))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    retry_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(200), default="", server_default="")


class NumberSeries(Base):
    """The last number given in a series of a year, so that gaps show."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
