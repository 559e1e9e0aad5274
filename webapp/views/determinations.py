"""The batch act that determines branches as weak and lax, or lifts the label (DOMAIN 5.7.5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from webapp.errors import explain, sentence_for
from webapp.pack_words import PackWords
from webapp.permissions import Permission, requires
from webapp.sayings import ngettext
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput
from workflows.queries.determinations import candidates
from workflows.services.determination import Determination, determine
from workflows.services.packs import pack_in_force

blueprint = Blueprint("determinations", __name__, url_prefix="/determinations")
FIELD = "result-"


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
    """Write one batch: the minutes and a result for each branch that was chosen."""
    known = {each.value: each for each in Determination}
    results = {
        name.removeprefix(FIELD): known[value]
        for name, value in request.form.items()
        if name.startswith(FIELD) and value in known
    }
    minutes_no = request.form.get("minutes_no", "")[:80]
    try:
        with work.session.begin_nested():
            count = determine(
                work.session, work.actor, work.now, minutes_no=minutes_no, results=results
            )
    except (InvalidInput, Conflict) as error:
        return make_response(_page(work, explain(error)), sentence_for(error).status)
    flash(ngettext("已写入 %(num)s 项认定结果。", "已写入 %(num)s 项认定结果。", count), "success")
    return redirect(url_for("determinations.page"))


def _page(work: Work, problem: Any = None) -> str:
    # Before the first pack there is no matter, and nothing to name.
    pack = pack_in_force(work.session, work.today)
    return render_template(
        "determinations/page.html",
        found=candidates(work.session),
        speak=PackWords(pack) if pack else None,
        typed=request.form,
        field=FIELD,
        problem=problem,
    )
