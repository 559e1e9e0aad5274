"""Opening the records of a bundle: what of each payload it shows, and what it withholds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.orm import Session

from workflows.audit.bundle_contents import Withheld
from workflows.audit.commitment import OpenedPayload
from workflows.domain.closed_fields import with_values
from workflows.domain.levels import CLUES, INTERNAL, PERSONAL
from workflows.services.exports.selection import CoveredCase, Plan
from workflows.services.packs import pack_of, split_definition
from workflows.services.secrecy.clearance import levels_of
from workflows.services.secrecy.informants import VAULT
from workflows.services.secrecy.leaks import closed_records
from workflows.services.secrecy.looking import LOOKED
from workflows.services.vault import PayloadErased, unseal

CONFIDENTIAL, ERASED = "confidential", "erased"
# House records that tell of cases; all others tell how the house is run.
_HOUSE_LEVELS: Mapping[str, frozenset[str]] = {
    "weak_lax_determined": frozenset({INTERNAL}),
    LOOKED: frozenset({PERSONAL}),
    VAULT: frozenset({CLUES}),
}


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record of a bundle.

    ``payload`` is what it says, as JSON, unless it is erased or nobody had to look, with those
    closed values in their places that the bundle opens; ``shown`` is what the bundle shows of
    it and ``withheld`` why it does not. ``levels``
    are those that the bundle shows of its stream.
    """

    id: str
    seq: int
    index: int
    body: bytes
    record: Mapping[str, Any]
    payload: Mapping[str, Any] | None
    shown: OpenedPayload | None
    withheld: Withheld | None
    levels: frozenset[str]


def open_records(
    session: Session, plan: Plan, rows: Iterable[Any], cases: Mapping[str, CoveredCase]
) -> Iterator[OpenedRecord]:
    """Open records in the order of their rows."""
    closed = closed_records(session, list(cases))
    for row in rows:
        body = row.body.encode("utf-8")
        record = orjson.loads(body)
        place = (row.stream_id, row.seq, row.index, body, record)
        case = cases.get(row.stream_id)
        levels = plan.reach.content(case.org_path, case.level) if case else plan.reach.levels
        opened = _unsealed(session, row)
        payload = None if opened is None else orjson.loads(opened.content)
        if payload is None:
            why = Withheld(row.stream_id, row.seq, ERASED, "system:init")
            yield OpenedRecord(*place, None, None, why, levels)
        elif (
            opened
            and (row.stream_id, row.seq) not in closed
            and levels >= _needed(session, plan, record, payload, case)
        ):
            shown = opened if PERSONAL in levels else opened.withheld(plan.by, CONFIDENTIAL)
            payload = with_values(payload, shown.opened_values()) if shown.openings else payload
            yield OpenedRecord(*place, payload, shown, None, levels)
        else:
            why = Withheld(row.stream_id, row.seq, CONFIDENTIAL, plan.by)
            yield OpenedRecord(*place, payload, None, why, levels)


def _unsealed(session: Session, row: Any) -> OpenedPayload | None:
    if row.sealed is None:
        return None
    try:
        return unseal(session, row.key_id, row.stream_id, row.seq, row.sealed)
    except PayloadErased:
        return None


def _needed(
    session: Session,
    plan: Plan,
    record: Mapping[str, Any],
    payload: Mapping[str, Any],
    case: CoveredCase | None,
) -> frozenset[str]:
    """Give the levels that somebody needs to be shown a payload."""
    if case is None:
        return _needed_of_house(plan, record, payload)
    definition = record["definition"]
    pack_hash = split_definition(definition)[0] if definition else case.pack_hash
    return levels_of(pack_of(session, pack_hash), payload)


def _needed_of_house(
    plan: Plan, record: Mapping[str, Any], payload: Mapping[str, Any]
) -> frozenset[str]:
    """Give the levels of a house record's payload.

    What was taken out of the house is part of its trail, names in person-level content are
    not; a bundle's own names are what it shows already.
    """
    if record["seq"] == plan.directory_seq:
        return frozenset()
    needed = _HOUSE_LEVELS.get(record["trigger"]["name"], frozenset())
    return needed | {PERSONAL, CLUES} & set(payload["form"].get("levels", ()))
