"""Which records a bundle holds: those of a scope and a tree, whoever asks again later."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.clocks import due_at_of
from workflows.domain.levels import INTERNAL, PERSONAL
from workflows.services.exports.permits import Reach
from workflows.services.installation import installation_of
from workflows.store.logged import (
    checkpoint_covering,
    first_index_since,
    first_seq_from,
    heads_before,
    last_index_before,
    leaves_of_others,
    record_hash,
)
from workflows.store.scope import as_system, within
from workflows.store.tables import Case, Organisation

CASES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive records of a stream, and the hash of the last one."""

    id: str
    first: int
    last: int
    head: str

    @property
    def count(self) -> int:
        """Give how many records these are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class CoveredCase:
    """A case that goes into a bundle, whole up to the tree's end."""

    stretch: Stretch
    number: str
    org_path: str
    level: str
    pack_hash: str
    version: int

    @property
    def id(self) -> str:
        """Give its id."""
        return self.stretch.id


@dataclass(frozen=True, slots=True)
class Plan:
    """What a bundle holds; its export record keeps it, so that it can be made again.

    The leaves from ``first_index`` up to before ``end_index`` are covered, and what the
    cases touched by them had before; the house is there up to the end of the tree.
    ``directory_seq`` is its record with the names.
    """

    scope: BundleScope
    reach: Reach
    house_id: str
    first_index: int
    end_index: int
    tree_size: int
    directory_seq: int
    with_attachments: bool
    by: str

    def to_json(self) -> dict[str, Any]:
        """Write it for the record of the export; the house is the record's own stream."""
        return {
            "scope": self.scope.to_json(),
            "reach": self.reach.to_json(),
            "first_index": self.first_index,
            "end_index": self.end_index,
            "tree_size": self.tree_size,
            "directory_seq": self.directory_seq,
            "attachments": self.with_attachments,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], house_id: str, by: str) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(
            BundleScope.from_json(value["scope"]),
            Reach.from_json(value["reach"]),
            house_id,
            value["first_index"],
            value["end_index"],
            value["tree_size"],
            value["directory_seq"],
            value["attachments"],
            by,
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Some cases of a plan in order of their ids; ``after`` is None behind the last."""

    cases: tuple[CoveredCase, ...]
    after: str | None


def next_cases(session: Session, plan: Plan, after: str = "", limit: int = CASES_AT_ONCE) -> Batch:
    """Read the next cases of a plan; the session carries the scope of its reach."""
    statement = (
        select(Case.id, Case.number, Case.org_path, Case.level, Case.pack_hash, Case.version)
        .where(
            Case.id > after,
            within(Case.org_path, plan.reach.scope.paths),
            _covered(session, plan.scope),
        )
        .order_by(Case.id)
        .limit(limit)
    )
    statement = statement.where(Case.level.in_(_levels_of_cases(plan)))
    rows = session.execute(statement).all()
    heads = heads_before(session, [row.id for row in rows], plan.end_index)
    cases = tuple(
        CoveredCase(
            Stretch(row.id, 1, heads[row.id].last, heads[row.id].hash),
            row.number,
            row.org_path,
            row.level,
            row.pack_hash,
            row.version,
        )
        for row in rows
        if row.id in heads and heads[row.id].last_index >= plan.first_index
    )
    return Batch(cases, rows[-1].id if len(rows) == limit else None)


def _levels_of_cases(plan: Plan) -> frozenset[str]:
    """Give of which levels the cases of a plan are; those of organisations are always there."""
    return plan.reach.levels | {INTERNAL}


def _covered(session: Session, scope: BundleScope) -> ColumnElement[bool]:
    if scope.kind is ScopeKind.CASES:
        return Case.id.in_(scope.ids)
    if scope.kind is ScopeKind.MATTER:
        return Case.matter_id == scope.id
    if scope.kind is ScopeKind.ORGANISATION:
        path = session.execute(select(Organisation.path).where(Organisation.id == scope.id))
        return within(Case.org_path, (path.scalar_one(),))
    return true()


def covered_cases(session: Session, scope: BundleScope, case_ids: Collection[str]) -> set[str]:
    """Give those of some cases that a scope covers, whoever may see them."""
    statement = select(Case.id).where(Case.id.in_(case_ids))
    with as_system(session, "exports"):
        return set(session.execute(statement.where(_covered(session, scope))).scalars())


def hidden_cases(session: Session, scope: BundleScope, case_ids: Collection[str]) -> set[str]:
    """Give those of some cases that a scope covers and that the session's own does not show."""
    statement = select(Case.id).where(Case.id.in_(case_ids))
    seen = session.execute(statement).scalars().all()
    return covered_cases(session, scope, case_ids) - set(seen)


def house_stretch(session: Session, plan: Plan) -> Stretch:
    """Give the house records of a plan: all of its range, or the one with the names."""
    if not plan.scope.has_house:
        seq = plan.directory_seq
        return Stretch(plan.house_id, seq, seq, record_hash(session, plan.house_id, seq))
    head = heads_before(session, [plan.house_id], plan.tree_size)[plan.house_id]
    first = first_seq_from(session, plan.house_id, plan.first_index)
    return Stretch(plan.house_id, min(first or head.last, plan.directory_seq), head.last, head.hash)


def sealed_leaves(session: Session, plan: Plan) -> Iterator[tuple[int, str]]:
    """Give index and level of the records that a whole bundle has as hashes only.

    A narrower bundle seals nothing: nobody learns from it whether there is anything. What is
    sealed is said to be of persons whatever it is, so that a referral tells nothing of itself.
    """
    if not plan.scope.has_house:
        return
    shown = _levels_of_cases(plan)
    own = plan.reach.scope.own_person
    for index in leaves_of_others(session, plan.first_index, plan.end_index, shown, own):
        yield index, PERSONAL


def plan_for(
    session: Session,
    scope: BundleScope,
    reach: Reach,
    tree_size: int,
    directory_seq: int,
    *,
    with_attachments: bool,
    by: str,
) -> Plan:
    """Plan a bundle over a tree of some size."""
    house_id = installation_of(session).house_id
    covered = (0, tree_size)
    if scope.from_on and scope.to_on:
        covered = _covered_range(session, scope.from_on, scope.to_on, tree_size)
    return Plan(scope, reach, house_id, *covered, tree_size, directory_seq, with_attachments, by)


def _covered_range(session: Session, from_on: date, to_on: date, tree_size: int) -> tuple[int, int]:
    """Give the leaves of a period: from its first record to the checkpoint that covers its last.

    Where nothing was recorded in it, the range is empty.
    """
    first = first_index_since(session, due_at_of(from_on - timedelta(days=1)))
    last = last_index_before(session, due_at_of(to_on))
    start = tree_size if first is None else min(first, tree_size)
    if last is None or last < start:
        return start, start
    return start, min(checkpoint_covering(session, last + 1) or tree_size, tree_size)
