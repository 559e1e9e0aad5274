"""The sequencer: gives every record its leaf, and signs a checkpoint while there is news.

The usual run looks at records since a day before the last checkpoint, a range of an
index. The whole run looks at all: when the program starts, each night and before each
export, so that nothing is lost, whenever it was committed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

import structlog

from workflows.domain.errors import DubanError
from workflows.jobs.leaving import publish
from workflows.jobs.mail import MailRoute
from workflows.services.access import SYSTEM
from workflows.services.heartbeats import begin_heartbeat, end_heartbeat
from workflows.services.incidents import close_incidents, raise_incident
from workflows.services.log.epochs import unknown_outside
from workflows.services.log.notary import signing_key_of
from workflows.services.log.sequencing import BATCH, Sealed, seal_batch, usual_since
from workflows.store.connection import read_one_state
from workflows.store.log import (
    Place,
    has_records_without_leaf,
    is_recorded,
    last_checkpoint,
)
from workflows.store.scope import SystemScope
from workflows.store.transaction import Session, Sessions, transaction

JOB = "sequencer"
STOPPED = "log_stopped"
GAP = "log_gap"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SequencerReport:
    """What a run did; ``size`` is that of the tree, as far as this run knows.

    ``held_back`` counts streams that wait for a record without a leaf, and ``is_busy``
    says that another process was at work.
    """

    size: int = 0
    sequenced: int = 0
    checkpoints: int = 0
    held_back: int = 0
    is_busy: bool = False

    def counts(self) -> dict[str, int]:
        """Give the numbers by name."""
        return {name: int(value) for name, value in asdict(self).items()}

    def plus(self, sealed: Sealed) -> SequencerReport:
        """Count what one transaction added."""
        return replace(
            self,
            size=sealed.size,
            sequenced=self.sequenced + sealed.added,
            checkpoints=self.checkpoints + bool(sealed.added),
            held_back=self.held_back + len(sealed.held_back),
        )


def prepare_log(sessions: Sessions) -> None:
    """Make sure that this program can sign, before it begins to serve; make the first key.

    Raises:
        SigningKeyMissing: Or another error about the key, saying what to do.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        signing_key_of(session)


def run_sequencer(
    sessions: Sessions,
    now: datetime,
    *,
    whole: bool = False,
    batch: int = BATCH,
    mail: MailRoute | None = None,
) -> SequencerReport:
    """Sequence and sign in batches of one transaction each, then let checkpoints leave.

    Args:
        sessions: Give sessions that carry the vault and the notary.
        now: The moment of what is signed.
        whole: Look at the whole journal.
        batch: How many records go into one transaction.
        mail: How the day's checkpoint is mailed, where it is.

    Raises:
        DubanError: The log cannot go on: the key, the clock or the file outside is wrong.
    """
    report = _sequence(sessions, now, whole, batch)
    if report.held_back and not whole:
        again = _sequence(sessions, now, True, batch)
        sequenced = report.sequenced + again.sequenced
        checkpoints = report.checkpoints + again.checkpoints
        report = replace(again, sequenced=sequenced, checkpoints=checkpoints)
    publish(sessions, now, mail)
    with transaction(sessions, SystemScope(JOB)) as session:
        begin_heartbeat(session, JOB, now)
        end_heartbeat(session, JOB, now, report.counts())
        close_incidents(session, STOPPED, now, SYSTEM[JOB].account_id)
    return report


def keep_log(
    sessions: Sessions, now: datetime, *, whole: bool = False, mail: MailRoute | None = None
) -> SequencerReport | None:
    """Run the sequencer; where the log cannot go on, let an incident say why, and give None."""
    try:
        return run_sequencer(sessions, now, whole=whole, mail=mail)
    except DubanError as error:
        _log.error("sequencer failed", code=error.code)
        with transaction(sessions, SystemScope(JOB)) as session:
            raise_incident(session, None, STOPPED, error.code, now)
        return None


def _sequence(sessions: Sessions, now: datetime, whole: bool, batch: int) -> SequencerReport:
    with transaction(sessions, SystemScope(JOB)) as session:
        read_one_state(session)
        signing_key_of(session)  # a key that is gone is told at once, and not with the next news
        head = last_checkpoint(session)
        since = None if whole else usual_since(head, now)
        has_news = has_records_without_leaf(session, since) or unknown_outside(session) is not None
    report = SequencerReport(size=0 if head is None else head.size)
    after: Place | None = None
    while has_news:
        with transaction(sessions, SystemScope(JOB)) as session:
            sealed = seal_batch(session, now, since, after, batch)
            if sealed is None:
                return replace(report, is_busy=True)
            if since is None:
                _tell_gaps(session, sealed, now)
        report, after = report.plus(sealed), sealed.after
        has_news = after is not None
    return report


def _tell_gaps(session: Session, sealed: Sealed, now: datetime) -> None:
    """Let an incident say that a stream has a hole: its next records get no leaf."""
    for stream_id, seq in sealed.held_back:
        if not is_recorded(session, stream_id, seq - 1):
            raise_incident(session, None, GAP, f"{stream_id} {seq - 1}", now)
