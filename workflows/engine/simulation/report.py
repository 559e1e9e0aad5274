"""The report of a back-test or a simulation: one frozen value with one JSON (DESIGN 4.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from workflows.engine.pack import Pack
from workflows.engine.simulation.tally import Quantities, Tally

FORMAT = 1
# A report is read by people: beyond so many rows of a kind it counts and says so.
LISTED = 500
DAYS_A_YEAR = 365.25
Names: TypeAlias = Mapping[str, Mapping[str, str]]


class Amount(NamedTuple):
    """How many tasks or cases, and their days."""

    number: int
    days: int


class Load(NamedTuple):
    """The tasks of an office on a rung; ``recorded`` is null in a simulation."""

    office: str
    rung: int
    recorded: Amount | None
    played: Amount


class RungTime(NamedTuple):
    """The cases that stood on a rung and the days that they stood there."""

    rung: int
    recorded: Amount | None
    played: Amount


class Outcome(NamedTuple):
    """How many cases ended so, and how many days they took."""

    outcome: str
    recorded: Amount | None
    played: Amount


class Listed(NamedTuple):
    """How many there are, and the first of them."""

    number: int
    rows: tuple[Any, ...]


class Count(NamedTuple):
    """How often acts of an activity did not fit for a reason."""

    activity: str
    reason: str
    number: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What was played: a period of history, or made-up cases with their seed."""

    against: str
    from_on: date
    to_on: date
    horizon_on: date
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Of the cases that ran on the very pack under test: how many went as they had gone."""

    cases: int
    exact: int
    differences: Listed


@dataclass(frozen=True, slots=True)
class Escalations:
    """Work that missed deadlines led to: when it was opened, and when it would have been.

    ``played`` counts all of them by activity. ``untold`` comes after an act that no
    longer fits: nobody knows what people would have done from then on, so nothing is said.
    """

    same: int
    earlier: Listed
    later: Listed
    not_at_all: Listed
    only_here: Listed
    untold: Listed
    played: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DueDates:
    """Due dates that both have; shorter ones are listed."""

    same: int
    later: int
    earlier: Listed


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What a pack would have done.

    ``left_out`` cases had an act that no longer fits: load, time in rung and outcomes count
    all others. ``names`` are those of the offices, activities and parameters that are
    spoken of, by kind, id and language, so that the report can be read by itself. Cases
    about a person have no number here.
    """

    pack_hash: str
    pack_label: str
    pack_title: str
    sample: Sample
    cases: int
    unreadable: int
    not_opened: int
    left_out: int
    steps: int
    acts: int
    case_days: int
    reproduced: Reproduced | None
    acts_not_fitting: tuple[Count, ...]
    not_fitting: Listed
    broken: Listed
    escalations: Escalations
    due_dates: DueDates
    load: tuple[Load, ...]
    rungs: tuple[RungTime, ...]
    outcomes: tuple[Outcome, ...]
    names: Mapping[str, Names] = field(repr=False)

    @property
    def steps_per_case_year(self) -> float:
        """Give how many steps a case took in a year, in the mean."""
        return self.steps * DAYS_A_YEAR / self.case_days if self.case_days else 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object; the same report is the same JSON."""
        plain: dict[str, Any] = _plain(self)
        return {"format": FORMAT, **plain}


def report_of(
    pack: Pack, sample: Sample, tally: Tally, office_names: Mapping[str, str]
) -> SimulationReport:
    """Sum up what was counted."""
    is_history = sample.seed is None
    moved = [(each.days or 0, each) for each in tally.escalations]
    return SimulationReport(
        pack_hash=pack.hash,
        pack_label=pack.version_label,
        pack_title=pack.title("zh"),
        sample=sample,
        cases=tally.cases,
        unreadable=tally.unreadable,
        not_opened=tally.not_opened,
        left_out=tally.left_out,
        steps=tally.steps,
        acts=tally.acts,
        case_days=tally.case_days,
        reproduced=_reproduced(tally) if is_history else None,
        acts_not_fitting=_counted(tally),
        not_fitting=_listed(tally.misfits),
        broken=_listed(tally.broken),
        escalations=Escalations(
            same=tally.same_escalations,
            earlier=_listed(each for days, each in moved if days < 0),
            later=_listed(each for days, each in moved if days > 0),
            not_at_all=_listed(each for each in tally.escalations if each.played_on is None),
            only_here=_listed(each for each in tally.escalations if each.recorded_on is None),
            untold=_listed(tally.untold),
            played=dict(sorted(tally.missed.items())),
        ),
        due_dates=DueDates(
            same=tally.same_dates,
            later=sum(1 for each in tally.dates if each.played_on > each.recorded_on),
            earlier=_listed(each for each in tally.dates if each.played_on < each.recorded_on),
        ),
        load=tuple(
            Load(office, rung, *_amounts(quantities, is_history))
            for (office, rung), quantities in sorted(tally.load.items())
        ),
        rungs=tuple(
            RungTime(rung, *_amounts(quantities, is_history))
            for rung, quantities in sorted(tally.rungs.items())
        ),
        outcomes=tuple(
            Outcome(outcome, *_amounts(quantities, is_history))
            for outcome, quantities in sorted(tally.outcomes.items())
        ),
        names=_names(pack, tally, office_names),
    )


def _reproduced(tally: Tally) -> Reproduced:
    return Reproduced(tally.same_pack, tally.reproduced, _listed(tally.differences))


def _counted(tally: Tally) -> tuple[Count, ...]:
    counts = Counter((each.activity, each.reason.value) for each in tally.misfits)
    return tuple(Count(*key, count) for key, count in sorted(counts.items()))


def _listed(rows: Iterable[Any]) -> Listed:
    ordered = sorted(rows, key=lambda row: tuple(map(str, row)))
    return Listed(len(ordered), tuple(ordered[:LISTED]))


def _amounts(quantities: Quantities, is_history: bool) -> tuple[Amount | None, Amount]:
    recorded = Amount(*quantities[:2]) if is_history else None
    return recorded, Amount(*quantities[2:])


def _names(pack: Pack, tally: Tally, office_names: Mapping[str, str]) -> dict[str, Names]:
    activities = {each.activity for each in (*tally.escalations, *tally.untold)}
    activities.update(tally.missed)
    activities.update(each.activity for each in tally.misfits)
    activities.update(name for each in tally.misfits for name in each.stands)
    rules = {each.rule for each in tally.dates}
    offices = {office for office, _ in tally.load}
    return {
        "activity": _in_both(activities, lambda key, lang: pack.name("activity", key, lang)),
        "parameter": _in_both(rules, lambda key, lang: pack.name("parameter", key, lang)),
        "office": _in_both(offices, lambda key, _: office_names.get(key, key)),
    }


def _in_both(keys: Iterable[str], name: Callable[[str, str], str]) -> Names:
    return {key: {lang: name(key, lang) for lang in ("zh", "en")} for key in sorted(keys)}


def _plain(value: Any) -> Any:
    """Write a value of the report as JSON has it."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
