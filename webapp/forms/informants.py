"""The forms of the informant vault and of complaints that belong to a superior organ."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from webapp.forms.day_field import DayField
from workflows.domain.informants import Channel, Identity, NoticeKind, Purpose
from workflows.services.secrecy.informants import LONGEST_NAME, LONGEST_TEXT

NOBODY, REAL, ANONYMOUS = "nobody", "real", "anonymous"
CHANNELS: dict[Channel, Any] = {
    Channel.LETTER: _l("来信"),
    Channel.VISIT: _l("来访"),
    Channel.CALL: _l("电话"),
    Channel.NET: _l("网络"),
    Channel.HANDED_OVER: _l("上级或者其他单位转来"),
}
PURPOSES: dict[Purpose, Any] = {
    Purpose.NOTICE: _l("告知受理情况或者办理结果"),
    Purpose.VERIFY: _l("核实反映的情况"),
    Purpose.PROTECT: _l("保护举报人"),
    Purpose.ORDERED: _l("上级要求"),
}
LEAKS: dict[str, Any] = {
    "refused": _l("试图写入，已拒绝"),
    "written": _l("由案件以外的人写入"),
    "found": _l("事后发现"),
}
NOTICES: dict[NoticeKind, Any] = {
    NoticeKind.ACCEPTED: _l("告知受理情况"),
    NoticeKind.RESULT: _l("反馈办理结果"),
}


class InformantForm(FlaskForm):
    """Who reported what is being registered; it goes into the vault and nowhere else."""

    class Meta:
        """The form around it carries the token."""

        csrf = False

    reported = RadioField(
        _l("有没有举报人"),
        [Optional()],
        default=NOBODY,
        choices=[
            SelectChoice(NOBODY, _l("没有")),
            SelectChoice(REAL, _l("实名举报")),
            SelectChoice(ANONYMOUS, _l("匿名举报，留有联系方式或者保护要求")),
        ],
    )
    channel = SelectField(
        _l("举报渠道"),
        [Optional()],
        default=Channel.LETTER.value,
        choices=[SelectChoice(key.value, name) for key, name in CHANNELS.items()],
    )
    name = StringField(_l("举报人姓名"), [Length(max=LONGEST_NAME)])
    contact = StringField(_l("联系方式"), [Length(max=LONGEST_TEXT)])
    wishes = TextAreaField(_l("保护要求"), [Length(max=LONGEST_TEXT)])

    def identity(self) -> Identity | None:
        """Give who reported it, or None where nobody did."""
        if self.reported.data not in (REAL, ANONYMOUS):
            return None
        return Identity(
            is_real_name=self.reported.data == REAL,
            channel=Channel(self.channel.data or Channel.LETTER),
            name=self.name.data or "",
            contact=self.contact.data or "",
            wishes=self.wishes.data or "",
        )

    def is_complete(self) -> bool:
        """Say whether it can be kept, and at the fields what is missing."""
        is_valid = bool(self.validate())
        if self.reported.data == REAL and not (self.name.data or "").strip():
            self.name.errors = [_l("实名举报须填写举报人姓名。")]
            return False
        return is_valid


class ReaderForm(FlaskForm):
    """Who may open an entry, and until when."""

    account = SelectField(_l("指定谁"), [InputRequired(_l("请选择人员。"))])
    until_on = DayField(_l("至哪一天"), [InputRequired(_l("请填写截止日期。"))])


class OpeningForm(FlaskForm):
    """What an entry is opened for."""

    purpose = RadioField(
        _l("打开的用途"),
        [InputRequired(_l("请选择用途。"))],
        choices=[SelectChoice(key.value, name) for key, name in PURPOSES.items()],
    )
    reason = TextAreaField(
        _l("理由"), [InputRequired(_l("请写明理由。")), Length(max=LONGEST_TEXT)]
    )


class NoticeForm(FlaskForm):
    """That the informant was told, on which day and how."""

    done_on = DayField(_l("告知日期"), [InputRequired(_l("请填写告知日期。"))])
    manner = StringField(
        _l("告知方式"),
        [InputRequired(_l("请填写告知方式。")), Length(max=120)],
        description=_l("如当面、电话、挂号信编号；不得填写举报人的姓名和联系方式。"),
    )


class StubForm(FlaskForm):
    """A complaint that belongs to a superior organ: three things, none of them its content."""

    received_on = DayField(_l("收到日期"), [InputRequired(_l("请填写收到日期。"))])
    channel = SelectField(
        _l("渠道"), choices=[SelectChoice(key.value, name) for key, name in CHANNELS.items()]
    )
    envelope = StringField(
        _l("封口编号"),
        [InputRequired(_l("请填写封口编号。")), Length(max=40)],
        description=_l("只填编号：数字、字母、括号和“号”“第”“字”。"),
    )
