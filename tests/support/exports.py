"""Exports asked for and made without pages, and what stands in their bundles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.support.bundles import Files, json_lines, read_bundle
from webapp.review_package.writing import write_package
from workflows.audit.verifier import Verdict, verify_bundle
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.roles import Actor
from workflows.domain.sampling import Draw
from workflows.jobs.exporting import FOLDER, bundle_path, run_one
from workflows.services.access import SYSTEM
from workflows.services.exports.asking import Wish, ask
from workflows.services.exports.packages import PackageWish
from workflows.services.installation import clock_now
from workflows.services.vault import read_payload
from workflows.store.journal import read_stream
from workflows.store.scope import SystemScope
from workflows.store.tables import BundleJob, Installation
from workflows.store.transaction import Sessions, transaction

EVERYTHING = BundleScope(ScopeKind.ALL)
CONTENT = frozenset({"L1", "L2"})


@dataclass(frozen=True)
class ExportDesk:
    """Where exports are asked for and made."""

    sessions: Sessions
    instance: Path

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self.instance / FOLDER

    def transaction(self) -> Any:
        """Open a transaction that sees everything."""
        return transaction(self.sessions, SystemScope("test"))

    def ask(
        self,
        scope: BundleScope = EVERYTHING,
        levels: frozenset[str] = CONTENT,
        actor: Actor = SYSTEM["init"],
        *,
        with_attachments: bool = False,
        package: PackageWish | None = None,
    ) -> int:
        """Ask for a bundle, or a package around it, and give the export's number."""
        with self.transaction() as session:
            wish = Wish(scope, "盟委巡察办", "年度检查", levels, with_attachments, package)
            return ask(session, actor, clock_now(session), wish).id

    def make(self, job_id: int, progress: Callable[[int, int], None] | None = None) -> Path:
        """Make a bundle that was asked for."""
        told = progress or (lambda _d, _t: None)
        outcome = run_one(self.sessions, self.folder, job_id, told, write_package=write_package)
        assert outcome == "made", self.job(job_id).failure
        return bundle_path(self.folder, job_id)

    def export(self, scope: BundleScope = EVERYTHING, levels: frozenset[str] = CONTENT) -> Path:
        """Ask for a bundle and make it."""
        return self.make(self.ask(scope, levels))

    def package(
        self,
        scope: BundleScope = EVERYTHING,
        levels: frozenset[str] = CONTENT,
        draw: Draw | None = None,
    ) -> Path:
        """Ask for a review package and make it."""
        return self.make(self.ask(scope, levels, package=PackageWish(draw)))

    def job(self, job_id: int) -> BundleJob:
        """Read an export's row."""
        with self.transaction() as session:
            return session.get_one(BundleJob, job_id)

    def house_records(self, name: str) -> list[dict[str, Any]]:
        """Read the payload forms of the house records of a name, oldest first."""
        with self.transaction() as session:
            house_id = session.execute(select(Installation.house_id)).scalar_one()
            return [
                read_payload(session, row.key_id, house_id, row.seq, row.sealed)["form"]
                for row in read_stream(session, house_id)
                if f'"name":"{name}"' in row.body
            ]


def verified(path: Path) -> Verdict:
    """Verify a bundle, and make sure that it is right."""
    verdict = verify_bundle(path)
    assert verdict.problem is None, verdict.problem
    assert verdict.is_signed
    return verdict


def lines_of(path: Path, name: str) -> list[Any]:
    """Read one of a bundle's files of lines."""
    return json_lines(read_bundle(path)[name])


def whole_text(files: Files) -> str:
    """Give all that stands in a bundle's files, save the program and the rules."""
    fixed = ("definitions/", "calendars/", "verify.py", "viewer.html", "README")
    return "\n".join(
        content.decode("utf-8", "replace")
        for name, content in files.items()
        if not name.startswith(fixed)
    )
