"""What a worklist is asked for: filters as typed in an address or kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.dates import read_day
from webapp.sayings import gettext
from webapp.work import Work
from workflows.domain.roles import CASE_ROLES
from workflows.queries.desk.colour_ranges import COLOURS
from workflows.queries.desk.worklist import Order, Wanted, Whose
from workflows.queries.organisations.finding import organisation_by_id, organisations_found
from workflows.queries.organisations.page import paths_seen
from workflows.store.tables import Organisation

_LINES = ("organisation", "discipline")
NAMES = (
    "whose",
    "sort",
    "org",
    "rung",
    "colour",
    "line",
    "role",
    "claimant",
    "problem",
    "from",
    "until",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: values as typed, the place that was meant, others like it.

    ``is_outside`` says that it names a place which the viewer does not serve: then it shows
    nothing, and not everything.
    """

    values: Mapping[str, str]
    place: Organisation | None
    likely: tuple[Organisation, ...]
    wanted: Wanted
    problem: str = ""
    is_outside: bool = False

    @property
    def count(self) -> int:
        """Count the filters that are set."""
        return sum(bool(self.values[name]) for name in NAMES[2:])


def asked_of(work: Work, given: Mapping[str, str]) -> Asked:
    """Read what a list is asked for; what makes no sense is left out."""
    values = {name: given.get(name, "").strip()[:80] for name in NAMES}
    place, likely, problem = _place(work, values["org"])
    from_on, until_on = read_day(values["from"]), read_day(values["until"])
    wanted = Wanted(
        whose=_one_of(Whose, values["whose"], Whose.MY),
        order=_one_of(Order, values["sort"], Order.DUE),
        org_path=place.path if place else "",
        rung=int(values["rung"]) if values["rung"] in {"0", "1", "2", "3", "4"} else None,
        colour=values["colour"] if values["colour"] in COLOURS else "",
        line=values["line"] if values["line"] in _LINES else "",
        role=values["role"] if values["role"] in CASE_ROLES else "",
        claimant=values["claimant"],
        problem_type=values["problem"],
        from_on=from_on,
        until_on=until_on,
    )
    if not problem and from_on and until_on and from_on > until_on:
        problem = gettext("到期日期的起止颠倒了，没有任务会在其间。")
    is_outside = place is None and _is_id(values["org"])
    return Asked(values, place, likely, wanted, problem, is_outside)


def kept_values(asked: Asked) -> dict[str, str]:
    """Give a filter as it is kept: what is set, the place by its id."""
    values = {name: value for name, value in asked.values.items() if value}
    if asked.place is not None:
        values["org"] = asked.place.id
    return values


def _is_id(text: str) -> bool:
    return text.startswith("o_")


def _place(work: Work, text: str) -> tuple[Organisation | None, tuple[Organisation, ...], str]:
    """Find the organisation that is meant by an id, a name, a code or pinyin."""
    if not text:
        return None, (), ""
    paths = paths_seen(work.actor)
    if _is_id(text):
        known = organisation_by_id(work.session, text)
        if known is not None and known.path.startswith(paths):
            return known, (), ""
        said = gettext("这个筛选限定的单位不在您的范围内，所以一项任务也不列出。")
        return None, (), said
    found = organisations_found(work.session, text, paths)
    exact = [place for place in found if text in (place.name, place.code)]
    if len(exact) == 1:
        return exact[0], (), ""
    # A gacha and its branch are called alike; what is asked for holds both.
    whole = [each for each in found if all(other.path.startswith(each.path) for other in found)]
    if whole:
        return whole[0], (), ""
    if not found:
        return None, (), gettext("没有找到单位“%(place)s”，未按单位筛选。", place=text)
    return (
        None,
        found,
        gettext("有多个单位与“%(place)s”相符，下面还没有按单位筛选，请选一个：", place=text),
    )


def _one_of(kind: Any, text: str, default: Any) -> Any:
    return kind(text) if text in set(kind) else default
