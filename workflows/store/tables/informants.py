"""The informant vault: who reported, apart from everything else; who may open it and did.

No moment stands here that could be held beside a record's: days only, save of openings.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText


class Informant(Base):
    """Somebody who reported a matter; who he is stands in ``sealed`` under a key of its own.

    ``office_id`` registered the matter: its principal names who may open the entry. ``sealed``
    is null once it was erased. ``is_recorded``: the journal tells of it.
    """

    __tablename__ = "informant"
    __table_args__ = (
        UniqueConstraint("matter_id", "no"),
        CheckConstraint("(sealed IS NULL) = (erased_on IS NOT NULL)", name="erased"),
    )

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    matter_id: Mapped[str] = mapped_column(ForeignKey("matter.id"))
    no: Mapped[int]
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    office_path: Mapped[str] = mapped_column(PathText)
    is_real_name: Mapped[bool]
    kept_on: Mapped[date]
    commitment: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_recorded: Mapped[bool] = mapped_column(default=False)
    erased_on: Mapped[date | None]


class InformantReader(Base):
    """Somebody whom the principal named: he may open an entry until a day."""

    __tablename__ = "informant_reader"

    informant_id: Mapped[str] = mapped_column(ForeignKey("informant.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    named_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    named_on: Mapped[date]
    until_on: Mapped[date]


class InformantOpening(Base):
    """That an entry was opened, for the auditor; ``house_seq`` is the record that says so."""

    __tablename__ = "informant_opening"

    house_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    informant_id: Mapped[str] = mapped_column(ForeignKey("informant.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(index=True)


class InformantNotice(Base):
    """That an informant was told that it was taken up, or what came of it."""

    __tablename__ = "informant_notice"

    informant_id: Mapped[str] = mapped_column(ForeignKey("informant.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    done_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    done_on: Mapped[date]
    manner: Mapped[str] = mapped_column(String(120))


class InformantLeak(Base):
    """That who reported was written down where he must not be, or somebody was refused to.

    ``kind``: ``refused`` (nothing was kept), ``written`` (by somebody outside, at ``seq``), or
    ``found`` later in a record or a file. Once closed no page or bundle shows its content.
    """

    __tablename__ = "informant_leak"
    __table_args__ = (
        CheckConstraint("kind IN ('refused', 'written', 'found')", name="kind"),
        CheckConstraint("(closed_on IS NULL) = (closed_by IS NULL)", name="closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    informant_id: Mapped[str] = mapped_column(ForeignKey("informant.id"), index=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    seq: Mapped[int | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    kind: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    noted_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(500), default="")
    closed_on: Mapped[date | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))


class SuperiorStub(Base):
    """A complaint that belongs to a superior organ: date, channel, envelope; nothing of it."""

    __tablename__ = "superior_stub"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("(forwarded_on IS NULL) = (forwarded_by IS NULL)", name="forwarded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    office_path: Mapped[str] = mapped_column(PathText, index=True)
    received_on: Mapped[date]
    channel: Mapped[str] = mapped_column(String(12))
    envelope: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    registered_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    forwarded_on: Mapped[date | None]
    forwarded_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
