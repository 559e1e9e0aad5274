"""The forms of recusal: the declaration at the door, the request, what they are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from webapp.forms.day_field import DayField
from workflows.domain.recusals import ActOutcome, Ground, Reason, RecusalSource, RecusalState
from workflows.services.tracks.recusal_decision import LONGEST_TEXT

NONE, BOUND = "none", "bound"
GROUNDS: dict[Ground, Any] = {
    Ground.RELATIVE: _l("与当事人有近亲属关系"),
    Ground.WITNESS: _l("是本案的证人"),
    Ground.INTEREST: _l("本人或者近亲属与本案有利害关系"),
    Ground.OTHER: _l("有可能影响公正处理的其他情形"),
}
SOURCES: dict[RecusalSource, Any] = {
    RecusalSource.DECLARED: _l("打开案件前本人申报"),
    RecusalSource.OWN: _l("本人申请"),
    RecusalSource.SUBJECT: _l("当事人一方申请"),
    RecusalSource.COMPLAINANT: _l("举报人一方申请"),
    RecusalSource.LEADER: _l("负责人指令"),
}
STATES: dict[RecusalState, Any] = {
    RecusalState.ASKED: _l("待决定"),
    RecusalState.GRANTED: _l("已回避"),
    RecusalState.REFUSED: _l("不予回避"),
}
OUTCOMES: dict[ActOutcome, Any] = {
    ActOutcome.STANDS: _l("予以确认"),
    ActOutcome.REDO: _l("须重新办理"),
}


class ReasonForm(FlaskForm):
    """The ground of a recusal."""

    ground = RadioField(
        _l("情形"),
        choices=[SelectChoice(key.value, name) for key, name in GROUNDS.items()],
        validators=[Optional()],
    )
    since = DayField(_l("自何时起"), [Optional()], description=_l("不填，表示案件开立时就有。"))
    statement = TextAreaField(_l("具体情况"), [Length(max=LONGEST_TEXT)])

    def reason(self) -> Reason | None:
        """Give the ground as filled in, or None and say at the fields what is missing."""
        said = (self.statement.data or "").strip()
        if not self.ground.data:
            self.ground.errors = [_l("请选择情形。")]
        if not said:
            self.statement.errors = [_l("请写明具体情况。")]
        if not said or self.ground.data not in list(Ground):
            return None
        return Reason(Ground(self.ground.data), said, self.since.data)


class DeclarationForm(ReasonForm):
    """Whether anything binds an officer to the side of a case: one of two, none is preset."""

    bond = RadioField(
        _l("与本案当事人是否有应当回避的关系或者情形"),
        [InputRequired(_l("请选择有或者无。"))],
        choices=[SelectChoice(NONE, _l("无")), SelectChoice(BOUND, _l("有"))],
    )


class OwnRequestForm(ReasonForm):
    """Which officer the person concerned asks to keep out of his case."""

    account = SelectField(_l("申请谁回避"), [InputRequired(_l("请选择人员。"))])


class RequestForm(ReasonForm):
    """Who is to keep out of a case, who asks for it, by which paper."""

    account = SelectField(_l("申请谁回避"), [InputRequired(_l("请选择人员。"))])
    source = RadioField(_l("谁提出的"), [InputRequired(_l("请选择谁提出的。"))])
    document = StringField(
        _l("书面申请的文号或者名称"),
        [Length(max=120)],
        description=_l("当事人、举报人一方的书面申请须填写；举报人的姓名不得填写。"),
    )
    acted_on = DayField(_l("书面申请的日期"), [Optional()])
