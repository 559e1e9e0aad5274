"""The first administration page: how the installation is; accounts and roles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from webapp.forms.day_field import DayField
from webapp.forms.organisations import find_place
from webapp.gates.permissions import Permission, may, requires
from webapp.words import labels
from webapp.words.errors import explain
from webapp.words.health import JOBS, LIGHTS, health_line
from webapp.work import Work, in_transaction
from workflows.domain.errors import NotFound
from workflows.domain.health import worst
from workflows.domain.roles import Role
from workflows.queries.health import health_of
from workflows.queries.staff.accounts import (
    AccountRow,
    account_row,
    accounts_page,
    installation_page,
)
from workflows.services.staff import accounts

blueprint = Blueprint("administration", __name__, url_prefix="/administration")

_PAGE_SIZE = 30
_LAST_PAGE = 100_000


class AccountForm(FlaskForm):
    """A new account."""

    username = StringField(
        _l("登录名"),
        [
            InputRequired(_l("请填写登录名。")),
            Length(2, 60),
            Regexp(r"^[\w.-]+$", message=_l("登录名只能用文字、数字、点、横线和下划线。")),
        ],
    )
    display_name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。")), Length(max=60)])
    office = StringField(
        _l("所在单位"),
        [Optional(), Length(max=120)],
        description=_l("单位代码或全称；可以不填。"),
    )


class GrantForm(FlaskForm):
    """A role on a place."""

    role = SelectField(_l("角色"), [InputRequired(_l("请选择角色。"))])
    place = StringField(
        _l("范围"),
        [InputRequired(_l("请填写单位代码或全称。")), Length(max=120)],
        description=_l("单位代码或全称；角色对该单位及其下级有效。"),
    )
    from_on = DayField(_l("自"), [InputRequired(_l("请填写起始日期。"))])
    until_on = DayField(_l("至"), [Optional()], description=_l("可以不填，表示长期。"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.role.choices = [
            SelectChoice("", gettext("请选择")),
            *(SelectChoice(role.value, f"{role.value} {labels.role(role.value)}") for role in Role),
        ]


@blueprint.get("/")
@requires(Permission.ADMINISTRATION)
@in_transaction
def page(work: Work) -> Any:
    """Show how the installation is, when its jobs ran, locked names, and what is installed."""
    signs = health_of(work.session, work.now)
    return render_template(
        "administration/page.html",
        state=installation_page(work.session, work.now),
        lines=[health_line(sign) for sign in signs],
        whole=LIGHTS[worst(signs)],
        jobs=JOBS,
    )


@blueprint.get("/accounts")
@requires(Permission.ADMINISTRATION)
@in_transaction
def account_list(work: Work) -> Any:
    """List accounts with their roles."""
    return _account_list(work, AccountForm())


@blueprint.post("/accounts")
@requires(Permission.ACCOUNTS)
@in_transaction
def create_account(work: Work) -> Any:
    """Make an account; its one-time password is shown on this answer and never again."""
    form = AccountForm()
    if form.validate_on_submit():
        office = find_place(work.session, form.office) if form.office.data else None
        if not form.errors:
            try:
                made = accounts.create_account(
                    work.session,
                    work.actor,
                    work.now,
                    username=form.username.data.strip(),
                    display_name=form.display_name.data.strip(),
                    office_id=office.id if office else None,
                )
            except accounts.UsernameTaken as error:
                form.username.errors = [explain(error)]
            else:
                return render_template("administration/one_time_password.html", made=made)
    return make_response(_account_list(work, form), 422)


@blueprint.get("/accounts/<account_id>")
@requires(Permission.ADMINISTRATION)
@in_transaction
def account(work: Work, account_id: str) -> Any:
    """Show one account with its grants."""
    return _account(work, account_id, GrantForm(from_on=work.today))


@blueprint.post("/accounts/<account_id>/grants")
@requires(Permission.GRANTS)
@in_transaction
def grant(work: Work, account_id: str) -> Any:
    """Grant a role on a place."""
    form = GrantForm()
    if form.validate_on_submit():
        place = find_place(work.session, form.place)
        if place is not None:
            try:
                accounts.grant_role(
                    work.session,
                    work.actor,
                    work.now,
                    account_id,
                    role=Role(form.role.data),
                    organisation_id=place.id,
                    from_on=form.from_on.data,
                    until_on=form.until_on.data,
                )
            except (accounts.RolesExclude, accounts.GrantExists) as error:
                form.role.errors = [explain(error)]
            else:
                flash(gettext("已授予角色。"), "success")
                return redirect(url_for("administration.account", account_id=account_id))
    return make_response(_account(work, account_id, form), 422)


@blueprint.post("/grants/<int:grant_id>/revoke")
@requires(Permission.GRANTS)
@in_transaction
def revoke(work: Work, grant_id: int) -> Any:
    """End a role as of today."""
    account_id = accounts.revoke_grant(work.session, work.actor, work.now, grant_id, work.today)
    flash(gettext("已收回角色。"), "success")
    return redirect(url_for("administration.account", account_id=account_id))


@blueprint.post("/accounts/<account_id>/approve")
@requires(Permission.GRANTS)
@in_transaction
def approve(work: Work, account_id: str) -> Any:
    """Open an account that another administrator made."""
    accounts.approve_account(work.session, work.actor, work.now, account_id)
    flash(gettext("账号已启用。"), "success")
    return redirect(url_for("administration.account", account_id=account_id))


@blueprint.post("/accounts/<account_id>/withdraw")
@requires(Permission.ADMINISTRATION)
@in_transaction
def withdraw(work: Work, account_id: str) -> Any:
    """Close an account at once."""
    accounts.withdraw_account(work.session, work.actor, work.now, account_id)
    flash(gettext("账号已停用，其登录已全部退出。"), "success")
    return redirect(url_for("administration.account", account_id=account_id))


@blueprint.post("/accounts/<account_id>/password")
@requires(Permission.ACCOUNTS)
@in_transaction
def reset_password(work: Work, account_id: str) -> Any:
    """Give a one-time password; the account waits for approval again."""
    made = accounts.reset_password(work.session, work.actor, work.now, account_id)
    return render_template("administration/one_time_password.html", made=made)


@blueprint.post("/locked-names/release")
@requires(Permission.GRANTS)
@in_transaction
def release(work: Work) -> Any:
    """Let a name log in again before its lock runs out."""
    accounts.release_name(work.session, work.actor, work.now, request.form.get("username", ""))
    flash(gettext("已解除登录锁定。"), "success")
    return redirect(url_for("administration.page"))


def _account_list(work: Work, form: AccountForm) -> str:
    number = min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)
    wanted = request.args.get("q", "").strip()
    found = accounts_page(work.session, wanted, number, _PAGE_SIZE)
    return render_template(
        "administration/accounts.html",
        form=form,
        found=found,
        wanted=wanted,
        page_number=number,
        page_count=max(1, -(-found.total // _PAGE_SIZE)),
        may_create=may(Permission.ACCOUNTS),
    )


def _account(work: Work, account_id: str, form: GrantForm) -> str:
    row: AccountRow | None = account_row(work.session, account_id)
    if row is None:
        raise NotFound(what="account", key=account_id)
    return render_template(
        "administration/account.html",
        account=row,
        form=form,
        is_self=row.id == g.visit.account_id,
    )
