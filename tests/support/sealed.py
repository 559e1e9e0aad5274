"""A sealed case in the played world."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from tests.support.played import TODAY
from workflows.domain.clocks import local_date
from workflows.domain.levels import CLUES
from workflows.engine import Definition
from workflows.services.access import load_actor
from workflows.services.installation import clock_now
from workflows.services.journal import Act
from workflows.services.packs import current_pack
from workflows.services.steps.locked import load_locked
from workflows.services.steps.opening import start_case
from workflows.store.tables import Account, Matter
from workflows.store.transaction import Session

OPENER = "chengban"


def open_sealed(session: Session, case_id: str) -> str:
    """Open a sealed case beside another one."""
    account = session.scalars(select(Account).where(Account.username == OPENER)).one()
    actor, now = load_actor(session, account.id, TODAY), clock_now(session)
    other = load_locked(session, case_id)
    process = current_pack(session, local_date(now)).processes["objection"]
    opened, number = start_case(
        session,
        Definition(process.pack, replace(process.process, level=CLUES)),
        Act(actor, now, now),
        other.place,
        session.get_one(Matter, other.matter_id),
        {"objection_filed_on": TODAY.isoformat()},
        form={},
        person_id=None,
        parent_case_id=case_id,
    )
    assert number.endswith("-移1")
    return opened
