"""Forms: fields with types, and what people typed into them (DESIGN 4.2).

Reading typed values needs no web framework: pages, paper entries and scenarios all
check a form here, and give the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from workflows.domain.steps import FactValue
from workflows.domain.written_days import NotADayError, UnclearDayError, read_written_day
from workflows.engine.expressions import Expression, Value
from workflows.engine.facts import FactDeclaration, FactType, WrongFactValue
from workflows.engine.form_errors import CheckFailed, FieldError, FieldProblem, FormCheck
from workflows.engine.patterns import Pattern

Typed: TypeAlias = str | bool | int | Decimal | date | list[str] | None

MAX_FILES = 20
# Selections among what the register says of the person concerned, written as they read.
WRITTEN_PICKERS = ("tenure", "duty")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d{1,16}(?:\.\d{1,6})?", re.ASCII)
_TICKED = frozenset({"true", "on", "y", "yes", "1", "是"})
_NOT_TICKED = frozenset({"", "false", "off", "n", "no", "0", "否"})


class FieldKind(StrEnum):
    """The kinds of field, named as form-js names them; dates are its ``datetime``."""

    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATE = "date"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOX = "checkbox"
    CHECKLIST = "checklist"
    FILEPICKER = "filepicker"
    TEXT = "text"


# What is missing where a field that asks for a choice, a tick or a file is left empty.
_MISSING: Mapping[FieldKind, FieldProblem] = {
    FieldKind.SELECT: FieldProblem.NOT_CHOSEN,
    FieldKind.RADIO: FieldProblem.NOT_CHOSEN,
    FieldKind.CHECKLIST: FieldProblem.NOT_CHOSEN,
    FieldKind.CHECKBOX: FieldProblem.NOT_TICKED,
    FieldKind.FILEPICKER: FieldProblem.NO_FILE,
}


class _Refused(ValueError):
    """Carries a problem out of the reading of one field."""

    def __init__(self, problem: FieldProblem, limit: object = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.limit = str(limit)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that may be chosen, and how it is shown in Chinese."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which decision table says in which output whether a choice may be taken: ``yes``."""

    decision: str
    output: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    ``key`` is the fact that it writes (``fact``), or a name in the payload alone.
    ``picker`` makes a selection one of people or organisations, or of the posts (``tenure``) and
    listed duties (``duty``) of the person concerned; whether the chosen one exists and may be
    chosen is for the caller to check. ``prefill`` names a
    fact whose value is shown at first. A static text has only ``text``. ``is_closed``
    marks a person-level field: records commit to its value by itself, and readers without
    the clearance see all but this. ``allowed`` names the table by which choices are open or not
    (``offered.closed_choices``).
    """

    kind: FieldKind
    key: str
    label: str
    description: str = ""
    text: str = ""
    choices: tuple[Choice, ...] = ()
    is_required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimal_places: int = 0
    min_length: int = 0
    max_length: int = 500
    pattern: Pattern | None = None
    hide: Expression | None = field(default=None, hash=False)
    picker: str | None = None
    prefill: str | None = None
    is_multiple: bool = False
    fact: FactDeclaration | None = None
    is_closed: bool = False
    allowed: Allowed | None = None

    @property
    def is_input(self) -> bool:
        """Tell whether anything can be typed into it."""
        return self.kind is not FieldKind.TEXT

    def is_empty(self, value: FactValue) -> bool:
        """Tell whether a required field would still be missing: an unset tick is, 0 is not."""
        return value is None or (self.kind is FieldKind.CHECKBOX and value is False)

    def read(self, typed: Typed) -> FactValue:
        """Read one typed value without asking whether it is required.

        Raises:
            WrongFactValue, ValueError: it cannot be taken; ``FormSchema.read`` says why.
        """
        if self.kind in (FieldKind.CHECKLIST, FieldKind.FILEPICKER):
            return self._read_several(_texts(typed))
        text = _text(typed)
        if self.kind is FieldKind.CHECKBOX:
            return self._read_tick(text)
        if not text:
            return None
        match self.kind:
            case FieldKind.NUMBER:
                return self._read_number(text)
            case FieldKind.DATE:
                return _read_date(text)
            case FieldKind.SELECT | FieldKind.RADIO:
                return self._read_choice(text)
            case _:
                return self._read_text(text)

    def _read_tick(self, text: str) -> bool:
        if text.lower() not in _TICKED | _NOT_TICKED:
            raise _Refused(FieldProblem.NOT_A_CHOICE)
        return text.lower() in _TICKED

    def _read_text(self, text: str) -> str:
        if self.kind is FieldKind.TEXTFIELD:
            text = " ".join(text.split("\n"))
        if not text.replace("\n", "").replace("\t", "").isprintable():
            raise _Refused(FieldProblem.UNPRINTABLE)
        if len(text) < self.min_length:
            raise _Refused(FieldProblem.TOO_SHORT, self.min_length)
        if len(text) > self.max_length:
            raise _Refused(FieldProblem.TOO_LONG, self.max_length)
        if self.pattern is not None and not self.pattern.matches(text):
            raise _Refused(FieldProblem.PATTERN)
        return text

    def _read_number(self, text: str) -> FactValue:
        """Read a number; in the payload alone, one with decimals stays a text."""
        if not _NUMBER.fullmatch(text):
            raise _Refused(FieldProblem.NOT_A_NUMBER)
        number = Decimal(text)
        if number != round(number, self.decimal_places):
            raise _Refused(FieldProblem.TOO_MANY_PLACES, self.decimal_places)
        if self.minimum is not None and number < self.minimum:
            raise _Refused(FieldProblem.TOO_SMALL, self.minimum)
        if self.maximum is not None and number > self.maximum:
            raise _Refused(FieldProblem.TOO_LARGE, self.maximum)
        if self.fact is not None:
            return self.fact.convert(number)
        return int(number) if self.decimal_places == 0 else format(number, "f")

    def _read_choice(self, text: str) -> FactValue:
        if self.picker in WRITTEN_PICKERS:
            return self._read_text(text)
        if self.picker is not None:
            if not _IDENTIFIER.fullmatch(text):
                raise _Refused(FieldProblem.NOT_A_CHOICE)
            return text
        if text not in {choice.value for choice in self.choices}:
            raise _Refused(FieldProblem.NOT_A_CHOICE)
        if self.fact is not None and self.fact.type is FactType.BOOL:
            return text == "true"
        return text

    def _read_several(self, texts: list[str]) -> list[str] | None:
        if self.kind is FieldKind.FILEPICKER:
            limit = MAX_FILES if self.is_multiple else 1
            if len(texts) > limit:
                raise _Refused(FieldProblem.TOO_MANY_FILES, limit)
            if any(len(text) > 255 or not text.isprintable() for text in texts):
                raise _Refused(FieldProblem.UNPRINTABLE)
            return texts or None
        if not set(texts) <= {choice.value for choice in self.choices}:
            raise _Refused(FieldProblem.NOT_A_CHOICE)
        chosen = [choice.value for choice in self.choices if choice.value in texts]
        return chosen or None


@dataclass(frozen=True, slots=True)
class FormReading:
    """What a form's typed values come to.

    ``values`` is the payload, with null for what was left empty; ``facts`` is the part
    of it that writes facts; fields that are hidden stand in neither. With ``errors``
    nothing may be written.
    """

    values: Mapping[str, FactValue]
    facts: Mapping[str, FactValue]
    errors: Mapping[str, FieldError]
    hidden: frozenset[str]

    @property
    def is_valid(self) -> bool:
        """Tell whether the values can be taken."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class FormSchema:
    """A form of a pack, with the checks that its values must meet."""

    id: str
    fields: tuple[FormField, ...]
    checks: tuple[FormCheck, ...] = ()

    def field(self, key: str) -> FormField | None:
        """Give the input field of a key."""
        return next((each for each in self.fields if each.is_input and each.key == key), None)

    def hidden(self, names: Mapping[str, Value]) -> frozenset[str]:
        """Give the keys of the fields that their conditions hide on these names.

        Static texts count with the key that the file gives them, often none.
        """
        hidden: set[str] = set()
        known = self._fields_as_null() | dict(names)
        for each in self.fields:
            if each.hide is not None and each.hide.holds(known, null_answers=True):
                hidden.add(each.key)
                known[each.key] = None
        return frozenset(hidden)

    def read(
        self, typed: Mapping[str, Typed], names: Mapping[str, Value] | None = None
    ) -> FormReading:
        """Read all typed values at once; every error is reported, each at its field.

        Args:
            typed: by key; texts as typed, a list for checklists and files.
            names: what conditions may ask for besides the form's own fields: the case's
                facts and the plain parameters, as ``names_for_expressions`` gives them.
        """
        values: dict[str, FactValue] = {}
        errors = {
            key: FieldError(FieldProblem.UNKNOWN_FIELD, key)
            for key in typed
            if self.field(key) is None
        }
        for each in self.fields:
            if each.is_input:
                self._read_field(each, typed.get(each.key), values, errors)
        known = dict(names or {}) | {
            key: _for_expression(self.field(key), value) for key, value in values.items()
        }
        hidden = self.hidden(known)
        for each in self.fields:
            if each.is_required and each.key not in errors and each.is_empty(values[each.key]):
                missing = _MISSING.get(each.kind, FieldProblem.REQUIRED)
                errors[each.key] = FieldError(missing, each.label)
        if not errors.keys() - hidden:
            errors |= self._failed_checks(self._fields_as_null() | known, hidden)
        return self._reading(values, errors, hidden)

    def _failed_checks(
        self, known: Mapping[str, Value], hidden: frozenset[str]
    ) -> dict[str, FieldError]:
        """Give the errors of the checks that do not hold; what is hidden counts as null."""
        names = {key: None if key in hidden else value for key, value in known.items()}
        failed: dict[str, FieldError] = {}
        for check in self.checks:
            each = self.field(check.field)
            if each is not None and check.field not in hidden and not check.is_met(names):
                error = CheckFailed(FieldProblem.WRONG_VALUE, each.label, check=check)
                failed.setdefault(check.field, error)
        return failed

    def _fields_as_null(self) -> dict[str, Value]:
        return {each.key: None for each in self.fields if each.is_input}

    def _read_field(
        self,
        each: FormField,
        typed: Typed,
        values: dict[str, FactValue],
        errors: dict[str, FieldError],
    ) -> None:
        values[each.key] = None
        try:
            value = each.read(typed)
            values[each.key] = value if each.fact is None else each.fact.check(value)
        except _Refused as refused:
            errors[each.key] = FieldError(refused.problem, each.label, refused.limit)
        except WrongFactValue:
            errors[each.key] = FieldError(FieldProblem.WRONG_VALUE, each.label)

    def _reading(
        self,
        values: Mapping[str, FactValue],
        errors: Mapping[str, FieldError],
        hidden: frozenset[str],
    ) -> FormReading:
        shown = {key: value for key, value in values.items() if key not in hidden}
        fact_keys = {each.key for each in self.fields if each.fact is not None}
        return FormReading(
            values=MappingProxyType(shown),
            facts=MappingProxyType({key: shown[key] for key in shown if key in fact_keys}),
            errors=MappingProxyType({key: errors[key] for key in errors if key not in hidden}),
            hidden=hidden,
        )


def _for_expression(each: FormField | None, value: FactValue) -> Value:
    if each is not None and each.fact is not None:
        return each.fact.for_expression(value)
    if each is not None and each.kind is FieldKind.NUMBER and isinstance(value, str):
        return Decimal(value)
    return value


def _text(typed: Typed) -> str:
    """Bring one typed value to text, line ends to one form, without space around it."""
    if isinstance(typed, list):
        typed = typed[0] if len(typed) == 1 else ",".join(typed)
    if typed is None:
        return ""
    if isinstance(typed, bool):
        return "true" if typed else "false"
    if isinstance(typed, date):
        return typed.isoformat()
    return str(typed).replace("\r\n", "\n").replace("\r", "\n").strip()


def _texts(typed: Typed) -> list[str]:
    several = typed if isinstance(typed, list) else [_text(typed)]
    return [text for text in several if text]


def _read_date(text: str) -> str:
    try:
        return read_written_day(text).isoformat()
    except UnclearDayError as error:
        raise _Refused(FieldProblem.UNCLEAR_DATE) from error
    except NotADayError as error:
        raise _Refused(FieldProblem.NOT_A_DATE) from error
