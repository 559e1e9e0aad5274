"""The file of a case (案件卷宗): everything that a paper says of it, as texts in its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.case.chronology import chronology, who_acted
from webapp.case.facts import facts_of
from webapp.case.screen import Screen
from webapp.case.story import Event, story_of
from webapp.dates import day, day_long, moment, moment_exact
from webapp.figures import figure
from webapp.languages import language
from webapp.papers.case_file import case_file_paper
from webapp.papers.docx import official_docx
from webapp.papers.qr import qr_file
from webapp.papers.typesetting import typeset
from webapp.sayings import gettext, listed, ngettext
from webapp.words import labels
from webapp.words.clocks import why_of
from webapp.words.packs import PackWords
from workflows.domain.budgets import Budget
from workflows.queries.case.page import Paper
from workflows.queries.case.timeline import Entry, Timeline, readable_timeline, whole_timeline
from workflows.queries.names import names_of
from workflows.queries.organisations.posts import Posts, posts_of
from workflows.queries.papers.case_file import CaseProof, all_clocks, proof_of, rung_periods
from workflows.services.installation import installation_of
from workflows.services.reports.case_files import FileMade, FileOrder
from workflows.store.tables import Clock

_CONTENT = ("facts", "form", "reason", "attachments")


@dataclass(frozen=True, slots=True)
class Told:
    """The records of a case as they were read, as they may be read, and in words."""

    whole: tuple[Entry, ...]
    readable: tuple[Entry, ...]
    events: tuple[Event, ...]
    speak: PackWords
    posts: Posts


def case_file(screen: Screen, order: FileOrder) -> dict[str, Any]:
    """Give what the file of a case says, as JSON values for its template."""
    told = _told(screen, order.levels)
    clocks = all_clocks(screen.work.session, order.case_id)
    papers = [paper for paper in screen.page.papers if paper.level in order.levels]
    proof = proof_of(screen.work.session, screen.page.case)
    return {
        "language": language(),
        "words": _words(),
        "number": screen.page.case.number,
        "watermark": _watermark(screen),
        "secrecy": _secrecy(screen),
        "cover": _cover(screen, order),
        "rungs": _rungs(screen),
        "index": _index(screen, told, len(clocks), papers),
        "facts": _facts(screen, told.speak, order.levels),
        "course": list(chronology(told.readable, told.events, told.speak, told.posts)),
        "events": list(_events(told)),
        "clocks": [_clock(screen, clock, told.speak) for clock in clocks],
        "papers": [_paper(number, paper) for number, paper in enumerate(papers, start=1)],
        "proof": _proof(screen, proof),
    }


def made_file(screen: Screen, order: FileOrder, format_: str) -> tuple[bytes, FileMade]:
    """Make the file of a case, pdf or docx; hand it on only after its record was committed."""
    values = case_file(screen, order)
    if format_ == "docx":
        content = official_docx(case_file_paper(values), screen.work.now)
    else:
        content = typeset("case_file", values, screen.work.now)
    return content, FileMade.of(format_, screen.page.case.version, content)


def _words() -> dict[str, str]:
    """Give the headings of the paper."""
    return {
        "title": gettext("案件卷宗"),
        "rungs": gettext("办理经过的档"),
        "rung": gettext("档"),
        "from": gettext("自"),
        "to": gettext("至"),
        "index": gettext("卷宗目录"),
        "piece": gettext("件号"),
        "name": gettext("题名"),
        "amount": gettext("条数或大小"),
        "hash": gettext("校验值（SHA-256）"),
        "facts": gettext("要素"),
        "course": gettext("办理经过"),
        "events": gettext("办理记录"),
        "reason": gettext("理由"),
        "before": gettext("原值"),
        "after": gettext("现值"),
        "clocks": gettext("期限"),
        "basis": gettext("依据"),
        "papers": gettext("附件"),
        "none": gettext("无"),
        "proof": gettext("存证"),
        "page": gettext("第 {page} 页，共 {pages} 页"),
    }


def _facts(screen: Screen, speak: PackWords, levels: frozenset[str]) -> list[tuple[str, str]]:
    return [
        (
            each.label,
            each.value
            if each.corrected_by is None
            else gettext("%(value)s（第 %(seq)s 条更正）", value=each.value, seq=each.corrected_by),
        )
        for each in facts_of(screen.work, screen.page, speak, levels)
    ]


def _watermark(screen: Screen) -> str:
    is_demo = installation_of(screen.work.session).mode != "production"
    return gettext("演示数据·虚构") if is_demo else ""


def _secrecy(screen: Screen) -> str:
    if screen.page.case.level != "L1":
        return gettext("内部资料 · 涉及个人，注意保密")
    return gettext("内部资料")


def _cover(screen: Screen, order: FileOrder) -> list[tuple[str, str]]:
    page, work = screen.page, screen.work
    lines = [
        (gettext("案号"), page.case.number),
        (gettext("事项"), page.matter.number),
        (gettext("单位"), page.organisation_on_paper),
        (gettext("当事人"), (page.person or "") if "L2" in order.levels else ""),
        (gettext("问题"), screen.speak.value("problem_type", page.matter.problem_type)),
        (gettext("开立"), moment(page.case.opened_at)),
        (gettext("办结"), moment(page.case.ended_at)),
        (gettext("状态"), str(labels.CASE_STATES[page.case.state])),
        (gettext("用途"), order.purpose),
        (gettext("制作人"), gettext("系统") if work.actor.is_job else work.actor.display_name),
        (gettext("制作时间"), moment_exact(work.now)),
        (gettext("制作单位"), installation_of(work.session).title),
    ]
    return [(label, value) for label, value in lines if value]


def _rungs(screen: Screen) -> list[tuple[str, str, str]]:
    """Say when the case was on which rung; before the first one it is taken in and verified."""
    return [
        (
            labels.rung_or_start(each.rung),
            moment(each.from_at),
            moment(each.to_at) or gettext("至今"),
        )
        for each in rung_periods(screen.work.session, screen.page.case.id)
    ]


def _index(
    screen: Screen, told: Told, clocks: int, papers: list[Paper]
) -> list[tuple[str, str, str, str]]:
    """List the pieces of the file (D39): the records, the terms, and each paper."""
    count = len(told.events)
    pieces = [
        (
            gettext("办理记录"),
            ngettext("%(num)s 条", "%(num)s 条", count),
            screen.page.case.head,
        ),
        (gettext("期限"), ngettext("%(num)s 项", "%(num)s 项", clocks), ""),
        *((paper.name, _size(paper), paper.sha256) for paper in papers),
    ]
    return [(str(number), *piece) for number, piece in enumerate(pieces, start=1)]


def _size(paper: Paper) -> str:
    return gettext("%(num)s 字节", num=figure(paper.size_bytes))


def _paper(number: int, paper: Paper) -> tuple[str, str, str, str]:
    return str(number), paper.name, _size(paper), paper.sha256


# ------------------------------------------------------------ the records


def _told(screen: Screen, levels: frozenset[str]) -> Told:
    """Tell all records up to the one that the page of the case ends with, oldest first.

    Whoever gets the paper is not known: what only its writer may read is not in it.
    """
    session, page, pack = screen.work.session, screen.page, screen.speak.pack
    found = whole_timeline(session, page.case.id)
    whole = tuple(each for each in found.entries if each.record.seq <= page.case.version)
    timeline = readable_timeline(Timeline(whole, len(whole), found.names), pack, levels, None)
    names = names_of(session, _ids_in_facts(timeline.entries))
    speak = PackWords(pack, {**screen.speak.names, **found.names, **names})
    events = story_of(timeline, page.definition, speak)
    posts = posts_of(session, who_acted(whole))
    return Told(whole, timeline.entries, tuple(events), speak, posts)


def _ids_in_facts(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        for change in entry.payload.get("facts", {}).values():
            for value in (change["old"], change["new"]):
                several = value if isinstance(value, list) else [value]
                yield from (each for each in several if isinstance(each, str))


def _events(told: Told) -> Iterator[dict[str, Any]]:
    for whole, readable, event in zip(told.whole, told.readable, told.events, strict=True):
        yield {
            "seq": gettext("第 %(seq)s 条", seq=event.seq),
            "title": event.title,
            "at": moment_exact(event.at),
            "by": event.by,
            "on": gettext("实际办理日 %(on)s", on=day(event.on)) if event.on else "",
            "reason": event.reason,
            "notes": [*event.notes, *event.consequences, *_missing(whole, readable)],
            "filled": [(each.label, each.whole) for each in event.filled],
            "changes": _changes(readable.payload, told.speak),
            "withdrawn": _withdrawn(event),
        }


def _missing(whole: Entry, readable: Entry) -> Iterator[str]:
    """Say that there is more in a record than the paper shows; erased ones say so already."""
    parts = ((whole.payload.get(part), readable.payload.get(part)) for part in _CONTENT)
    if any(full and full != shown for full, shown in parts):
        yield gettext("部分内容按权限不列入本卷，原记录仍可核验")


def _changes(payload: Mapping[str, Any], speak: PackWords) -> list[tuple[str, str, str]]:
    """Give the differences that a record made: what, before, after."""
    return [
        (speak.fact(name), speak.value(name, change["old"]), speak.value(name, change["new"]))
        for name, change in payload.get("facts", {}).items()
    ]


def _withdrawn(event: Event) -> str:
    """Say which record took this one back, or which ones corrected it."""
    if event.withdrawn_by is not None:
        return gettext("已由第 %(seq)s 条撤销", seq=event.withdrawn_by)
    return listed(gettext("已由第 %(seq)s 条更正", seq=seq) for seq in event.corrected_by)


# ------------------------------------------------------------ dates and proof


def _clock(screen: Screen, clock: Clock, speak: PackWords) -> dict[str, Any]:
    why = why_of(screen.page, clock, screen.work, speak, speak.names)
    budget = Budget.of(clock.budget, clock.unit).text(language())
    return {
        "name": speak.rule(clock.rule),
        "of": speak.place(clock.due_of) if clock.due_of else "",
        "state": str(labels.CLOCK_STATES[clock.state]),
        "due_on": day_long(clock.due_on) + (gettext("（暂定）") if clock.provisional else ""),
        "budget": budget,
        "basis": why["basis"],
        "steps": [step["text"] for step in why["steps"]],
    }


def _proof(screen: Screen, proof: CaseProof | None) -> dict[str, Any]:
    """Say what a reader compares, and what no checkpoint covers yet."""
    case = screen.page.case
    lines = [(gettext("最后一条记录（第 %(seq)s 条）的校验值", seq=case.version), case.head)]
    if proof is None:
        notes = [gettext("本案的记录尚未纳入存证点，请在存证点签发后重新制作。")]
        return {"lines": lines, "notes": notes, "note": "", "qr": ""}
    lines += [
        (gettext("存证点规模"), ngettext("%(num)s 条", "%(num)s 条", proof.size)),
        (gettext("存证点根值"), proof.root),
        (gettext("存证时间"), moment_exact(proof.recorded_at)),
        (gettext("签名密钥指纹"), proof.fingerprint),
    ]
    notes = [gettext("本案第 1 至 %(seq)s 条记录在上述存证点之内。", seq=proof.covered_seq)]
    if proof.covered_seq < case.version:
        notes.append(gettext("其后的记录在下一个存证点之内。"))
    notes.append(gettext("二维码即存证点原文，可与交到外部留存的存证点对照，核验用审计包进行。"))
    return {"lines": lines, "notes": notes, "note": proof.note, "qr": qr_file(proof.note)}
