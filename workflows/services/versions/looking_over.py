"""Looking a pack over before it is put forward: its faults, what it changes, where it leads.

Nothing here reads or writes a database: it takes a moment, or with the check some seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workflows.engine import Pack, PackInvalid, build_pack, check_pack, lint_pack
from workflows.engine.difference import compare_packs
from workflows.services.versions.pack_reports import Report, ReportKind
from workflows.services.versions.version_errors import OtherPack


@dataclass(frozen=True, slots=True)
class Prepared:
    """A pack that may be put forward: it can be loaded, compared and reported on."""

    pack: Pack
    base_hash: str | None
    reports: tuple[Report, ...]

    @property
    def broken(self) -> list[Mapping[str, Any]] | None:
        """Give what the check found broken; None where it was not checked."""
        checks = [each.body for each in self.reports if each.kind is ReportKind.CHECK]
        return list(checks[-1]["broken"]) if checks else None


def prepare(files: Mapping[str, bytes], base: Pack | None) -> Prepared:
    """Look a pack over; it takes a moment and writes nothing, so do it before the transaction.

    Args:
        files: The pack's files by path.
        base: The newest approved version, which this one is compared with.

    Raises:
        PackInvalid: With every finding.
        OtherPack: It is no version of the pack that works here.
    """
    findings = lint_pack(files)
    if any(finding.is_error for finding in findings):
        raise PackInvalid(findings)
    pack = build_pack(files)
    if base is not None and pack.id != base.id:
        raise OtherPack(found=pack.id, expected=base.id)
    reports = [Report(ReportKind.LINT, {"findings": [each.to_json() for each in findings]})]
    if base is not None:
        reports.append(Report(ReportKind.DIFFERENCE, compare_packs(base, pack).to_json()))
    return Prepared(pack, None if base is None else base.hash, tuple(reports))


def examine(prepared: Prepared) -> Prepared:
    """Check every way that the cases of a pack can go; it takes seconds."""
    found = Report(ReportKind.CHECK, check_pack(prepared.pack).as_json())
    others = (each for each in prepared.reports if each.kind is not ReportKind.CHECK)
    return replace(prepared, reports=(*others, found))
