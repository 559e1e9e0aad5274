"""The informant vault: whose readers somebody names, what he may open, whom he has to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from wtforms.fields import SelectChoice

from webapp.forms.given import given_number_if
from webapp.forms.informants import (
    CHANNELS,
    LEAKS,
    NOTICES,
    NoticeForm,
    OpeningForm,
    ReaderForm,
)
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.words.audit import KINDS, LOOKS
from webapp.words.errors import explain
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.informants import NoticeKind, Purpose
from workflows.queries.names import names_of
from workflows.queries.secrecy.informants import InformantLine, entries_of, entry_line
from workflows.queries.tracks.recusals import officers_on
from workflows.services.secrecy import informants
from workflows.services.secrecy.leaks import Seen, close_leak, leaks_of, register_leak, seen_since
from workflows.store.tables import InformantLeak

blueprint = Blueprint("informants", __name__, url_prefix="/informants")
_LAST_ROW = 2**31 - 1


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """List the entries whose readers the visitor names, or that he may open."""
    lines = entries_of(work.session, work.actor, work.today)
    return render_template("informants/page.html", lines=lines, notices=NOTICES)


@blueprint.get("/<informant_id>")
@requires(Permission.CASES)
@in_transaction
def one(work: Work, informant_id: str) -> Any:
    """Show an entry without who it is: readers, notices, and the form to open it."""
    return _one(work, entry_line(work.session, work.actor, informant_id, work.today))


def _one(
    work: Work,
    line: InformantLine,
    opening: OpeningForm | None = None,
    reader: ReaderForm | None = None,
    notice: NoticeForm | None = None,
) -> str:
    reader = reader or ReaderForm(formdata=None)
    reader.account.choices = [SelectChoice("", "—"), *_nameable(work, line)]
    leaks = _leaks(work, line.entry.id)
    wrote_or_read = {leak.account_id for leak, _ in leaks}
    wrote_or_read.update(each.account_id for _, seen in leaks for each in seen)
    return render_template(
        "informants/one.html",
        line=line,
        entry=line.entry,
        opening=opening or OpeningForm(formdata=None),
        reader=reader,
        notice=notice or NoticeForm(formdata=None, done_on=work.today),
        notices=NOTICES,
        leaks=leaks,
        names=names_of(work.session, wrote_or_read),
        LEAKS=LEAKS,
        LOOKS={**LOOKS, **KINDS},
    )


def _nameable(work: Work, line: InformantLine) -> Iterator[SelectChoice]:
    """Offer to the principal those whom he may name."""
    officers = officers_on(work.session, line.matter_path, work.today) if line.leads else ()
    for each in officers:
        if informants.may_be_named(work.session, work.actor, line.entry, each.id, work.today):
            yield SelectChoice(each.id, each.name)


def _leaks(work: Work, informant_id: str) -> list[tuple[InformantLeak, list[Seen]]]:
    """Give what leaked, each with who may have read it; what was refused nobody read."""
    return [
        (each, seen_since(work.session, each) if each.kind != "refused" else [])
        for each in leaks_of(work.session, informant_id)
    ]


@blueprint.post("/<informant_id>/leaks")
@requires(Permission.CASES)
@in_transaction
def note_leak(work: Work, informant_id: str) -> Any:
    """Register that a record or a file tells who reported."""
    entry_line(work.session, work.actor, informant_id, work.today)

    def act() -> None:
        register_leak(
            work.session,
            work.actor,
            work.now,
            informant_id,
            request.form.get("case_number", ""),
            given_number_if("seq", 1, _LAST_ROW),
            given_number_if("file", 1, _LAST_ROW),
            request.form.get("note", ""),
        )

    return _attempt(work, informant_id, act, gettext("已登记泄露，由主要负责人封存。"))


@blueprint.post("/<informant_id>/leaks/<int:leak_id>/close")
@requires(Permission.CASES)
@in_transaction
def shut_leak(work: Work, informant_id: str, leak_id: int) -> Any:
    """Close the text of a leak."""
    entry_line(work.session, work.actor, informant_id, work.today)
    act = partial(close_leak, work.session, work.actor, work.now, leak_id)
    return _attempt(work, informant_id, act, gettext("已封存，页面和导出不再显示。"))


@blueprint.post("/<informant_id>/open")
@requires(Permission.CASES)
@in_transaction
def open_entry(work: Work, informant_id: str) -> Any:
    """Show who reported, once, to somebody named for it, with his reason on record."""
    line = entry_line(work.session, work.actor, informant_id, work.today)
    form = OpeningForm()
    if not form.validate_on_submit():
        return make_response(_one(work, line, opening=form), 422)
    try:
        with work.session.begin_nested():
            identity = informants.open_entry(
                work.session,
                work.actor,
                work.now,
                informant_id,
                Purpose(form.purpose.data),
                form.reason.data,
            )
    except (InvalidInput, Conflict) as error:
        form.reason.errors = [explain(error)]
        return make_response(_one(work, line, opening=form), 422)
    return render_template(
        "informants/opened.html", line=line, identity=identity, channels=CHANNELS
    )


@blueprint.post("/<informant_id>/readers")
@requires(Permission.CASES)
@in_transaction
def name_reader(work: Work, informant_id: str) -> Any:
    """Name somebody who may open an entry, or end it."""
    line = entry_line(work.session, work.actor, informant_id, work.today)
    form = ReaderForm()
    officers = officers_on(work.session, line.matter_path, work.today) if line.leads else ()
    form.account.choices = [SelectChoice(each.id, each.name) for each in officers]
    if not form.validate_on_submit():
        return make_response(_one(work, line, reader=form), 422)

    def act() -> None:
        informants.name_reader(
            work.session,
            work.actor,
            work.now,
            informant_id,
            form.account.data,
            form.until_on.data,
        )

    return _attempt(work, informant_id, act, gettext("已指定，到期自动失效。"))


@blueprint.post("/<informant_id>/notices/<kind>")
@requires(Permission.CASES)
@in_transaction
def note_notice(work: Work, informant_id: str, kind: str) -> Any:
    """Note that the informant was told."""
    line = entry_line(work.session, work.actor, informant_id, work.today)
    form = NoticeForm()
    if kind not in set(NoticeKind):
        raise NotFound(what="notice", key=kind[:20])
    if not form.validate_on_submit():
        return make_response(_one(work, line, notice=form), 422)

    def act() -> None:
        informants.note_notice(
            work.session,
            work.actor,
            work.now,
            informant_id,
            NoticeKind(kind),
            form.done_on.data,
            form.manner.data,
        )

    return _attempt(work, informant_id, act, gettext("已登记告知情况。"))


def _attempt(work: Work, informant_id: str, act: Callable[[], None], said: str) -> Any:
    with tell_outcome(work, said, (InvalidInput, Conflict)):
        act()
    return redirect(url_for("informants.one", informant_id=informant_id))
