"""Tables of officers on their way in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue


class ImportDraft(Base):
    """A table that somebody uploaded and looks at before it is applied; kept for a day.

    Applied, it gives up its rows, and keeps for a while what came of them.
    """

    __tablename__ = "import_draft"
    __table_args__ = (Index(None, "made_at"),)

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(12))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    sheets: Mapped[list[Any]] = mapped_column(JsonValue)
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    left_out: Mapped[bytes | None]
