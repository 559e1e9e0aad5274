"""What records name, taken from a database instead of from a bundle, to replay its cases."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select

from workflows.engine.replay import CaseReplay, Replayed, Surroundings
from workflows.services.calendars import calendar_of
from workflows.services.packs import pack_files
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.journal import read_stream
from workflows.store.tables import Case, Marking, Organisation, PackVersion
from workflows.store.transaction import Session

Records = list[tuple[dict[str, Any], dict[str, Any]]]
Show = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any] | None]


def surroundings_of(session: Session) -> Surroundings:
    """Give the packs, markings and calendars of an installation."""
    paths = dict(session.execute(select(Organisation.id, Organisation.path)).all())
    return Surroundings(
        packs=pack_files(session, list(session.scalars(select(PackVersion.hash)))),
        markings=dict(session.execute(select(Marking.hash, Marking.body)).all()),
        calendar_of=lambda version: calendar_of(session, version).jsonl(),
        path_of=paths.get,
    )


def records_of(session: Session) -> Iterator[Records]:
    """Give the records and payloads of each case."""
    for case_id in session.scalars(select(Case.id).order_by(Case.id)).all():
        yield [
            (json.loads(row.body), _payload(session, case_id, row))
            for row in read_stream(session, case_id)
        ]


def _payload(session: Session, case_id: str, row: Any) -> Any:
    """Read a payload; null where it was erased, as a bundle has it."""
    try:
        return read_payload(session, row.key_id, case_id, row.seq, row.sealed)
    except PayloadErased:
        return None


def replay(
    surroundings: Surroundings, records: Records, show: Show = lambda _, payload: payload
) -> Counter[Replayed]:
    """Replay one case; ``show`` may keep payloads back."""
    case = CaseReplay(surroundings)
    return Counter(case.take(record, show(record, payload)) for record, payload in records)
