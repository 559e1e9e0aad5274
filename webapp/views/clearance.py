"""Effects on persons: asking whether any runs, replies about it, notices of their end."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.dates import read_day
from webapp.forms.given import given_choice, given_day, given_text
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.papers.clearance_papers import over_paper, reply_paper
from webapp.papers.making import paper_answer
from webapp.sayings import gettext
from webapp.words.clearance import CLASSES, GROUNDS, PURPOSES, REPLY_STATES
from webapp.words.errors import explain, sentence_for
from webapp.work import Work, in_transaction, note_look
from workflows.domain.effects import Purpose, longest
from workflows.domain.eligibility import ReplyClass
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.queries.organisations.finding import Found, people_like
from workflows.queries.papers.clearance_replies import (
    effects_over,
    notice_line,
    reply_line,
    reply_lines,
)
from workflows.queries.papers.eligibility import suggestion_for
from workflows.services.installation import installation_of
from workflows.services.papers import clearance_replies as replies
from workflows.services.papers.clearance_content import Inquiry, content_of, post_of_person
from workflows.services.papers.over_notices import issue_notice
from workflows.services.secrecy.looking import Looked

blueprint = Blueprint("clearance", __name__, url_prefix="/clearance")

_LONGEST = 120
_ANSWERING = (*replies.DRAFTERS, *replies.SIGNERS)


@blueprint.get("/")
@requires(Permission.CLEARANCE)
@in_transaction
def page(work: Work) -> Any:
    """Find somebody, and list the replies that wait, hold, or must be made anew."""
    text = request.args.get("q", "").strip()[:60]
    lines, over = reply_lines(work.session), effects_over(work.session, work.today)
    if lines or over:
        note_look(Looked.EFFECTS, detail="list")
    return render_template(
        "clearance/page.html",
        text=text,
        found=_people(work, text) if text else (),
        lines=lines,
        over=over,
        PURPOSES=PURPOSES,
        REPLY_STATES=REPLY_STATES,
    )


def _people(work: Work, text: str) -> tuple[Found, ...]:
    note_look(Looked.PEOPLE, detail=text)
    found: dict[str, Found] = {}
    for grant in work.actor.grants:
        if grant.role in _ANSWERING:
            near = people_like(work.session, text, grant.unit_path, work.today)
            found |= {each.id: each for each in near}
    return tuple(found.values())


@blueprint.get("/about/<person_id>")
@requires(Permission.CLEARANCE)
@in_transaction
def about(work: Work, person_id: str) -> Any:
    """Show what runs for somebody on a day, and how a reply might answer."""
    return _about_page(work, person_id)


@blueprint.post("/about/<person_id>")
@requires(Permission.CLEARANCE)
@in_transaction
def draft(work: Work, person_id: str) -> Any:
    """Draft a reply for somebody else to sign."""
    # Whoever answers nothing about him is told nothing of what is wrong with the form.
    replies.answering_unit(work.session, work.actor, person_id, _ANSWERING, work.today)
    try:
        asked_by, document = (given_text(name, _LONGEST) for name in ("asked_by", "document"))
        with work.session.begin_nested():
            reply = replies.draft_reply(
                work.session,
                work.actor,
                work.now,
                Inquiry(person_id, asked_by, document, *_asked(work)),
                _chosen(request.form.get("reply_class", "")),
                request.form.get("reason", ""),
                _replaces(),
            )
    except replies.ReplyClassMissing as error:
        send_back(explain(error), sentence_for(error).status, "reply_class")
    except (InvalidInput, Conflict) as error:
        send_back(explain(error), sentence_for(error).status)
    else:
        return redirect(url_for("clearance.one", reply_id=reply.id))
    return _about_page(work, person_id)


def _chosen(code: str) -> ReplyClass | None:
    return ReplyClass(code) if code in CLASSES else None


def _about_page(work: Work, person_id: str) -> str:
    session, today = work.session, work.today
    replies.answering_unit(session, work.actor, person_id, _ANSWERING, today)
    purpose, day = _asked(work)
    note_look(Looked.EFFECTS, detail=f"{person_id} {purpose} {day.isoformat()}")
    found = suggestion_for(session, person_id, purpose, day, today)
    name, post = post_of_person(session, person_id, today)
    return render_template(
        "clearance/about.html",
        person_id=person_id,
        name=name,
        post=post,
        purpose=purpose.value,
        day=day,
        found=found,
        shown=longest(found.effects, day).values(),
        replaces=_replaces(),
        CLASSES=CLASSES,
        GROUNDS=GROUNDS,
        PURPOSES=PURPOSES,
    )


def _asked(work: Work) -> tuple[Purpose, date]:
    """Read the purpose and the day that are asked about; today where none is given."""
    if request.method == "POST":
        return Purpose(given_choice("purpose", list(PURPOSES))), given_day("on") or work.today
    purpose, day = request.args.get("purpose", ""), read_day(request.args.get("on", ""))
    return Purpose(purpose) if purpose in PURPOSES else Purpose.PROMOTION, day or work.today


def _replaces() -> int | None:
    found: int | None = request.values.get("replaces", type=int)
    return found


@blueprint.get("/<int:reply_id>")
@requires(Permission.CLEARANCE)
@in_transaction
def one(work: Work, reply_id: int) -> Any:
    """Show a reply as it is printed, with what may be done with it."""
    line = reply_line(work.session, reply_id)
    note_look(Looked.EFFECTS, detail=f"reply {reply_id}")
    return render_template(
        "clearance/reply.html",
        line=line,
        reply=line.row,
        content=content_of(work.session, line.row),
        may_sign=_may_sign(work, line.row.drafted_by),
        CLASSES=CLASSES,
        GROUNDS=GROUNDS,
        PURPOSES=PURPOSES,
        REPLY_STATES=REPLY_STATES,
    )


@blueprint.post("/<int:reply_id>/file")
@requires(Permission.CLEARANCE)
@in_transaction
def reply_file(work: Work, reply_id: int) -> Any:
    """Hand out a reply as docx or PDF; that it was taken is recorded."""
    line = reply_line(work.session, reply_id)
    note_look(Looked.EFFECTS, detail=f"reply {reply_id} file")
    content = content_of(work.session, line.row)
    paper = reply_paper(line, content, line.row, work.today, is_real=_is_real(work))
    return paper_answer(paper, work.now)


@blueprint.post("/notices/<int:notice_id>/file")
@requires(Permission.CLEARANCE)
@in_transaction
def notice_file(work: Work, notice_id: int) -> Any:
    """Hand out a notice as docx or PDF; that it was taken is recorded."""
    line, office = notice_line(work.session, notice_id)
    note_look(Looked.EFFECTS, detail=f"notice {notice_id} file")
    if line.notice is None:
        raise NotFound(what="notice", key=str(notice_id))
    return paper_answer(over_paper(line, line.notice, office, is_real=_is_real(work)), work.now)


def _is_real(work: Work) -> bool:
    return installation_of(work.session).mode == "production"


def _may_sign(work: Work, drafter: str) -> bool:
    is_signer = any(grant.role in replies.SIGNERS for grant in work.actor.grants)
    return is_signer and work.actor.account_id != drafter


@blueprint.post("/<int:reply_id>/decide")
@requires(Permission.CLEARANCE)
@in_transaction
def decide(work: Work, reply_id: int) -> Any:
    """Sign a drafted reply, or send it back."""
    reply_line(work.session, reply_id)
    try:
        with work.session.begin_nested():
            _decide(work, reply_id)
    except (InvalidInput, Conflict) as error:
        send_back(explain(error), sentence_for(error).status)
    return redirect(url_for("clearance.one", reply_id=reply_id))


def _decide(work: Work, reply_id: int) -> None:
    if given_choice("decision", ("sign", "refuse")) == "refuse":
        reason = request.form.get("reason", "")
        replies.refuse_reply(work.session, work.actor, work.now, reply_id, reason)
        flash(gettext("已退回，没有签发。"), "success")
        return
    is_checked = request.form.get("sealed_checked") == "yes"
    reply = replies.sign_reply(
        work.session, work.actor, work.now, reply_id, sealed_checked=is_checked
    )
    flash(gettext("已签发 %(number)s。", number=reply.number), "success")


@blueprint.post("/notices")
@requires(Permission.CLEARANCE)
@in_transaction
def notify(work: Work) -> Any:
    """Give a notice that an effect is over its number; people print and serve it."""
    case_id, kind = request.form.get("case", "")[:28], request.form.get("kind", "")[:30]
    seq = request.form.get("seq", 0, type=int)
    try:
        with work.session.begin_nested():
            notice = issue_notice(work.session, work.actor, work.now, case_id, seq, kind)
    except Conflict as error:
        send_back(explain(error), sentence_for(error).status)
        return redirect(url_for("clearance.page"))
    return redirect(url_for("clearance.notice", notice_id=notice.id))


@blueprint.get("/notices/<int:notice_id>")
@requires(Permission.CLEARANCE)
@in_transaction
def notice(work: Work, notice_id: int) -> Any:
    """Show a notice as it is printed."""
    line, office = notice_line(work.session, notice_id)
    note_look(Looked.EFFECTS, detail=f"notice {notice_id}")
    return render_template("clearance/notice.html", line=line, office=office)
