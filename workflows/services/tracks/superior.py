"""Complaints that belong to a superior organ: a stub of the registration, and nothing else.

Whoever receives one hands it on unread: it is neither copied, excerpted nor entered here
(检举控告规则; DOMAIN 2.6).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.informants import FORWARD_BUDGET, NOTICE_KIND, Channel
from workflows.domain.roles import Actor, Role
from workflows.domain.terms import Term
from workflows.services.access import RoleMissing, role_over
from workflows.services.calendars import current_calendar
from workflows.services.journal import append_house
from workflows.services.numbers import next_number
from workflows.services.offices import office_by_id
from workflows.services.secrecy.informants import VAULT
from workflows.store.tables import SuperiorStub

REGISTRARS = (Role.INTAKE, Role.HANDLER)
SEEN_BY = (*REGISTRARS, Role.PRINCIPAL)
_SERIES = "superior"
# A number of an envelope, not a text: nothing of the complaint fits in.
_ENVELOPE = re.compile(r"[0-9A-Za-z〔〕()（）号第字\-]{1,40}")


class StubInvalid(InvalidInput):
    """A stub has a day not after today and the number of the envelope, no words."""

    code: ClassVar[str] = "stub_invalid"


class StubForwarded(Conflict):
    """It was handed on on {on}."""

    code: ClassVar[str] = "stub_forwarded"


def register_stub(
    session: Session,
    actor: Actor,
    now: datetime,
    received_on: date,
    channel: Channel,
    envelope: str,
) -> SuperiorStub:
    """Register at the actor's office that such a complaint came in.

    Raises:
        RoleMissing: He registers nothing there.
        StubInvalid: The day or the number of the envelope cannot be.
    """
    if actor.office_id is None:
        raise RoleMissing(roles=", ".join(REGISTRARS), office="")
    office = office_by_id(session, actor.office_id)
    role_over(actor, REGISTRARS, office.path)
    if received_on > local_date(now) or not _ENVELOPE.fullmatch(envelope.strip()):
        raise StubInvalid
    year = local_date(now).year
    calendar = current_calendar(session).for_region(office.path)
    stub = SuperiorStub(
        number=f"上〔{year}〕{next_number(session, _SERIES, year)}号",
        office_id=office.id,
        office_path=office.path,
        received_on=received_on,
        channel=channel.value,
        envelope=envelope.strip(),
        due_on=Term(received_on, FORWARD_BUDGET, NOTICE_KIND).due(calendar).due_on,
        registered_by=actor.account_id,
    )
    session.add(stub)
    session.flush()
    append_house(session, actor, now, VAULT, VAULT, form={"act": "stub", "number": stub.number})
    return stub


def forward_stub(session: Session, actor: Actor, now: datetime, stub_id: int) -> None:
    """Note that one was handed on to the superior organ.

    Raises:
        NotFound: There is none for him.
        StubForwarded: It was before.
    """
    stub = session.get(SuperiorStub, stub_id, with_for_update=True)
    if stub is None or actor.holds(SEEN_BY, stub.office_path) is None:
        raise NotFound(what="stub", key=str(stub_id))
    if stub.forwarded_on is not None:
        raise StubForwarded(on=stub.forwarded_on)
    stub.forwarded_on, stub.forwarded_by = local_date(now), actor.account_id
    session.flush()
    told = {"act": "stub_forwarded", "number": stub.number}
    append_house(session, actor, now, VAULT, VAULT, form=told)


def stubs_for(session: Session, actor: Actor, limit: int = 200) -> Sequence[SuperiorStub]:
    """Give the stubs of the offices that somebody registers for or leads, waiting ones first."""
    paths = {grant.org_path for grant in actor.grants if grant.role in SEEN_BY}
    if not paths:
        return ()
    seen = (SuperiorStub.office_path.startswith(path, autoescape=True) for path in paths)
    order = (SuperiorStub.forwarded_on.is_not(None), SuperiorStub.due_on, SuperiorStub.id)
    return session.scalars(
        select(SuperiorStub).where(or_(*seen)).order_by(*order).limit(limit)
    ).all()
