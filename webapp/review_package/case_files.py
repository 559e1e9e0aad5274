"""The file of a case in a package: index, course in plain words, papers, where to verify."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from webapp.case.story import Event
from webapp.dates import day, moment, today_of
from webapp.figures import figure
from webapp.papers.typesetting import typeset
from webapp.review_package.marks import Marks
from webapp.review_package.telling import KEPT_BACK, CaseTold
from webapp.words import labels
from workflows.domain.deviation_state import Noted

_Listed: TypeAlias = tuple[str, str, str, str, str]
_WHERE = (
    "按登记先后排列。附件原件在审计包的 attachments 文件夹内，以校验值命名；"
    "包内没有的，原件留在原单位，可向其调取后比对。"
)
_WITHHELD = {
    "confidential": "内容按权限留存不出，原记录仍可核验",
    "fields": "个别栏目按权限留存不出",
    "erased": "",  # the story says so itself
}


def case_file(told: CaseTold, marks: Marks) -> bytes:
    """Set the file of a case as PDF."""
    return typeset("package_case_file", _values(told, marks), marks.order.made_at)


def _values(told: CaseTold, marks: Marks) -> dict[str, Any]:
    papers = list(_papers(told))
    return {
        "name": told.name,
        "watermark": "演示数据·虚构" if marks.order.is_made_up else "",
        "secrecy": "内部资料 · 涉及个人，注意保密" if told.is_personal else "内部资料",
        "cover": _cover(told, marks),
        "index": _index(told, papers),
        "course": list(_course(told)),
        "papers": papers,
        "papers_where": _WHERE,
        "proof": _proof(told, marks),
    }


def _cover(told: CaseTold, marks: Marks) -> list[tuple[str, str]]:
    lines = [
        ("案件编号", told.name),
        ("单位", told.organisation),
        ("对象", told.subject),
        ("问题类型", told.fact("problem_type")),
        ("问题来源", told.fact("source")),
        ("发现日期", told.fact("found_on")),
        ("问题表述", told.fact("description")),
        ("办过的档", "、".join(str(labels.RUNGS.get(rung, rung)) for rung in told.rungs)),
        ("开立", day(told.opened_on)),
        ("办结", day(told.ended_on)),
        ("状态", told.state_on(marks.made_on)),
        ("最近时限", day(told.due_on)),
        ("交给", marks.order.recipient),
        ("用途", marks.order.purpose),
        ("截至", moment(marks.order.made_at)),
    ]
    return [(label, value) for label, value in lines if value]


def _index(told: CaseTold, papers: list[_Listed]) -> list[tuple[str, str, str]]:
    pieces = [("办理经过", f"{len(told.case.records)} 条")]
    pieces += [(name, size) for _, name, _, _, size in papers]
    return [(str(number), name, size) for number, (name, size) in enumerate(pieces, start=1)]


def _course(told: CaseTold) -> Iterator[dict[str, Any]]:
    for each, event, basis in zip(told.noted, told.events, told.bases(), strict=True):
        record = each.record
        name, post = told.who(each)
        occurred_on, recorded_on = today_of(record.occurred_at), today_of(record.recorded_at)
        yield {
            "seq": f"第 {record.seq} 条",
            "leaf": f"叶 {each.index}",
            "on": day(occurred_on),
            "entered": f"登记 {day(recorded_on)}" if occurred_on != recorded_on else "",
            "who": name,
            "post": post,
            "title": event.title,
            "lines": list(_lines(told, each, event)),
            "basis": list(basis),
        }


def _lines(told: CaseTold, each: Noted, event: Event) -> Iterator[str]:
    if each.record.performed_by is not None:
        yield f"{told.speak.person(each.record.actor)}代录"
    for filled in event.filled:
        yield f"{filled.label}：{filled.whole}"
    for change in event.changes:
        yield f"{change.label}：{change.old} → {change.new}"
    if event.reason:
        yield f"理由：{event.reason}"
    yield from event.consequences
    yield from event.notes
    if event.withdrawn_by is not None:
        yield f"已由第 {event.withdrawn_by} 条撤销"
    for seq in event.corrected_by:
        yield f"已由第 {seq} 条更正"
    if why := _WITHHELD.get(each.kept_back, ""):
        yield why


def _papers(told: CaseTold) -> Iterator[_Listed]:
    number = 1
    for each in told.noted:
        for paper in (each.payload or {}).get("attachments", ()):
            number += 1
            seq, size = f"第 {each.record.seq} 条", f"{figure(paper['bytes'])} 字节"
            yield str(number), paper["name"] or KEPT_BACK, paper["sha256"], seq, size


def _proof(told: CaseTold, marks: Marks) -> dict[str, Any]:
    first, last = told.case.records[0], told.last
    leaves = f"第 {first.index} 叶（第 1 条）至第 {last.index} 叶（第 {last.record['seq']} 条）"
    return {
        "notes": [
            f"本卷由同一资料包中的“审计包.zip”生成。本案记录在存证树中自{leaves}，"
            f"存证树共 {marks.tree_size} 叶。",
            "本卷是便于阅读的抄件，自身不带签名。有疑问时以审计包为准：用浏览器打开 viewer.html，"
            "把审计包.zip 拖进去，按案件编号找到本案，逐条对照。",
        ],
        "hashes": [
            ("审计包清单 SHA-256", marks.manifest_hash),
            ("签名密钥指纹", marks.fingerprint),
        ],
    }
