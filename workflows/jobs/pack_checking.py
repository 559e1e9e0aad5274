"""Checking versions that were put forward: seconds of work, outside of any transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from workflows.domain.errors import Conflict
from workflows.engine import PackInvalid
from workflows.services.packs import pack_files, pack_of, version_in_force
from workflows.services.versions.looking_over import Prepared, examine, prepare
from workflows.services.versions.publishing import CHECKER, fail_check, finish_check, unchecked
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

# Somebody decided, or another process was faster: there is nothing left to do.
PASSED_BY = "passed_by"


def check_packs(
    sessions: Sessions, now: datetime, look: Callable[[Prepared], Prepared] = examine
) -> Counter[str]:
    """Check every version that waits for it; give how many came to which state.

    Nothing is claimed: two processes that check one version find the same, and the second
    is too late to write it.
    """
    with transaction(sessions, SystemScope(CHECKER)) as session:
        waiting = unchecked(session)
    return Counter(_check(sessions, now, pack_hash, look) for pack_hash in waiting)


def _check(
    sessions: Sessions, now: datetime, pack_hash: str, look: Callable[[Prepared], Prepared]
) -> str:
    with transaction(sessions, SystemScope(CHECKER)) as session:
        files = pack_files(session, (pack_hash,))[pack_hash]
        newest = version_in_force(session)
        base = None if newest is None else pack_of(session, newest.hash)
    try:
        prepared = look(prepare(files, base))
        with transaction(sessions, SystemScope(CHECKER)) as session:
            return finish_check(session, now, prepared).state
    except PackInvalid as error:
        with transaction(sessions, SystemScope(CHECKER)) as session:
            return fail_check(session, now, pack_hash, error.findings).state
    except Conflict:
        return PASSED_BY
