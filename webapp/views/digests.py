"""An officer's choice whether the day's digest comes by mail, on his account's page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from webapp.gates.permissions import Permission, requires
from webapp.sayings import listed
from webapp.words.errors import explain
from webapp.work import Work, in_transaction, settings_of
from workflows.services.outside.digests import (
    LONGEST_ADDRESS,
    AddressInvalid,
    choose_digest,
    digest_of,
)

blueprint = Blueprint("digests", __name__, url_prefix="/account/digest")


class DigestForm(FlaskForm):
    """Whether, and where to."""

    is_on = RadioField(
        _l("每日提要"),
        choices=[SelectChoice("0", _l("不发送")), SelectChoice("1", _l("工作日 8:00 发送"))],
        default="0",
        description=_l("有待办时才发，每天至多一封；只写案号和待办名称，限制知悉的事项只写件数。"),
    )
    address = StringField(_l("收件邮箱"), [Length(max=LONGEST_ADDRESS)])


@blueprint.get("")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """Show what the visitor chose."""
    row = digest_of(work.session, work.actor.account_id)
    chosen = {"is_on": "1" if row.is_on else "0", "address": row.address} if row else None
    return _page(DigestForm(data=chosen))


@blueprint.post("")
@requires(Permission.CASES)
@in_transaction
def choose(work: Work) -> Any:
    """Take the visitor's choice."""
    form = DigestForm()
    if form.validate_on_submit():
        address = (form.address.data or "").strip()
        is_on, mail = form.is_on.data == "1", settings_of().mail
        if is_on and mail is not None and not mail.reaches(address):
            domains = listed(mail.domains or (mail.own_domain,))
            form.address.errors = [gettext("只能发往这些域名的邮箱：%(names)s", names=domains)]
        else:
            try:
                choose_digest(work.session, work.actor, work.now, address, is_on=is_on)
            except AddressInvalid as error:
                form.address.errors = [explain(error)]
            else:
                flash(gettext("每日提要的设置已保存。"), "success")
                return redirect(url_for("account.page"))
    return make_response(_page(form), 422)


def _page(form: DigestForm) -> str:
    return render_template("account/digest.html", form=form, has_mail=settings_of().mail)
