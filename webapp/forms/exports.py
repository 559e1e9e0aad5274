"""The form that asks for an audit bundle, and what it is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from webapp.forms.day_field import DayField
from webapp.sayings import gettext
from webapp.work import Work
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.errors import NotFound
from workflows.queries.case.matter_page import matter_page
from workflows.queries.case.page import case_head
from workflows.queries.organisations.finding import organisation_by_id
from workflows.services.exports.asking import Wish
from workflows.services.exports.permits import place_of_scope

_NONE, _INTERNAL, _PERSONAL = "none", "L1", "L1 L2"
CONTENTS = {
    _NONE: _l("不含案件内容：只有何人、何时、办了什么，以及证明材料"),
    _INTERNAL: _l("内部内容；涉及个人的内容留存不出"),
    _PERSONAL: _l("含涉及个人的内容（须由主要负责人或集体另行同意）"),
}
WITH_APPROVAL = {
    _INTERNAL: _l("含内部内容；涉及个人的内容留存不出（须由主要负责人或集体另行同意）"),
}


@dataclass(frozen=True, slots=True)
class What:
    """What is asked for: a case, a matter, an organisation, a period or everything.

    ``choices`` are the levels of content that may be asked for, the first of them offered.
    """

    kind: ScopeKind
    id: str
    title: str
    choices: tuple[str, ...]

    @property
    def arguments(self) -> dict[str, str]:
        """Give the address's arguments that lead here again."""
        return {self.kind.value: self.id or "1"}

    def scope(self, form: ExportForm) -> BundleScope:
        """Give the scope, with the days that were typed."""
        if self.kind is ScopeKind.PERIOD:
            return BundleScope(self.kind, (), form.from_on.data, form.to_on.data)
        return BundleScope(self.kind, (self.id,) if self.id else ())


def what_of(work: Work) -> What:
    """Find out from the address what is asked for, and refuse whoever may not have it.

    Raises:
        NotFound: It does not exist, or the visitor does not see it.
        NotAllowed: He may not take it out of the house.
    """
    what = _named(work)
    content = frozenset() if what.choices[0] == _NONE else frozenset(what.choices[0].split())
    if what.kind is not ScopeKind.PERIOD:
        scope = BundleScope(what.kind, (what.id,) if what.id else ())
    else:
        scope = BundleScope(ScopeKind.ALL)
    place_of_scope(work.session, work.actor, scope, content)
    return what


def _named(work: Work) -> What:
    asked = request.args
    if "cases" in asked:
        case = case_head(work.session, asked["cases"]).case
        choices = (_PERSONAL,) if case.level == "L2" else (_INTERNAL, _PERSONAL)
        return What(
            ScopeKind.CASES, case.id, gettext("案件 %(number)s", number=case.number), choices
        )
    if "matter" in asked:
        matter = matter_page(work.session, asked["matter"], work.today).matter
        title = gettext("事项 %(number)s", number=matter.number)
        return What(ScopeKind.MATTER, matter.id, title, (_INTERNAL, _PERSONAL))
    if "organisation" in asked:
        place = organisation_by_id(work.session, asked["organisation"])
        if place is None:
            raise NotFound(what="organisation", key=asked["organisation"])
        title = gettext("%(name)s及其下级单位", name=place.name)
        return What(ScopeKind.ORGANISATION, place.id, title, (_INTERNAL, _PERSONAL))
    whole = (_NONE, _INTERNAL, _PERSONAL)
    if "period" in asked:
        return What(ScopeKind.PERIOD, "", gettext("一段时间"), whole)
    return What(ScopeKind.ALL, "", gettext("全部"), whole)


class ExportForm(FlaskForm):
    """Who gets a bundle, what for, and how much of the content."""

    from_on = DayField(_l("自"), [InputRequired(_l("请填写起始日期。"))])
    to_on = DayField(_l("至（含当日）"), [InputRequired(_l("请填写截止日期。"))])
    recipient = StringField(_l("交给谁"), [InputRequired(_l("请填写接收人。")), Length(max=100)])
    purpose = StringField(_l("用途"), [InputRequired(_l("请填写用途。")), Length(max=200)])
    content = RadioField(_l("内容"), [InputRequired(_l("请选择内容。"))])
    with_attachments = BooleanField(
        _l("附上附件"), description=_l("附件的文件名和校验值总在包内；这里选择是否连文件一起带上。")
    )

    @classmethod
    def about(cls, what: What) -> Any:
        """Make the form for what is asked for."""
        form = cls(content=what.choices[0])
        if what.kind is not ScopeKind.PERIOD:
            del form.from_on
            del form.to_on
        texts = CONTENTS | (WITH_APPROVAL if what.choices[0] == _NONE else {})
        form.content.choices = [(each, texts[each]) for each in what.choices]
        return form

    def wish(self, what: What) -> Wish:
        """Give what was filled in."""
        content = self.content.data
        return Wish(
            what.scope(self),
            self.recipient.data.strip(),
            self.purpose.data.strip(),
            frozenset() if content == _NONE else frozenset(content.split()),
            bool(self.with_attachments.data),
        )
