"""A back-test's report as its page shows it, read from the JSON that is attached to a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from webapp.diagram.draw import Picture
from webapp.figures import figure
from webapp.languages import language
from webapp.screens.charts import Bars, bar_chart
from webapp.words import labels

ESCALATIONS = ("earlier", "later", "not_at_all", "only_here", "untold")
_OFFICES_DRAWN = 12


@dataclass(frozen=True, slots=True)
class BacktestView:
    """What the page shows beside the report itself."""

    body: Mapping[str, Any]
    escalations: Picture
    rungs: Picture
    load: Picture

    def name(self, kind: str, key: str) -> str:
        """Give the name of an office, an activity or a parameter in the page's language."""
        named: Mapping[str, str] = self.body["names"][kind].get(key, {})
        return named.get(language(), key)

    def day(self, text: str | None) -> date | None:
        """Read a day of the report."""
        return None if text is None else date.fromisoformat(text)

    def mean(self, amount: Mapping[str, int] | None) -> str:
        """Give the mean days, or nothing."""
        if not amount or not amount["number"]:
            return ""
        return figure(amount["days"] / amount["number"], 1)


def view_of(body: Mapping[str, Any]) -> BacktestView:
    """Draw the charts of a report."""
    series = [gettext("实际"), gettext("按此规则")]
    kinds = body["escalations"]
    counted = [
        Bars(str(labels.ESCALATION_CHANGES[kind]), (kinds[kind]["number"],)) for kind in ESCALATIONS
    ]
    return BacktestView(
        body,
        escalations=bar_chart(
            [Bars(str(labels.ESCALATION_CHANGES["same"]), (kinds["same"],)), *counted],
            [gettext("逾期升级")],
            title=gettext("逾期升级的变化"),
            unit=gettext(" 次"),
            key="escalations",
        ),
        rungs=bar_chart(
            [_mean_days(each) for each in body["rungs"]],
            series,
            title=gettext("各档平均停留天数"),
            unit=gettext(" 天"),
            key="rungs",
        ),
        load=bar_chart(
            _busiest(body),
            series,
            title=gettext("工作量变化最大的单位"),
            unit=gettext(" 件"),
            key="load",
        ),
    )


def rung_name(rung: int) -> str:
    """Name a rung, and what comes before the first."""
    return labels.rung(rung) or gettext("登记和核实")


def _mean_days(each: Mapping[str, Any]) -> Bars:
    means = (
        amount["days"] / amount["number"] if amount and amount["number"] else None
        for amount in (each["recorded"], each["played"])
    )
    return Bars(rung_name(each["rung"]), tuple(means))


def _busiest(body: Mapping[str, Any]) -> list[Bars]:
    """Give the offices whose number of tasks changes most, the busiest where none does."""
    sums: dict[str, list[int]] = {}
    for each in body["load"]:
        known = sums.setdefault(each["office"], [0, 0])
        known[0] += each["recorded"]["number"] if each["recorded"] else 0
        known[1] += each["played"]["number"]
    ordered = sorted(sums.items(), key=lambda item: (-abs(item[1][1] - item[1][0]), -item[1][1]))
    names = body["names"]["office"]
    return [
        Bars(names.get(office, {}).get(language(), office)[:14], tuple(map(float, counts)))
        for office, counts in ordered[:_OFFICES_DRAWN]
    ]
