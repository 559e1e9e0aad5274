"""Verify a bundle with nothing but the standard library.

``verify_bundle`` serves ``duban verify``; the same code, with what it needs of the
domain, stands in every bundle as verify.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from workflows.audit.anchors import Anchor, AnchorAnswer, AnchorResult, compare_anchors
from workflows.audit.beside import check_beside
from workflows.audit.container import Container, check_files, check_signature, open_container
from workflows.audit.log_check import RebuiltLog, rebuild_log
from workflows.audit.manifest import claimed_range
from workflows.audit.statements import EpochStart, check_directory
from workflows.audit.trail import Stage, TrailCounts, TrailFindings
from workflows.audit.trail_parts import PART_BYTES, core_count, follow_trail
from workflows.domain.errors import DubanError
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import JsonObject


class BundleUnreadable(BundleError):
    """The file {path} cannot be read: {reason}."""

    code = "bundle_unreadable"


class AnchorsUnsigned(BundleError):
    """A {format} has no log that an outside copy could be compared with."""

    code = "anchor_without_log"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a bundle found.

    Attributes:
        problem: the first thing that is wrong, or None.
        manifest: what the bundle says of itself; empty where it could not be read.
        is_signed: whether the manifest's signature holds; never for a ``duban-bundle/0``.
        key_name: the name of the key that signed.
        fingerprint: of that key.
        is_key_known: whether the reader gave this fingerprint himself.
        log: the rebuilt log, where there is one and it agrees with the checkpoints.
        claimed: the range of leaves that is whole, [start, end); empty where none is claimed.
        anchors: what the bundle says to each outside copy.
        epochs: restarts of the log after a restore: gaps, with their dates.
    """

    problem: DubanError | None = None
    manifest: JsonObject = field(default_factory=dict)
    is_signed: bool = False
    key_name: str | None = None
    fingerprint: str | None = None
    is_key_known: bool = False
    counts: TrailCounts = field(default_factory=TrailCounts)
    log: RebuiltLog | None = None
    claimed: tuple[int, int] = (0, 0)
    anchors: tuple[AnchorResult, ...] = ()
    epochs: tuple[EpochStart, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether nothing was found to be wrong."""
        return self.problem is None

    @property
    def format(self) -> str | None:
        """Which format the bundle has."""
        return self.manifest.get("format")

    @property
    def made_at(self) -> str | None:
        """When it was made, as the journal writes times."""
        return self.manifest.get("made_at")

    @property
    def origin(self) -> str | None:
        """Which installation it is of."""
        return self.manifest.get("origin")

    @property
    def recipient(self) -> str | None:
        """For whom it was made."""
        return self.manifest.get("recipient")

    @property
    def scope(self) -> str | None:
        """What kind of scope it has."""
        return self.manifest["scope"]["type"] if self.manifest else None

    @property
    def is_anchored(self) -> bool:
        """Whether an outside copy was given and all that were agree."""
        answers = {result.answer for result in self.anchors}
        return answers == {AnchorAnswer.AGREES}


def verify_bundle(
    path: Path,
    *,
    anchors: Sequence[Anchor] = (),
    fingerprint: str | None = None,
    workers: int | None = None,
    part_bytes: int = PART_BYTES,
) -> Verdict:
    """Verify a bundle and name the first thing that is wrong.

    Args:
        path: the bundle.
        anchors: copies of checkpoints that the reader has from elsewhere.
        fingerprint: of the key that must have signed it, where the reader knows it.
        workers: how many processes may share the work; None for one on each core.
        part_bytes: how much of the records one of them takes at a time.
    """
    effort = (core_count() if workers is None else workers, part_bytes)
    verification = _Verification(path, tuple(anchors), fingerprint, effort)
    try:
        with path.open("rb") as file:
            verification.run(file)
    except OSError as error:
        reason = error.strerror or "unknown"
        verification.note(problem=BundleUnreadable(path=path.name, reason=reason))
    except DubanError as error:
        verification.note(problem=error)
    return verification.verdict


class _Verification:
    """One verification on its way."""

    def __init__(
        self,
        path: Path,
        anchors: tuple[Anchor, ...],
        fingerprint: str | None,
        effort: tuple[int, int],
    ) -> None:
        self._path, self._anchors, self._fingerprint = path, anchors, fingerprint
        self._effort = effort
        self._found: dict[str, Any] = {}

    def note(self, **found: object) -> None:
        """Add to the verdict."""
        self._found.update(found)

    @property
    def verdict(self) -> Verdict:
        """What is known so far."""
        return Verdict(**self._found)

    def run(self, file: BinaryIO) -> None:
        """Go through the checks in the journal page's order.

        Raises:
            DubanError: the first thing that is wrong.
        """
        container = open_container(self._path, file)
        self.note(manifest=container.manifest)
        check_files(container, self._effort[0])
        if container.is_signed:
            check_signature(container, file, self._fingerprint)
            self._note_key(container)
        elif self._anchors or self._fingerprint:
            raise AnchorsUnsigned(format=container.manifest["format"])
        findings = follow_trail(container, check_beside(container, file), *self._effort)
        self.note(counts=findings.counts)
        if findings.problem is not None and findings.stage < Stage.FOLD:
            raise findings.problem
        if container.is_signed:
            self._check_log(container, file, findings)
        if findings.problem is not None:
            raise findings.problem
        self._raise_unanswered()

    def _note_key(self, container: Container) -> None:
        key = container.key
        self.note(
            is_signed=True,
            key_name=key.name,
            fingerprint=key.fingerprint,
            is_key_known=self._fingerprint is not None,
        )

    def _check_log(self, container: Container, file: BinaryIO, findings: TrailFindings) -> None:
        """Compare the rebuilt log with checkpoints and copies, and what the house states."""
        sizes = [anchor.size for anchor in self._anchors]
        log = rebuild_log(container, file, findings.indices, findings.leaves, sizes)
        epochs = tuple(each.epoch for each in findings.statements if each.epoch)
        results = compare_anchors(self._anchors, log, epochs)
        claimed = claimed_range(container.manifest)
        self.note(log=log, claimed=claimed, epochs=epochs, anchors=results)
        for result in results:
            if result.answer in (AnchorAnswer.DIFFERS, AnchorAnswer.BEYOND):
                raise result.problem or AssertionError("a copy that differs has a problem")
        check_directory(container.manifest, findings.statements)

    def _raise_unanswered(self) -> None:
        """Let no copy pass that could not be compared, though all else is right."""
        for result in self.verdict.anchors:
            if result.problem is not None:
                raise result.problem
