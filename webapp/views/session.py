"""Coming in, going out, and choosing a language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, g, make_response, redirect, render_template, request
from flask import session as cookie
from flask_babel import lazy_gettext as _l

from webapp.addresses import own_address
from webapp.dates import today_of
from webapp.extensions import limiter
from webapp.forms.login import LoginForm
from webapp.forms.resuming import ask_to_send, kept_form
from webapp.frame.shell import TOKEN, first_page
from webapp.gates.permissions import Permission, requires
from webapp.languages import LANGUAGE_COOKIE, LANGUAGES, language, language_kept
from webapp.work import reading_sessions, writing_sessions
from workflows.queries.shell import visit_of
from workflows.queries.staff.accounts import DemoRole, demo_people
from workflows.services.staff.accounts import begin_login, end_sessions, finish_login, set_language
from workflows.store.tables import Account
from workflows.store.transaction import transaction

blueprint = Blueprint("session", __name__)


@blueprint.get("/")
@requires(Permission.OWN_ACCOUNT)
def start() -> Any:
    """Lead to where the visitor's work begins."""
    return redirect(first_page(g.visit))


@blueprint.get("/login")
@requires(Permission.PUBLIC)
def login() -> Any:
    """Show the login page, in a demo with its people by role."""
    if g.visit is not None:
        return redirect(first_page(g.visit))
    return render_template("session/login.html", form=LoginForm(), people=_demo_people())


@blueprint.post("/login")
@limiter.limit("30/minute")
@requires(Permission.PUBLIC)
def log_in() -> Any:
    """Check name and password; unknown, wrong and withdrawn get one answer at one price."""
    form = LoginForm()
    if form.validate_on_submit():
        account = _check(g.now, form.username.data, form.password.data)
        if isinstance(account, Account):
            entered, kept = enter(account), kept_form()
            return entered if kept is None else ask_to_send(kept)
        message = (
            _l("失败次数过多，该登录名已暂停登录，请 15 分钟后再试。")
            if account is not None
            else _l("登录名或密码不正确。连续五次不正确，将暂停登录 15 分钟。")
        )
        form.password.errors = [message]
    kept = kept_form()
    name = "session/login.html" if kept is None else "session/again.html"
    page = render_template(name, form=form, people=_demo_people(), kept=kept)
    return make_response(page, 422)


@blueprint.post("/login/demo")
@limiter.limit("60/minute")
@requires(Permission.PUBLIC)
def log_in_demo() -> Any:
    """Come in as one of the demo's people, without a password; only in a demo."""
    if g.house.mode != "demo":
        abort(404)
    chosen = request.form.get("account", "")
    with transaction(writing_sessions()) as session:
        people = {person.account_id for role in demo_people(session) for person in role.people}
        if chosen not in people:
            abort(404)
        account = finish_login(session, g.now, chosen)
    return enter_as(account)


@blueprint.post("/logout")
@requires(Permission.OWN_ACCOUNT)
def log_out() -> Any:
    """End the sessions of this account, so that a copied cookie is worth nothing."""
    with transaction(writing_sessions()) as session:
        end_sessions(session, g.now, g.visit.account_id)
    with language_kept():
        cookie.clear()
    return redirect("/login")


@blueprint.post("/language")
@requires(Permission.PUBLIC)
def choose() -> Any:
    """Switch the language, and come back to where the visitor was."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    cookie[LANGUAGE_COOKIE] = chosen
    if g.visit is not None:
        with transaction(writing_sessions()) as session:
            set_language(session, g.visit.account_id, chosen)
    return redirect(own_address(request.form.get("next")) or "/")


def _check(now: datetime, username: str, password: str) -> Account | bool | None:
    """Give the account, True for a locked name, None for a wrong name or password."""
    with transaction(writing_sessions()) as session:
        attempt = begin_login(session, now, username)
    # Hashing is slow on purpose: no transaction is open meanwhile.
    if not attempt.matches(password) or attempt.account_id is None:
        return True if attempt.locked_until is not None else None
    with transaction(writing_sessions()) as session:
        return finish_login(session, now, attempt.account_id, password)


def enter(account: Account) -> Any:
    """Begin the session of an account, and lead to where its work begins."""
    address = own_address(request.args.get("next"))
    cookie.clear()
    cookie.permanent = True
    cookie[TOKEN] = account.token
    cookie[LANGUAGE_COOKIE] = account.language
    with transaction(reading_sessions()) as session:
        g.visit = visit_of(session, account.token, today_of(g.now))
    must_change = g.visit is not None and g.visit.must_change_password
    return redirect(address if address and not must_change else first_page(g.visit))


def enter_as(account: Account) -> Any:
    """Come in as somebody of the demo, and go on in the language that the visitor reads."""
    reads = language()
    answer = enter(account)
    cookie[LANGUAGE_COOKIE] = reads
    return answer


def _demo_people() -> tuple[DemoRole, ...]:
    if g.house.mode != "demo":
        return ()
    with transaction(reading_sessions()) as session:
        return demo_people(session)
