"""Why a task is with its office, and who there could take it, in officers' words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.dates import day, today_of
from webapp.languages import language
from webapp.sayings import gettext, listed
from webapp.words import labels
from webapp.words.clocks import key_of
from webapp.words.packs import PackWords
from webapp.words.refusals import step_of
from workflows.domain.errors import NotAllowed
from workflows.queries.case.offices import Duty, Holder
from workflows.services.access import OwnCase, RolesForbidden
from workflows.services.recused import RecusalPending, Recused
from workflows.services.separation import LiaisonAccepts, SamePerson, TouchedOrigin

_LISTED = 12


@dataclass(frozen=True, slots=True)
class HolderLine:
    """Somebody over the office: what he may, or why not."""

    name: str
    about: str
    role: str
    says: str
    may: bool


@dataclass(frozen=True, slots=True)
class DutyLine:
    """An open task with the sentences that explain where it is."""

    key: str
    name: str
    office: str
    lines: tuple[str, ...]
    holders: tuple[HolderLine, ...]
    more: int
    nobody: bool


def duty_line(duty: Duty, speak: PackWords) -> DutyLine:
    """Tell of one task."""
    row = duty.line.row
    holders = sorted(duty.holders, key=lambda holder: holder.refusal is not None)
    return DutyLine(
        key=key_of(duty.line.place),
        name=speak.activity(row.activity),
        office=duty.line.office,
        lines=tuple(_lines(duty, speak)),
        holders=tuple(_holder(each, duty, speak) for each in holders[:_LISTED]),
        more=max(0, len(holders) - _LISTED),
        nobody=not duty.could,
    )


def _lines(duty: Duty, speak: PackWords) -> Iterator[str]:
    row = duty.line.row
    roles = listed(labels.role(role) for role in row.roles.split())
    lane = speak.pack.name("lane", duty.lane, language())
    yield gettext("按规则，这一步归“%(lane)s”办理，角色是%(roles)s。", lane=lane, roles=roles)
    yield gettext(
        "办理单位按“%(rule)s”确定：本案对象位于 %(above)s，%(on)s 任务产生时由此确定为%(office)s。",
        rule=labels.office_rule(duty.rule),
        above=" › ".join(duty.above),
        on=day(today_of(row.opened_at)),
        office=duty.line.office,
    )
    if duty.today.id != row.office_id:
        yield gettext(
            "按今天的组织机构应为%(office)s；任务仍留在产生时确定的单位。", office=duty.today.name
        )
    elif not duty.today.is_resolved:
        yield gettext(
            "组织机构里没有这样的单位，由上一级%(office)s暂代，须由在该级有相应角色的人办理。",
            office=duty.today.name,
        )
    if duty.activity.signatures > 1:
        yield gettext("须 %(count)s 人签署，每人只签一次。", count=duty.activity.signatures)
    if duty.activity.is_apart:
        yield gettext("原案的经办人员、原案当事人都不能办这一步。")
    others = [step_of(each, speak) for each in duty.activity.other_than]
    if others:
        yield gettext("办过%(others)s的人不能办这一步。", others=listed(others))


def _holder(holder: Holder, duty: Duty, speak: PackWords) -> HolderLine:
    may = holder.refusal is None
    says = gettext("可以办理") if holder.refusal is None else _reason(holder.refusal, speak)
    if holder.pair is not None:
        says = gettext(
            "可以办理，但在本案中担任过%(other)s，须说明理由并由主要负责人会签",
            other=labels.role(holder.pair.role),
        )
    if holder.account_id == duty.line.row.claimant:
        says = gettext("已领取")
    elif may and duty.line.row.claimant is not None:
        says = gettext("已由他人领取，转办后可以办理")
    return HolderLine(holder.name, holder.about, labels.role(holder.role), says, may)


def _reason(refusal: NotAllowed, speak: PackWords) -> str:
    if isinstance(refusal, OwnCase):
        return gettext("不能办理：本案涉及其本人")
    if isinstance(refusal, Recused | RecusalPending):
        return gettext("不能办理：对本案回避")
    if isinstance(refusal, SamePerson):
        return gettext("不能办理：办过%(step)s", step=step_of(str(refusal.activity), speak))
    if isinstance(refusal, TouchedOrigin):
        return gettext("不能办理：经办过原案，或者就是原案当事人")
    if isinstance(refusal, LiaisonAccepts):
        return gettext("不能办理：包联这个党组织，不得参加验收")
    if isinstance(refusal, RolesForbidden):
        return gettext(
            "不能办理：在本案中担任过%(other)s，不得再担任%(role)s",
            other=labels.role(str(refusal.other)),
            role=labels.role(str(refusal.role)),
        )
    return gettext("不能办理")
