"""Words that tell of state secrets, where an installation departs from the shipped list."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base


class SecretWord(Base):
    """A word and what it does; ``off`` takes one of the shipped list away."""

    __tablename__ = "secret_word"
    __table_args__ = (CheckConstraint("kind IN ('hard', 'warn', 'harmless', 'off')", name="kind"),)

    word: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime]
