"""The state lines of a bundle: as the database has each case, or had it at the tree's end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from workflows.domain.closed_fields import is_closed
from workflows.domain.fold import CaseState
from workflows.domain.fold_parts import same
from workflows.services.exports.opening import OpenedRecord
from workflows.services.exports.selection import CoveredCase
from workflows.services.history.stored import state_lines_of_rows
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.journal import read_stream

_Line = dict[str, Any]


def state_lines(
    session: Session, cases: Sequence[CoveredCase], seen: Mapping[str, ShownFacts]
) -> Iterable[_Line]:
    """Give the state lines of some cases whose records were read in the same moment.

    A case that has moved on since the tree's end is folded from its records up to there.
    """
    at_rest = [case.id for case in cases if case.version == case.stretch.last]
    lines = {line["id"]: line for line in state_lines_of_rows(session, at_rest)}
    for case in cases:
        line = lines.get(case.id) or _folded(session, case)
        yield seen[case.id].kept_back(line)


def _folded(session: Session, case: CoveredCase) -> _Line:
    state = CaseState()
    for row in read_stream(session, case.id):
        if row.seq > case.stretch.last:
            break
        state.apply(json.loads(row.body), _payload(session, case.id, row))
    return state.state_line()


def _payload(session: Session, case_id: str, row: Any) -> Mapping[str, Any] | None:
    try:
        return read_payload(session, row.key_id, case_id, row.seq, row.sealed)
    except PayloadErased:
        return None


@dataclass(slots=True)
class ShownFacts:
    """What the payloads that a bundle shows say of a case's facts.

    A fact is withheld where its last payload is not shown: one that is known to have
    written it, or an erased one that may have; and where its last value stays closed.
    """

    _values: dict[str, Any] = field(default_factory=dict)
    _written_at: dict[str, int] = field(default_factory=dict)
    _last_erased: int = 0
    _hides: bool = False

    def add(self, record: OpenedRecord) -> None:
        """Take the next record of the case."""
        if record.payload is None:
            self._last_erased, self._hides = record.seq, True
            return
        for name, change in record.payload["facts"].items():
            if record.shown is None or is_closed(change["new"]):
                self._values.pop(name, None)
                self._written_at.pop(name, None)
                self._hides = True
            else:
                self._values[name] = change["new"]
                self._written_at[name] = record.seq
        self._hides = self._hides or record.shown is None

    def kept_back(self, line: _Line) -> _Line:
        """Name those facts of a state line that the bundle does not show."""
        if not self._hides:
            return line
        names = {name for name, value in line["facts"].items() if not self._is_shown(name, value)}
        shown = {name: value for name, value in line["facts"].items() if name not in names}
        return {**line, "facts": shown, "withheld": sorted(names)}

    def _is_shown(self, name: str, value: Any) -> bool:
        if name not in self._values:
            return False
        return self._written_at[name] > self._last_erased or same(self._values[name], value)
