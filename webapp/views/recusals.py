"""Recusal: declaring at the door of a case, asking, deciding, settling what was done before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from wtforms.fields import SelectChoice

from webapp.addresses import own_address
from webapp.forms.given import given_choice
from webapp.forms.outcomes import tell_outcome
from webapp.forms.recusals import (
    BOUND,
    GROUNDS,
    OUTCOMES,
    SOURCES,
    STATES,
    DeclarationForm,
    RequestForm,
)
from webapp.gates.permissions import Permission, requires
from webapp.gates.recusals import open_door
from webapp.papers.making import paper_answer
from webapp.papers.recusal_papers import recusal_paper
from webapp.sayings import gettext
from webapp.words.audit import KINDS, LOOKS
from webapp.words.errors import explain
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction, note_look
from workflows.domain.errors import Conflict, DubanError, InvalidInput, NotAllowed, NotFound
from workflows.domain.recusals import ActOutcome, RecusalSource
from workflows.domain.roles import CASE_ROLES, Role
from workflows.queries.case.page import CasePage, case_page
from workflows.queries.tracks.recusals import (
    RecusalLine,
    acts_before,
    level_seen,
    looks_of,
    officers_on,
    own_recusals,
    recusal_seen,
    recusals_of,
    subject_of,
    waiting_for,
)
from workflows.services.installation import installation_of
from workflows.services.secrecy.looking import Looked
from workflows.services.separation import doer_of
from workflows.services.steps.paper import OFFICER_ROLES
from workflows.services.tracks import recusal, recusal_decision
from workflows.services.tracks.recusal import DeclaredAlready, FromPaper
from workflows.services.tracks.recusing import settle_act

blueprint = Blueprint("recusals", __name__)
_WORDS: dict[str, Any] = {
    "grounds": GROUNDS,
    "sources": SOURCES,
    "states": STATES,
    "outcomes": OUTCOMES,
}


@blueprint.get("/cases/<case_id>/declaration")
@requires(Permission.CASES)
@in_transaction
def declaration(work: Work, case_id: str) -> Any:
    """Ask whether anything binds the visitor to the side of a case; nothing of it is shown."""
    return _declaration(work, case_id, DeclarationForm())


@blueprint.post("/cases/<case_id>/declaration")
@requires(Permission.CASES)
@in_transaction
def declare(work: Work, case_id: str) -> Any:
    """Take down a declaration: without a ground the case opens, with one it waits."""
    form = DeclarationForm()
    is_valid, is_bound = form.validate_on_submit(), form.bond.data == BOUND
    reason = form.reason() if is_bound else None
    if not is_valid or (is_bound and reason is None):
        return make_response(_declaration(work, case_id, form), 422)
    way = own_address(request.args.get("next")) or url_for("cases.page", case_id=case_id)
    try:
        with work.session.begin_nested():
            recusal.declare(work.session, work.actor, work.now, case_id, reason)
    except DeclaredAlready:
        return redirect(way)
    except InvalidInput as error:
        form.statement.errors = [explain(error)]
        return make_response(_declaration(work, case_id, form), 422)
    if reason is None:
        return redirect(way)
    flash(gettext("已申报，待负责人决定；决定前本案对您不开放。"), "success")
    return redirect(url_for("recusals.page"))


def _declaration(work: Work, case_id: str, form: DeclarationForm) -> str:
    number, subject = subject_of(work.session, case_id)
    way = own_address(request.args.get("next"))
    return render_template(
        "recusals/declaration.html",
        form=form,
        case_id=case_id,
        number=number,
        subject=subject,
        way=way,
    )


@blueprint.get("/recusals/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """List what waits for the visitor's decision, and his own recusals."""
    return render_template(
        "recusals/page.html",
        waiting=waiting_for(work.session, work.actor),
        own=own_recusals(work.session, work.actor),
        **_WORDS,
    )


@blueprint.get("/cases/<case_id>/recusals")
@requires(Permission.CASES)
@in_transaction
def of_case(work: Work, case_id: str) -> Any:
    """List the recusals of a case, with the form to ask for one."""
    found = _opened(work, case_id)
    return _of_case(work, found, _request_form(work, found))


@blueprint.post("/cases/<case_id>/recusals")
@requires(Permission.CASES)
@in_transaction
def ask(work: Work, case_id: str) -> Any:
    """Ask for somebody's recusal."""
    found = _opened(work, case_id)
    form = _request_form(work, found)
    is_valid, reason = form.validate_on_submit(), form.reason()
    if not is_valid or reason is None:
        return make_response(_of_case(work, found, form), 422)
    source = RecusalSource(form.source.data)
    try:
        with work.session.begin_nested():
            recusal.ask(
                work.session,
                work.actor,
                work.now,
                case_id,
                form.account.data,
                source,
                reason,
                _paper(found, form, source, work.today),
            )
    except (InvalidInput, NotAllowed, Conflict) as error:
        form.account.errors = [explain(error)]
        return make_response(_of_case(work, found, form), 422)
    flash(gettext("已提出，由负责人在两个工作日内决定。"), "success")
    return redirect(url_for("recusals.of_case", case_id=case_id))


def _opened(work: Work, case_id: str) -> CasePage:
    open_door(work, case_id)
    return case_page(work.session, case_id, work.today)


