"""Roles and who holds them (DOMAIN 3.2); which may not meet stands in pairs.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """The role catalogue; the values are the codes of the officers' rules."""

    INTAKE = "R01"
    VERIFIER = "R02"
    HANDLER = "R03"
    REVIEWER = "R04"
    DEPUTY = "R05"
    PRINCIPAL = "R06"
    COMMITTEE = "R07"
    TALKER = "R08"
    RECORDER = "R09"
    RECTIFIER = "R10"
    LIAISON = "R11"
    SUPERVISOR = "R12"
    ACCEPTOR = "R13"
    APPEAL_REVIEWER = "R14"
    PERSON_CONCERNED = "R15"
    CASE_SUPERVISOR = "R16"
    ARCHIVIST = "R17"
    SYSTEM_ADMIN = "R18"
    SECURITY_ADMIN = "R19"
    AUDIT_ADMIN = "R20"
    ASSESSOR = "R21"
    LEADER_VIEW = "R22"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
CASE_ROLES = frozenset(
    {
        Role.INTAKE,
        Role.VERIFIER,
        Role.HANDLER,
        Role.REVIEWER,
        Role.DEPUTY,
        Role.PRINCIPAL,
        Role.COMMITTEE,
        Role.TALKER,
        Role.RECORDER,
        Role.RECTIFIER,
        Role.LIAISON,
        Role.SUPERVISOR,
        Role.ACCEPTOR,
        Role.APPEAL_REVIEWER,
    }
)
# Those whose work takes them into person-level cases of their own subtree.
PERSON_LEVEL_ROLES = frozenset(
    {
        Role.REVIEWER,
        Role.PRINCIPAL,
        Role.COMMITTEE,
        Role.TALKER,
        Role.RECORDER,
        Role.APPEAL_REVIEWER,
    }
)


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role on a subtree of the organisation tree.

    ``org_path`` is what the role was granted on; ``unit_path`` is the unit that it
    serves: for a body such as an organisation department the unit it belongs to.
    """

    role: str
    org_path: str
    unit_path: str


@dataclass(frozen=True, slots=True)
class BoundedGrant:
    """Roles for a while and within bounds: somebody else's, or as a member of one case.

    ``acting_for`` is the account whose roles they are, null for a borrowed member.
    ``case_id`` bounds it to one case, ``activities`` to some steps; empty means all.
    """

    id: str
    roles: tuple[str, ...]
    org_path: str
    unit_path: str
    until_on: date
    acting_for: str | None = None
    case_id: str | None = None
    activities: tuple[str, ...] = ()

    def covers(self, office_path: str, case_id: str, activity: str) -> bool:
        """Say whether a task lies within the bounds, whatever its roles."""
        return (
            office_path.startswith(self.org_path)
            and self.case_id in (None, case_id)
            and (not self.activities or activity in self.activities)
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with the roles it holds today.

    ``account_id`` is ``system:…`` for jobs, which hold no role. ``bounded`` are roles for
    tasks alone: they neither pause nor hand over nor decide on others' entries.
    """

    account_id: str
    display_name: str
    grants: tuple[RoleGrant, ...] = ()
    person_id: str | None = None
    office_id: str | None = None
    bounded: tuple[BoundedGrant, ...] = ()

    @property
    def is_job(self) -> bool:
        """Say whether it is a job and nobody."""
        return self.account_id.startswith("system:")

    def holds(self, roles: Iterable[str], office_path: str) -> str | None:
        """Give the first of the roles that this actor holds for an office, or None."""
        wanted = tuple(roles)
        for grant in self.grants:
            if grant.role in wanted and office_path.startswith(grant.org_path):
                return grant.role
        return None

    def stands_in(self, roles: Iterable[str], org_path: str) -> bool:
        """Say whether a delegation or borrowing takes this actor to the place of a case."""
        wanted = frozenset(roles)
        return any(
            org_path.startswith(each.unit_path) and not wanted.isdisjoint(each.roles)
            for each in self.bounded
        )

    def serves(self, roles: Iterable[str], org_path: str) -> str | None:
        """Give the first of the roles by which this actor serves a place, or None."""
        wanted = tuple(roles)
        for grant in self.grants:
            if grant.role in wanted and org_path.startswith(grant.unit_path):
                return grant.role
        return None
