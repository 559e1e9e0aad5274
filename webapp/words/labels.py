"""Names that screens give to codes: roles, colours, states."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l

ROLES: dict[str, Any] = {
    "R01": _l("登记"),
    "R02": _l("核实"),
    "R03": _l("承办"),
    "R04": _l("审核"),
    "R05": _l("分管领导"),
    "R06": _l("主要负责人"),
    "R07": _l("集体决定"),
    "R08": _l("谈话人"),
    "R09": _l("记录人"),
    "R10": _l("整改责任单位"),
    "R11": _l("包联"),
    "R12": _l("督办"),
    "R13": _l("验收"),
    "R14": _l("申诉复核"),
    "R15": _l("当事人"),
    "R16": _l("案件监督管理"),
    "R17": _l("档案"),
    "R18": _l("系统管理员"),
    "R19": _l("安全管理员"),
    "R20": _l("安全审计员"),
    "R21": _l("考核"),
    "R22": _l("领导查看"),
}

RUNGS: dict[int, Any] = {
    1: _l("批评教育"),
    2: _l("限期整改"),
    3: _l("诫勉谈话"),
    4: _l("组织调整"),
}

# Colours of tasks and items, never of people.
COLOURS: dict[str, Any] = {
    "grey": _l("未开始"),
    "green": _l("正常"),
    "blue": _l("临近"),
    "yellow": _l("预警"),
    "red": _l("逾期"),
    "paused": _l("暂停"),
    "done": _l("办结"),
}

# How the label 软弱涣散 stands at a matter.
LIAISONS: dict[str, Any] = {
    "first_secretary": _l("驻村第一书记"),
    "sumu_leader": _l("苏木乡镇领导包村"),
    "banner_leader": _l("旗级领导联村"),
}

DETERMINATIONS: dict[str, Any] = {
    "reported": _l("反映（未认定）"),
    "determined": _l("认定为软弱涣散"),
    "not_determined": _l("不认定"),
    "lifted": _l("已退出"),
}

EXPORT_STATES: dict[str, Any] = {
    "waiting": _l("待同意"),
    "refused": _l("未同意"),
    "queued": _l("排队中"),
    "running": _l("生成中"),
    "ready": _l("可以下载"),
    "failed": _l("没有做成"),
    "expired": _l("文件已清除"),
}

CASE_STATES: dict[str, Any] = {
    "open": _l("办理中"),
    "stopped": _l("已中止"),
    "merged": _l("已并案"),
    "ended": _l("已办结"),
}

PAUSE_GROUNDS: dict[str, Any] = {
    "illness": _l("当事人重病"),
    "force_majeure": _l("不可抗力"),
    "referral": _l("移送期间"),
    "superior": _l("等待上级批复"),
    "other": _l("其他事由"),
}

CLOCK_STATES: dict[str, Any] = {
    "running": _l("计时中"),
    "paused": _l("已暂停"),
    "fired": _l("已到期"),
    "cancelled": _l("已停止"),
}

UNITS: dict[str, Any] = {
    "workdays": _l("个工作日"),
    "days": _l("天（自然日）"),
    "months": _l("个月"),
    "date": _l("指定日期"),
}

ORGANISATION_KINDS: dict[str, Any] = {
    "unit": _l("地区"),
    "branch": _l("党支部"),
    "committee": _l("党委"),
    "organisation": _l("组织部门"),
    "discipline": _l("纪检监察机关"),
    "supervision": _l("督查机构"),
}


INCIDENTS: dict[str, Any] = {
    "office_unresolved": _l("找不到办理单位"),
    "informant_leak": _l("举报人信息泄露"),
    "message_unreceived": _l("案件之间的通知无人接收"),
    "stopped_for_approver": _l("已中止，待批准人决定"),
    "calendar_earlier": _l("日历变动，期限会提前"),
    "correction_asked": _l("须依职权审查是否纠正"),
    "ended_without_ground": _l("已办结的案件失去依据"),
    "clock_failed": _l("到期处理失败"),
    "case_stranded": _l("案件没有待办、期限或等待的通知"),
    "task_unclaimable": _l("待办无人可以领取"),
    "task_held": _l("待办在已停用的账号名下"),
    "clock_missed": _l("巡检漏过的期限"),
    "marking_unknown": _l("案件的当前位置不在流程中"),
    "rows_differ": _l("案件数据与办理记录不一致"),
    "log_stopped": _l("存证点不能签发"),
    "log_gap": _l("办理记录缺号，其后的记录不能存证"),
    "epoch_started": _l("数据库退回到较早的备份，另起一个存证期"),
    "checkpoint_file_failed": _l("存证点文件没有写出"),
    "checkpoint_mail_failed": _l("存证点邮件没有发出"),
    "webhook_disabled": _l("对外通知连续发不出去，已停用"),
    "digest_mail_failed": _l("每日提要邮件没有发出"),
}


# How a version of the pack stands.
STANDINGS: dict[str, Any] = {
    "in_force": _l("现行"),
    "coming": _l("已批准，待生效"),
    "checking": _l("正在检查"),
    "waiting": _l("待审批"),
    "failed": _l("检查未通过"),
    "superseded": _l("已被替代"),
    "refused": _l("已退回"),
    "withdrawn": _l("已撤回"),
}

_DECIDED: dict[str, Any] = {
    "approved": _l("批准人"),
    "failed": _l("检查未通过"),
    "refused": _l("退回人"),
    "withdrawn": _l("撤回人"),
}

# What kind of thing of a pack differs; processes are shown apart, each with its drawing.
PACK_PARTS: dict[str, Any] = {
    "about": _l("规则包"),
    "parameter": _l("参数"),
    "table": _l("决策表"),
    "form": _l("表单"),
    "fact": _l("要素"),
    "guardrail": _l("护栏"),
    "file": _l("其他文件"),
}
_ROLE_CODE = re.compile(r"R\d\d")


# What a measure keeps a person from (DOMAIN 5.7.2).
EFFECTS: dict[str, Any] = {
    "promotion": _l("不得提拔职务、晋升职级或者进一步使用"),
    "annual_assessment": _l("当年年度考核不得确定为优秀"),
    "term_awards": _l("取消本任期评优评先资格"),
    "post_level": _l("不得安排领导职务"),
}
EFFECT_COURSES: dict[str, Any] = {
    "to_come": _l("尚未开始"),
    "running": _l("影响期内"),
    "over": _l("已期满"),
    "void": _l("自始无效"),
}

# How a lane finds its office, seen from the organisation that a case is about.
OFFICE_RULES: dict[str, Any] = {
    "subject": _l("案件对象自己"),
    "person_concerned": _l("当事人所在单位"),
    "parent_committee": _l("对象所在苏木乡镇的党委"),
    "banner_organisation": _l("对象所在旗县的组织部门"),
    "banner_discipline": _l("对象所在旗县的纪检监察机关"),
    "banner_committee": _l("对象所在旗县的党委"),
    "league_organisation": _l("对象所在盟市的组织部门"),
    "league_discipline": _l("对象所在盟市的纪检监察机关"),
    "league_committee": _l("对象所在盟市的党委"),
    "superior_organisation": _l("对象上一级党委的组织部门"),
    "matter_office": _l("登记本事项的单位"),
}


def office_rule(rule: str) -> str:
    """Say how a lane finds its office."""
    return str(OFFICE_RULES.get(rule, rule))


def standing(code: str) -> str:
    """Name how a version of the pack stands."""
    return str(STANDINGS[code])


def decided(state: str) -> str:
    """Name what was decided on a version of the pack."""
    return str(_DECIDED[state])


def roles_named(text: str) -> str:
    """Write the name of each role beside its code."""
    return _ROLE_CODE.sub(lambda found: f"{found[0]} {role(found[0])}", text)


# What a review of consequences came to.
FINDINGS: dict[str, Any] = {
    "no_effect": _l("不影响已作的处理"),
    "withdraw": _l("需撤回误触发的升级（按补录办理）"),
    "correct": _l("需提请纠正已作的决定"),
}


# How a change of the calendar stands that moves deadlines.
CALENDAR_STATES: dict[str, Any] = {
    "waiting": _l("待审批"),
    "approved": _l("已批准并生效"),
    "refused": _l("已退回"),
    "withdrawn": _l("已撤回"),
}

# A plan for bringing running cases to another version, and what became of each case.
MIGRATION_STATES: dict[str, Any] = {
    "waiting": _l("待审批"),
    "approved": _l("迁移中"),
    "done": _l("已迁移"),
    "refused": _l("已退回"),
    "withdrawn": _l("已撤回"),
    "undoing": _l("撤销中"),
    "undone": _l("已撤销"),
}
MIGRATION_OUTCOMES: dict[str, Any] = {
    "moved": _l("已转到新版本"),
    "stayed": _l("留在原版本"),
    "undone": _l("已退回原版本"),
    "went_on": _l("已有后续办理，未退回"),
}
MIGRATION_OBSTACLES: dict[str, Any] = {
    "gone": _l("新版本没有这个环节"),
    "other_kind": _l("新版本中它不再是同一类环节"),
    "other_process": _l("新版本中它转入另一个流程"),
    "impossible": _l("新版本中几个环节不能这样同时进行"),
    "never": _l("新版本中案件走不到这里"),
}
MIGRATION_WHYS: dict[str, Any] = {
    "not_planned": _l("方案批准后案件又有办理，不在方案列明的环节"),
    "obstacle": _l("新版本没有对应的位置"),
    "unfit": _l("已填的内容不足或与新版本不符"),
    "shorter": _l("有期限会缩短而方案没有列明"),
    "late_entry": _l("有补录正在等待确认"),
}


def migration_why(code: str) -> str:
    """Say why a migration left a case where it was."""
    return str(MIGRATION_WHYS.get(code, _l("新版本的期限无法按现有要素计算")))


def effect(kind: str) -> str:
    """Name an effect of a measure on a person."""
    return str(EFFECTS.get(kind, kind))


def incident(kind: str) -> str:
    """Name a kind of incident."""
    return str(INCIDENTS.get(kind, kind))


def role(code: str) -> str:
    """Name a role by its code."""
    return str(ROLES.get(code, code))


def rung(number: int | None) -> str:
    """Name a rung of the ladder by its number."""
    return str(RUNGS.get(number, "")) if number else ""


def rung_or_start(number: int | None) -> str:
    """Name a rung of the ladder, and what comes before the first."""
    return rung(number) or str(_l("受理核实"))


def colour(code: str) -> str:
    """Name what a colour says."""
    return str(COLOURS.get(code, code))


# What a back-test says of a missed deadline's work.
ESCALATION_CHANGES: dict[str, Any] = {
    "same": _l("不变"),
    "earlier": _l("提前"),
    "later": _l("推后"),
    "not_at_all": _l("至今不再发生"),
    "only_here": _l("仅此规则下发生"),
    "untold": _l("无法推断"),
}
# Why an act no longer fits.
MISFIT_REASONS: dict[str, Any] = {
    "not_opened": _l("案件不会开立"),
    "ended": _l("案件已办结"),
    "unknown": _l("规则包没有该环节"),
    "not_open": _l("案件停在别处"),
    "several": _l("该环节有多个待办"),
    "refused": _l("缺少所需要素"),
}
