"""Attaching a back-test to the version of the pack that it was made of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.domain.roles import Actor
from workflows.engine.simulation.report import SimulationReport
from workflows.services.access import role_deciding
from workflows.services.packs import PackMissing
from workflows.services.versions.pack_reports import Report, ReportKind, attach_report
from workflows.services.versions.publishing import APPROVERS, SUBMITTERS
from workflows.store.tables import PackReport, PackVersion


def attach_backtest(
    session: Session, actor: Actor, now: datetime, report: SimulationReport
) -> PackReport:
    """Attach what a back-test found to its version, with its hash in the house stream.

    Raises:
        RoleMissing: The actor neither keeps nor approves the rules.
        PackMissing: The pack that was tested is no stored version.
    """
    role_deciding(actor, (*SUBMITTERS, *APPROVERS))
    if session.get(PackVersion, report.pack_hash) is None:
        raise PackMissing(hash=report.pack_hash)
    body = report.to_json()
    return attach_report(session, actor, now, report.pack_hash, Report(ReportKind.BACKTEST, body))
