"""Copies of a checkpoint that left the house, and what a bundle says to them.

Part of verify.py.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from workflows.audit.log_check import RebuiltLog
from workflows.audit.merkle import HASH_BYTES
from workflows.audit.notes import parse_checkpoint, parse_note
from workflows.audit.statements import EpochStart
from workflows.domain.errors import DubanError
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import brief


class AnchorUnreadable(BundleError):
    """The outside copy {label} cannot be read: {reason}."""

    code = "anchor_unreadable"


class AnchorDiffers(BundleError):
    """By the outside copy {label} the log of {size} leaves had the root {expected}, not {found}."""

    code = "anchor_differs"


class AnchorBeyond(BundleError):
    """The outside copy {label} saw {size} leaves; this bundle, old or cut off, has {found}."""

    code = "anchor_beyond"


class AnchorUnproven(BundleError):
    """The outside copy {label} cannot be compared: nothing here proves the root at {size}."""

    code = "anchor_unproven"


class AnchorInGap(BundleError):
    """The outside copy {label} saw records that a restore lost between {since} and {until}."""

    code = "anchor_in_gap"


class AnchorAnswer(StrEnum):
    """What a bundle says to a copy."""

    AGREES = "agrees"
    DIFFERS = "differs"
    BEYOND = "beyond"
    UNPROVEN = "unproven"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A size and root that the reader has from elsewhere; ``label`` is what he calls it."""

    label: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class AnchorResult:
    """What comparing one copy found; ``problem`` is None where it agrees."""

    anchor: Anchor
    answer: AnchorAnswer
    problem: DubanError | None = None


def read_anchor(path: Path) -> Anchor:
    """Read a checkpoint that was kept as a file.

    Raises:
        AnchorUnreadable: where it is none.
    """
    try:
        with path.open("rb") as file:
            content = file.read(64 * 1024 + 1)
        checkpoint = parse_checkpoint(parse_note(content).text)
    except (OSError, BundleError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise AnchorUnreadable(label=path.name, reason=reason) from error
    return Anchor(path.name, checkpoint.size, checkpoint.root)


def anchor_of_text(text: str) -> Anchor:
    """Read what was typed off a slip: size and root, in base64 or 64 hex digits.

    Raises:
        AnchorUnreadable: where it is neither.
    """
    parts = text.split()
    root = _root_of(parts[1]) if len(parts) == 2 else None
    if root is None or not parts[0].isascii() or not parts[0].isdigit() or len(parts[0]) > 18:
        raise AnchorUnreadable(label=brief(text), reason="it must be a size and a root")
    return Anchor(text.strip(), int(parts[0]), root)


def compare_anchors(
    anchors: Iterable[Anchor], log: RebuiltLog, epochs: Iterable[EpochStart]
) -> tuple[AnchorResult, ...]:
    """Compare each copy with the log as the bundle shows it."""
    known = tuple(epochs)
    return tuple(_compared(anchor, log, known) for anchor in anchors)


def _compared(anchor: Anchor, log: RebuiltLog, epochs: tuple[EpochStart, ...]) -> AnchorResult:
    found = log.roots.get(anchor.size)
    if found == anchor.root:
        return AnchorResult(anchor, AnchorAnswer.AGREES)
    gap = next((epoch for epoch in epochs if epoch.has_lost(anchor.size)), None)
    if gap is not None:
        problem: DubanError = AnchorInGap(
            label=anchor.label, size=anchor.size, since=gap.known_at, until=gap.recorded_at
        )
        return AnchorResult(anchor, AnchorAnswer.GAP, problem)
    if anchor.size > log.size:
        problem = AnchorBeyond(label=anchor.label, size=anchor.size, found=log.size)
        return AnchorResult(anchor, AnchorAnswer.BEYOND, problem)
    if found is None:
        problem = AnchorUnproven(label=anchor.label, size=anchor.size)
        return AnchorResult(anchor, AnchorAnswer.UNPROVEN, problem)
    problem = AnchorDiffers(
        label=anchor.label, size=anchor.size, expected=anchor.root.hex(), found=found.hex()
    )
    return AnchorResult(anchor, AnchorAnswer.DIFFERS, problem)


def _root_of(text: str) -> bytes | None:
    is_hex = len(text) == 2 * HASH_BYTES
    try:
        root = bytes.fromhex(text) if is_hex else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return root if len(root) == HASH_BYTES else None
