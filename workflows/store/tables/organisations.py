"""The organisation tree."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText
from workflows.store.pinyin import MAX_SPELT


class Organisation(Base):
    """A unit, or a body inside a unit that holds roles.

    ``path`` is the codes from the root down, each followed by a dot (``15.1501.150121.``):
    a subtree is the range from ``path`` to ``path`` with its last dot raised to ``/``.
    ``kind`` is ``unit`` for a place on the map, else the body: ``branch``, ``committee``,
    ``organisation`` (department), ``discipline``, ``supervision``. ``level`` is 1 region,
    2 league, 3 banner, 4 township, 5 gacha; a body has the level of its unit. ``until_on`` is
    the day from which it is no more, and ``successor_id`` who took its place. ``spelt`` is the
    name as ``store.pinyin`` spells it.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        Index(None, "path"),
        Index(None, "parent_id", "kind"),
    )

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16), default="unit")
    level: Mapped[int]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    path: Mapped[str] = mapped_column(PathText)
    spelt: Mapped[str] = mapped_column(String(MAX_SPELT), default="")
    until_on: Mapped[date | None]
    successor_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    until_document: Mapped[str | None] = mapped_column(String(120))
