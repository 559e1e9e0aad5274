"""Replies about persons, and notices that an effect has ended (DOMAIN 4, D22, D38)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText, Scoped


class ClearanceReply(Scoped, Base):
    """An answer about a person for a purpose and a day: drafted by one, signed by another.

    What it says is in ``sealed``, under the person's key; ``org_path`` is the unit that answers.
    ``state`` is ``replaced`` once a later one took its place, which names it in ``replaces_id``.
    """

    __tablename__ = "clearance_reply"
    __table_args__ = (
        UniqueConstraint("office_id", "number"),
        CheckConstraint("state IN ('drafted', 'issued', 'refused', 'replaced')", name="state"),
        CheckConstraint("(decided_at IS NULL) = (state = 'drafted')", name="decided"),
        CheckConstraint("decided_by <> drafted_by OR state = 'refused'", name="four_eyes"),
        Index(None, "person_id", "state"),
        Index(None, "org_path", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    on_day: Mapped[date]
    key_id: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(8), default="drafted")
    drafted_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    drafted_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    number: Mapped[str | None] = mapped_column(String(40))
    valid_until: Mapped[date | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("clearance_reply.id"))


class OverNotice(Scoped, Base):
    """That somebody was told that an effect on him has ended; ``seq`` and ``kind`` name it."""

    __tablename__ = "over_notice"
    __table_args__ = (
        UniqueConstraint("case_id", "seq", "kind"),
        UniqueConstraint("office_id", "number"),
        Index(None, "org_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[str] = mapped_column(String(40))
    issued_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]
