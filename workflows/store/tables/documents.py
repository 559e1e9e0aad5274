"""Documents of cases that bear a number: which, of which record, by whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText, Scoped


class IssuedDocument(Scoped, Base):
    """That a document got its number; ``seq`` is the record that made it.

    It says what the case's records up to ``until_seq`` say. ``level`` is that of the case, so
    that whoever may see the case may see this.
    """

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("case_id", "seq", "document"),
        UniqueConstraint("office_id", "number"),
        Index(None, "org_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    document: Mapped[str] = mapped_column(String(24))
    org_path: Mapped[str] = mapped_column(PathText)
    level: Mapped[str] = mapped_column(String(2))
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[str] = mapped_column(String(40))
    until_seq: Mapped[int]
    issued_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]
