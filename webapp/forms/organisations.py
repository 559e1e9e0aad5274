"""The forms by which a post changes hands and a unit is merged, and a unit that was typed."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.forms.day_field import DayField
from webapp.sayings import listed
from workflows.queries.staff.accounts import organisations_like
from workflows.store.tables import Organisation
from workflows.store.transaction import Session


class HandoverForm(FlaskForm):
    """Which post passes to whom, from when on, by which paper."""

    tenure = SelectField(_l("职务和现任"), [InputRequired(_l("请选择职务。"))])
    to = SelectField(_l("接任人"), description=_l("暂缺的不选；不在其中的，先在上面按姓名查找。"))
    first_on = DayField(
        _l("接任（免职）日期"),
        [InputRequired(_l("请填写日期。"))],
        description=_l("前任任职到前一日；前任任期内的责任仍由前任承担，调离也不改变。"),
    )
    document = StringField(_l("任免文号"), [InputRequired(_l("请填写任免文号。")), Length(max=120)])
    remark = TextAreaField(_l("移交事项"), [Length(max=2000)])


class SuccessionForm(FlaskForm):
    """Which unit takes the place of this one, from when on, by which paper."""

    successor = SelectField(_l("并入（承继单位）"), [InputRequired(_l("请选择承继单位。"))])
    on = DayField(_l("撤并日期"), [InputRequired(_l("请填写日期。"))])
    document = StringField(
        _l("撤并的文号"),
        [InputRequired(_l("请填写撤并的文号。")), Length(max=120)],
        id="succession-document",  # the handover on the same page has a document too
    )


def find_place(session: Session, field: Field) -> Organisation | None:
    """Find the one organisation that a field names, or put what is wrong beside it."""
    found = organisations_like(session, field.data.strip())
    if len(found) == 1:
        return found[0]
    if found:
        names = listed(f"{place.name}（{place.code}）" for place in found)
        field.errors = [gettext("有多个单位相符，请填写代码：%(names)s", names=names)]
    else:
        field.errors = [gettext("没有这个单位，请填写代码或全称。")]
    return None
