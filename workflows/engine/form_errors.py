"""What is wrong with what people typed into a form, with the sentence to show beside a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.domain.written_days import write_if_day
from workflows.engine.expressions import Expression, NullCompared, Value
from workflows.engine.findings import Language


class FieldProblem(StrEnum):
    """Why a typed value cannot be taken."""

    REQUIRED = "required"
    NOT_CHOSEN = "not_chosen"
    NOT_TICKED = "not_ticked"
    NO_FILE = "no_file"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    TOO_MANY_PLACES = "too_many_places"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_A_DATE = "not_a_date"
    UNCLEAR_DATE = "unclear_date"
    NOT_A_CHOICE = "not_a_choice"
    PATTERN = "pattern"
    UNPRINTABLE = "unprintable"
    TOO_MANY_FILES = "too_many_files"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_VALUE = "wrong_value"
    SAME_PERSON = "same_person"
    PERSON_CONCERNED = "person_concerned"
    NOT_OPEN = "not_open"
    POST_UNKNOWN = "post_unknown"
    BEFORE_POST = "before_post"
    AFTER_POST = "after_post"
    STILL_TO_COME = "still_to_come"
    DUTY_NOT_LISTED = "duty_not_listed"


_SENTENCES: Mapping[FieldProblem, tuple[str, str]] = {
    FieldProblem.REQUIRED: ("请填写“{label}”。", "Fill in “{label}”."),
    FieldProblem.NOT_CHOSEN: ("请选择“{label}”。", "Choose “{label}”."),
    FieldProblem.NOT_TICKED: ("请勾选“{label}”。", "Tick “{label}”."),
    FieldProblem.NO_FILE: ("请上传“{label}”。", "Upload “{label}”."),
    FieldProblem.TOO_SHORT: ("至少 {limit} 个字符。", "At least {limit} characters."),
    FieldProblem.TOO_LONG: ("最多 {limit} 个字符。", "At most {limit} characters."),
    FieldProblem.NOT_A_NUMBER: ("请填写数字，例如 82。", "Type a number, for example 82."),
    FieldProblem.TOO_MANY_PLACES: (
        "小数位数最多 {limit} 位。",
        "At most {limit} decimal places.",
    ),
    FieldProblem.TOO_SMALL: ("不得小于 {limit}。", "Not less than {limit}."),
    FieldProblem.TOO_LARGE: ("不得大于 {limit}。", "Not more than {limit}."),
    FieldProblem.NOT_A_DATE: (
        "请填写日期，例如 2026年5月25日 或者 2026-05-25。",
        "Type a date, for example 25 May 2026 or 2026-05-25.",
    ),
    FieldProblem.UNCLEAR_DATE: (
        "看不准是哪一天。请写成 2026年5月25日 或者 2026-05-25，年份写四位。",
        "This may be more than one day. Write 25 May 2026 or 2026-05-25, the year in four figures.",
    ),
    FieldProblem.NOT_A_CHOICE: ("请从列表中选择。", "Choose from the list."),
    FieldProblem.PATTERN: ("格式不正确。", "This has not the form that is asked for."),
    FieldProblem.UNPRINTABLE: (
        "含有看不见的字符，请删除。",
        "Remove the characters without shape.",
    ),
    FieldProblem.TOO_MANY_FILES: ("最多 {limit} 个文件。", "At most {limit} files."),
    FieldProblem.UNKNOWN_FIELD: ("表单没有这一栏。", "The form has no such field."),
    FieldProblem.SAME_PERSON: (
        "“{label}”须为另一人，不能与“{limit}”相同。",
        "“{label}” must be another person than “{limit}”.",
    ),
    FieldProblem.PERSON_CONCERNED: (
        "“{label}”不能是当事人本人。",
        "“{label}” cannot be the person concerned.",
    ),
    FieldProblem.NOT_OPEN: (
        "按决策表“{limit}”，这类对象不能适用该项，请选择列出的其他各项。",
        "By the table “{limit}” this is not open to such a subject; choose among what is listed.",
    ),
    FieldProblem.POST_UNKNOWN: (
        "任职情况须从登记的任职中选择；没有列出的，请先在单位页登记任职。",
        "Choose among the posts on record; one that is missing is recorded at its organisation"
        " first.",
    ),
    FieldProblem.BEFORE_POST: (
        "早于任职开始日 {limit}。任职以前的事不由其负责：请核对日期，或者选择当时的任职。",
        "Before the appointment on {limit}. Nobody answers for what came before: check the date, or"
        " choose the post of that time.",
    ),
    FieldProblem.AFTER_POST: (
        "晚于任职结束日 {limit}。离任以后的事不由其负责：请按任职时间分段认定。",
        "After the post was left on {limit}. Nobody answers for what came later: attribute each"
        " period to whoever held the post.",
    ),
    FieldProblem.STILL_TO_COME: (
        "晚于今天（{limit}）。只能认定已经发生的事，请核对日期。",
        "After today ({limit}). Only what has happened is attributed: check the date.",
    ),
    FieldProblem.DUTY_NOT_LISTED: (
        "当时有效的责任清单中，“{limit}”没有这一条；请先在单位页补登责任清单及依据，再作认定。",
        "The responsibility list in force then has no such line for “{limit}”; record the duty with"
        " its basis at the organisation first.",
    ),
    FieldProblem.WRONG_VALUE: ("该值不能写入“{label}”。", "“{label}” cannot have this value."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why one field cannot be taken, with the sentence to show beside it."""

    problem: FieldProblem
    label: str
    limit: str = ""

    def text(self, language: Language = "zh") -> str:
        """Say it in a language."""
        zh, en = _SENTENCES[self.problem]
        limit = write_if_day(self.limit, language)
        return (zh if language == "zh" else en).format(label=self.label, limit=limit)


