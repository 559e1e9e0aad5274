"""Who looked at what: listed beside the house stream for the auditor."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base


class Look(Base):
    """That somebody read a person's case, printed it or searched for people.

    ``house_seq`` is the record that says so; its sealed payload says what was searched for.
    ``is_strange`` that the case was never with the viewer's own office, ``is_off_hours`` that
    it was at night or on a day off.
    """

    __tablename__ = "look"
    __table_args__ = (
        Index(None, "looked_at", "house_seq"),
        Index(None, "account_id", "looked_at"),
        Index(None, "case_id", "looked_at"),
    )

    house_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[str] = mapped_column(String(28))
    what: Mapped[str] = mapped_column(String(10))
    case_id: Mapped[str | None] = mapped_column(String(28))
    looked_at: Mapped[datetime]
    is_strange: Mapped[bool]
    is_off_hours: Mapped[bool]
