"""The report of a simulation in the terminal, in the language of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from rich.table import Table

from workflows.engine.simulation.report import Amount, Listed, SimulationReport
from workflows.jobs.simulating import Speed

Language = Literal["zh", "en"]
# A terminal shows the beginning; the JSON has the rest.
_SHOWN = 20
_SENTENCES: dict[str, tuple[str, str]] = {
    "title": ("规则包 {label} 的回测", "Back-test of pack {label}"),
    "made_up": ("规则包 {label} 的模拟", "Simulation of pack {label}"),
    "cases": ("案件", "cases"),
    "acts": ("办理行为", "acts"),
    "steps": ("步数", "steps"),
    "not_fitting": ("不再适用的行为", "acts that no longer fit"),
    "unopened": ("不会开立的案件", "cases that would not be opened"),
    "unreadable": ("内容已销毁、无法回放", "erased, cannot be played"),
    "left_out": (
        "未计入工作量和停留时间的案件（有行为不再适用）",
        "cases left out of load and time (an act no longer fits)",
    ),
    "broken": ("无法执行的时限", "clocks that cannot be carried out"),
    "reproduced": ("同一规则包，与记录完全一致", "same pack, exactly as recorded"),
    "first": ("首处不同", "first difference"),
    "escalations": ("逾期升级", "escalations"),
    "same": ("不变", "same"),
    "earlier": ("提前", "earlier"),
    "later": ("推后", "later"),
    "not_at_all": ("至今不再发生", "not at all so far"),
    "only_here": ("仅此规则下发生", "only under these rules"),
    "untold": ("此前有行为不再适用，无法推断", "not to be told: an act before no longer fits"),
    "due_dates": ("办理期限", "due dates"),
    "case": ("案件", "case"),
    "person": ("涉及个人", "about a person"),
    "activity": ("环节", "activity"),
    "rule": ("时限", "rule"),
    "reason": ("原因", "reason"),
    "recorded": ("实际", "recorded"),
    "played": ("按此规则", "by these rules"),
    "office": ("单位", "office"),
    "rung": ("档", "rung"),
    "load": ("各单位、各档工作量", "load of offices and rungs"),
    "tasks": ("件数", "tasks"),
    "days": ("天数", "days"),
    "time": ("各档停留时间", "time in rung"),
    "mean": ("平均天数", "mean days"),
    "count": ("数量", "number"),
    "more": ("……另有 {count} 项，见 JSON", "… and {count} more, in the JSON"),
    "speed": (
        "每核每秒 {rate:,} 步（{workers} 个进程），平均每案每年 {year:.1f} 步",
        "{rate:,} steps a second and core ({workers} processes), {year:.1f} steps a case-year",
    ),
    "unknown": ("规则包没有该环节", "the pack has no such activity"),
    "not_opened": ("案件不会开立", "the case would not be opened"),
    "not_open": ("案件停在别处", "the case stood elsewhere"),
    "ended": ("案件已办结", "the case had ended"),
    "several": ("该环节有多个待办", "several tasks of it were open"),
    "refused": ("缺少所需要素", "something it needs was missing"),
}


def say(key: str, language: Language, **values: Any) -> str:
    """Say a sentence of the report in a language."""
    zh, en = _SENTENCES[key]
    return (zh if language == "zh" else en).format(**values)


def tables_of(report: SimulationReport, language: Language) -> Iterator[Table]:
    """Give the tables of a report, those without a row left out."""
    yield _summary(report, language)
    for table in (
        _not_fitting(report, language),
        _escalations(report, language),
        _missed(report, language),
        _due_dates(report, language),
        _load(report, language),
        _rungs(report, language),
    ):
        if table.row_count:
            yield table


def speed_line(report: SimulationReport, speed: Speed, language: Language) -> str:
    """Say how fast it was."""
    rate, year = round(speed.steps_a_second), report.steps_per_case_year
    return say("speed", language, rate=rate, workers=speed.workers, year=year)


def _table(title: str, language: Language, *columns: str) -> Table:
    table = Table(title=say(title, language), title_justify="left")
    for column in columns:
        table.add_column(say(column, language))
    return table


def _summary(report: SimulationReport, language: Language) -> Table:
    sample = report.sample
    title = "title" if sample.seed is None else "made_up"
    table = Table(
        title=say(title, language, label=f"{report.pack_label} {report.pack_hash[:12]}"),
        caption=f"{sample.from_on} – {sample.to_on} → {sample.horizon_on}",
        title_justify="left",
        show_header=False,
    )
    for name in ("cases", "acts", "steps", "unreadable"):
        table.add_row(say(name, language), str(getattr(report, name)))
    table.add_row(say("unopened", language), str(report.not_opened))
    table.add_row(say("not_fitting", language), str(report.not_fitting.number))
    table.add_row(say("left_out", language), str(report.left_out))
    table.add_row(say("broken", language), str(report.broken.number))
    if report.reproduced is not None and report.reproduced.cases:
        exact = f"{report.reproduced.exact} / {report.reproduced.cases}"
        table.add_row(say("reproduced", language), exact)
        for first in report.reproduced.differences.rows[:1]:
            where = f"{first.case} {first.seq} {first.what}: {first.recorded} → {first.played}"
            table.add_row(say("first", language), where)
    return table


def _not_fitting(report: SimulationReport, language: Language) -> Table:
    table = _table("not_fitting", language, "activity", "reason", "count")
    for each in report.acts_not_fitting:
        name = _name(report, "activity", each.activity, language)
        table.add_row(name, say(each.reason, language), str(each.number))
    return table


def _escalations(report: SimulationReport, language: Language) -> Table:
    table = _table("escalations", language, "case", "activity", "recorded", "played")
    kinds = report.escalations
    for name in ("earlier", "later", "not_at_all", "only_here", "untold"):
        listed: Listed = getattr(kinds, name)
        if listed.number:
            table.add_row(f"[bold]{say(name, language)}: {listed.number}[/bold]")
        for each in listed.rows[:_SHOWN]:
            activity = _name(report, "activity", each.activity, language)
            dates = [str(on or "–") for on in (each.recorded_on, each.played_on)]
            table.add_row(_case(each.case, language), activity, *dates)
        _say_more(table, listed, language)
    if table.row_count:
        table.caption = f"{say('same', language)}: {kinds.same}"
    return table


def _missed(report: SimulationReport, language: Language) -> Table:
    table = _table("escalations", language, "activity", "count")
    for activity, number in report.escalations.played.items():
        table.add_row(_name(report, "activity", activity, language), str(number))
    return table


def _due_dates(report: SimulationReport, language: Language) -> Table:
    table = _table("due_dates", language, "case", "rule", "recorded", "played")
    dates = report.due_dates
    for each in dates.earlier.rows[:_SHOWN]:
        rule = _name(report, "parameter", each.rule, language)
        on = [str(each.recorded_on), str(each.played_on)]
        table.add_row(_case(each.case, language), rule, *on)
    _say_more(table, dates.earlier, language)
    if report.sample.seed is not None:
        return table
    counts = {"same": dates.same, "later": dates.later, "earlier": dates.earlier.number}
    table.caption = ", ".join(f"{say(name, language)} {number}" for name, number in counts.items())
    return table


def _load(report: SimulationReport, language: Language) -> Table:
    table = _table("load", language, "office", "rung", "recorded", "played")
    largest = sorted(report.load, key=lambda each: -each.played.number)
    for each in largest[:_SHOWN]:
        name = _name(report, "office", each.office, language)
        amounts = [_amount(amount, language) for amount in (each.recorded, each.played)]
        table.add_row(name, str(each.rung), *amounts)
    if len(largest) > _SHOWN:
        table.add_row(say("more", language, count=len(largest) - _SHOWN))
    return table


def _rungs(report: SimulationReport, language: Language) -> Table:
    table = _table("time", language, "rung", "recorded", "played")
    for each in report.rungs:
        means = [_mean(amount, language) for amount in (each.recorded, each.played)]
        table.add_row(str(each.rung), *means)
    return table


def _amount(amount: Amount | None, language: Language) -> str:
    if amount is None:
        return ""
    return f"{amount.number} {say('tasks', language)}, {amount.days} {say('days', language)}"


def _mean(amount: Amount | None, language: Language) -> str:
    if amount is None or not amount.number:
        return ""
    mean = amount.days / amount.number
    return f"{mean:.1f} {say('days', language)} ({amount.number} {say('cases', language)})"


def _say_more(table: Table, listed: Listed, language: Language) -> None:
    if listed.number > _SHOWN:
        table.add_row(say("more", language, count=listed.number - _SHOWN))


def _case(number: str, language: Language) -> str:
    return number or say("person", language)


def _name(report: SimulationReport, kind: str, key: str, language: Language) -> str:
    return report.names[kind].get(key, {}).get(language, key)
