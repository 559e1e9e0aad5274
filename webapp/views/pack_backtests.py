"""The back-test of a version: run it on the cases of a period, and read what it found."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from webapp.forms.given import given_day
from webapp.gates.permissions import Permission, requires
from webapp.screens.backtest import ESCALATIONS, rung_name, view_of
from webapp.views.pack_pages import blueprint
from webapp.work import Work, begin_work, in_transaction, reading_sessions, writing_sessions
from workflows.jobs.simulating import backtest as run_backtest
from workflows.jobs.simulating import last_year
from workflows.queries.names import names_of
from workflows.queries.versions.packs import version_page
from workflows.services.history.histories import Period
from workflows.services.packs import pack_of
from workflows.services.versions.backtests import attach_backtest
from workflows.services.versions.pack_reports import ReportKind
from workflows.store.transaction import transaction

__all__ = ["blueprint"]

# So many matters take some seconds; whoever has more uses the command.
MOST_MATTERS = 2_000


@blueprint.get("/<pack_hash>/backtest")
@requires(Permission.BACKTEST)
@in_transaction
def backtest(work: Work, pack_hash: str) -> Any:
    """Show the last back-test of a version, and offer a new one."""
    shown = version_page(work.session, pack_hash, work.today)
    report = shown.reports.get(ReportKind.BACKTEST)
    return render_template(
        "packs/backtest.html",
        shown=shown,
        report=report,
        view=view_of(report.body) if report else None,
        period=last_year(work.now),
        kinds=ESCALATIONS,
        rung_name=rung_name,
        names=names_of(work.session, [report.made_by] if report else []),
    )


@blueprint.post("/<pack_hash>/backtest")
@requires(Permission.BACKTEST)
def run(pack_hash: str) -> Any:
    """Play the cases of a period outside of any transaction that writes, then attach the report."""
    with transaction(reading_sessions()) as session:
        work = begin_work(session)
        pack = pack_of(session, version_page(session, pack_hash, work.today).version.hash)
        now, period = work.now, _period(last_year(work.now))
    report, _ = run_backtest(reading_sessions(), pack, period, now, workers=1, most=MOST_MATTERS)
    with transaction(writing_sessions()) as session:
        work = begin_work(session)
        attach_backtest(session, work.actor, work.now, report)
    flash(gettext("回测完成，报告已附到本版本。案件没有任何变化。"), "success")
    return redirect(url_for("packs.backtest", pack_hash=pack_hash))


def _period(default: Period) -> Period:
    """Read the period that was typed; where an end is empty it is the last year's."""
    return Period(_day("from_on", default.from_on), _day("to_on", default.to_on))


def _day(name: str, default: date) -> date:
    return given_day(name) or default
