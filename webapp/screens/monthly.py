"""The monthly report of a place: on its page, and made as a paper."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from webapp.papers.inspection_report import Letterhead
from webapp.papers.making import SETTERS
from webapp.papers.monthly_report import monthly_paper, said_of
from webapp.sayings import gettext
from webapp.words.packs import PackWords, speaker_for
from webapp.work import Work
from workflows.domain.months import Month
from workflows.queries.reports.monthly import FIGURES, MonthReport, month_report
from workflows.queries.reports.overview import Place, overview, place_in
from workflows.services.installation import installation_of
from workflows.services.reports.monthly_reports import MonthInvalid, MonthlyOrder, checked_month
from workflows.services.secrecy.clearance import may_export


def figure_names() -> dict[str, str]:
    """Name the figures of a month in the page's language."""
    names = (
        gettext("登记事项"),
        gettext("开立案件"),
        gettext("办结案件"),
        gettext("其中回头看发现反弹"),
        gettext("因反弹另行登记的事项"),
        gettext("期末在办案件"),
        gettext("到期期限：期满前办结或停止"),
        gettext("到期期限：期满未办结"),
        gettext("到期期限：仍在计时或暂停"),
        gettext("第一次督办单"),
        gettext("第二次督办单"),
        gettext("升级研判"),
    )
    return dict(zip(FIGURES, names, strict=True))


def monthly_page(work: Work, place: Place, text: str) -> str:
    """Show a month; one that cannot be shown is said, and the last one that is over stands."""
    problem = ""
    try:
        month = checked_month(text, work.today)
    except MonthInvalid:
        month, problem = Month.of(work.today).before, gettext("请选一个已经开始的月份。")
    found = month_report(work.session, place, month, work.now, work.today)
    speakers = _speakers(work, found)
    return render_template(
        "overview/monthly.html",
        found=found,
        place=place,
        names=figure_names(),
        said=[(each, said_of(each, speakers)) for each in found.exceptions],
        may_take_out=may_export(work.actor, place.organisation.path),
        problem=problem,
        latest=Month.of(work.today),
    )


def monthly_order(work: Work) -> MonthlyOrder:
    """Read what the form asks for.

    Raises:
        MonthInvalid: It is no month, or has not begun.
    """
    format_ = request.form.get("format", "")
    return MonthlyOrder(
        organisation=request.form.get("org", "")[:40],
        month=checked_month(request.form.get("month", "")[:7], work.today),
        purpose=request.form.get("purpose", ""),
        format=format_ if format_ in SETTERS else "docx",
    )


def made_monthly(work: Work, order: MonthlyOrder, issuer: str) -> tuple[bytes, str]:
    """Make the paper of a month, and name its file."""
    place = place_in(work.session, work.actor, order.organisation)
    found = month_report(work.session, place, order.month, work.now, work.today)
    standing = overview(work.session, place, work.today)
    installation = installation_of(work.session)
    head = Letterhead(issuer or installation.title, work.now, installation.mode == "production")
    paper = monthly_paper(found, standing, _speakers(work, found), order.purpose, head)
    return SETTERS[order.format](paper, work.now), f"{paper.title}.{order.format}"


def _speakers(work: Work, found: MonthReport) -> dict[str, PackWords]:
    hashes: Any = {each.pack_hash for each in found.exceptions}
    return {each: speaker_for(work.session, each) for each in hashes}
