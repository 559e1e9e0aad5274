"""The journal: append-only (AUDIT.md, Append-only)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base


class JournalRecord(Base):
    """One record, as its canonical bytes; columns beside it only to find it."""

    __tablename__ = "journal_record"
    __table_args__ = (
        Index(None, "kind", "recorded_at"),
        # The sequencer walks through it without a look at the records themselves.
        Index(None, "recorded_at", "stream_id", "seq"),
        Index(None, "actor", "recorded_at"),
    )

    stream_id: Mapped[str] = mapped_column(String(28), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(40))
    role: Mapped[str | None] = mapped_column(String(4))
    acting_for: Mapped[str | None] = mapped_column(String(28))
    performed_by: Mapped[str | None] = mapped_column(String(28))
    recorded_at: Mapped[datetime]
    hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)


class JournalPayload(Base):
    """Salt and payload of a record, sealed under the key of its subject."""

    __tablename__ = "journal_payload"

    stream_id: Mapped[str] = mapped_column(String(28), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class SubjectKey(Base):
    """A subject's key, wrapped by the master key; deleting it erases the payloads under it.

    Its id is never used again: what is written about the subject later has another key.
    """

    __tablename__ = "subject_key"
    __table_args__ = (UniqueConstraint("subject_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(40))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class StreamHead(Base):
    """The last record of a house stream; a case keeps its head in its own row."""

    __tablename__ = "stream_head"

    stream_id: Mapped[str] = mapped_column(String(28), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    head_at: Mapped[datetime]
