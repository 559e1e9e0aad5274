"""Several matters that are one: merged, and taken apart again (C06 of the officers' cases).

The cases of organisations stand still; a case about a person never does, and is not spoken
of: it is decided for itself. What is owed to those a matter came from is owed as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.merging import SERVED, MergeState, Standing, needs_two
from workflows.domain.roles import Actor, Role
from workflows.domain.texts import whole
from workflows.services.access import is_same_person, role_serving
from workflows.services.journal import Act, append_house
from workflows.services.separation import refuse_kept_out
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.tracks.feedback import duties_of
from workflows.services.tracks.holding import hold, note_merged, note_taken_out, release
from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import Case, Matter, MatterMerge

ASKING_ROLES = (Role.HANDLER, Role.DEPUTY, Role.PRINCIPAL)
DECIDING_ROLES = (Role.DEPUTY, Role.PRINCIPAL)
LONGEST_REASON = 500


class MergeReasonMissing(InvalidInput):
    """A merger and its undoing need a reason."""

    code: ClassVar[str] = "merge_reason_missing"


class OtherOrganisation(NotAllowed):
    """Only matters of the same organisation are merged: {other} is another one's."""

    code: ClassVar[str] = "other_organisation"


class MergedAlready(Conflict):
    """The matter {number} is part of a merger already, or one was asked for."""

    code: ClassVar[str] = "merged_already"


class NothingToMerge(NotAllowed):
    """The matter {number} has no open case of an organisation."""

    code: ClassVar[str] = "nothing_to_merge"


class ServedAlready(NotAllowed):
    """The notice of {number} was served on {on}: it is too late to merge or to take apart."""

    code: ClassVar[str] = "served_already"


class FeedbackUnknown(NotAllowed):
    """The matter {number} came from outside: note first to whom the result is owed."""

    code: ClassVar[str] = "feedback_unknown"


class MergeDecided(Conflict):
    """The merger was decided already."""

    code: ClassVar[str] = "merge_decided"


class OwnMerge(NotAllowed):
    """Who asked for a merger does not decide it."""

    code: ClassVar[str] = "own_merge"


