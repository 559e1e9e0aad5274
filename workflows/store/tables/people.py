"""People with public duty, their posts and duties (DOMAIN 1.2 #15)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText, Scoped


class Person(Base):
    """A holder of public duty; nobody else is ever recorded."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    staff_code: Mapped[str | None] = mapped_column(String(40), unique=True)


class Tenure(Scoped, Base):
    """Who held which post from when until when."""

    __tablename__ = "tenure"
    __table_args__ = (
        Index(None, "organisation_id", "post"),
        Index(None, "person_id"),
        Index(None, "org_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    post: Mapped[str] = mapped_column(String(60))
    subject_category: Mapped[str] = mapped_column(String(30))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    document: Mapped[str] = mapped_column(String(120), default="")


class Handover(Scoped, Base):
    """That a post changed hands: who left it, who took it, from which day on.

    ``due_on`` is until when the paper of the hand-over is signed, and ``witness`` saw it.
    Without ``to_person_id`` the post is vacant.
    """

    __tablename__ = "handover"
    __table_args__ = (Index(None, "organisation_id", "post"), Index(None, "org_path"))

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    post: Mapped[str] = mapped_column(String(60))
    from_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    to_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    first_on: Mapped[date]
    document: Mapped[str] = mapped_column(String(120))
    remark: Mapped[str] = mapped_column(Text, default="")
    moved: Mapped[int] = mapped_column(default=0)
    noted_by: Mapped[str] = mapped_column(String(40))
    noted_at: Mapped[datetime]
    due_on: Mapped[date]
    signed_on: Mapped[date | None]
    signed_document: Mapped[str] = mapped_column(String(120), default="")
    witness: Mapped[str] = mapped_column(String(60), default="")
    signed_by: Mapped[str | None] = mapped_column(String(40))
    signed_at: Mapped[datetime | None]


class Duty(Scoped, Base):
    """A line of the responsibility list: it binds a post, never a person.

    ``listed_on`` is the day on which it was entered, null for those of a first import.
    """

    __tablename__ = "duty"
    __table_args__ = (Index(None, "organisation_id", "post"), Index(None, "org_path"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    post: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(String(200))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    listed_on: Mapped[date | None]
