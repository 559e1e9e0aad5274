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
    role = _leading(session, actor, definition, place)
    if role is None:
        raise RoleMissing(roles=", ".join(LEADING_ROLES), office=place.org_path)
    return role


def leads(session: Session, actor: Actor, definition: Definition, place: Place) -> bool:
    """Tell whether an actor leads the handling of a case at a place."""
    return _leading(session, actor, definition, place) is not None


def _leading(session: Session, actor: Actor, definition: Definition, place: Place) -> str | None:
    offices = (office_for(session, rule, place).path for rule in sorted(_rules(definition)))
    held = (actor.holds(LEADING_ROLES, path) for path in offices)
    return next((role for role in held if role is not None), None)


def _rules(definition: Definition) -> frozenset[str]:
    """Give the rules of the offices whose leaders have a step in a process."""
    return frozenset(
        each.office_rule
        for each in definition.tasks
        if each.office_rule and not {*LEADING_ROLES}.isdisjoint(each.roles)
    )
