"""What became of cases and of what is warned, as the further pages of the overview show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import url_for

from webapp.diagram.draw import Picture
from webapp.figures import percent
from webapp.sayings import gettext, ngettext
from webapp.screens.charts import Bars, bar_chart
from webapp.words import labels
from webapp.words.clocks import key_of
from webapp.words.packs import speaker_for
from webapp.work import Work
from workflows.domain.early_warnings import Cause
from workflows.queries.conditions import FIRST_LETTER, SECOND_LETTER
from workflows.queries.desk.early_warnings import Warnings
from workflows.queries.reports.overview_effects import Effects


def stage_name(rule: str) -> str:
    """Name what a term follows."""
    if rule == FIRST_LETTER:
        return gettext("第一次督办单")
    return gettext("第二次督办单") if rule == SECOND_LETTER else gettext("升级研判")


def stages_drawn(found: Effects) -> Picture:
    """Draw what became of letters and reviews."""
    return bar_chart(
        [
            Bars(
                stage_name(each.rule),
                (float(each.in_time), float(each.later), float(each.unsettled)),
            )
            for each in found.stages
        ],
        [gettext("期限内了结"), gettext("期满后办结"), gettext("尚未了结")],
        title=gettext("督办和研判的结果"),
        unit=gettext(" 次"),
        key="stages",
    )


def stays_drawn(found: Effects) -> Picture:
    """Draw how long cases stayed on each rung."""
    return bar_chart(
        [
            Bars(labels.rung_or_start(rung), (each.median_days,))
            for rung, each in found.stays.items()
        ],
        [gettext("停留天数（中位数）")],
        title=gettext("各档停留天数"),
        unit=gettext(" 天"),
        key="stays",
    )


@dataclass(frozen=True, slots=True)
class WarnedLine:
    """A running term that is warned of, in an officer's words."""

    number: str
    url: str
    organisation: str
    what: str
    rule: str
    due_on: date
    why_url: str
    reasons: tuple[str, ...]


def warned_lines(work: Work, found: Warnings) -> Iterator[WarnedLine]:
    """Write down what is warned of."""
    for each in found.items:
        speak = speaker_for(work.session, each.pack_hash)
        yield WarnedLine(
            number=each.case_number,
            url=url_for("cases.page", case_id=each.case_id),
            organisation=each.organisation,
            what=speak.place(each.place),
            rule=speak.rule(each.rule),
            due_on=each.due_on,
            why_url=url_for("cases.why", case_id=each.case_id, _anchor=f"due-{key_of(each.place)}"),
            reasons=tuple(_reason(cause, figure) for cause, figure in each.causes),
        )


def _reason(cause: Cause, figure: int) -> str:
    if cause is Cause.USED:
        return gettext("期限已用 %(share)s", share=percent(figure))
    if cause is Cause.LEFT:
        return ngettext("只剩 %(num)s 个工作日", "只剩 %(num)s 个工作日", figure)
    return ngettext("已 %(num)s 天没有新的办理记录", "已 %(num)s 天没有新的办理记录", figure)
