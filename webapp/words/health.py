"""How the installation is, in words: what each sign says, and what to do where it is not green."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.dates import lasting, moment
from webapp.figures import file_size
from webapp.sayings import gettext
from workflows.domain.health import Light, Sign

LIGHTS: dict[Light, tuple[str, Any]] = {
    Light.GREEN: ("green", _l("正常")),
    Light.YELLOW: ("yellow", _l("注意")),
    Light.RED: ("red", _l("故障")),
}
NAMES: dict[str, Any] = {
    "sweep": _l("巡检"),
    "check": _l("夜间核查"),
    "log": _l("存证"),
    "outbox": _l("外发"),
    "exports": _l("导出"),
    "incidents": _l("异常"),
    "calendar": _l("工作日历"),
    "backup": _l("备份"),
    "drill": _l("恢复演练"),
    "disk": _l("磁盘"),
    "database": _l("数据库"),
    "versions": _l("版本"),
}
# By what the heartbeats call them.
JOBS: dict[str, Any] = {**NAMES, "sequencer": NAMES["log"]}
TO_DO: dict[str, Any] = {
    "sweep": _l("到期的事项可能没有升级：请确认 duban serve 或 duban scheduler 正在运行。"),
    "check": _l("请确认定时服务整夜运行，或者运行 duban check。"),
    "log": _l("办理不受影响：请看异常页的原因，处理后自动继续签发。"),
    "outbox": _l("请确认定时服务正在运行；仍不减少的，查看日志。"),
    "exports": _l("请申请人打开导出页查看原因，再做一次。"),
    "incidents": _l("请打开异常页逐项处理。"),
    "calendar": _l("请录入下一年度的放假通知，或者升级后运行 duban calendar update。"),
    "backup": _l("请运行 duban backup，并把密钥文件另存一处。"),
    "drill": _l("请运行 duban restore --drill，用最近的备份演练一次。"),
    "disk": _l("请清理磁盘或者扩容；写满后什么也不能办理。"),
}


@dataclass(frozen=True, slots=True)
class HealthLine:
    """A sign as the page lists it."""

    colour: str
    light: Any
    name: Any
    says: str
    to_do: Any


def health_line(sign: Sign) -> HealthLine:
    """Put a sign into words."""
    colour, light = LIGHTS[sign.light]
    to_do = "" if sign.light is Light.GREEN else TO_DO.get(sign.code, "")
    return HealthLine(colour, light, NAMES[sign.code], _SAYS[sign.code](dict(sign.values)), to_do)


def _sweep(values: dict[str, Any]) -> str:
    said = _at(values["at"])
    if values["late_seconds"] >= 60:
        said += gettext("，一天内最长迟延 %(time)s", time=lasting(values["late_seconds"]))
    if values["waiting_since"]:
        said += gettext("，%(at)s 到期的还没有处理", at=moment(values["waiting_since"]))
    return said


def _check(values: dict[str, Any]) -> str:
    return _at(values["at"])


def _log(values: dict[str, Any]) -> str:
    if not values["at"]:
        return gettext("还没有签发过存证点")
    said = gettext(
        "最近存证点 %(at)s，含 %(size)s 条", at=moment(values["at"]), size=values["size"]
    )
    if values["waiting"]:
        said += gettext("，%(waiting)s 条等待存证", waiting=values["waiting"])
    return said


def _outbox(values: dict[str, Any]) -> str:
    if not values["count"]:
        return gettext("没有等待发出的")
    at = moment(values["since"])
    return gettext("%(count)s 件等待发出，最早 %(at)s", count=values["count"], at=at)


def _exports(values: dict[str, Any]) -> str:
    running, failed = values["running"], values["failed"]
    return gettext(
        "近七天失败 %(failed)s 件，正在生成 %(running)s 件", failed=failed, running=running
    )


def _incidents(values: dict[str, Any]) -> str:
    if not values["count"]:
        return gettext("没有待处理的异常")
    count, grave = values["count"], values["grave"]
    return gettext("待处理 %(count)s 项，其中严重 %(grave)s 项", count=count, grave=grave)


def _calendar(values: dict[str, Any]) -> str:
    said = gettext("放假通知公布到 %(on)s", on=values["horizon"])
    return said + gettext("，期限等待重新计算") if values["waits"] else said


def _backup(values: dict[str, Any]) -> str:
    if not values["at"]:
        return gettext("从未做过") if values["needed"] else gettext("演示和测试安装不要求")
    return _at(values["at"])


def _drill(values: dict[str, Any]) -> str:
    said = _backup(values)
    return said + gettext("，备份没有通过检查") if values["wrong"] else said


def _disk(values: dict[str, Any]) -> str:
    free, total = file_size(values["free_bytes"]), file_size(values["total_bytes"])
    return gettext("剩余 %(free)s，共 %(total)s", free=free, total=total)


def _database(values: dict[str, Any]) -> str:
    return f"{values['kind']} · {file_size(values['bytes'])} · {values['schema']}"


def _versions(values: dict[str, Any]) -> str:
    return " · ".join(f"{name} {version}" for name, version in values.items())


def _at(at: datetime | None) -> str:
    return gettext("最近 %(at)s", at=moment(at)) if at else gettext("从未运行")


_SAYS = {
    "sweep": _sweep,
    "check": _check,
    "log": _log,
    "outbox": _outbox,
    "exports": _exports,
    "incidents": _incidents,
    "calendar": _calendar,
    "backup": _backup,
    "drill": _drill,
    "disk": _disk,
    "database": _database,
    "versions": _versions,
}
