"""What a recusal does at once: tasks go back or up, drafts and signatures go, acts are listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import ClassVar

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import Conflict, NotAllowed, NotFound
from workflows.domain.records import Assigned, JsonValue
from workflows.domain.recusals import ActOutcome
from workflows.domain.roles import CASE_ROLES, Actor, Role
from workflows.domain.texts import whole
from workflows.services.access import is_same_person, load_actor, role_serving
from workflows.services.journal import Act, append_house
from workflows.services.separation import Doer, doer_behind
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.handing_on import superior_of
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.signing import all_signers, signatures_of, void_signatures
from workflows.store.base import table_of
from workflows.store.caserows import assign_task
from workflows.store.tables import (
    Account,
    Draft,
    Grant,
    JournalRecord,
    Organisation,
    Recusal,
    RecusedAct,
)

RECUSE = "recuse"
LONGEST_REMARK = 200
# Taking a task, giving it back and handing it on decide nothing that could be redone.
_NOTHING_TO_REDO = ("task_claimed", "task_released", "task_reassigned")


class ActSettled(Conflict):
    """It was settled on {at} by {by}."""

    code: ClassVar[str] = "act_settled"


class OwnActs(NotAllowed):
    """Another officer settles what was done: not the one who was recused."""

    code: ClassVar[str] = "own_acts"


def recuse(session: Session, case: LockedCase, row: Recusal, actor: Actor, now: datetime) -> None:
    """Take somebody out of a case under its lock, in one record of the case.

    His tasks go back to their office; what only he could do there as principal goes to the
    superior. His drafts are deleted, open tasks lose his signature, his acts are listed.
    """
    doer = doer_behind(session, row.account_id)
    _list_acts(session, case.id, row, doer)
    _drop_drafts(session, case.id, doer)
    _void(session, case, doer)
    changes = Changes(assigned=[*_given_back(session, case, row.account_id, doer, now)])
    act = Act(actor, now, now, Role.PRINCIPAL.value, row.office_id)
    form = {"recused": row.account_id}
    write_intervention(
        session, case, act, RECUSE, case.id, reason=row.decision, form=form, changes=changes
    )


def _given_back(
    session: Session, case: LockedCase, account_id: str, doer: Doer, now: datetime
) -> Iterator[Assigned]:
    target = load_actor(session, account_id, local_date(now))
    for row in case.tasks.values():
        office = session.get_one(Organisation, row.office_id)
        above = _superior(session, row, target, office, now, doer)
        is_his = row.claimant in doer.accounts
        if not is_his and above is None:
            continue
        office_id = above.id if above else office.id
        assign_task(session, row.id, claimant=None, office_id=office_id)
        yield Assigned(place_of(row), None, office_id)


def _superior(
    session: Session,
    row: LiveRow,
    target: Actor,
    office: Organisation,
    now: datetime,
    doer: Doer,
) -> Organisation | None:
    """Give where a step of the principal goes that nobody else of his office could take."""
    roles = row.roles.split()
    if Role.PRINCIPAL not in roles or target.holds((Role.PRINCIPAL,), office.path) is None:
        return None
    today = local_date(now)
    holders = (
        select(Grant.org_path)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Account.is_active,
            Account.id.not_in(doer.accounts),
            Grant.role.in_(roles),
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
    )
    unit = office.path if office.kind == "unit" else office.path[: office.path[:-1].rfind(".") + 1]
    # Whoever holds the role from further up is the superior himself.
    near = any(
        office.path.startswith(path) and path.startswith(unit) for path in session.scalars(holders)
    )
    return None if near else superior_of(session, office)


def _drop_drafts(session: Session, case_id: str, doer: Doer) -> None:
    draft = table_of(Draft)
    own = delete(draft).where(draft.c.case_id == case_id, draft.c.account_id.in_(doer.accounts))
    session.connection().execute(own)


def _void(session: Session, case: LockedCase, doer: Doer) -> None:
    """Take back the signatures of tasks that he signed and that are not done."""
    ids = doer.accounts | doer.persons
    for row in case.tasks.values():
        signed = signatures_of(session, case.id, row.path, row.n)
        if not ids.isdisjoint(all_signers(signed)):
            void_signatures(session, case.id, row.path, row.n)


def _list_acts(session: Session, case_id: str, row: Recusal, doer: Doer) -> None:
    """List what he did, typed or had done since the ground arose; no record knows the day."""
    for seq in acts_of(session, case_id, row, doer):
        session.add(RecusedAct(recusal_id=row.id, seq=seq))
    session.flush()


def acts_of(session: Session, case_id: str, row: Recusal, doer: Doer) -> Sequence[int]:
    """Give the records of a case by which somebody did something since a day."""
    record = table_of(JournalRecord)
    by_him = or_(
        and_(record.c.actor.in_(doer.accounts), record.c.performed_by.is_(None)),
        record.c.acting_for.in_(doer.accounts),
        record.c.performed_by.in_(doer.persons),
    )
    statement = select(record.c.seq).where(
        record.c.stream_id == case_id, by_him, record.c.kind.not_in(_NOTHING_TO_REDO)
    )
    if row.ground_since is not None:
        begin = datetime.combine(row.ground_since, time(0), SHANGHAI)
        statement = statement.where(record.c.recorded_at >= begin)
    return session.connection().execute(statement.order_by(record.c.seq)).scalars().all()


def settle_act(
    session: Session,
    actor: Actor,
    now: datetime,
    recusal_id: str,
    seq: int,
    outcome: ActOutcome,
    remark: str,
) -> None:
    """Let an act of somebody who was recused stand, or say that it is done anew.

    Nothing of the case moves: redoing goes the ordinary ways, by a correction or a new round.

    Raises:
        NotFound: There is no such act, or its case is not in the session's scope.
        ActSettled: Somebody was faster.
        OwnActs, RoleMissing: It is not his to settle.
    """
    row = session.get(Recusal, recusal_id)
    if row is None:
        raise NotFound(what="recusal", key=recusal_id)
    case = load_locked(session, row.case_id)
    found = session.get(RecusedAct, (recusal_id, seq), populate_existing=True)
    if found is None:
        raise NotFound(what="act", key=str(seq))
    role_serving(actor, tuple(CASE_ROLES), case.place.org_path)
    if is_same_person(session, actor, row.account_id):
        raise OwnActs
    if found.settled_at is not None:
        raise ActSettled(at=found.settled_at, by=found.settled_by)
    found.outcome, found.note = outcome.value, whole(remark, LONGEST_REMARK)
    found.settled_by, found.settled_at = actor.account_id, now
    session.flush()
    form: dict[str, JsonValue] = {
        "case": row.case_id,
        "seq": seq,
        "outcome": outcome.value,
        "note": found.note,
    }
    append_house(session, actor, now, "recused_act_settled", recusal_id, form=form)
