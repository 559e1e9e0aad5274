"""Accounts and what they may do where."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.store.base import Base, JsonValue, PathText


class Account(Base):
    """Somebody who can log in; ``token`` changes with the password and ends all sessions."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("username"), UniqueConstraint("token"))

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    username: Mapped[str] = mapped_column(String(60))
    display_name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    office_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(5), default="zh")
    grants: Mapped[list[Grant]] = relationship(back_populates="account", lazy="selectin")


class Grant(Base):
    """A role on an organisation and everything below it."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "organisation_id", "from_on"),
        Index(None, "role", "org_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(4))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    account: Mapped[Account] = relationship(back_populates="grants")


class Delegation(Base):
    """Roles that an account uses for a while within bounds; it ends by itself.

    A ``delegation`` lends it roles of ``from_account_id``; a ``borrowing`` makes it a member
    of ``case_id`` and is in force once somebody approved it. ``activities`` are the steps
    that it is bounded to, all where there are none; ``instrument`` is the number of the paper.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("kind IN ('delegation', 'borrowing')", name="kind"),
        CheckConstraint("(kind = 'delegation') = (from_account_id IS NOT NULL)", name="lender"),
        CheckConstraint("(kind = 'borrowing') = (case_id IS NOT NULL)", name="case"),
        CheckConstraint("until_on >= from_on", name="dates"),
        Index(None, "account_id", "until_on"),
        Index(None, "from_account_id"),
        Index(None, "case_id"),
    )

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    from_account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    roles: Mapped[str] = mapped_column(String(100))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    org_path: Mapped[str] = mapped_column(PathText)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    activities: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    from_on: Mapped[date]
    until_on: Mapped[date]
    instrument: Mapped[str] = mapped_column(String(120))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(String(40))
    revoked_by: Mapped[str | None] = mapped_column(String(40))
    revoked_at: Mapped[datetime | None]


class LoginFailure(Base):
    """How often a name failed to log in since it last succeeded."""

    __tablename__ = "login_failure"

    username: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
