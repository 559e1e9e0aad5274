"""Linking a new matter to the ended one whose problem came back (C12 of the officers' cases)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed, NotFound
from workflows.domain.relapse import PUT_RIGHT, raised
from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.store.tables import Case, Matter


class NotRelapsed(NotAllowed):
    """{number} is no ended matter of this problem at this organisation: nothing came back."""

    code: ClassVar[str] = "not_relapsed"


def link_relapse(
    session: Session, actor: Actor, now: datetime, matter: Matter, earlier_id: str
) -> None:
    """Say of a new matter that it is the relapse of an earlier one, and raise its liaison.

    No fact of a case is written: the rules for the entry rung do not know of it.

    Raises:
        NotFound: There is no such earlier matter in the session's scope.
        NotRelapsed: It is another problem's or place's, still open, or was unfounded.
    """
    earlier = session.scalar(select(Matter).where(Matter.id == earlier_id))
    if earlier is None:
        raise NotFound(what="matter", key=earlier_id)
    is_same = (earlier.org_path, earlier.problem_type) == (matter.org_path, matter.problem_type)
    if not is_same or not is_put_right(session, earlier):
        raise NotRelapsed(number=earlier.number)
    matter.relapse_of_id = earlier.id
    matter.liaison_level = raised(earlier.liaison_level).value
    session.flush()
    form = {"matter": matter.id, "earlier": earlier.id, "liaison": matter.liaison_level}
    append_house(session, actor, now, "relapse_linked", matter.id, form=form)


def is_put_right(session: Session, matter: Matter) -> bool:
    """Say whether the organisation's case of a matter ended with something put right."""
    of_organisation = select(Case.state, Case.outcome).where(
        Case.matter_id == matter.id, Case.level == "L1", Case.parent_case_id.is_(None)
    )
    rows = session.execute(of_organisation).all()
    return bool(rows) and all(state == "ended" and outcome in PUT_RIGHT for state, outcome in rows)
