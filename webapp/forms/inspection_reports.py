"""The form that asks for an inspection report."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from webapp.forms.day_field import DayField
from workflows.services.reports.case_files import MOST_PURPOSE
from workflows.services.reports.inspection_reports import MOST_NAME, MOST_RECIPIENT, ReportOrder
from workflows.services.reports.log_cases import Wanted

_INTERNAL, _PERSONAL = "L1", "L1 L2"
_CONTENTS = {
    _INTERNAL: _l("组织的案件；涉及个人的案件不列入，也不说明有无"),
    _PERSONAL: _l("含涉及个人的案件，写明姓名"),
}
_FORMATS = {"docx": _l("docx，可以在 WPS 或 Word 里改"), "pdf": _l("PDF，定稿")}
_MOST_NUMBER = 40


class ReportForm(FlaskForm):
    """For whom a report is, what for, of which period, and who signs it."""

    recipient = StringField(
        _l("主送"), [InputRequired(_l("请填写主送单位。")), Length(max=MOST_RECIPIENT)]
    )
    purpose = StringField(_l("用途"), [InputRequired(_l("请填写用途。")), Length(max=MOST_PURPOSE)])
    from_on = DayField(_l("自（可不填）"), [Optional()])
    to_on = DayField(_l("至，含当日（可不填）"), [Optional()])
    number = StringField(
        _l("文号（可不填）"),
        [Length(max=_MOST_NUMBER)],
        description=_l("由本单位编，例如 督〔2026〕3号。"),
    )
    first = StringField(_l("检查人员一（可不填）"), [Length(max=MOST_NAME)])
    second = StringField(_l("检查人员二（可不填）"), [Length(max=MOST_NAME)])
    content = RadioField(_l("内容"), [InputRequired(_l("请选择内容。"))])
    format = RadioField(_l("文件"))

    @classmethod
    def for_levels(cls, may_name_persons: bool) -> Any:
        """Make the form; persons are offered where somebody agreed to them."""
        form = cls(content=_INTERNAL, format="docx")
        offered: Collection[str] = (_INTERNAL, _PERSONAL) if may_name_persons else (_INTERNAL,)
        form.format.choices = list(_FORMATS.items())
        form.content.choices = [(each, _CONTENTS[each]) for each in offered]
        return form

    def order(self, organisation_id: str) -> ReportOrder:
        """Give what was filled in.

        Raises:
            InvalidInput: It is no fit order, see `ReportOrder`.
        """
        names = (_text(self.first), _text(self.second))
        return ReportOrder(
            Wanted(self.from_on.data, self.to_on.data, organisation_id),
            _text(self.recipient),
            _text(self.purpose),
            frozenset(self.content.data.split()),
            tuple(name for name in names if name),
            _text(self.number),
        )


def _text(field: Any) -> str:
    """Give what stands in a field; a browser always sends it, others may not."""
    return str(field.data or "").strip()
