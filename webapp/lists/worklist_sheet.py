"""The worklist as rows of a workbook, in the words of its page."""

from __future__ import annotations

from datetime import date

from webapp.dates import day
from webapp.lists.tasks import Line, lines_of
from webapp.lists.worklist_filter import Asked
from webapp.sayings import gettext, ngettext
from webapp.words import labels
from webapp.work import Work
from workflows.domain.levels import INTERNAL
from workflows.queries.desk.worklist import tasks_page
from workflows.services.installation import installation_of
from workflows.services.reports.log_export import NothingFits
from workflows.services.reports.task_sheets import TaskSheet
from workflows.services.secrecy.clearance import may_export

MOST_ROWS = 2000


def task_sheet(work: Work, asked: Asked) -> TaskSheet:
    """Write the rows of a list that the visitor may take out of the house.

    Cases about persons leave it by two people only, as bundles; they are left out here.

    Raises:
        NothingFits: None is left.
    """
    if asked.is_outside:
        raise NothingFits
    found = tasks_page(work.session, work.actor, work.today, asked.wanted, size=MOST_ROWS)
    kept = [
        row
        for row in found.rows
        if row.task.level == INTERNAL and may_export(work.actor, row.task.org_path)
    ]
    if not kept:
        raise NothingFits
    said = gettext("制表：%(name)s　截至 %(on)s", name=work.actor.display_name, on=day(work.today))
    if installation_of(work.session).mode != "production":
        said += "　" + gettext("演示数据·虚构")
    left_out = len(found.rows) - len(kept)
    if left_out:
        said += "　" + ngettext(
            "另有 %(num)s 项涉及个人或者不归您导出，没有列入",
            "另有 %(num)s 项涉及个人或者不归您导出，没有列入",
            left_out,
        )
    if found.following:
        said += "　" + gettext("只列出前 %(most)s 项", most=MOST_ROWS)
    rows = [_row(line) for line in lines_of(work, kept)]
    return TaskSheet(gettext("待办"), said, _columns(), rows)


def _columns() -> tuple[tuple[str, float], ...]:
    return (
        (gettext("期限"), 12),
        (gettext("颜色"), 10),
        (gettext("任务"), 20),
        (gettext("案件编号"), 16),
        (gettext("对象"), 24),
        (gettext("问题类型"), 18),
        (gettext("档"), 12),
        (gettext("办理单位"), 20),
        (gettext("领取人"), 12),
        (gettext("催办"), 20),
    )


def _row(line: Line) -> tuple[str | date | None, ...]:
    return (
        line.due_on,
        str(labels.colour(line.colour)),
        line.name,
        line.case_number,
        line.organisation,
        line.problem,
        labels.rung_or_start(line.rung),
        line.office,
        line.claimant or gettext("待领取"),
        line.reminded,
    )
