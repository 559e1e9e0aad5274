"""The responsibility list (责任清单): which duty binds which post, from when (DOMAIN 1.2).

A duty that binds is never rewritten: a change ends it and lists a new one, so that facts are
held against what was listed on their day. Each act is a record of the house with old → new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor, Role
from workflows.services.access import role_serving
from workflows.services.journal import append_house
from workflows.store.tables import Duty, Organisation

LISTING_ROLES = (Role.HANDLER, Role.DEPUTY, Role.PRINCIPAL)
LONGEST_CONTENT, LONGEST_BASIS, LONGEST_POST = 2_000, 200, 60
_DAY = timedelta(days=1)


class DutyIncomplete(InvalidInput):
    """A duty needs its post, what it consists in, its basis, and a first day."""

    code: ClassVar[str] = "duty_incomplete"


class DutyUntimely(InvalidInput):
    """A duty changes or ends from {earliest} on: what bound a post before stays as it was."""

    code: ClassVar[str] = "duty_untimely"


class DutyListed(Conflict):
    """The same duty of this post is listed already, from {from_on} on."""

    code: ClassVar[str] = "duty_listed"


class DutyOver(Conflict):
    """The duty ended on {on}."""

    code: ClassVar[str] = "duty_over"


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the list says: post, duty, basis, and from which day on."""

    post: str
    content: str
    basis: str
    from_on: date

    def trimmed(self) -> Line:
        """Give it without blanks around its texts.

        Raises:
            DutyIncomplete: Something is missing or too long.
        """
        post, content, basis = self.post.strip(), self.content.strip(), self.basis.strip()
        limits = ((post, LONGEST_POST), (content, LONGEST_CONTENT), (basis, LONGEST_BASIS))
        if not all(0 < len(text) <= longest for text, longest in limits):
            raise DutyIncomplete
        return Line(post, content, basis, self.from_on)


def add_duty(
    session: Session, actor: Actor, now: datetime, organisation_id: str, line: Line
) -> Duty:
    """List a duty of a post; one whose list is of an earlier day is told as entered late.

    Raises:
        NotFound: There is no such organisation.
        RoleMissing: The actor may not.
        DutyIncomplete, DutyListed: Not so.
    """
    place = session.get(Organisation, organisation_id)
    if place is None:
        raise NotFound(what="organisation", key=organisation_id)
    role_serving(actor, LISTING_ROLES, place.path)
    return _add(session, actor, now, place.id, place.path, line.trimmed(), None)


def change_duty(session: Session, actor: Actor, now: datetime, duty_id: int, line: Line) -> Duty:
    """Let a duty read otherwise from a day on: it ends the day before, and a new one begins.

    Raises:
        NotFound, RoleMissing: There is none in scope, or the actor may not.
        DutyOver, DutyUntimely, DutyIncomplete, DutyListed: Not so.
    """
    duty = _live(session, actor, duty_id)
    line = line.trimmed()
    _refuse_past(line.from_on, max(local_date(now), duty.from_on + _DAY))
    before = _said(duty)
    duty.until_on = line.from_on - _DAY
    session.flush()
    return _add(session, actor, now, duty.organisation_id, duty.org_path, line, before)


def end_duty(
    session: Session, actor: Actor, now: datetime, duty_id: int, until_on: date, basis: str
) -> None:
    """Let a duty bind to a day, by the paper that ends it.

    Raises:
        NotFound, RoleMissing: There is none in scope, or the actor may not.
        DutyOver, DutyUntimely, DutyIncomplete: Not so.
    """
    duty = _live(session, actor, duty_id)
    if not 0 < len(basis.strip()) <= LONGEST_BASIS:
        raise DutyIncomplete
    _refuse_past(until_on, max(local_date(now), duty.from_on))
    before = _said(duty)
    duty.until_on = until_on
    session.flush()
    _tell(session, actor, now, "duty_ended", duty, before, basis.strip())


def _live(session: Session, actor: Actor, duty_id: int) -> Duty:
    found = select(Duty).where(Duty.id == duty_id).with_for_update()
    duty = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if duty is None:
        raise NotFound(what="duty", key=str(duty_id))
    role_serving(actor, LISTING_ROLES, duty.org_path)
    if duty.until_on is not None:
        raise DutyOver(on=duty.until_on)
    return duty


def _refuse_past(on: date, earliest: date) -> None:
    if on < earliest:
        raise DutyUntimely(earliest=earliest)


def _add(
    session: Session,
    actor: Actor,
    now: datetime,
    organisation_id: str,
    org_path: str,
    line: Line,
    before: Mapping[str, JsonValue] | None,
) -> Duty:
    same = select(Duty.from_on).where(
        Duty.organisation_id == organisation_id,
        Duty.post == line.post,
        Duty.content == line.content,
        Duty.until_on.is_(None),
    )
    listed = session.scalars(same).first()
    if listed is not None:
        raise DutyListed(from_on=listed)
    duty = Duty(
        organisation_id=organisation_id,
        org_path=org_path,
        post=line.post,
        content=line.content,
        basis=line.basis,
        from_on=line.from_on,
        listed_on=local_date(now),
    )
    session.add(duty)
    session.flush()
    name = "duty_added" if before is None else "duty_changed"
    _tell(session, actor, now, name, duty, before or {})
    return duty


def _said(duty: Duty) -> dict[str, JsonValue]:
    return {
        "id": duty.id,
        "post": duty.post,
        "content": duty.content,
        "basis": duty.basis,
        "from_on": duty.from_on.isoformat(),
        "until_on": duty.until_on.isoformat() if duty.until_on else None,
    }


def _tell(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    duty: Duty,
    before: Mapping[str, JsonValue],
    reason: str | None = None,
) -> None:
    form: dict[str, JsonValue] = {
        "organisation": duty.organisation_id,
        "old": dict(before) or None,
        "new": _said(duty),
    }
    append_house(session, actor, now, name, str(duty.id), form=form, reason=reason)
