"""Bundles that somebody asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue

_WORK = text("state IN ('queued', 'running')")
_READY = text("state = 'ready'")


class BundleJob(Base):
    """A bundle from the moment somebody asks for it to the end of its file.

    ``export_seq`` is the house record of the export: once it is there, the same bytes are
    made however often. ``worker`` holds the job until ``held_until``; who died is relieved
    then. ``package`` says what is wanted around the bundle, where that is not all. ``done``
    of ``total`` counts records. Sizes, hashes and the name of the one who approved stay
    when the file is gone.
    """

    __tablename__ = "bundle_job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'refused', 'queued', 'running', 'ready', 'failed', 'expired')",
            name="state",
        ),
        UniqueConstraint("request_key"),
        Index(None, "asked_by", "id"),
        Index("ix_bundle_job_work", "id", sqlite_where=_WORK, postgresql_where=_WORK),
        Index("ix_bundle_job_ready", "expires_at", sqlite_where=_READY, postgresql_where=_READY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    request_key: Mapped[str | None] = mapped_column(String(64))
    scope: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    org_path: Mapped[str] = mapped_column(String(400))
    levels: Mapped[str] = mapped_column(String(20))
    with_attachments: Mapped[bool] = mapped_column(default=False)
    package: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    recipient: Mapped[str] = mapped_column(String(100))
    purpose: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(40))
    held_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    export_seq: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    manifest_hash: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int | None]
    record_count: Mapped[int | None]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
