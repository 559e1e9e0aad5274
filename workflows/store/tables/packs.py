"""Packs, markings and calendars: immutable, known by their hash."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base


class PackVersion(Base):
    """A published pack; ``approved_by`` is null for the one shipped with the product."""

    __tablename__ = "pack_version"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    pack_id: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    installed_at: Mapped[datetime]
    installed_by: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str | None] = mapped_column(String(40))


class PackFile(Base):
    """One file of a pack version."""

    __tablename__ = "pack_file"

    pack_hash: Mapped[str] = mapped_column(ForeignKey("pack_version.hash"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Marking(Base):
    """Where the tokens of a case stand, stored once for all cases that stand there."""

    __tablename__ = "marking"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class CalendarVersion(Base):
    """A set of days, known by the hash of its lines."""

    __tablename__ = "calendar_version"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    horizon_on: Mapped[date]
    is_current: Mapped[bool]


class CalendarDay(Base):
    """What a day is in a region; the empty region is everywhere."""

    __tablename__ = "calendar_day"

    version: Mapped[str] = mapped_column(ForeignKey("calendar_version.version"), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    date: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(120))
