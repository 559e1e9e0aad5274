"""Writing a bundle from what was set aside and what its export record says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.audit.bundle import BundleSummary, write_bundle
from workflows.audit.bundle_contents import BundleContents
from workflows.audit.bundle_tree import LogExcerpt, SealedLeaf
from workflows.domain.errors import DubanError
from workflows.domain.records import JsonValue
from workflows.services.exports.gathering import (
    calendars_named,
    markings_named,
    register_of,
    write_papers,
)
from workflows.services.exports.recording import Exported, read_stated
from workflows.services.exports.selection import Plan, sealed_leaves
from workflows.services.exports.spool import Spool
from workflows.services.installation import installation_of, origin_of
from workflows.services.log.notary import signing_key_of
from workflows.services.packs import pack_files
from workflows.store.log import checkpoint_of_size
from workflows.store.logged import leaves_before


@dataclass(frozen=True, slots=True)
class _SealedLeaves:
    """The records that a bundle has as hashes only, read anew by whoever goes through them."""

    session: Session
    plan: Plan

    def __iter__(self) -> Iterator[SealedLeaf]:
        for index, level in sealed_leaves(self.session, self.plan):
            yield SealedLeaf(index, level, self.plan.by)


class ExportOutdated(DubanError):
    """The export was begun with {was} and this is {now}: ask for a new one."""

    code: ClassVar[str] = "export_outdated"


def refuse_outdated(exported: Exported, app_version: str) -> None:
    """Refuse to make a bundle that another version of the program began.

    Raises:
        ExportOutdated: Its verifier and its pages would be others.
    """
    if exported.app_version != app_version:
        raise ExportOutdated(was=exported.app_version, now=app_version)


def make_bundle(
    session: Session,
    exported: Exported,
    spool: Spool,
    folder: Path,
    on_record: Callable[[], None],
) -> tuple[Path, BundleSummary]:
    """Write a bundle into a folder of its own; the session sees one state and all of it.

    Raises:
        ExportOutdated: Another key signs by now.
        BundleError: What was set aside is no bundle.
    """
    target = folder / "bundle.zip"
    papers = folder / "papers"
    papers.mkdir()
    contents = _contents(session, exported, spool, papers)
    return target, write_bundle(target, contents, on_record)


def _contents(session: Session, exported: Exported, spool: Spool, papers: Path) -> BundleContents:
    plan, stated = exported.plan, read_stated(session, exported.plan)
    key = signing_key_of(session)
    if key.note_key.fingerprint != exported.fingerprint:
        raise ExportOutdated(was=exported.fingerprint, now=key.note_key.fingerprint)
    return BundleContents(
        origin=origin_of(installation_of(session)),
        made_at=exported.recorded_at,
        scope=_scope_of(plan),
        recipient=exported.recipient,
        app_version=exported.app_version,
        key=key.note_key,
        signer=key.sign,
        log=_log(session, exported),
        records=spool.placed_records(),
        payloads=spool.payloads(),
        state_lines=spool.states(),
        withheld=spool.withheld(),
        definitions=pack_files(session, spool.packs),
        markings=markings_named(session, spool.markings),
        calendars=calendars_named(session, spool.calendars),
        directory=stated.directory,
        grants=stated.grants,
        organisations=stated.organisations,
        register=register_of(session, plan, spool),
        attachments=write_papers(session, spool.papers, papers),
    )


def _scope_of(plan: Plan) -> dict[str, JsonValue]:
    """Give the scope as manifests have it: a selection of cases does not tell by which days."""
    if not plan.scope.has_house:
        return replace(plan.scope, from_on=None, to_on=None).to_json()
    scope = plan.scope.to_json()
    if plan.end_index != plan.tree_size:
        scope["end_index"] = plan.end_index
    return scope


def _log(session: Session, exported: Exported) -> LogExcerpt:
    plan = exported.plan
    checkpoint = checkpoint_of_size(session, plan.tree_size)
    return LogExcerpt(
        leaves=leaves_before(session, plan.tree_size),
        checkpoints=() if checkpoint is None else (checkpoint.note.encode("utf-8"),),
        first_index=plan.first_index if plan.scope.has_house else 0,
        sealed=_SealedLeaves(session, plan),
        proven_sizes=exported.proven_sizes,
    )
