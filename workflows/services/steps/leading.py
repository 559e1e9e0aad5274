"""Who leads the handling of a case: leaders of the bodies that have to decide in its process.

A banner has several bodies, each with a principal of its own; one that has no step in a case
is a stranger to it, however near to its place it stands.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.domain.roles import Actor, Role
from workflows.engine import Definition
from workflows.services.access import RoleMissing
from workflows.services.offices import Place, office_for

LEADING_ROLES = (Role.DEPUTY.value, Role.PRINCIPAL.value)


def role_leading(session: Session, actor: Actor, definition: Definition, place: Place) -> str:
    """Give the role by which an actor leads the handling of a case at a place.

    Raises:
        RoleMissing: He is deputy or principal of none of the bodies that decide in it.
    """
    for rule in sorted(_rules(definition)):
        role = actor.holds(LEADING_ROLES, office_for(session, rule, place).path)
        if role is not None:
            return role
    raise RoleMissing(roles=", ".join(LEADING_ROLES), office=place.org_path)


def leads(session: Session, actor: Actor, definition: Definition, place: Place) -> bool:
    """Tell whether an actor leads the handling of a case at a place."""
    try:
        role_leading(session, actor, definition, place)
    except RoleMissing:
        return False
    return True


def _rules(definition: Definition) -> frozenset[str]:
    """Give the rules of the offices whose leaders have a step in a process."""
    return frozenset(
        each.office_rule
        for each in definition.tasks
        if each.office_rule and not {*LEADING_ROLES}.isdisjoint(each.roles)
    )
