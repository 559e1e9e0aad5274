"""A year of a calendar as twelve small months, and a change as a form."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from webapp.dates import day_long, day_name
from webapp.forms.day_field import DayField
from webapp.sayings import gettext
from webapp.words.packs import speaker_for
from webapp.work import Work
from workflows.domain.calendar_changes import (
    LONGEST_DAYS,
    LONGEST_NAME,
    LONGEST_SOURCE,
    CalendarChange,
    DayKind,
)
from workflows.domain.calendars import Calendar, CalendarDay, DayStatus
from workflows.domain.statutory import FIRST_YEAR, LAST_YEAR
from workflows.services.versions.calendar_changes import ChangeEffect

_MOST_SHOWN = 200
KINDS: Mapping[DayKind, Any] = {
    DayKind.HOLIDAY: _l("放假"),
    DayKind.LEAVE: _l("本地放假"),
    DayKind.MAKE_UP: _l("调休上班"),
    DayKind.YEAR: _l("全年通知已录完，其余各天不再变动"),
    DayKind.BACK: _l("取消本地规定，恢复上级日历"),
}
STATUSES: Mapping[DayStatus, Any] = {
    DayStatus.OFFICIAL: _l("正式"),
    DayStatus.PROVISIONAL: _l("暂定"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a small month: ``sign`` says in a letter what its colour says."""

    number: int
    kind: str
    sign: str
    title: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its weeks from Monday; null before its first and after its last day."""

    number: int
    weeks: tuple[tuple[Cell | None, ...], ...]


class CalendarForm(FlaskForm):
    """Days of a region, and the notice that says so."""

    place = StringField(
        _l("地区"),
        [InputRequired(_l("请填写单位代码或全称。")), Length(max=120)],
        description=_l("单位代码或全称；对该地区及其下级有效。"),
    )
    kind = SelectField(_l("改为"), [InputRequired(_l("请选择。"))])
    first_on = DayField(_l("自"), [InputRequired(_l("请填写日期。"))])
    last_on = DayField(_l("至"), [Optional()], description=_l("只有一天的不填。"))
    name = StringField(
        _l("名称"),
        [Length(max=LONGEST_NAME)],
        description=_l("如“春节”“那达慕大会”；恢复上级日历和录完全年的不填。"),
    )
    status = SelectField(_l("依据"), [InputRequired(_l("请选择。"))])
    source = StringField(
        _l("通知名称和文号"),
        [InputRequired(_l("请填写通知名称和文号。")), Length(max=LONGEST_SOURCE)],
    )

    def __init__(self, **kwargs: Any) -> None:
        """Fill in what there is to choose from."""
        super().__init__(**kwargs)
        self.kind.choices = [SelectChoice(kind.value, name) for kind, name in KINDS.items()]
        self.status.choices = [SelectChoice(each.value, name) for each, name in STATUSES.items()]

    def validate_first_on(self, field: Any) -> None:
        """Keep within the years that calendars cover."""
        if not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(gettext("年份超出日历的范围。"))

    def validate_last_on(self, field: Any) -> None:
        """Refuse days in the wrong order, and too many at once."""
        first_on = self.first_on.data
        if first_on is None:
            return
        if field.data < first_on:
            raise ValidationError(gettext("结束日期早于开始日期。"))
        if (field.data - first_on).days >= LONGEST_DAYS:
            raise ValidationError(gettext("一次最多 %(most)s 天。", most=LONGEST_DAYS))

    def validate_name(self, field: Any) -> None:
        """Ask for a name where days get one."""
        is_named = self.kind.data not in (DayKind.YEAR.value, DayKind.BACK.value)
        if is_named and not (field.data or "").strip():
            raise ValidationError(gettext("请填写名称。"))

    def change(self, region: str) -> CalendarChange:
        """Give what was typed as a change of a region."""
        return CalendarChange(
            region,
            self.first_on.data,
            self.last_on.data or self.first_on.data,
            DayKind(self.kind.data),
            (self.name.data or "").strip(),
            DayStatus(self.status.data),
            self.source.data.strip(),
        )


def shown_effect(work: Work, effect: ChangeEffect) -> dict[str, Any]:
    """Give what a change moves as pages show it: the first dates, and how many more."""
    shown = effect.moved[:_MOST_SHOWN]
    return {
        "effect": effect,
        "lines": [(each, speaker_for(work.session, each.pack_hash)) for each in shown],
        "more": len(effect.moved) - len(shown),
    }


def year_of(
    here: Calendar, named: tuple[tuple[CalendarDay, str], ...], year: int
) -> tuple[Month, ...]:
    """Draw a year of a calendar."""
    own = {day.on for day, _ in named if day.region}
    return tuple(Month(number, tuple(_weeks(here, own, year, number))) for number in range(1, 13))


def _weeks(
    here: Calendar, own: set[date], year: int, month: int
) -> Iterator[tuple[Cell | None, ...]]:
    for week in months.Calendar().monthdatescalendar(year, month):
        yield tuple(_cell(here, own, on) if on.month == month else None for on in week)


def _cell(here: Calendar, own: set[date], on: date) -> Cell:
    name, works = here.name_of(on), here.is_workday(on)
    kind = "work" if works else "rest"
    sign = ""
    if name:
        sign = gettext("班") if works else gettext("休")
        kind += "-named"
    if on in own:
        kind += " own"
    said = f"{day_long(on)} {day_name(name)}".strip()
    if here.has_provisional(on, on):
        kind += " expected"
    return Cell(on.day, kind, sign, said)
