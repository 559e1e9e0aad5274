"""What was found out about a version of a pack, attached before anybody decides on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.roles import Actor
from workflows.engine import engine_stamp
from workflows.services.journal import append_house
from workflows.store.tables import PackReport


class ReportKind(StrEnum):
    """What is found out about a version before anybody decides on it."""

    LINT = "lint"
    DIFFERENCE = "difference"
    BACKTEST = "backtest"
    CHECK = "check"


# Without these, made by the engine of today, nobody approves anything.
REQUIRED = (ReportKind.LINT, ReportKind.DIFFERENCE, ReportKind.CHECK)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out, as JSON."""

    kind: ReportKind
    body: Mapping[str, Any]

    @property
    def content(self) -> bytes:
        """Give the body in its one form."""
        return orjson.dumps(self.body, option=orjson.OPT_SORT_KEYS)

    @property
    def sha256(self) -> str:
        """Give the hash of the body."""
        return hashlib.sha256(self.content).hexdigest()


def attach_missing(
    session: Session, actor: Actor, now: datetime, pack_hash: str, reports: Iterable[Report]
) -> None:
    """Attach those reports that say something new, or say it by today's engine."""
    known = latest_reports(session, pack_hash)
    for report in reports:
        last = known.get(report.kind)
        if last is None or is_stale(last) or last.sha256 != report.sha256:
            attach_report(session, actor, now, pack_hash, report)


def attach_report(
    session: Session, actor: Actor, now: datetime, pack_hash: str, report: Report
) -> PackReport:
    """Attach a report to a version, with its hash in the house stream."""
    row = PackReport(
        pack_hash=pack_hash,
        kind=report.kind.value,
        made_at=now,
        made_by=actor.account_id,
        engine=engine_stamp(),
        sha256=report.sha256,
        body=orjson.loads(report.content),
    )
    session.add(row)
    session.flush()
    form = {"kind": row.kind, "sha256": row.sha256, "engine": row.engine}
    append_house(session, actor, now, "pack_report_attached", pack_hash, form=form)
    return row


def latest_reports(session: Session, pack_hash: str) -> dict[ReportKind, PackReport]:
    """Read the last report of each kind on a version."""
    statement = select(PackReport).where(PackReport.pack_hash == pack_hash).order_by(PackReport.id)
    return {ReportKind(row.kind): row for row in session.scalars(statement)}


def is_stale(report: PackReport) -> bool:
    """Say whether a report was made with another engine than today's."""
    return report.engine != engine_stamp()


def digest(reports: Mapping[ReportKind, PackReport]) -> str:
    """Give the hash of what an approver is shown."""
    lines = sorted(f"{kind.value} {row.sha256} {row.engine}" for kind, row in reports.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
