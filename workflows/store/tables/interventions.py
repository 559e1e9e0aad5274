"""The register of those who asked about cases or meddled with them, each entry sealed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText


class Intervention(Base):
    """An entry; who it was, about which case and who says so stand in ``sealed``.

    ``office_path`` is the discipline office whose principal reads it. ``case_id`` is null
    where no case has the number that was typed.
    """

    __tablename__ = "intervention"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    office_path: Mapped[str] = mapped_column(PathText, index=True)
    kept_on: Mapped[date]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
