"""What of a case's content somebody may read: levels of facts (DOMAIN 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.domain.closed_fields import COVER, covered
from workflows.domain.levels import CLUES, INTERNAL, LEVELS, PERSONAL
from workflows.domain.records import Record
from workflows.domain.roles import CASE_ROLES, Actor, Role
from workflows.engine import Pack
from workflows.services.access import scope_for

# Those who are supervised, only help, or review what others did take nothing out of the house.
EXPORTING_ROLES = CASE_ROLES - {Role.RECTIFIER, Role.LIAISON, Role.APPEAL_REVIEWER}
# What the program itself puts beside a form; it tells nothing of what was filled in.
_PLAIN = frozenset({"case_number", "late_seconds", "entered_late"})


def cleared_levels(actor: Actor, org_path: str, case_level: str) -> frozenset[str]:
    """Give the levels of content that somebody may read in a case which he sees.

    Who only watches deadlines or results (R16, R21) reads no content at all. A person's
    case is open whole, save what is sealed, to those who see it; a sealed case wholly.
    """
    if actor.serves(CASE_ROLES, org_path) is None and not actor.stands_in(CASE_ROLES, org_path):
        return frozenset()
    if case_level == CLUES:
        return frozenset(LEVELS)
    if case_level == PERSONAL or org_path.startswith(scope_for(actor).person_paths):
        return frozenset({INTERNAL, PERSONAL})
    return frozenset({INTERNAL})


def may_export(actor: Actor, org_path: str) -> bool:
    """Say whether somebody may take a case's records out of the house.

    Those who are supervised or only help (R10, R11), who review an appeal (R14) and those who
    only watch may not.
    """
    return actor.serves(EXPORTING_ROLES, org_path) is not None


def readable_facts(pack: Pack, facts: Mapping[str, Any], levels: frozenset[str]) -> dict[str, Any]:
    """Give those facts of a case that lie within some levels; closed ones are covered else."""
    return {
        name: value if _level(pack, name) in levels else dict(COVER)
        for name, value in facts.items()
        if _level(pack, name) in levels or (name in pack.closed_fields and value is not None)
    }


def readable_form(
    pack: Pack,
    record: Record,
    payload: Mapping[str, Any],
    levels: frozenset[str],
    actor: Actor | None,
) -> Mapping[str, Any]:
    """Give what of a record's payload somebody may read.

    What was typed beside a fact is as confidential as the most confidential fact that the
    record wrote. Whoever acted reads what he wrote, sealed or not; None stands for whoever
    gets to see a paper that leaves the house.
    """
    if actor is not None and is_own(record, actor):
        return payload
    if levels >= levels_of(pack, payload):
        return closed_to(pack, payload, levels)
    form = payload.get("form", {})
    open_names = [name for name in form if name in _PLAIN or _declared(pack, name) in levels]
    return {"form": {name: form[name] for name in open_names}}


def closed_to(pack: Pack, payload: Mapping[str, Any], levels: frozenset[str]) -> Mapping[str, Any]:
    """Give a payload whose closed fields are covered for whoever may not read of persons."""
    if PERSONAL in levels or not pack.closed_fields:
        return payload
    return covered(payload, pack.closed_fields)


def is_own(record: Record, actor: Actor) -> bool:
    """Say whether a record tells of somebody's own act."""
    if record.actor == actor.account_id:
        return True
    return actor.person_id is not None and record.performed_by == actor.person_id


def levels_of(pack: Pack, payload: Mapping[str, Any]) -> frozenset[str]:
    """Give the levels of what a payload says; L1 where it says nothing declared.

    What a condition or decision table looked at counts like what was written. That a case
    about a person was opened is itself of that person's level. Closed fields do not count:
    each is withheld by itself (see `closed_to`).
    """
    names = {*payload.get("facts", {}), *payload.get("form", {})}
    for operands in payload.get("trace_values", {}).values():
        names.update(operands)
    names -= pack.closed_fields
    found = {pack.facts[name].level.value for name in names if name in pack.facts}
    if payload.get("links", {}).get("opens"):
        found.add(PERSONAL)
    return frozenset(found | {INTERNAL})


def _level(pack: Pack, name: str) -> str:
    return _declared(pack, name) or INTERNAL


def _declared(pack: Pack, name: str) -> str | None:
    declared = pack.facts.get(name)
    return None if declared is None else declared.level.value
