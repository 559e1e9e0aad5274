"""Tasks that several different people sign (DESIGN 4.2, signatures)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.engine import Activity
from workflows.services.changes import Changes, place_of
from workflows.services.journal import Act
from workflows.services.locked import LiveRow, LockedCase
from workflows.services.recording import Cause, write_record
from workflows.store.base import table_of
from workflows.store.tables import Signature

_SIGNATURE = table_of(Signature)


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
) -> tuple[Mapping[str, Any], bool]:
    """Count a signature; say whether the task still waits for another one.

    Who signs later and changes nothing may leave the values out. Where he changes
    them, the signatures before his are void and those people have to sign again.

    Returns:
        The values that are signed, and whether another signature is needed.

    Raises:
        SignedAlready: The same person signs twice.
    """
    if activity.signatures < 2:
        return values, False
    signer = act.performed_by or act.actor.person_id or act.actor.account_id
    place = (
        (_SIGNATURE.c.case_id == case.id)
        & (_SIGNATURE.c.path == row.path)
        & (_SIGNATURE.c.n == row.n)
    )
    connection = session.connection()
    signed = connection.execute(select(_SIGNATURE).where(place)).all()
    if signed and values and not _same(values, signed[0].values):
        connection.execute(delete(_SIGNATURE).where(place))
        signed = []
    if signer in {signature.signer for signature in signed}:
        raise SignedAlready
    values = signed[0].values if signed else values
    if len(signed) + 1 >= activity.signatures:
        return values, False
    signature = {
        "case_id": case.id,
        "path": row.path,
        "n": row.n,
        "signer": signer,
        "signed_at": act.now,
        "values": dict(values),
    }
    connection.execute(insert(_SIGNATURE), signature)
    trigger = TriggerRef(TriggerKind.OFFICER, "sign", place_of(row))
    cause = Cause(kind=RecordKind.INTERVENED, trigger=trigger, form=_texts(values))
    write_record(session, case, act, cause, Changes(), case.facts, case.marking_hash)
    return values, True


def signed_values(
    session: Session, case_id: str, path: str, n: int
) -> tuple[str, Mapping[str, Any]] | None:
    """Give who signed a task first and what, for the page of the second signer."""
    statement = select(_SIGNATURE.c.signer, _SIGNATURE.c["values"]).where(
        _SIGNATURE.c.case_id == case_id, _SIGNATURE.c.path == path, _SIGNATURE.c.n == n
    )
    row = session.connection().execute(statement).one_or_none()
    return None if row is None else (row[0], row[1])


def _same(values: Mapping[str, Any], signed: Mapping[str, Any]) -> bool:
    return _texts(values) == _texts(signed)


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give values as the payload can hold them, empty ones left out."""
    return {
        name: value if isinstance(value, list | bool | int) else str(value)
        for name, value in values.items()
        if value not in (None, "", [])
    }
