"""What became of cases, as the overview's second page shows it."""

from __future__ import annotations

from webapp.charts import Bars, bar_chart
from webapp.diagram.draw import Picture
from webapp.overview_screen import rung_name
from webapp.sayings import gettext
from workflows.queries.overview_effects import FIRST_LETTER, SECOND_LETTER, Effects


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
        [Bars(rung_name(rung), (each.median_days,)) for rung, each in found.stays.items()],
        [gettext("停留天数（中位数）")],
        title=gettext("各档停留天数"),
        unit=gettext(" 天"),
        key="stays",
    )
