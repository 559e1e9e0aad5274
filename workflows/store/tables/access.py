"""Accounts and what they may do where."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.store.base import Base, PathText


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


class LoginFailure(Base):
    """How often a name failed to log in since it last succeeded."""

    __tablename__ = "login_failure"

    username: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
