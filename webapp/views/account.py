"""Somebody's own account: what he may do, his password, his sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, url_for
from flask import session as cookie
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.frame.shell import TOKEN
from webapp.gates.permissions import Permission, requires
from webapp.work import reading_sessions, writing_sessions
from workflows.queries.staff.accounts import account_row
from workflows.services.outside.digests import digest_of
from workflows.services.outside.feeds import feed_of
from workflows.services.staff.accounts import PasswordWrong, change_password, end_sessions
from workflows.services.staff.passwords import LEAST_LENGTH, MOST_LENGTH, PasswordWeak
from workflows.store.transaction import transaction

blueprint = Blueprint("account", __name__)

_WEAK = {
    "short": _l("新密码至少 %(least)s 个字符。", least=LEAST_LENGTH),
    "long": _l("新密码至多 %(most)s 个字符。", most=MOST_LENGTH),
    "name": _l("新密码不能包含登录名。"),
    "simple": _l("新密码重复的字符太多。"),
    "same": _l("新密码不能与当前密码相同。"),
}


class PasswordForm(FlaskForm):
    """The present password, and the new one twice."""

    old = PasswordField(
        _l("当前密码"), [InputRequired(_l("请填写当前密码。")), Length(max=MOST_LENGTH)]
    )
    new = PasswordField(
        _l("新密码"),
        [InputRequired(_l("请填写新密码。"))],
        description=_l(
            "至少 %(least)s 个字符，不含登录名；几个不相干的词连起来就很好。", least=LEAST_LENGTH
        ),
    )
    again = PasswordField(_l("再输一遍新密码"), [EqualTo("new", message=_l("两遍新密码不一致。"))])


@blueprint.get("/account")
@requires(Permission.OWN_ACCOUNT)
def page() -> Any:
    """Show the visitor's name, roles and sessions."""
    with transaction(reading_sessions()) as session:
        account = account_row(session, g.visit.account_id)
        feed = feed_of(session, g.visit.account_id)
        digest = digest_of(session, g.visit.account_id)
    return render_template("account/page.html", account=account, feed=feed, digest=digest)


@blueprint.get("/account/password")
@requires(Permission.OWN_ACCOUNT)
def password() -> Any:
    """Ask for a new password."""
    return render_template("account/password.html", form=PasswordForm())


@blueprint.post("/account/password")
@requires(Permission.OWN_ACCOUNT)
def replace_password() -> Any:
    """Take the new password; every other session ends, this one goes on."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            with transaction(writing_sessions()) as session:
                account = change_password(
                    session, g.now, g.visit.account_id, old=form.old.data, new=form.new.data
                )
        except PasswordWrong:
            form.old.errors = [gettext("当前密码不正确。")]
        except PasswordWeak as error:
            form.new.errors = [_WEAK[str(error.reason)]]
        else:
            cookie[TOKEN] = account.token
            flash(gettext("密码已更换，其他电脑上的登录已全部退出。"), "success")
            return redirect(url_for("account.page"))
    return make_response(render_template("account/password.html", form=form), 422)


@blueprint.post("/account/sessions/end")
@requires(Permission.OWN_ACCOUNT)
def end_all() -> Any:
    """End the sessions of this account on all other machines."""
    with transaction(writing_sessions()) as session:
        account = end_sessions(session, g.now, g.visit.account_id)
    cookie[TOKEN] = account.token
    flash(gettext("其他电脑上的登录已全部退出。"), "success")
    return redirect(url_for("account.page"))
