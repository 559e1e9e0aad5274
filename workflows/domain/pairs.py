"""Which roles one person may not hold in the same case, and where that can be made up for.

Source: DOMAIN 3.3 (separation of duties) and 5.7.6 (hard and compensated pairs).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.domain.roles import Role

_FORBIDDEN = frozenset(
    frozenset(pair)
    for pair in (
        (Role.VERIFIER, Role.ACCEPTOR),
        (Role.VERIFIER, Role.REVIEWER),
        (Role.HANDLER, Role.REVIEWER),
        (Role.HANDLER, Role.APPEAL_REVIEWER),
        (Role.VERIFIER, Role.APPEAL_REVIEWER),
        (Role.TALKER, Role.RECORDER),
        (Role.LIAISON, Role.ACCEPTOR),
        (Role.SUPERVISOR, Role.APPEAL_REVIEWER),
        (Role.DEPUTY, Role.APPEAL_REVIEWER),
        (Role.PRINCIPAL, Role.APPEAL_REVIEWER),
        (Role.COMMITTEE, Role.APPEAL_REVIEWER),
        (Role.INTAKE, Role.ARCHIVIST),
    )
)
# Roles whose pairs nothing makes up for, on whatever rung: a talk needs two people, a
# review those who did not decide, a destruction somebody else than who registered.
_ALWAYS_HARD = frozenset({Role.RECORDER, Role.APPEAL_REVIEWER, Role.ARCHIVIST})
_LIGHT_CLASSES = frozenset({"A", "B"})
_CRITICISM, _RECTIFICATION = 1, 2


@dataclass(frozen=True, slots=True)
class Deed:
    """The first record of a case in which somebody acted under a role.

    ``seq`` is null where he only holds it: who is liaison of a branch, since ``at``.
    """

    role: str
    seq: int | None
    at: datetime


def forbidden_with(role: str) -> frozenset[str]:
    """Give the roles that nobody may have held in the same case before taking this one."""
    pairs = (pair for pair in _FORBIDDEN if role in pair)
    return frozenset(other for pair in pairs for other in pair if other != role)


def can_be_made_up_for(
    role: str, other: str, rung: int | None, rectification_class: object
) -> bool:
    """Say whether a pair may meet with a reason and the principal's signature.

    It may on the first rung, and on the second one where the rectification is of class A or
    B. A class that is not known yet is none of these.
    """
    if role in _ALWAYS_HARD or other in _ALWAYS_HARD:
        return False
    if rung == _RECTIFICATION:
        return rectification_class in _LIGHT_CLASSES
    return rung == _CRITICISM
