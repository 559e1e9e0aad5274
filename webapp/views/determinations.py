"""Weak and lax branches: the batch act, what was done since, and the statutory table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.dates import read_day
from webapp.forms.given import given_text
from webapp.forms.outcomes import tell_outcome
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext, ngettext
from webapp.words.errors import explain, sentence_for
from webapp.words.packs import PackWords
from webapp.words.weak_lax import FOLLOW_UPS, KINDS, TYPE_WORDS, column_name
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.weak_lax import Determination, FollowUpColumn, Kind
from workflows.queries.names import names_of
from workflows.queries.tracks.determinations import candidates
from workflows.queries.tracks.weak_lax import (
    FOUND,
    IMPROVED,
    counted,
    follow_ups_of,
    results_of,
    year_table,
)
from workflows.services.packs import pack_in_force
from workflows.services.tracks.determination import (
    Minutes,
    MinutesNeeded,
    Result,
    StepsNeeded,
    determine,
)
from workflows.services.tracks.weak_lax_follow_ups import (
    Done,
    WeakLaxFollowUpInvalid,
    enter_follow_up,
    withdraw_follow_up,
)

blueprint = Blueprint("determinations", __name__, url_prefix="/determinations")
FIELD = "result-"
_YEARS = range(2000, 2100)
_MOST = 999


@blueprint.get("/")
@requires(Permission.DETERMINE)
@in_transaction
def page(work: Work) -> Any:
    """List the matters with the results that may be given."""
    return _page(work)


@blueprint.post("/")
@requires(Permission.DETERMINE)
@in_transaction
def decide(work: Work) -> Any:
    """Write one batch: the minutes, and for each branch that was chosen its way and result."""
    try:
        with work.session.begin_nested():
            count = determine(
                work.session, work.actor, work.now, minutes=_minutes(), results=dict(_results())
            )
    except (InvalidInput, Conflict) as error:
        send_back(explain(error), sentence_for(error).status)
        return _page(work)
    flash(ngettext("已写入 %(num)s 项认定结果。", "已写入 %(num)s 项认定结果。", count), "success")
    return redirect(url_for("determinations.page"))


def _minutes() -> Minutes:
    met_on = read_day(request.form.get("met_on", ""))
    if met_on is None:
        raise MinutesNeeded
    return Minutes(given_text("minutes_no", 80), met_on)


def _results() -> Iterator[tuple[str, Result]]:
    known = {each.value: each for each in Determination}
    for name, value in request.form.items():
        if name.startswith(FIELD) and value in known:
            key = name.removeprefix(FIELD)
            yield key, _result(key, known[value])


def _result(key: str, result: Determination) -> Result:
    self_check, review, study = (_day(f"{step}-{key}") for step in ("self", "review", "study"))
    is_typed = result is Determination.DETERMINED
    type_ = request.form.get(f"type-{key}", "") if is_typed else ""
    return Result(result, self_check, review, study, type_)


def _day(name: str) -> date:
    found = read_day(request.form.get(name, ""))
    if found is None:
        raise StepsNeeded
    return found


def _page(work: Work) -> str:
    # Before the first pack there is no matter, and nothing to name.
    pack = pack_in_force(work.session, work.today)
    return render_template(
        "determinations/page.html",
        found=candidates(work.session),
        speak=PackWords(pack) if pack else None,
        field=FIELD,
        types=TYPE_WORDS,
    )


@blueprint.get("/table")
@requires(Permission.DETERMINE)
@in_transaction
def table(work: Work) -> Any:
    """Show a year's statutory table."""
    year = _year(work)
    return render_template(
        "determinations/table.html",
        table=year_table(work.session, year),
        kinds=KINDS,
        columns=(FOUND, IMPROVED, *FollowUpColumn),
        name=column_name,
    )


@blueprint.get("/table/<column>")
@requires(Permission.DETERMINE)
@in_transaction
def figure(work: Work, column: str) -> Any:
    """List the matters and cases behind a figure."""
    year, kind = _year(work), request.args.get("kind", "")
    row = Kind(kind) if kind in KINDS else None
    cells = year_table(work.session, year).rows[row]
    if column not in cells:
        raise NotFound(what="column", key=column)
    return render_template(
        "determinations/figure.html",
        year=year,
        heading=column_name(column),
        kind=KINDS.get(kind, ""),
        value=cells[column].value,
        lines=counted(work.session, cells[column].matters),
    )


def _year(work: Work) -> int:
    year = request.args.get("year", default=work.today.year, type=int)
    return year if year in _YEARS else work.today.year


@blueprint.get("/matters/<matter_id>")
@requires(Permission.DETERMINE)
@in_transaction
def matter(work: Work, matter_id: str) -> Any:
    """Show how a matter was determined, and what was done about it since."""
    return _matter_page(work, matter_id)


def _matter_page(work: Work, matter_id: str) -> str:
    found = counted(work.session, [matter_id])
    if not found:
        raise NotFound(what="matter", key=matter_id)
    done = follow_ups_of(work.session, matter_id)
    return render_template(
        "determinations/matter.html",
        line=found[0],
        results=results_of(work.session, matter_id),
        done=done,
        names=names_of(work.session, [row.entered_by for row in done]),
        types=TYPE_WORDS,
        measures=FOLLOW_UPS,
    )


@blueprint.post("/matters/<matter_id>")
@requires(Permission.DETERMINE)
@in_transaction
def enter(work: Work, matter_id: str) -> Any:
    """Enter something for the follow-up columns."""
    act = partial(_follow_up, work, matter_id)
    return _attempt(work, matter_id, act, gettext("已记入整顿情况。"))


def _follow_up(work: Work, matter_id: str) -> None:
    measure = request.form.get("measure", "")
    done_on = read_day(request.form.get("done_on", ""))
    amount = request.form.get("amount", type=int) or 0
    if measure not in FOLLOW_UPS or done_on is None:
        raise WeakLaxFollowUpInvalid(most=_MOST)
    done = Done(FollowUpColumn(measure), amount, done_on, request.form.get("note", ""))
    enter_follow_up(work.session, work.actor, work.now, matter_id, done)


@blueprint.post("/matters/<matter_id>/withdraw/<int:row_id>")
@requires(Permission.DETERMINE)
@in_transaction
def withdraw(work: Work, matter_id: str, row_id: int) -> Any:
    """Withdraw what was entered by mistake."""
    act = partial(withdraw_follow_up, work.session, work.actor, work.now, row_id)
    return _attempt(work, matter_id, act, gettext("已撤回，记录保留。"))


def _attempt(work: Work, matter_id: str, act: Callable[[], object], said: str) -> Any:
    with tell_outcome(work, said):
        act()
    return redirect(url_for("determinations.matter", matter_id=matter_id))
