"""The form that asks for a review package: what for, for whom, which days, which place."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from webapp.forms.day_field import DayField
from webapp.forms.exports import CONTENTS, WITH_APPROVAL
from webapp.sayings import gettext
from webapp.work import Work
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.sampling import LONGEST_SEED, Draw
from workflows.queries.exports import is_auditor, places_to_take_from
from workflows.services.exports.asking import Wish
from workflows.services.exports.packages import PackageWish

_EVERYTHING = "*"


class DrawForm(FlaskForm):
    """What to draw out of a package."""

    seed = StringField(_l("种子"), [DataRequired(_l("请填写种子。")), Length(max=LONGEST_SEED)])
    count = IntegerField(
        _l("件数"), [InputRequired(_l("请填写件数。")), NumberRange(min=1, max=10_000)]
    )

    def draw(self) -> Draw:
        """Give what was filled in."""
        return Draw(self.seed.data.strip(), self.count.data)


class ReviewForm(FlaskForm):
    """Who gets a review package, what for, and what goes into it."""

    purpose = StringField(_l("用途"), [DataRequired(_l("请填写用途。")), Length(max=200)])
    recipient = StringField(_l("交给谁"), [DataRequired(_l("请填写接收人。")), Length(max=100)])
    place = SelectField(_l("范围"), [InputRequired(_l("请选择范围。"))])
    from_on = DayField(_l("期间自"), [Optional()])
    to_on = DayField(_l("至（含当日）"), [Optional()])
    content = RadioField(_l("内容"), [InputRequired(_l("请选择内容。"))])
    with_attachments = BooleanField(
        _l("附上附件"), description=_l("附件的文件名和校验值总在包内；这里选择是否连文件一起带上。")
    )
    seed = StringField(_l("抽样种子"), [Optional(), Length(max=LONGEST_SEED)])
    count = IntegerField(_l("抽取件数"), [Optional(), NumberRange(min=1, max=10_000)])

    @classmethod
    def about(cls, work: Work, organisation_id: str) -> Any:
        """Make the form with what its visitor may take out."""
        form = cls(place=organisation_id or None, content="L1")
        whole = [(_EVERYTHING, gettext("全部案件和机关记录"))] if is_auditor(work.actor) else []
        places = places_to_take_from(work.session, work.actor, organisation_id)
        form.place.choices = whole + [
            (each.id, f"{'　' * each.depth}{each.name}") for each in places
        ]
        texts = CONTENTS | (WITH_APPROVAL if whole else {})
        form.content.choices = [*texts.items()] if whole else [*texts.items()][1:]
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then what belongs together: the days, and the seed with its number."""
        is_right = super().validate(extra_validators)
        from_on, to_on = self.from_on.data, self.to_on.data
        if (from_on is None) != (to_on is None):
            return self._refuse(self.to_on, gettext("期间的起止日期要么都填，要么都不填。"))
        if from_on is not None and to_on < from_on:
            return self._refuse(self.to_on, gettext("期间的截止日期早于起始日期。"))
        if bool((self.seed.data or "").strip()) != (self.count.data is not None):
            return self._refuse(self.count, gettext("种子和件数要么都填，要么都不填。"))
        return bool(is_right)

    def _refuse(self, field: Field, text: str) -> bool:
        if not field.errors:
            field.errors = [text]
        return False

    def wish(self) -> Wish:
        """Give what was filled in."""
        content = self.content.data
        seed = (self.seed.data or "").strip()
        return Wish(
            self._scope(),
            self.recipient.data.strip(),
            self.purpose.data.strip(),
            frozenset() if content == "none" else frozenset(content.split()),
            bool(self.with_attachments.data),
            PackageWish(Draw(seed, self.count.data) if seed else None),
        )

    def _scope(self) -> BundleScope:
        days = (self.from_on.data, self.to_on.data)
        if self.place.data != _EVERYTHING:
            return BundleScope(ScopeKind.ORGANISATION, (self.place.data,), *days)
        return BundleScope(ScopeKind.PERIOD if self.from_on.data else ScopeKind.ALL, (), *days)
