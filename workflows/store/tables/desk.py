"""What somebody keeps at his desk for himself: filters, days to look again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue

_WAITS = text("done_seq IS NULL")


class SavedFilter(Base):
    """A filter of the worklist under a name; with an office its people use it too.

    ``values`` are those of the address, places by their id.
    """

    __tablename__ = "saved_filter"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index(None, "office_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(40))
    values: Mapped[dict[str, str]] = mapped_column(JsonValue)
    office_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    made_at: Mapped[datetime]


class DefaultFilter(Base):
    """The filter with which somebody's worklist opens."""

    __tablename__ = "default_filter"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    filter_id: Mapped[int] = mapped_column(ForeignKey("saved_filter.id"))


class Phrase(Base):
    """Words that somebody keeps for a field of a form; nobody else sees them."""

    __tablename__ = "phrase"
    __table_args__ = (Index(None, "account_id", "form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    form: Mapped[str] = mapped_column(String(80))
    field: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)


class Errand(Base):
    """What a meeting gave an office, or one person, to do in a case (交办); done once.

    ``seq`` is the record of the case that tells of the decision, ``done_seq`` that of its end.
    Without ``account_id`` it is for the people of the office. It is read with its case alone,
    by whose place the session's scope goes.
    """

    __tablename__ = "errand"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        Index(None, "office_id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index(None, "account_id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index(None, "set_by", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    set_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    set_at: Mapped[datetime]
    done_seq: Mapped[int | None]


class FollowUp(Base):
    """The day on which somebody wants to look at a case again; nobody else sees it."""

    __tablename__ = "follow_up"
    __table_args__ = (Index(None, "account_id", "look_on"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    look_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(100), default="")
    set_at: Mapped[datetime]
