"""What is said in clearance replies: classes, purposes, and why a class is suggested."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

CLASSES: dict[str, Any] = {
    "nothing": _l("未收到问题线索"),
    "settled": _l("收到的线索已了结，不持异议"),
    "past": _l("曾被提醒或者处理，已过影响期"),
    "in_handling": _l("正在处置，建议暂缓"),
    "defer": _l("影响期未满，建议暂缓使用"),
    "unfit": _l("建议不宜使用"),
}
PURPOSES: dict[str, Any] = {
    "promotion": _l("提拔、晋升职级或者进一步使用"),
    "post": _l("安排领导职务"),
    "assessment": _l("年度考核评定等次"),
    "awards": _l("评优评先"),
    "other": _l("其他"),
}
GROUNDS: dict[str, Any] = {
    "no_trace": _l("没有在影响期内的事项，也没有在办的个人案件。"),
    "closed": _l("有个人案件已经办结，没有给予处理。"),
    "other_purpose": _l("有影响期未满，但与所询用途无关。"),
    "over": _l("有过处理，影响期已满。"),
    "criticised": _l("受过批评教育，没有影响期。"),
    "open_case": _l("有个人案件正在办理，尚未作出处理。"),
    "barred": _l("所询日期在影响期内，影响及于所询用途。"),
    "barred_from_posts": _l("所询日期不得安排领导职务。"),
}
REPLY_STATES: dict[str, Any] = {
    "drafted": _l("待签发"),
    "issued": _l("已签发"),
    "refused": _l("已退回"),
    "replaced": _l("已由新的回复代替"),
}
