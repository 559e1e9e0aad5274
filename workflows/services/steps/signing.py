"""Tasks that several different people sign (DESIGN 4.2, signatures)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.engine import Activity
from workflows.services.access import RolesForbidden
from workflows.services.journal import Act
from workflows.services.steps.changes import place_of
from workflows.services.steps.locked import LiveRow, LockedCase
from workflows.services.steps.recording import write_intervention
from workflows.store.base import table_of
from workflows.store.tables import Account, Signature

_SIGNATURE = table_of(Signature)


class Waits(StrEnum):
    """Whose signature a task waits for."""

    SECOND = "second"  # another person's, as the rules ask
    PRINCIPAL = "principal"  # the principal's, because one person did what two should


class PairNeedsReason(NotAllowed):
    """Who acted as {other} ({at}, record {seq}) acts as {role} only for a reason, co-signed."""

    code: ClassVar[str] = "pair_needs_reason"


class SignedAlready(NotAllowed):
    """The second signature must be another person's."""

    code: ClassVar[str] = "signed_already"


def sign_or_wait(
    session: Session,
    case: LockedCase,
    row: LiveRow,
    activity: Activity,
    act: Act,
    values: Mapping[str, Any],
    pair_reason: str = "",
) -> tuple[Mapping[str, Any], Waits | None]:
    """Count a signature; say whose the task still waits for.

    Who signs later and changes nothing may leave the values out. Where he changes
    them, the signatures before his are void and those people have to sign again. Where
    one person does what two should, the principal signs last of all.

    Returns:
        The values that are signed, and whose signature is needed yet.

    Raises:
        SignedAlready: The same person signs twice.
        PairNeedsReason: One person does what two should, and says nothing of it.
    """
    if act.pair is not None and not pair_reason.strip():
        raise PairNeedsReason(role=act.role, other=act.pair.role, at=act.pair.at, seq=act.pair.seq)
    if activity.signatures < 2 and act.pair is None:
        return values, None
    signed = signatures_of(session, case.id, row.path, row.n)
    if signed and values and not _same(values, signed[0].values):
        void_signatures(session, case.id, row.path, row.n)
        signed = ()
    if not signers_in(session, act).isdisjoint(all_signers(signed)):
        raise SignedAlready
    values = signed[0].values if signed else values
    is_pair = act.pair is not None or any(signature.pair_with for signature in signed)
    if len(signed) + 1 >= activity.signatures and not is_pair:
        return values, None
    _keep(session, case, row, act, values, pair_reason.strip() if act.pair else None)
    enough = len(signed) + 1 >= activity.signatures
    return values, Waits.PRINCIPAL if enough else Waits.SECOND


def all_signers(signed: Iterable[Any]) -> set[str]:
    """Give all who signed, and those for whom they did."""
    return {each for row in signed for each in (row.signer, row.signed_for) if each}


def signers_in(session: Session, act: Act) -> set[str]:
    """Give who signs by an act, and for whom he does."""
    return {signer_of(act), *filter(None, (_signed_for(session, act),))}


def _signed_for(session: Session, act: Act) -> str | None:
    if act.acting_for is None:
        return None
    person = session.scalar(select(Account.person_id).where(Account.id == act.acting_for))
    return person or act.acting_for


def signer_of(act: Act) -> str:
    """Give who signs by an act: a person where he is known as one."""
    return act.performed_by or act.actor.person_id or act.actor.account_id


def refuse_unsigned_pair(act: Act) -> None:
    """Refuse one person what two should do, where nobody could sign for it.

    Raises:
        RolesForbidden: Naming the earlier act.
    """
    if act.pair is not None:
        raise RolesForbidden(role=act.role, other=act.pair.role, seq=act.pair.seq, at=act.pair.at)


def _keep(
    session: Session,
    case: LockedCase,
    row: LiveRow,
    act: Act,
    values: Mapping[str, Any],
    reason: str | None,
) -> None:
    signature = {
        "case_id": case.id,
        "path": row.path,
        "n": row.n,
        "signer": signer_of(act),
        "signed_at": act.now,
        "values": dict(values),
        "role": act.role,
        "signed_for": _signed_for(session, act),
        "pair_with": act.pair.role if act.pair else None,
        "reason": reason,
    }
    session.connection().execute(insert(_SIGNATURE), signature)
    form = _texts(values)
    if act.pair is not None:
        form["pair_with"] = act.pair.role
    write_intervention(session, case, act, "sign", place_of(row), reason=reason, form=form)


def signatures_of(session: Session, case_id: str, path: str, n: int) -> tuple[Row[Any], ...]:
    """Read the signatures that a task has so far, the first one first."""
    statement = select(_SIGNATURE).where(_place(case_id, path, n)).order_by(_SIGNATURE.c.signed_at)
    return tuple(session.connection().execute(statement))


def signatures_in(session: Session, case_id: str) -> dict[str, list[Row[Any]]]:
    """Read all signatures of a case, by the task as path#n."""
    statement = select(_SIGNATURE).where(_SIGNATURE.c.case_id == case_id)
    found: dict[str, list[Row[Any]]] = {}
    for row in session.connection().execute(statement.order_by(_SIGNATURE.c.signed_at)):
        found.setdefault(place_of(row), []).append(row)
    return found


def void_signatures(session: Session, case_id: str, path: str, n: int) -> None:
    """Take back all signatures of a task: those people have to sign again."""
    session.connection().execute(delete(_SIGNATURE).where(_place(case_id, path, n)))


def _place(case_id: str, path: str, n: int) -> ColumnElement[bool]:
    return and_(_SIGNATURE.c.case_id == case_id, _SIGNATURE.c.path == path, _SIGNATURE.c.n == n)


def signed_values(
    session: Session, case_id: str, path: str, n: int
) -> tuple[str, Mapping[str, Any]] | None:
    """Give who signed a task first and what, for the page of the second signer."""
    signed = signatures_of(session, case_id, path, n)
    return (signed[0].signer, signed[0].values) if signed else None


def _same(values: Mapping[str, Any], signed: Mapping[str, Any]) -> bool:
    return _texts(values) == _texts(signed)


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give values as the payload can hold them, empty ones left out."""
    return {
        name: value if isinstance(value, list | bool | int) else str(value)
        for name, value in values.items()
        if value not in (None, "", [])
    }
