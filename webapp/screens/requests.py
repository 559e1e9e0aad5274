"""What primary units were asked for in a month (向基层提出的事项): by place, and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, url_for
from flask_babel import lazy_gettext as _l

from webapp.sayings import gettext
from webapp.words.packs import speaker_for
from webapp.work import Work
from workflows.domain.months import Month
from workflows.domain.requests import BASE_LEVEL, Asked, Request, RequestKind
from workflows.queries.reports.overview import Place
from workflows.queries.reports.requests import all_asked, base_path, cap_of, requests_at
from workflows.services.packs import pack_in_force
from workflows.services.reports.monthly_reports import MonthInvalid, checked_month
from workflows.store.tables import Organisation

KINDS: dict[RequestKind, Any] = {
    RequestKind.PAPER: _l("要报送的材料"),
    RequestKind.REPORT: _l("到期的进展报告"),
    RequestKind.VISIT: _l("验收和回头看"),
    RequestKind.LETTER: _l("督办单"),
    RequestKind.REMINDER: _l("催办"),
}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """How much the primary units at a place were asked for; ``full`` of them to the cap."""

    organisation: Organisation
    url: str
    kinds: tuple[int, ...]
    asked: Asked
    units: int
    full: int

    @property
    def is_base(self) -> bool:
        """Say whether the place itself is such a unit."""
        return self.organisation.level >= BASE_LEVEL


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One thing that was asked of a unit, in an officer's words."""

    on: date
    kind: str
    what: str
    number: str
    url: str


def requests_page(work: Work, place: Place, text: str) -> str:
    """Show a month by the units below a place, and what a primary unit was asked for."""
    problem = ""
    try:
        month = checked_month(text, work.today) if text else Month.of(work.today)
    except MonthInvalid:
        month, problem = Month.of(work.today), gettext("请选一个已经开始的月份。")
    cap = cap_of(pack_in_force(work.session, work.today))
    unit = base_path(place.organisation)
    found = all_asked(work.session, (unit or place.organisation.path,), month)
    own = requests_at(work.session, (unit,), month) if unit else ()
    return render_template(
        "overview/requests.html",
        place=place,
        month=month,
        latest=Month.of(work.today),
        kinds=[(kind, KINDS[kind]) for kind in RequestKind],
        rows=list(_rows(place, found, cap, month)),
        asked=Asked(len(found), cap) if unit else None,
        total=Counter(each.kind for each in found),
        count=len(found),
        lines=[_line(work, each) for each in own],
        hidden=len(found) - len(own) if unit else 0,
        cap=cap,
        problem=problem,
    )


def _rows(
    place: Place, found: Sequence[Request], cap: int | None, month: Month
) -> Iterator[PlaceRow]:
    """Give the units below that were asked for anything, in the order of their codes."""
    for unit in place.units:
        here = [each for each in found if each.place.startswith(unit.path)]
        if not here:
            continue
        counts, kinds = Counter(each.place for each in here), Counter(each.kind for each in here)
        yield PlaceRow(
            unit,
            url_for("overview.asked", org=unit.id, month=str(month)),
            tuple(kinds[kind] for kind in RequestKind),
            Asked(len(here), cap),
            len(counts),
            sum(Asked(count, cap).is_full for count in counts.values()),
        )


def _line(work: Work, found: Request) -> RequestLine:
    speak = speaker_for(work.session, found.pack_hash)
    what = speak.activity(found.activity) if found.activity else ""
    return RequestLine(
        found.on,
        str(KINDS[found.kind]),
        what,
        found.case_number,
        url_for("cases.page", case_id=found.case_id),
    )
