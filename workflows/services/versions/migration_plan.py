"""What a migration would do, before anybody approves it (DESIGN 4.5).

A plan maps markings, not cases: for each one in use the new marking or what stands in the
way, with counts and examples. Only dates are told case by case: each deadline that would
get shorter, by name.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any, ClassVar

import orjson
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput
from workflows.engine import Exploration, Pack, explore
from workflows.engine.migration import Carried, Obstacle, Renames, Why, carry
from workflows.engine.parameters import TermUnknown
from workflows.services.calendars import calendar_in
from workflows.services.packs import pack_of
from workflows.services.steps.locked import marking_text
from workflows.services.versions.migration_dates import NewTerm, Versions, new_terms
from workflows.store.versions import (
    cases_at,
    facts_of,
    live_clocks_of,
    markings_in_use,
    pauses_of,
)

EXAMPLES = 5
BATCH = 500


class SameVersion(InvalidInput):
    """Cases cannot be brought to the version that they are on."""

    code: ClassVar[str] = "same_version"


@dataclass(frozen=True, slots=True)
class MarkingPlan:
    """What becomes of the cases that stand at one marking.

    ``target`` is the new marking's hash, null where ``obstacles`` stand in the way.
    """

    process: str
    marking: str
    count: int
    examples: tuple[str, ...]
    target: str | None
    obstacles: tuple[Obstacle, ...] = ()
    reopened: tuple[str, ...] = ()
    started: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateChange:
    """A deadline that moves; ``is_held`` where it would be shorter and stays as it was."""

    case_number: str
    clock: str
    rule: str
    from_on: date
    to_on: date
    is_held: bool

    @property
    def is_shorter(self) -> bool:
        """Tell whether the last day comes earlier."""
        return self.to_on < self.from_on


@dataclass(frozen=True, slots=True)
class DateGroup:
    """Deadlines of one rule that get longer, or are held: how many, and some of them."""

    rule: str
    is_held: bool
    count: int
    examples: tuple[DateChange, ...]


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """What bringing the cases of one version to another would do.

    ``shorter`` lists every deadline that would end earlier; ``others`` those that would end
    later or stay although the new version gives less. ``undated`` are the cases for which
    the new version's terms cannot be told, ``unfit`` those of which is known what no case of
    the new version knows there, or too little; they stay where they are.
    """

    old: str
    new: str
    renames: Renames
    shortens: bool
    made_at: datetime
    markings: tuple[MarkingPlan, ...]
    shorter: tuple[DateChange, ...]
    others: tuple[DateGroup, ...]
    undated: tuple[str, ...]
    unfit: tuple[str, ...]

    @property
    def moving(self) -> int:
        """Count the cases that would move."""
        movable = sum(each.count for each in self.markings if each.target)
        return movable - len(self.undated) - len(self.unfit)

    @property
    def staying(self) -> int:
        """Count the cases that would stay on the old version."""
        return sum(each.count for each in self.markings) - self.moving


def plan_json(plan: MigrationPlan) -> dict[str, Any]:
    """Give a plan as it is kept."""
    kept: dict[str, Any] = orjson.loads(orjson.dumps(asdict(plan)))
    return kept


def make_plan(
    session: Session,
    now: datetime,
    old_hash: str,
    new_hash: str,
    renames: Renames | None = None,
    *,
    shortens: bool = False,
) -> MigrationPlan:
    """Work out what a migration would do; nothing is written.

    Args:
        session: Sees all cases.
        now: Terms are held that would be over by then.
        old_hash: The version that cases are on.
        new_hash: The version that they would go to.
        renames: New ids of activities by ``process/id``.
        shortens: Whether deadlines may get shorter; else the old term stays where the new
            one would end earlier.

    Raises:
        PackMissing: One of the versions is not here.
        SameVersion: They are one.
    """
    old, new = pack_of(session, old_hash), pack_of(session, new_hash)
    if old_hash == new_hash:
        raise SameVersion
    planning = _Planning(session, now, old, new, dict(renames or {}), shortens)
    markings = tuple(planning.marking(row) for row in markings_in_use(session, old_hash))
    return MigrationPlan(
        old_hash,
        new_hash,
        planning.renames,
        shortens,
        now,
        markings,
        tuple(planning.shorter),
        tuple(planning.groups()),
        tuple(planning.undated),
        tuple(planning.unfit),
    )


@dataclass(slots=True)
class _Planning:
    session: Session
    now: datetime
    old: Pack
    new: Pack
    renames: Renames
    shortens: bool
    shorter: list[DateChange] = field(default_factory=list)
    others: dict[tuple[str, bool], list[DateChange]] = field(default_factory=dict)
    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    undated: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)

    def marking(self, row: Any) -> MarkingPlan:
        """Plan for the cases that stand at one marking."""
        found = carried_over(
            self.session, self.old, self.new, row.process_id, row.marking_hash, self.renames
        )
        numbers = self._go_through(row, found)
        place = (row.process_id, row.marking_hash, row.count, tuple(numbers))
        if not isinstance(found, Carried):
            return MarkingPlan(*place, None, obstacles=found)
        return MarkingPlan(
            *place,
            found.marking_hash,
            reopened=tuple(task.old for task in found.tasks if not task.is_same),
            started=found.started,
            stopped=found.stopped,
        )

    def _go_through(self, row: Any, found: Carried | tuple[Obstacle, ...]) -> list[str]:
        """Look at each case that may move; give examples."""
        examples: list[str] = []
        for cases in cases_at(self.session, self.old.hash, row.process_id, row.marking_hash, BATCH):
            examples = examples or [case.number for case in cases[:EXAMPLES]]
            if not isinstance(found, Carried):
                break
            self._look(row.process_id, found, cases)
        return examples

    def _look(self, process_id: str, found: Carried, cases: Sequence[Any]) -> None:
        """Set cases aside whose facts do not fit; tell what becomes of the others' clocks."""
        facts: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in facts_of(self.session, [case.id for case in cases]):
            facts[row.case_id][row.name] = json.loads(row.value)
        fitting = []
        for case in cases:
            if fits(self.new, process_id, found.marking, facts[case.id]):
                fitting.append(case)
            else:
                self.unfit.append(case.number)
        if self._touches_clocks(process_id, found):
            self._date(process_id, found, fitting, facts)

    def _versions(self, process_id: str) -> Versions:
        old, new = self.old.processes[process_id], self.new.processes[process_id]
        return Versions(old, new, self.shortens)

    def _touches_clocks(self, process_id: str, found: Carried) -> bool:
        """Tell whether any clock there may get another date."""
        old, new = self.old.parameters, self.new.parameters
        changed = {name for name in old if old[name] != new.get(name)}
        definition = self.old.processes[process_id]
        terms = [definition.timer(clock.old).term for clock in found.clocks]
        return any(not each.is_same for each in (*found.tasks, *found.clocks)) or any(
            name in term for term in terms for name in changed
        )

    def _date(
        self,
        process_id: str,
        found: Carried,
        cases: Sequence[Any],
        facts: Mapping[str, Mapping[str, Any]],
    ) -> None:
        versions, today = self._versions(process_id), local_date(self.now)
        ids = [case.id for case in cases]
        clocks = _by_case(live_clocks_of(self.session, ids))
        stops = _by_case(pauses_of(self.session, ids))
        for case in cases:
            try:
                terms = new_terms(
                    versions,
                    found,
                    facts[case.id],
                    clocks[case.id],
                    stops[case.id],
                    partial(calendar_in, self.session, case.org_path),
                    today,
                )
            except TermUnknown:
                self.undated.append(case.number)
                continue
            for term in terms:
                self._keep(case.number, term)

    def _keep(self, case_number: str, term: NewTerm) -> None:
        """List a deadline that gets shorter; count the others and keep some."""
        was_on, due_on = term.clock.due_on, term.due.due_on
        change = DateChange(case_number, term.clock.path, term.rule, was_on, due_on, term.is_held)
        if change.is_shorter:
            self.shorter.append(change)
        elif term.is_held or due_on != was_on:
            group = (term.rule, term.is_held)
            self.counts[group] += 1
            if self.counts[group] <= EXAMPLES:
                self.others.setdefault(group, []).append(change)

    def groups(self) -> Iterator[DateGroup]:
        """Give the deadlines that are only counted."""
        for (rule, is_held), examples in sorted(self.others.items()):
            yield DateGroup(rule, is_held, self.counts[rule, is_held], tuple(examples))


def _by_case(rows: Sequence[Any]) -> Mapping[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.case_id].append(row)
    return grouped


def carried_over(
    session: Session,
    old: Pack,
    new: Pack,
    process_id: str,
    marking_hash: str,
    renames: Renames,
) -> Carried | tuple[Obstacle, ...]:
    """Carry one stored marking over, or say what stands in the way."""
    target = new.processes.get(process_id)
    if target is None:
        return (Obstacle("", Why.GONE),)
    found = carry(old.processes[process_id], target, marking_text(session, marking_hash), renames)
    graph = _ways(new).graphs.get(process_id)
    if isinstance(found, Carried) and graph is not None and found.marking not in graph.markings:
        return (Obstacle("", Why.NEVER),)
    return found


def fits(new: Pack, process_id: str, marking: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a case of the new version could stand there with these facts known."""
    graph = _ways(new).graphs.get(process_id)
    return graph is None or graph.state_of(marking, facts) is not None


@lru_cache(maxsize=4)
def _ways(pack: Pack) -> Exploration:
    """Explore a version once; it takes some seconds."""
    return explore(pack)
