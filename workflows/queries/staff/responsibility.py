"""The responsibility list of an organisation: what binds its posts, will bind them, bound them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.store.tables import Duty, Organisation, Tenure


@dataclass(frozen=True, slots=True)
class ResponsibilityList:
    """Its lines, and the posts that somebody holds or held there."""

    running: tuple[Duty, ...]
    over: tuple[Duty, ...]
    posts: tuple[str, ...]


def responsibility_list(
    session: Session, organisation: Organisation, today: date
) -> ResponsibilityList:
    """Read the list of an organisation as far as the session's scope shows it."""
    lines = session.scalars(
        select(Duty)
        .where(Duty.organisation_id == organisation.id)
        .order_by(Duty.post, Duty.from_on, Duty.id)
    ).all()
    held = select(Tenure.post).where(Tenure.organisation_id == organisation.id).distinct()
    posts = {*session.scalars(held), *(duty.post for duty in lines)}
    is_over = [duty.until_on is not None and duty.until_on < today for duty in lines]
    return ResponsibilityList(
        tuple(duty for duty, over in zip(lines, is_over, strict=True) if not over),
        tuple(duty for duty, over in zip(lines, is_over, strict=True) if over),
        tuple(sorted(posts)),
    )
