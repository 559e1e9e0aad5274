"""The root of what can be wrong with records and their proofs. Part of verify.py."""

from __future__ import annotations

from workflows.domain.errors import DubanError


class JournalError(DubanError):
    """The journal does not hold together."""

    code = "journal_broken"


class BundleError(JournalError):
    """The bundle does not hold together."""

    code = "bundle_broken"
