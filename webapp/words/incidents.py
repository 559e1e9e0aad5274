"""Incidents in officers' words: what is wrong, where, and what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.sayings import gettext
from webapp.sentences import SENTENCES
from webapp.words import labels
from webapp.words.packs import PackWords
from workflows.domain.orphans import OrphanKind
from workflows.queries.incidents import IncidentRow
from workflows.services.incidents import CLOSED_BY_HAND, RETRIED_BY_HAND

# Whose detail is the path#n of a task or clock.
_AT_A_PLACE = frozenset(
    {OrphanKind.TASK_UNCLAIMABLE, OrphanKind.TASK_HELD, OrphanKind.CLOCK_MISSED, "clock_failed"}
)
# Whose detail is for whoever looks after the database.
_TECHNICAL = frozenset({OrphanKind.ROWS_DIFFER})
REMEDIES: dict[str, Any] = {
    OrphanKind.CASE_STRANDED: _l(
        "案件不会自行推进：请维护人员用 duban rebuild --check 对照办理记录核对该案。"
    ),
    OrphanKind.TASK_UNCLAIMABLE: _l(
        "请安全管理员授予所需角色；现有人员都须回避的，请安排他人任职后再办。"
    ),
    OrphanKind.TASK_HELD: _l("请分管领导或主要负责人将任务转办他人。"),
    OrphanKind.CLOCK_MISSED: _l("请确认定时服务正在运行；下次巡检后仍在的，请维护人员查看日志。"),
    OrphanKind.MARKING_UNKNOWN: _l("该案暂不能推进：请维护人员对照备份核对规则包和案件数据。"),
    OrphanKind.ROWS_DIFFER: _l(
        "请维护人员用 duban rebuild --check 查看差异，确认后用 duban rebuild 按办理记录恢复。"
    ),
    "clock_failed": _l("到期处理多次失败，不再重试：请维护人员查看日志。"),
    "office_unresolved": _l("请在单位树中补上该机构；此前由上级单位的人员办理。"),
    "message_unreceived": _l("请承办人查看该案：发出的通知没有案件接收。"),
    "stopped_for_approver": _l("请批准人在案件页决定恢复还是终止。"),
    "calendar_earlier": _l("请承办人先告知当事单位或者当事人，再在案件页确认。"),
    "correction_asked": _l("请审核、案管或上级机关依职权审查，决定是否纠正。"),
    "ended_without_ground": _l("请批准人决定是否纠正已办结的案件。"),
    "informant_leak": _l("请主要负责人在举报人保险箱中封存泄露的内容，查明接触范围。"),
    "log_stopped": _l("办理不受影响：请系统管理员按所示原因处理，处理后自动继续。"),
    "log_gap": _l("请保留数据库副本，由审计人员和维护人员对照备份查明缺失的记录。"),
    "epoch_started": _l("请在会议记录中写明恢复备份的时间和原因，并告知持有此前存证点的人。"),
    "checkpoint_file_failed": _l(
        "请系统管理员检查 instance/checkpoints 所在磁盘；恢复后自动补写。"
    ),
    "webhook_disabled": _l(
        "请系统管理员与对方核对地址，再在“对外通知”中启用；停用期间的通知届时补发。"
    ),
    "digest_mail_failed": _l("请系统管理员检查邮件服务器设置；间隔逐次加长，当天内自动重试。"),
    "checkpoint_mail_failed": _l("请系统管理员检查邮件服务器设置；每十分钟重试一次。"),
}


# What has not been harmed, whatever else is wrong.
SAFE: dict[str, Any] = {
    OrphanKind.CASE_STRANDED: _l("已办的都在，案件停在原处，没有推进也没有升级。"),
    OrphanKind.TASK_UNCLAIMABLE: _l("案件停在这一步，期限照常计时和提醒。"),
    OrphanKind.TASK_HELD: _l("待办和已填的草稿都在，期限照常计时。"),
    OrphanKind.CLOCK_MISSED: _l("期限没有丢失，补上后按真实到期日记录迟延。"),
    OrphanKind.MARKING_UNKNOWN: _l("办理记录完整，该案没有推进。"),
    OrphanKind.ROWS_DIFFER: _l("办理记录是准的，列表和案件页可能不准。"),
    "clock_failed": _l("该期限没有重复处理，案件停在到期之前。"),
    "office_unresolved": _l("待办没有丢失，由上级单位接手。"),
    "message_unreceived": _l("发出通知的案件已经办完这一步，记录在案。"),
    "stopped_for_approver": _l("该案计时已暂停，系统没有代为处理。"),
    "calendar_earlier": _l("期限仍按原日期，没有提前。"),
    "correction_asked": _l("原决定仍然有效，没有自动改动。"),
    "ended_without_ground": _l("已办结的案件没有自动改动。"),
    "informant_leak": _l("泄露的内容由主要负责人封存之前，接触都有记录。"),
    "log_stopped": _l("办理记录照常写入，只是暂时没有存证点。"),
    "log_gap": _l("其他案件照常存证，缺号之后的记录等待查明。"),
    "epoch_started": _l("恢复之前的存证点仍可与外部核对。"),
    "checkpoint_file_failed": _l("存证点在数据库中，文件恢复后自动补写。"),
    "checkpoint_mail_failed": _l("存证点和每日文件都在，只是邮件没有发出。"),
    "digest_mail_failed": _l("案件照常办理，待办都在工作台上，只是邮件没有发出。"),
    "webhook_disabled": _l("案件照常办理，没有发出的通知都留着。"),
}


@dataclass(frozen=True, slots=True)
class ListedIncident:
    """An incident as the administration lists it; ``case`` is empty where it has none."""

    id: int
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str
    what: str
    case: str
    safe: str
    to_do: str
    may_retry: bool
    may_close: bool


def incident_line(incident: Any, speak: PackWords | None) -> str:
    """Say what is wrong and where, in one line."""
    name, detail = labels.incident(incident.kind), incident.detail
    if incident.kind == "log_stopped" and detail in SENTENCES:
        detail = str(SENTENCES[detail].happened).rstrip("。")
    if incident.kind in _AT_A_PLACE and speak is not None:
        detail = f"“{speak.place(detail)}”"
    if not detail or incident.kind in _TECHNICAL:
        return name
    return gettext("%(name)s：%(detail)s", name=name, detail=detail)


def listed_incident(row: IncidentRow, speak: PackWords | None) -> ListedIncident:
    """Give an incident with its case and what can be done.

    Administrators see no person's case, so its number stays with those who do.
    """
    case = gettext("涉及个人的案件") if row.is_personal else row.case_number
    kind = row.incident.kind
    return ListedIncident(
        row.incident.id,
        row.incident.opened_at,
        row.incident.resolved_at,
        row.closed_by,
        incident_line(row.incident, speak),
        case,
        str(SAFE.get(kind, "")),
        str(REMEDIES.get(kind, "")),
        kind in RETRIED_BY_HAND,
        kind in CLOSED_BY_HAND,
    )
