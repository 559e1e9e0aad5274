"""The two halves of an export: its record, then its file.

The record is written once. The file may be written as often as anybody asks or a worker
dies: everything in it comes from the record and from the log up to its tree's size.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path
from typing import ClassVar

from workflows.audit.bundle import BundleSummary
from workflows.domain.bundle_scopes import BundleScope
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.roles import Actor
from workflows.jobs.export_work import Held
from workflows.services.access import SYSTEM, load_actor, scope_in
from workflows.services.exports.gathering import (
    HOUSE_AT_ONCE,
    gather_cases,
    gather_house,
    named_by,
)
from workflows.services.exports.making import make_bundle
from workflows.services.exports.packages import (
    PackageWriter,
    package_form,
    package_order,
)
from workflows.services.exports.people import Stated, everybody, state_directory, those_named
from workflows.services.exports.permits import Reach, place_of_scope, reach_of
from workflows.services.exports.recording import (
    Exported,
    Heads,
    NothingToExport,
    levels_of_job,
    record_export,
)
from workflows.services.exports.selection import (
    CoveredCase,
    Plan,
    Stretch,
    house_stretch,
    next_cases,
    plan_for,
)
from workflows.services.exports.spool import Spool
from workflows.services.exports.work import ExportChanged
from workflows.services.installation import clock_now
from workflows.services.log.sequencing import seal_log
from workflows.store.scope import set_scope
from workflows.store.transaction import Session


class PackageImpossible(DubanError):
    """This process makes bundles only, no review packages: let `duban serve` make it."""

    code: ClassVar[str] = "package_impossible"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, and what the one who asked may have of it today."""

    actor: Actor
    scope: BundleScope
    reach: Reach
    org_path: str
    with_attachments: bool

    def plan(self, session: Session, tree_size: int, directory_seq: int) -> Plan:
        """Plan the bundle over a tree of some size."""
        return plan_for(
            session,
            self.scope,
            self.reach,
            tree_size,
            directory_seq,
            with_attachments=self.with_attachments,
            by=self.actor.account_id,
        )


def record_once(held: Held, app_version: str) -> int:
    """Give the seq of the export's house record, writing it where it is not there.

    Before it the log is sealed, the names of the bundle are stated and sealed too.

    Raises:
        NotAllowed, NotFound: The one who asked may no longer have this.
        NothingToExport: The scope has no case.
    """
    with held.holding() as (session, job):
        if job.export_seq is not None:
            return job.export_seq
        tree_size = seal_log(session, clock_now(session)).size
    asked = _asked(held)
    stated = _stated(held, asked, tree_size)
    with held.holding() as (session, _):
        now, levels = clock_now(session), asked.reach.levels
        directory_seq = state_directory(session, asked.actor, now, stated, levels)
        tree_size = seal_log(session, now).size
    with held.reading() as session:
        plan = asked.plan(session, tree_size, directory_seq)
    heads = _heads(held, plan)
    with held.holding() as (session, job):
        now, package = clock_now(session), package_form(session, asked.actor, job)
        return record_export(session, asked.actor, now, job, plan, heads, app_version, package)


def _asked(held: Held) -> _Asked:
    with held.reading() as session:
        now, job = clock_now(session), held.job(session)
        scope, levels = BundleScope.from_json(job.scope), levels_of_job(job)
        actor = SYSTEM["init"]
        if job.asked_by != actor.account_id:
            actor = load_actor(session, job.asked_by, local_date(now))
            set_scope(session, scope_in(session, actor))
        org_path = place_of_scope(session, actor, scope, levels)
        reach = reach_of(session, actor, scope, levels)
        return _Asked(actor, scope, reach, org_path, job.with_attachments)


def _stated(held: Held, asked: _Asked, tree_size: int) -> Stated:
    """Find out whom the bundle will name; a whole one names everybody."""
    if asked.scope.has_house:
        with held.reading() as session:
            return everybody(session)
    with held.reading() as session:
        plan = asked.plan(session, tree_size, 0)
    ids: set[str] = set()
    paths: set[str] = set()
    for session, cases in _batches(held, plan):
        ids |= named_by(session, plan, cases)
        paths.update(case.org_path for case in cases)
        held.advance(0)
    if not paths:
        raise NothingToExport(what="record", key=asked.scope.kind.value)
    with held.reading(asked.reach.scope) as session:
        return those_named(session, ids, paths, asked.org_path)


def _batches(held: Held, plan: Plan) -> Iterator[tuple[Session, tuple[CoveredCase, ...]]]:
    """Give the cases of a plan batch by batch, each with a session that sees one state."""
    after: str | None = ""
    while after is not None:
        with held.reading(plan.reach.scope) as session:
            batch = next_cases(session, plan, after)
            after = batch.after
            if batch.cases:
                yield session, batch.cases


def _heads(held: Held, plan: Plan) -> Heads:
    heads = Heads()
    for _, cases in _batches(held, plan):
        for case in cases:
            heads.add(case.stretch)
    heads.add(_house(held, plan))
    return heads


def _house(held: Held, plan: Plan) -> Stretch:
    with held.reading() as session:
        return house_stretch(session, plan)


def write_file(
    held: Held, exported: Exported, work: Path, write_package: PackageWriter | None = None
) -> tuple[Path, BundleSummary, str]:
    """Write a bundle or package into a folder of its own; give file, summary and SHA-256.

    Raises:
        ExportChanged: The records are not those that the export's record names.
        ExportOutdated: It cannot be made any more as it was.
        PackageImpossible: This process makes bundles only.
    """
    if exported.package is not None and write_package is None:
        raise PackageImpossible
    passes = 2 if exported.package is None else 3
    held.done, held.total = 0, passes * exported.records
    with Spool(work) as spool:
        _set_aside(held, exported.plan, spool)
        with held.reading() as session:
            target, made = make_bundle(session, exported, spool, work, lambda: held.advance(1))
    if made.heads_hash != exported.heads_hash:
        raise ExportChanged
    if write_package is not None:
        target, made = _packed(held, exported, target, made, write_package)
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())
        digest = file_digest(file, "sha256").hexdigest()
    return target, made, digest


def _packed(
    held: Held, exported: Exported, bundle: Path, made: BundleSummary, write: PackageWriter
) -> tuple[Path, BundleSummary]:
    """Write the package around a bundle where one is wanted; all in it comes from the bundle."""
    with held.reading() as session:
        order = package_order(session, exported)
    if order is None:
        return bundle, made
    target, folder = bundle.with_name("package.zip"), bundle.with_name("package")
    folder.mkdir()
    write(order, bundle, folder, target, held.advance)
    return target, replace(made, size_bytes=target.stat().st_size)


def _set_aside(held: Held, plan: Plan, spool: Spool) -> None:
    for session, cases in _batches(held, plan):
        held.advance(gather_cases(session, plan, cases, spool))
    house = _house(held, plan)
    for first in range(house.first, house.last + 1, HOUSE_AT_ONCE):
        last = min(first + HOUSE_AT_ONCE - 1, house.last)
        with held.reading() as session:
            held.advance(gather_house(session, plan, first, last, spool))
