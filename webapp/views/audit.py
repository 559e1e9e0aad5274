"""The auditor's pages: who looked at what, the journal, the log and its checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext

from webapp.dates import read_day
from webapp.forms.informants import PURPOSES
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.papers.qr import qr_code
from webapp.words.audit import HOUSE_ACTS, KINDS, LOOKS, MEANS, STRANGE
from webapp.words.deviations import OF_CASES, what_of
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction
from workflows.domain.clocks import due_at_of
from workflows.domain.deviations import DeviationKind
from workflows.domain.errors import InvalidInput, NotFound
from workflows.queries.log import checkpoints as log_queries
from workflows.queries.log.deviations import DeviationFilter, deviation_page
from workflows.queries.log.journal import RecordFilter, search_records
from workflows.queries.secrecy.informants import openings_between
from workflows.queries.secrecy.looks import LookFilter, Strange, looks_page, patterns
from workflows.services.log.events import Means, ask_check, give_checkpoint

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

_PAGE_SIZE = 50
_USUAL_DAYS = 7
_LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Period:
    """The local days asked for, both included; a week where nothing readable was asked."""

    from_on: date
    until_on: date

    @classmethod
    def of_request(cls, today: date) -> Period:
        """Read the period of the address."""
        until_on = _day("until", today)
        from_on = _day("from", until_on - timedelta(days=_USUAL_DAYS - 1))
        return cls(min(from_on, until_on), max(from_on, until_on))

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Give the first moment, and the first one after the end."""
        return due_at_of(self.from_on - timedelta(days=1)), due_at_of(self.until_on)


def _day(name: str, otherwise: date) -> date:
    return read_day(request.args.get(name, "")) or otherwise


def _word(name: str, known: Any) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:60]


@blueprint.get("/")
@requires(Permission.AUDIT)
@in_transaction
def looks(work: Work) -> Any:
    """Show who looked at which person's case, and what of it is out of the ordinary."""
    period = Period.of_request(work.today)
    from_at, until_at = period.moments
    strange = _word("strange", STRANGE)
    wanted = LookFilter(
        from_at,
        until_at,
        _text("who"),
        _text("case"),
        Strange(strange) if strange else None,
    )
    number = min(max(request.args.get("page", 1, type=int), 1), _LAST_PAGE)
    found = looks_page(work.session, wanted, number, _PAGE_SIZE)
    return render_template(
        "audit/looks.html",
        period=period,
        wanted=wanted,
        found=found,
        patterns=patterns(work.session, from_at, until_at),
        openings=openings_between(work.session, from_at, until_at),
        PURPOSES=PURPOSES,
        page=number,
        pages=-(-found.total // _PAGE_SIZE),
        address=_address("audit.looks"),
        LOOKS=LOOKS,
        STRANGE=STRANGE,
    )


@blueprint.get("/journal")
@requires(Permission.AUDIT)
@in_transaction
def journal(work: Work) -> Any:
    """Search the journal: the bones of records, never what was typed."""
    period = Period.of_request(work.today)
    wanted = RecordFilter(
        *period.moments,
        who=_text("who"),
        case_number=_text("case"),
        kind=_word("kind", KINDS),
        name=_word("name", HOUSE_ACTS),
    )
    before = request.args.get("before", "")[:120]
    lines = search_records(work.session, wanted, before, _PAGE_SIZE)
    return render_template(
        "audit/journal.html",
        period=period,
        wanted=wanted,
        lines=lines,
        before=before,
        has_more=len(lines) == _PAGE_SIZE,
        address=_address("audit.journal"),
        KINDS=KINDS,
        HOUSE_ACTS=HOUSE_ACTS,
    )


@blueprint.get("/deviations")
@requires(Permission.AUDIT)
@in_transaction
def deviations(work: Work) -> Any:
    """Show what departed from the ordinary course, case by case; of persons only how many."""
    period = Period.of_request(work.today)
    kind = _word("kind", OF_CASES)
    wanted = DeviationFilter(
        period.from_on,
        period.until_on,
        *period.moments,
        kind=DeviationKind(kind) if kind else None,
    )
    after = request.args.get("after", "")[:40]
    return render_template(
        "audit/deviations.html",
        period=period,
        kind=kind,
        found=deviation_page(work.session, wanted, work.now, after),
        after=after,
        address=_address("audit.deviations"),
        KINDS=OF_CASES,
        what=lambda line: what_of(line.found, PackWords(line.pack)),
    )


def _address(endpoint: str) -> Callable[..., str]:
    """Give a function that makes the address of the same search with something changed."""
    asked: dict[str, Any] = {
        name: value
        for name, value in request.args.items()
        if value and name not in ("page", "before", "after")
    }
    return lambda **changed: url_for(endpoint, **{**asked, **changed})


@blueprint.get("/log")
@requires(Permission.AUDIT)
@in_transaction
def log(work: Work) -> Any:
    """Show how the log stands: its head with a code to photograph, checkpoints, who has them."""
    state = log_queries.log_state(work.session, work.now)
    return render_template(
        "audit/log.html",
        state=state,
        checkpoints=log_queries.checkpoint_list(work.session, size=20),
        days=log_queries.days_of(work.session, 14),
        check=log_queries.last_check(work.session),
        code=qr_code(state.head.note) if state.head else "",
        MEANS=MEANS,
    )


@blueprint.get("/log/check")
@requires(Permission.AUDIT)
@in_transaction
def check_state(work: Work) -> Any:
    """Show what verifying the log found, or that it goes on."""
    return render_template("audit/_check.html", check=log_queries.last_check(work.session))


@blueprint.post("/log/check")
@requires(Permission.AUDIT)
@in_transaction
def check(work: Work) -> Any:
    """Ask for the log to be verified now."""
    ask_check(work.session, work.actor, work.now)
    return redirect(url_for("audit.log"))


@blueprint.post("/log/hand-out")
@requires(Permission.AUDIT)
@in_transaction
def hand_out(work: Work) -> Any:
    """Note that somebody is given the last checkpoint."""
    means = request.form.get("means", "")
    with tell_outcome(work, gettext("已登记。"), (InvalidInput, NotFound)):
        if means not in MEANS:
            raise NotFound(what="means", key=means[:20])
        to = request.form.get("to", "")
        give_checkpoint(work.session, work.actor, work.now, to=to, means=Means(means))
    return redirect(url_for("audit.log"))


@blueprint.get("/slip")
@requires(Permission.AUDIT)
@in_transaction
def slip(work: Work) -> Any:
    """Show the last checkpoint as a slip to be printed and kept elsewhere."""
    state = log_queries.log_state(work.session, work.now)
    if state.head is None:
        raise NotFound(what="checkpoint", key="*")
    return render_template("audit/slip.html", state=state, code=qr_code(state.head.note))
