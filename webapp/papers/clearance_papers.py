"""Replies about effects on persons (D22) and notices of their end (D38) as papers of the office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask_babel import force_locale

from webapp.papers.documents import CHINESE, DEMO
from webapp.papers.official import Block, Grid, Heading, OfficialPaper, Paragraph, date_in_full
from webapp.words import labels
from webapp.words.clearance import CLASSES, PURPOSES
from workflows.domain.clocks import local_date
from workflows.domain.effects import Effect
from workflows.queries.papers.clearance_replies import OverLine, ReplyLine
from workflows.services.papers.clearance_content import Content
from workflows.store.tables import ClearanceReply, OverNotice

_SECRECY = "内部资料 注意保密"
_UNSIGNED = "草稿，未签发"
_TERM = "任期届满（届满日未登记）"


def reply_paper(
    line: ReplyLine, content: Content, reply: ClearanceReply, today: date, *, is_real: bool
) -> OfficialPaper:
    """Put a reply into blocks; one that nobody signed says so."""
    with force_locale(CHINESE):
        is_issued = reply.state in ("issued", "replaced")
        marks = ["" if is_real else DEMO, "" if is_issued else _UNSIGNED]
        return OfficialPaper(
            title="党风廉政（影响期）情况回复",
            blocks=tuple(_reply(line, content, reply)),
            head=line.office,
            is_letter=True,
            number=reply.number or "",
            secrecy=_SECRECY,
            addressee=content.asked_by,
            issuer=line.office,
            issued_on=local_date(reply.decided_at) if reply.decided_at else today,
            watermark="　".join(each for each in marks if each),
        )


def _reply(line: ReplyLine, content: Content, reply: ClearanceReply) -> Iterator[Block]:
    yield Paragraph(
        f"{content.document}收悉。现就{content.person}（{content.post}）截至"
        f"{date_in_full(reply.on_day)}的情况，为“{PURPOSES[reply.purpose]}”回复如下："
    )
    yield Heading(1, f"一、{CLASSES[content.reply_class]}")
    yield Heading(1, "二、登记的影响")
    if content.effects:
        rows = tuple(_row(effect, reply.on_day) for effect in content.effects)
        yield Grid(("影响", "起", "止", "状态", "依据"), rows, (5, 4, 4, 2, 5))
    else:
        yield Paragraph("没有登记的影响。")
    if line.replaces:
        yield Paragraph(f"{line.replaces}同时作废。")
    until = f"有效期至{date_in_full(reply.valid_until)}，" if reply.valid_until else ""
    yield Paragraph(f"本回复{until}只供所述用途。")


def _row(effect: Effect, day: date) -> tuple[str, ...]:
    return (
        labels.effect(effect.kind),
        date_in_full(effect.from_on),
        date_in_full(effect.last_on) if effect.last_on else _TERM,
        str(labels.EFFECT_COURSES[effect.course(day)]),
        effect.basis or "—",
    )


def over_paper(line: OverLine, notice: OverNotice, office: str, *, is_real: bool) -> OfficialPaper:
    """Put the notice that an effect is over into blocks."""
    with force_locale(CHINESE):
        return OfficialPaper(
            title="影响期届满告知书",
            blocks=tuple(_over(line.effect)),
            head=office,
            number=notice.number,
            secrecy=_SECRECY,
            addressee=f"{line.person}同志",
            issuer=office,
            issued_on=local_date(notice.issued_at),
            watermark="" if is_real else DEMO,
        )


def _over(effect: Effect) -> Iterator[Block]:
    until = date_in_full(effect.last_on) if effect.last_on else ""
    yield Paragraph(
        f"你自{date_in_full(effect.from_on)}起的影响（{labels.effect(effect.kind)}）已于{until}期满，"
        "自次日起不再执行。"
    )
    yield Paragraph(
        "期满后，在提拔、任职、考核和评优评先中与其他人员同等对待；普通查询不再显示。"
        "对本告知书有疑问的，可以向出具单位提出。"
    )
    if effect.basis:
        yield Paragraph(f"依据：{effect.basis}。")
