"""What a case's page says of its supervision by the discipline line, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.work import Work
from workflows.queries.tracks.supervisions import running_in
from workflows.services.supervised import discipline_offices
from workflows.services.tracks.supervising import SUPERVISING_ROLES
from workflows.store.tables import Case, Supervision


@dataclass(frozen=True, slots=True)
class SupervisionPanel:
    """The supervisions that run, with their offices, and whether the viewer begins or ends one."""

    lines: Sequence[tuple[Supervision, str]]
    may_begin: bool
    may_end: bool


def supervision_panel(case: Case, work: Work) -> SupervisionPanel:
    """Give what runs in a case; cases about persons and sealed ones have none."""
    if case.level != "L1":
        return SupervisionPanel((), may_begin=False, may_end=False)
    lines = running_in(work.session, case.id)
    offices = set(discipline_offices(work.session, work.actor, SUPERVISING_ROLES).values())
    may_end = any(row.office_id in offices for row, _ in lines)
    may_begin = bool(offices) and case.state == "open" and not may_end
    return SupervisionPanel(lines, may_begin=may_begin, may_end=may_end)
