"""The people of a case: who has worked on it under which role, and who keeps out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.forms.recusals import STATES
from webapp.sayings import gettext
from webapp.words import labels
from webapp.work import Work
from workflows.domain.recusals import RecusalState
from workflows.queries.case.people import Doing, doings_of, kept_out_of
from workflows.queries.names import names_of


@dataclass(frozen=True, slots=True)
class PeopleOfCase:
    """Names by role, in the order in which the roles came; ``recused`` with how that stands."""

    acted: Mapping[str, tuple[str, ...]]
    recused: tuple[tuple[str, str], ...]


def people_of(work: Work, case_id: str) -> PeopleOfCase:
    """Name the people of a case that the viewer may open: the timeline names them as well."""
    doings = doings_of(work.session, case_id)
    ids = (each for doing in doings for each in (doing.who, doing.acting_for))
    names = names_of(work.session, ids)
    acted: dict[str, tuple[str, ...]] = {}
    for doing in doings:
        role = str(labels.role(doing.role))
        acted[role] = (*acted.get(role, ()), _named(doing, names))
    kept_out = kept_out_of(work.session, case_id)
    return PeopleOfCase(
        acted, tuple((name, str(STATES[RecusalState(state)])) for name, state in kept_out)
    )


def _named(doing: Doing, names: Mapping[str, str]) -> str:
    who = names.get(doing.who, doing.who)
    if doing.acting_for is None:
        return who
    lender = names.get(doing.acting_for, doing.acting_for)
    return gettext("%(substitute)s（代 %(lender)s）", substitute=who, lender=lender)