def _paper(
    found: CasePage, form: RequestForm, source: RecusalSource, today: date
) -> FromPaper | None:
    if source not in (RecusalSource.SUBJECT, RecusalSource.COMPLAINANT) or not form.document.data:
        return None
    person = found.case.subject_person_id if source is RecusalSource.SUBJECT else None
    return FromPaper(form.acted_on.data or today, form.document.data, person)


def _request_form(work: Work, found: CasePage) -> RequestForm:
    form = RequestForm(acted_on=work.today)
    officers = officers_on(work.session, found.case.org_path, work.today)
    offered = (SelectChoice(each.id, each.name) for each in officers)
    form.account.choices = [SelectChoice("", "—"), *offered]
    path, serves = found.case.org_path, work.actor.serves
    may = {
        RecusalSource.OWN: True,
        RecusalSource.SUBJECT: serves((*OFFICER_ROLES, Role.RECTIFIER), path) is not None,
        RecusalSource.COMPLAINANT: serves(OFFICER_ROLES, path) is not None,
        RecusalSource.LEADER: serves((Role.PRINCIPAL,), path) is not None,
    }
    form.source.choices = [
        SelectChoice(each.value, SOURCES[each]) for each, is_his in may.items() if is_his
    ]
    return form


def _of_case(work: Work, found: CasePage, form: RequestForm) -> str:
    return render_template(
        "recusals/of_case.html",
        page=found,
        case=found.case,
        lines=recusals_of(work.session, found.case.id),
        form=form,
        **_WORDS,
    )


@blueprint.get("/recusals/<recusal_id>")
@requires(Permission.CASES)
@in_transaction
def one(work: Work, recusal_id: str) -> Any:
    """Show a recusal: to the one concerned how it stands, to others what was done and seen."""
    line = recusal_seen(work.session, work.actor, recusal_id)
    is_own = line.row.account_id in doer_of(work.session, work.actor).accounts
    is_seen = level_seen(work.session, line.row.case_id) is not None
    return render_template(
        "recusals/one.html",
        line=line,
        is_own=is_own,
        is_seen=is_seen,
        may_decide=recusal_decision.may_decide(work.session, work.actor, line.row),
        acts=_acts(work, line) if is_seen and not is_own else (),
        may_settle=is_seen and not is_own and _serves(work, line),
        looks=() if is_own else looks_of(work.session, line),
        looked=LOOKS,
        **_WORDS,
    )


@blueprint.post("/recusals/<recusal_id>/file")
@requires(Permission.CASES)
@in_transaction
def file(work: Work, recusal_id: str) -> Any:
    """Hand out the form of a recusal as docx or PDF, to all who read its grounds."""
    line = recusal_seen(work.session, work.actor, recusal_id)
    if line.row.account_id in doer_of(work.session, work.actor).accounts:
        raise NotFound(what="recusal", key=recusal_id)
    note_look(Looked.PRINT, line.row.case_id, f"recusal/{recusal_id}")
    is_real = installation_of(work.session).mode == "production"
    return paper_answer(recusal_paper(line, work.today, is_real=is_real), work.now)


def _serves(work: Work, line: RecusalLine) -> bool:
    found = case_page(work.session, line.row.case_id, work.today)
    return work.actor.serves(CASE_ROLES, found.case.org_path) is not None


def _acts(work: Work, line: RecusalLine) -> list[tuple[Any, str]]:
    """Give each act with what it is called in the case's rules."""
    found = case_page(work.session, line.row.case_id, work.today)
    speak = PackWords(found.definition.pack, {})
    named = []
    for act in acts_before(work.session, line):
        kind = str(KINDS[act.kind])
        is_task = act.kind == "task_completed"
        named.append((act, f"{kind} {speak.activity(act.trigger)}" if is_task else kind))
    return named


@blueprint.post("/recusals/<recusal_id>/decide")
@requires(Permission.CASES)
@in_transaction
def decide(work: Work, recusal_id: str) -> Any:
    """Decide on a recusal, with a reason."""
    is_granted = request.form.get("decision") == "grant"

    def act() -> None:
        given_choice("decision", ("grant", "refuse"))
        recusal_decision.decide(
            work.session,
            work.actor,
            work.now,
            recusal_id,
            is_granted=is_granted,
            decision=request.form.get("reason", ""),
        )

    said = gettext("已决定回避，其查看和办理本案的权限即刻终止。")
    return _attempt(work, recusal_id, act, said if is_granted else gettext("已决定不予回避。"))


@blueprint.post("/recusals/<recusal_id>/acts/<int:seq>")
@requires(Permission.CASES)
@in_transaction
def settle(work: Work, recusal_id: str, seq: int) -> Any:
    """Confirm what was done before a recusal, or have it done anew."""
    note = request.form.get("note", "")

    def act() -> None:
        outcome = ActOutcome(given_choice("outcome", list(ActOutcome)))
        settle_act(work.session, work.actor, work.now, recusal_id, seq, outcome, note)

    return _attempt(work, recusal_id, act, gettext("已登记处理意见。"))


def _attempt(work: Work, recusal_id: str, act: Callable[[], None], said: str) -> Any:
    recusal_seen(work.session, work.actor, recusal_id)
    with tell_outcome(work, said, (DubanError,)):
        act()
    return redirect(url_for("recusals.one", recusal_id=recusal_id))
