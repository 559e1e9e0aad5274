"""Why a version of a pack cannot be put forward, decided on or used."""

from __future__ import annotations

from typing import ClassVar

from workflows.domain.errors import Conflict, InvalidInput, NotAllowed


class VersionThere(Conflict):
    """These very files are here already: version {label}, put forward at {at} by {by}."""

    code: ClassVar[str] = "version_there"


class LabelTaken(InvalidInput):
    """There is a version {label} already, with other files."""

    code: ClassVar[str] = "label_taken"


class OtherPack(InvalidInput):
    """The pack calls itself {found}; here works the pack {expected}."""

    code: ClassVar[str] = "other_pack"


class NoteMissing(InvalidInput):
    """This needs a reason of 1 to {longest} characters."""

    code: ClassVar[str] = "note_missing"


class VersionNotApproved(Conflict):
    """Version {label} is not in force: no case can go to it."""

    code: ClassVar[str] = "version_not_approved"


class DateTooEarly(InvalidInput):
    """A version cannot come into force before {earliest_on}."""

    code: ClassVar[str] = "date_too_early"


class NotWaiting(Conflict):
    """Version {label} does not wait any more: {by} decided on it at {at}."""

    code: ClassVar[str] = "not_waiting"


class OwnVersion(NotAllowed):
    """Who put version {label} forward does not decide on it."""

    code: ClassVar[str] = "own_version"


class NotSubmitter(NotAllowed):
    """Only who put version {label} forward can take it back."""

    code: ClassVar[str] = "not_submitter"


class ReportsStale(Conflict):
    """The reports on version {label} were made with another engine: check it again first."""

    code: ClassVar[str] = "reports_stale"


class BaseMoved(Conflict):
    """Since version {label} was compared, version {newest} was approved: check it again first."""

    code: ClassVar[str] = "base_moved"


class ReportsUnseen(Conflict):
    """The reports on version {label} are not those that were shown: read them again."""

    code: ClassVar[str] = "reports_unseen"


class StillChecking(Conflict):
    """Version {label} is still being checked."""

    code: ClassVar[str] = "still_checking"


class PackUnsound(InvalidInput):
    """The pack breaks {count} rules that every case must keep; the first: {first}"""

    code: ClassVar[str] = "pack_unsound"
