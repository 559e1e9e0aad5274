"""Why the viewer cannot do a task, in officers' words."""

from __future__ import annotations

from datetime import datetime

from webapp.dates import moment
from webapp.sayings import gettext
from webapp.words import labels
from webapp.words.errors import explain
from webapp.words.packs import PackWords
from workflows.domain.errors import NotAllowed
from workflows.domain.pairs import Deed
from workflows.services.access import RolesForbidden
from workflows.services.separation import START, SamePerson


def cannot_because(refusal: NotAllowed, speak: PackWords) -> str:
    """Say what keeps the viewer from a task, with the earlier act where it is one."""
    if isinstance(refusal, SamePerson):
        return gettext(
            "您办过%(step)s，这一步须由另一人办理。", step=step_of(str(refusal.activity), speak)
        )
    if isinstance(refusal, RolesForbidden):
        return gettext(
            "您于 %(at)s 在本案中担任%(other)s（第 %(seq)s 条记录），不得再担任%(role)s。",
            at=_moment(refusal.attributes["at"]),
            other=labels.role(str(refusal.other)),
            seq=refusal.seq,
            role=labels.role(str(refusal.role)),
        )
    return explain(refusal)


def _moment(at: object) -> str:
    return moment(at if isinstance(at, datetime) else None)


def step_of(activity: str, speak: PackWords) -> str:
    """Name the earlier step that a task is kept apart from."""
    return gettext("登记") if activity == START else f"“{speak.activity(activity)}”"


def pair_notice(pair: Deed, role: str) -> str:
    """Say that one person does what two should, and what that asks for."""
    if pair.seq is None:
        return gettext(
            "您是这个党组织的%(other)s人。由同一人担任%(role)s，"
            "须说明理由并由主要负责人会签，列入例外清单。",
            other=labels.role(pair.role),
            role=labels.role(role),
        )
    return gettext(
        "您于 %(at)s 在本案中担任%(other)s（第 %(seq)s 条记录）。由同一人担任%(role)s，"
        "须说明理由并由主要负责人会签，列入例外清单。",
        at=moment(pair.at),
        other=labels.role(pair.role),
        seq=pair.seq,
        role=labels.role(role),
    )