def ask_merge(
    session: Session, actor: Actor, now: datetime, matter_id: str, into_id: str, reason: str
) -> MatterMerge:
    """Merge a matter into another one, or ask a leader to where two people decide it.

    Raises:
        NotFound: There is no such matter in the session's scope.
        RoleMissing: The actor may not.
        Recused, RecusalPending: He keeps out of one of the cases.
        OtherOrganisation, MergedAlready, NothingToMerge, ServedAlready, FeedbackUnknown:
            These two cannot be merged.
    """
    matter, into, cases = _both(session, actor, matter_id, into_id)
    for place in {matter.org_path, into.org_path}:
        role_serving(actor, ASKING_ROLES, place)
    reason = _reason(reason)
    _refuse_merged(session, matter, into)
    standings = _refuse(session, matter, into, cases)
    row = MatterMerge(
        id=new_id("x"),
        matter_id=matter.id,
        into_id=into.id,
        state=MergeState.ASKED.value,
        reason=reason,
        asked_by=actor.account_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    if needs_two(*standings):
        _note(session, actor, now, "merge_asked", row)
    else:
        _merge(session, actor, now, row, matter, into, cases)
    return row


def decide_merge(
    session: Session, actor: Actor, now: datetime, merge_id: str, *, agreed: bool, reason: str = ""
) -> MatterMerge:
    """Agree to a merger that somebody else asked for, or refuse it with a reason.

    Raises:
        MergeDecided: It does not wait any more.
        OwnMerge, RoleMissing, Recused, RecusalPending: Not this actor.
        ServedAlready, NothingToMerge: What it was asked for has changed meanwhile.
    """
    row = _row(session, merge_id)
    matter, into, cases = _both(session, actor, row.matter_id, row.into_id)
    _refuse_state(session, row, MergeState.ASKED)
    for place in {matter.org_path, into.org_path}:
        role_serving(actor, DECIDING_ROLES, place)
    if is_same_person(session, actor, row.asked_by):
        raise OwnMerge
    if agreed:
        _refuse(session, matter, into, cases)
        _merge(session, actor, now, row, matter, into, cases)
        return row
    row.undone_reason = _reason(reason)
    row.state, row.decided_by, row.decided_at = MergeState.REFUSED.value, actor.account_id, now
    session.flush()
    _note(session, actor, now, "merge_refused", row)
    return row


def undo_merge(
    session: Session, actor: Actor, now: datetime, merge_id: str, reason: str
) -> MatterMerge:
    """Take a matter out again before the notice is served: its cases go on where they stood.

    Who agrees to mergers of this kind undoes them.

    Raises:
        MergeDecided: It is not merged any more.
        ServedAlready: The notice covers it.
        RoleMissing, Recused, RecusalPending: Not this actor.
    """
    row = _row(session, merge_id)
    matter, into, cases = _both(session, actor, row.matter_id, row.into_id)
    _refuse_state(session, row, MergeState.MERGED)
    was_agreed = row.decided_by != row.asked_by
    role = role_serving(actor, DECIDING_ROLES if was_agreed else ASKING_ROLES, into.org_path)
    reason = _reason(reason)
    _refuse_served(into, cases[into.id])
    act = Act(actor, now, now, role)
    for case in cases[matter.id]:
        release(session, case, act, into, reason)
    for case in cases[into.id]:
        note_taken_out(session, case, act, matter, reason)
    matter.merged_into_id = None
    row.state, row.undone_by, row.undone_at = MergeState.UNDONE.value, actor.account_id, now
    row.undone_reason = reason
    session.flush()
    _note(session, actor, now, "merge_undone", row)
    return row


def _merge(
    session: Session,
    actor: Actor,
    now: datetime,
    row: MatterMerge,
    matter: Matter,
    into: Matter,
    cases: Mapping[str, Sequence[LockedCase]],
) -> None:
    role = role_serving(actor, ASKING_ROLES, into.org_path)
    act = Act(actor, now, now, role)
    for case in cases[matter.id]:
        hold(session, case, act, into, row.reason)
    for case in cases[into.id]:
        note_merged(session, case, act, matter, row.reason)
    matter.merged_into_id = into.id
    row.state, row.decided_by, row.decided_at = MergeState.MERGED.value, actor.account_id, now
    session.flush()
    _note(session, actor, now, "matters_merged", row)


def _both(
    session: Session, actor: Actor, matter_id: str, into_id: str
) -> tuple[Matter, Matter, dict[str, list[LockedCase]]]:
    """Lock the organisations' cases of two matters in the order of their ids, then read these.

    A merger in progress on either side waits here, so that what was read stands. The scope of
    whoever keeps out of a case leaves it out: he is refused before half a matter is merged.
    """
    both = (matter_id, into_id)
    _refuse_kept_out(session, actor, both)
    statement = select(Case.id).where(
        Case.matter_id.in_(both), Case.level == "L1", Case.state.in_(("open", "merged"))
    )
    cases: dict[str, list[LockedCase]] = {matter_id: [], into_id: []}
    for case_id in session.scalars(statement.order_by(Case.id)).all():
        case = load_locked(session, case_id)
        if case.state in ("open", "merged"):
            cases[case.matter_id].append(case)
    found = select(Matter).where(Matter.id.in_(both)).execution_options(populate_existing=True)
    matters = {matter.id: matter for matter in session.scalars(found)}
    for wanted in both:
        if wanted not in matters:
            raise NotFound(what="matter", key=wanted)
    return matters[matter_id], matters[into_id], cases


def _refuse_kept_out(session: Session, actor: Actor, matter_ids: Sequence[str]) -> None:
    case = table_of(Case)
    statement = select(case.c.id).where(case.c.matter_id.in_(matter_ids), case.c.level == "L1")
    refuse_kept_out(session, actor, require_scope(session).execute(statement).scalars())


def _refuse_merged(session: Session, matter: Matter, into: Matter) -> None:
    """Keep mergers flat: what others are handled in is not merged itself."""
    if matter.id == into.id:
        raise MergedAlready(number=matter.number)
    live = (MergeState.ASKED.value, MergeState.MERGED.value)
    found = session.scalars(
        select(MatterMerge).where(
            MatterMerge.state.in_(live),
            MatterMerge.matter_id.in_((matter.id, into.id)) | (MatterMerge.into_id == matter.id),
        )
    ).first()
    if found is not None:
        raise MergedAlready(number=into.number if found.matter_id == into.id else matter.number)


def _refuse(
    session: Session, matter: Matter, into: Matter, cases: Mapping[str, Sequence[LockedCase]]
) -> list[Standing]:
    # By place: what passed to a successor is his, though it was found at another one.
    if matter.org_path != into.org_path:
        raise OtherOrganisation(other=into.number)
    standings = []
    for each in (matter, into):
        if not cases[each.id]:
            raise NothingToMerge(number=each.number)
        _refuse_served(each, cases[each.id])
        standing = _standing(session, each, cases[each.id])
        if standing.is_outside and not standing.has_duty:
            raise FeedbackUnknown(number=each.number)
        standings.append(standing)
    return standings


def _standing(session: Session, matter: Matter, cases: Sequence[LockedCase]) -> Standing:
    rungs = tuple(case.rung for case in cases)
    has_duty = bool(duties_of(session, (matter.id,)))
    return Standing(matter.source, rungs, served_on(cases), has_duty)


def served_on(cases: Sequence[LockedCase]) -> date | None:
    """Give the day on which the notice of one of some cases was served."""
    days = [str(case.facts[SERVED]) for case in cases if case.facts.get(SERVED)]
    return date.fromisoformat(min(days)) if days else None


def _refuse_served(matter: Matter, cases: Sequence[LockedCase]) -> None:
    on = served_on(cases)
    if on is not None:
        raise ServedAlready(number=matter.number, on=on)


def _row(session: Session, merge_id: str) -> MatterMerge:
    row = session.get(MatterMerge, merge_id)
    if row is None:
        raise NotFound(what="merger", key=merge_id)
    return row


def _refuse_state(session: Session, row: MatterMerge, wanted: MergeState) -> None:
    session.refresh(row)
    if row.state != wanted.value:
        raise MergeDecided


def _reason(text: str) -> str:
    reason = whole(text, LONGEST_REASON)
    if not reason:
        raise MergeReasonMissing
    return reason


def _note(session: Session, actor: Actor, now: datetime, name: str, row: MatterMerge) -> None:
    form = {"matter": row.matter_id, "into": row.into_id}
    append_house(
        session, actor, now, name, row.id, form=form, reason=row.undone_reason or row.reason
    )