@dataclass(frozen=True, slots=True)
class RuleTerm:
    """When a rule was in force, and on which days it has to be: those of the facts, the decision.

    An old fact is judged by the rule of its day, and by a later one only where that is lighter
    (从旧兼从轻): what either of the two rules does not know is not imposed. So it has to be in
    force on each of ``days``, names of dates; those not known yet do not count. ``from_on`` and
    ``until_on`` are the first and the last day.
    """

    from_on: date
    until_on: date | None
    days: tuple[str, ...]

    def covers(self, names: Mapping[str, Value]) -> bool:
        """Tell whether the rule was in force on all the days that are known."""
        known = (names.get(name) for name in self.days)
        return all(self._holds_on(str(day)) for day in known if day is not None)

    def _holds_on(self, day: str) -> bool:
        """Compare as written: ISO dates are ordered as their texts are."""
        is_over = self.until_on is not None and day > self.until_on.isoformat()
        return day >= self.from_on.isoformat() and not is_over


@dataclass(frozen=True, slots=True)
class FormCheck:
    """A condition on the values of a form; where it fails, ``field`` carries the sentence.

    ``zh`` and ``en`` say the rule and what to do, ``basis`` its official name and article.
    Where a check is about a rule that was not always in force, ``term`` says when it was: the
    condition is asked only if the rule was not in force on all the days that matter.
    """

    id: str
    holds: Expression
    field: str
    zh: str
    en: str
    basis: str
    term: RuleTerm | None = None

    def is_met(self, names: Mapping[str, Value]) -> bool:
        """Tell whether it holds; nothing holds of what is not filled in."""
        if self.term is not None and self.term.covers(names):
            return True
        try:
            return self.holds.holds(names, null_answers=True)
        except NullCompared:
            return False


@dataclass(frozen=True, slots=True)
class CheckFailed(FieldError):
    """A check of the pack does not hold for what was typed."""

    check: FormCheck | None = None

    def text(self, language: Language = "zh") -> str:
        """Say the rule in a language, with what it rests on."""
        if self.check is None:
            return FieldError.text(self, language)
        zh = f"{self.check.zh}（{self.check.basis}）"
        return zh if language == "zh" else f"{self.check.en} ({self.check.basis})"
