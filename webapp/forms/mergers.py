"""The forms of mergers and of what is owed to sources, and what these are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from webapp.forms.day_field import DayField
from workflows.domain.merging import MergeState, Towards
from workflows.services.tracks.merging import LONGEST_REASON

TOWARDS: dict[Towards, Any] = {
    Towards.REAL_NAME: _l("实名检举人（身份见举报人保险箱）"),
    Towards.PATROL: _l("巡察机构"),
    Towards.AUDIT: _l("审计机关"),
    Towards.PETITION: _l("信访部门"),
    Towards.SUPERIOR: _l("上级交办单位"),
    Towards.TRANSFER: _l("移交部门"),
}
MERGE_STATES: dict[MergeState, Any] = {
    MergeState.ASKED: _l("待同意"),
    MergeState.MERGED: _l("已并案"),
    MergeState.REFUSED: _l("未同意"),
    MergeState.UNDONE: _l("已拆分"),
}


class MergeForm(FlaskForm):
    """Which matter this one is handled with, and why."""

    into = SelectField(_l("合并到"), [InputRequired(_l("请选择合并到哪一事项。"))])
    reason = TextAreaField(
        _l("理由"),
        [InputRequired(_l("请写明并案的理由。")), Length(max=LONGEST_REASON)],
        description=_l("写明为什么是同一问题；涉及个人的案件不随并案合并。"),
    )


class DutyForm(FlaskForm):
    """To whom the result of a matter is owed, by which paper, by when."""

    towards = SelectField(
        _l("向谁反馈"),
        [InputRequired(_l("请选择向谁反馈。"))],
        choices=[
            SelectChoice("", "—"),
            *(SelectChoice(key.value, name) for key, name in TOWARDS.items()),
        ],
    )
    document = StringField(
        _l("来文的文号或者名称"),
        [InputRequired(_l("请写明依据哪份来文。")), Length(max=120)],
        description=_l("不得写明举报人的姓名、单位和联系方式。"),
    )
    due_on = DayField(
        _l("反馈期限"), [Optional()], description=_l("来文没有规定日期的，可以不填。")
    )
