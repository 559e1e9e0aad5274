"""Logs for process mining, of an organisation and those below it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from webapp.gates.permissions import Permission, requires
from webapp.languages import language
from webapp.outside.downloads import log_download
from webapp.work import Work, begin_work, in_transaction, reading_sessions
from workflows.domain.errors import NotAllowed
from workflows.queries.organisations.page import organisation_seen
from workflows.services.reports.log_cases import Wanted
from workflows.services.reports.log_export import LogFormat, LogOrder
from workflows.services.secrecy.clearance import may_export
from workflows.store.tables import Organisation
from workflows.store.transaction import transaction

blueprint = Blueprint("process_logs", __name__, url_prefix="/process-logs")


class LogForm(FlaskForm):
    """Which log is wanted, and what for."""

    format = RadioField(
        _l("格式"),
        choices=[
            SelectChoice(
                LogFormat.XES.value, _l("XES：每件案件一条轨迹，各种流程挖掘软件都能打开")
            ),
            SelectChoice(
                LogFormat.OCEL.value, _l("OCEL 2.0：事件同时关联案件、事项、待办、单位和规则包版本")
            ),
        ],
        default=LogFormat.XES.value,
    )
    from_on = DateField(_l("起"), [Optional()], description=_l("这一天或以后还在办理的案件。"))
    to_on = DateField(_l("止"), [Optional()], description=_l("这一天或以前开立的案件。"))
    purpose = StringField(_l("用途"), [InputRequired(_l("请填写用途。")), Length(max=200)])


@blueprint.get("/<organisation_id>")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, organisation_id: str) -> Any:
    """Ask which log is wanted, and what for."""
    return _page(_organisation(work, organisation_id), LogForm(formdata=None))


@blueprint.post("/<organisation_id>")
@requires(Permission.CASES)
def take(organisation_id: str) -> Any:
    """Hand out the log, as far as the visitor may take cases out."""
    form = LogForm()
    if not form.validate_on_submit():
        with transaction(reading_sessions()) as session:
            found = _organisation(begin_work(session), organisation_id)
            return make_response(_page(found, form), 422)
    order = LogOrder(
        LogFormat(form.format.data),
        Wanted(form.from_on.data, form.to_on.data, organisation_id),
        form.purpose.data.strip(),
        language(),
    )
    return log_download(order, lambda work: _refuse_outside(work, organisation_id))


def _page(organisation: Organisation, form: LogForm) -> str:
    return render_template("process_logs/page.html", organisation=organisation, form=form)


def _refuse_outside(work: Work, organisation_id: str) -> None:
    _organisation(work, organisation_id)


def _organisation(work: Work, organisation_id: str) -> Organisation:
    """Give an organisation whose cases the visitor may take out.

    Raises:
        NotFound: There is none, or it lies outside what he serves.
        NotAllowed: He may not take cases out.
    """
    found = organisation_seen(work.session, work.actor, organisation_id)
    if not may_export(work.actor, found.path):
        raise NotAllowed(reason="export")
    return found
