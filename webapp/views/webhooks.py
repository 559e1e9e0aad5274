"""对外通知: which other systems are told of steps of cases, and what they were sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.work import Work, in_transaction, settings_of
from workflows.domain.web_addresses import LONGEST
from workflows.jobs.webhooks import reach_of
from workflows.queries.webhooks import deliveries, hook_rows
from workflows.services.outside.webhooks import (
    LONGEST_NAME,
    EventKind,
    WebhookInvalid,
    end_webhook,
    make_webhook,
    send_again,
    switch_webhook,
    webhook_of,
)

blueprint = Blueprint("webhooks", __name__, url_prefix="/administration/webhooks")
KINDS: dict[str, Any] = {
    EventKind.OPENED: _l("案件开立"),
    EventKind.STEP: _l("案件推进"),
    EventKind.DUE: _l("期限届满"),
    EventKind.CLOSED: _l("案件办结"),
}
_WRONG: dict[str, Any] = {
    "unreadable": _l("这不是可用的网址：不能带用户名、井号和中文，至多 500 个字符。"),
    "not_https": _l("只能用 https 网址。"),
    "private": _l("这是内网地址：须先由维护人员用 DUBAN_WEBHOOK_NETWORKS 放行所在网段。"),
}
_PROBLEMS: dict[str, Any] = {
    "unreachable": _l("连接不上"),
    "certificate": _l("证书不可信"),
    "private": _l("解析到内网地址"),
    "not_https": _l("不是 https 网址"),
    "unreadable": _l("网址不可用"),
}


class WebhookForm(FlaskForm):
    """A system to be told."""

    name = StringField(
        _l("对方系统"), [InputRequired(_l("请填写名称。")), Length(max=LONGEST_NAME)]
    )
    url = StringField(_l("接收网址"), [InputRequired(_l("请填写网址。")), Length(max=LONGEST)])


@blueprint.get("/")
@requires(Permission.WEBHOOKS)
@in_transaction
def page(work: Work) -> Any:
    """List the systems that are told."""
    return _page(work, WebhookForm(), list(EventKind))


@blueprint.post("/")
@requires(Permission.WEBHOOKS)
@in_transaction
def make(work: Work) -> Any:
    """Register a system; its secret is shown on this answer and never again."""
    form = WebhookForm()
    asked = request.form.getlist("kinds")
    kinds = [kind for kind in EventKind if kind in asked]
    if form.validate_on_submit() and kinds:
        try:
            hook, secret = make_webhook(
                work.session,
                work.actor,
                work.now,
                name=form.name.data.strip(),
                url=form.url.data.strip(),
                kinds=kinds,
                reach=reach_of(work.session, settings_of().networks),
            )
        except WebhookInvalid as error:
            form.url.errors = [str(_WRONG.get(str(error.reason), _WRONG["unreadable"]))]
        else:
            return render_template("administration/webhook_secret.html", hook=hook, secret=secret)
    return make_response(_page(work, form, kinds), 422)


@blueprint.get("/<webhook_id>")
@requires(Permission.WEBHOOKS)
@in_transaction
def hook(work: Work, webhook_id: str) -> Any:
    """Show one system and what it was sent."""
    return render_template(
        "administration/webhook.html",
        hook=webhook_of(work.session, webhook_id),
        kinds=KINDS,
        deliveries=deliveries(work.session, webhook_id),
        problem=_problem,
    )


@blueprint.post("/<webhook_id>/switch")
@requires(Permission.WEBHOOKS)
@in_transaction
def switch(work: Work, webhook_id: str) -> Any:
    """Switch it off, or on again."""
    is_on = request.form.get("to") == "on"
    switch_webhook(work.session, work.actor, work.now, webhook_id, is_on=is_on)
    flash(gettext("已启用。") if is_on else gettext("已停用。"), "success")
    return redirect(url_for("webhooks.hook", webhook_id=webhook_id))


@blueprint.post("/<webhook_id>/end")
@requires(Permission.WEBHOOKS)
@in_transaction
def end(work: Work, webhook_id: str) -> Any:
    """Take it away."""
    end_webhook(work.session, work.actor, work.now, webhook_id)
    flash(gettext("已删除，密钥作废。"), "success")
    return redirect(url_for("webhooks.page"))


@blueprint.post("/<webhook_id>/deliveries/<int:delivery_id>")
@requires(Permission.WEBHOOKS)
@in_transaction
def again(work: Work, webhook_id: str, delivery_id: int) -> Any:
    """Send one delivery once more."""
    send_again(work.session, work.actor, work.now, webhook_id, delivery_id)
    flash(gettext("一分钟内再发一次。"), "success")
    return redirect(url_for("webhooks.hook", webhook_id=webhook_id))


def _page(work: Work, form: WebhookForm, chosen: list[EventKind]) -> str:
    return render_template(
        "administration/webhooks.html",
        rows=hook_rows(work.session),
        form=form,
        kinds=KINDS,
        chosen=chosen,
    )


def _problem(code: str) -> str:
    """Say why a delivery failed."""
    if code.startswith("status "):
        return gettext("对方答复 %(status)s", status=code.removeprefix("status "))
    return str(_PROBLEMS.get(code, code))
