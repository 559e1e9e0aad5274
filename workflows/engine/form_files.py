"""Form files of a pack: form-js JSON schemas, read into forms (DESIGN 4.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import NoReturn

from workflows.engine.expressions import Expression, ExpressionRefused
from workflows.engine.facts import Declarations, FactDeclaration, FactType
from workflows.engine.findings import Finding, Rule
from workflows.engine.form_checks import with_checks
from workflows.engine.forms import (
    WRITTEN_PICKERS,
    Allowed,
    Choice,
    FieldKind,
    FormField,
    FormSchema,
)
from workflows.engine.patterns import MAX_MATCHED_LENGTH, Pattern, PatternRefused

MAX_FORM_BYTES = 256 * 1024
MAX_FIELDS = 100
MAX_CHOICES = 500
MAX_TEXT = 10_000

FORM_MALFORMED = Rule(
    "form-malformed",
    "表单文件不正确：{reason}",
    "The form file is wrong: {reason}",
    "请用 form-js 表单编辑器重新导出。",
    "Export it again from the form-js editor.",
)
FORM_ID = Rule(
    "form-id",
    "表单的 id 是“{id}”，文件名却是“{stem}”。",
    "The form's id is “{id}”, but its file is called “{stem}”.",
    "请使两者一致。",
    "Make them the same.",
)
FORM_COMPONENT = Rule(
    "form-component-unknown",
    "栏目类型“{type}”不支持。",
    "Fields of the type “{type}” are not supported.",
    "可用类型：{known}。",
    "Supported: {known}.",
)
FORM_KEY = Rule(
    "form-key",
    "栏目的 key“{key}”不正确或重复。",
    "The field's key “{key}” is wrong or stands twice.",
    "请用要素名称或字母开头的英文名称，表单内不重复。",
    "Use a fact's name, or ASCII letters, digits and _, once in a form.",
)
FORM_LABEL = Rule(
    "form-label",
    "栏目“{key}”没有名称（label）。",
    "The field “{key}” has no label.",
    "请填写中文名称。",
    "Give it a Chinese label.",
)
FORM_PROPERTY = Rule(
    "form-property-unsupported",
    "栏目“{key}”的属性“{name}”不支持。",
    "The property “{name}” of the field “{key}” is not supported.",
    "请删除该属性。",
    "Remove it.",
)
FORM_VALUE = Rule(
    "form-property-value",
    "栏目“{key}”的属性“{name}”的值不正确。",
    "The property “{name}” of the field “{key}” has a wrong value.",
    "请改正：{wanted}。",
    "Correct it: {wanted}.",
)
FORM_PATTERN = Rule(
    "form-pattern",
    "栏目“{key}”的格式规则不能使用：{reason}",
    "The pattern of the field “{key}” cannot be used: {reason}",
    "请改用固定次数、较少的重复。",
    "Use fixed counts and fewer repetitions.",
)
FORM_CONDITION = Rule(
    "form-condition",
    "栏目“{key}”的显示条件不正确：{reason}",
    "The condition of the field “{key}” is wrong: {reason}",
    "条件只能用要素、参数和本表单中在它之前的栏目。",
    "Conditions may use facts, parameters and the fields before this one.",
)
FORM_FACT_TYPE = Rule(
    "form-fact-type",
    "栏目“{key}”（{kind}）不能写入类型为 {type} 的要素。",
    "The field “{key}” ({kind}) cannot write a fact of type {type}.",
    "请改栏目类型：{wanted}。",
    "Change the kind of the field: {wanted}.",
)
FORM_CHOICES = Rule(
    "form-choices",
    "栏目“{key}”的选项不正确：{codes}",
    "The choices of the field “{key}” are wrong: {codes}",
    "选项须与 facts.toml 中的代码一致且不重复。",
    "Choices must be codes of facts.toml, each once.",
)
FORM_LEVEL = Rule(
    "form-level",
    "栏目“{key}”在别的表单中标为个人层级（level），这里没有。",
    "The field “{key}” is marked as person-level in another form, but not here.",
    "请在所有表单中同样标注，或改用另一个 key。",
    "Mark it in all forms alike, or use another key.",
)

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
# What editors write for looks alone.
_LOOKS = frozenset({"id", "type", "layout", "appearance", "dateLabel", "subtype", "text"})
_COMMON = frozenset({"key", "label", "description", "validate", "conditional", "properties"})
_PERSONAL, _YES = "L2", "yes"
_PICKERS = ("person", "organisation", *WRITTEN_PICKERS)
_CHOOSING = frozenset({FieldKind.SELECT, FieldKind.RADIO, FieldKind.CHECKLIST})
_WRITING = frozenset({FieldKind.TEXTFIELD, FieldKind.TEXTAREA})
_OWN: Mapping[FieldKind, frozenset[str]] = {
    FieldKind.NUMBER: frozenset({"decimalDigits"}),
    FieldKind.SELECT: frozenset({"values"}),
    FieldKind.RADIO: frozenset({"values"}),
    FieldKind.CHECKLIST: frozenset({"values"}),
    FieldKind.FILEPICKER: frozenset({"multiple"}),
}
_VALIDATIONS: Mapping[FieldKind, frozenset[str]] = {
    FieldKind.NUMBER: frozenset({"min", "max"}),
    FieldKind.TEXTFIELD: frozenset({"minLength", "maxLength", "pattern", "validationType"}),
    FieldKind.TEXTAREA: frozenset({"minLength", "maxLength"}),
}
_FACT_KINDS: Mapping[FactType, frozenset[FieldKind]] = {
    FactType.BOOL: frozenset({FieldKind.CHECKBOX, FieldKind.RADIO, FieldKind.SELECT}),
    FactType.INTEGER: frozenset({FieldKind.NUMBER}),
    FactType.DECIMAL: frozenset({FieldKind.NUMBER}),
    FactType.DATE: frozenset({FieldKind.DATE}),
    FactType.CODE: frozenset({FieldKind.SELECT, FieldKind.RADIO}),
    FactType.TEXT: _WRITING,
    FactType.PERSON: frozenset({FieldKind.SELECT}),
    FactType.ORGANISATION: frozenset({FieldKind.SELECT}),
    FactType.CODES: frozenset({FieldKind.CHECKLIST}),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """What the fields of one file are read with."""

    file: str
    text: str
    declarations: Declarations
    constants: frozenset[str]

    def line(self, key: str) -> int | None:
        found = re.search(r'"(?:key|id)"\s*:\s*' + re.escape(json.dumps(key)), self.text)
        return self.text.count("\n", 0, found.end()) + 1 if found else None

    def found(self, rule: Rule, key: str, **words: object) -> Finding:
        return rule.found(self.file, key or None, self.line(key), key=key, **words)


class _WrongField(ValueError):
    """Carries the first finding out of the reading of one field."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message_en)
        self.finding = finding


def read_form(
    content: bytes,
    file: str,
    declarations: Declarations,
    constants: frozenset[str] = frozenset(),
) -> tuple[FormSchema | None, tuple[Finding, ...]]:
    """Read a form; what is wrong comes as findings, at most one for each field.

    Args:
        content: the JSON of form-js.
        file: its path in the pack; the stem is the form's id.
        declarations: the pack's facts, which fields of the same key write.
        constants: the names of the plain parameters, for conditions.
    """
    stem = PurePosixPath(file).stem
    try:
        text = content.decode("utf-8-sig")
        schema = _load(text) if len(content) <= MAX_FORM_BYTES else None
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
        return None, (FORM_MALFORMED.found(file, reason=reason[:200]),)
    components = schema.get("components") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(components, list):
        reason = f"at most {MAX_FORM_BYTES} bytes, an object with a list “components”"
        return None, (FORM_MALFORMED.found(file, reason=reason),)
    if len(components) > MAX_FIELDS:
        reason = f"more than {MAX_FIELDS} fields"
        return None, (FORM_MALFORMED.found(file, reason=reason),)
    findings = [] if schema.get("id") == stem else [_wrong_id(file, schema, stem)]
    source = _Source(file, text, declarations, constants)
    fields, wrong = _fields(source, components)
    return FormSchema(stem, tuple(fields)), (*findings, *wrong)


def _wrong_id(file: str, schema: Mapping[str, object], stem: str) -> Finding:
    return FORM_ID.found(file, id=str(schema.get("id"))[:64], stem=stem)


def _load(text: str) -> object:
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    reason = f"{name} is no number"
    raise ValueError(reason)


def _fields(source: _Source, components: list[object]) -> tuple[list[FormField], list[Finding]]:
    fields: list[FormField] = []
    findings: list[Finding] = []
    for number, component in enumerate(components, start=1):
        seen = {each.key for each in fields}
        try:
            fields.append(_field(source, component, number, seen))
        except _WrongField as wrong:
            findings.append(wrong.finding)
    return fields, findings


def _field(source: _Source, component: object, number: int, seen: set[str]) -> FormField:
    if not isinstance(component, dict):
        raise _WrongField(FORM_MALFORMED.found(source.file, reason="a field is no object"))
    kind = _kind(source, component)
    if kind is FieldKind.TEXT:
        return _static_text(source, component, number, seen)
    key = component.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key) or key in seen:
        raise _WrongField(source.found(FORM_KEY, str(key)[:64]))
    reader = _FieldReader(source, component, kind, key)
    reader.check_properties()
    return reader.field(seen)


def _kind(source: _Source, component: Mapping[str, object]) -> FieldKind:
    type_ = component.get("type")
    if type_ == "datetime" and component.get("subtype") == "date":
        return FieldKind.DATE
    if type_ in tuple(FieldKind) and type_ != FieldKind.DATE:
        return FieldKind(str(type_))
    known = "textfield, textarea, number, datetime (subtype date), select, radio, checkbox,"
    known += " checklist, filepicker, text"
    key = str(component.get("key") or component.get("id") or "")[:64]
    raise _WrongField(source.found(FORM_COMPONENT, key, type=str(type_)[:64], known=known))


def _static_text(
    source: _Source, component: Mapping[str, object], number: int, seen: set[str]
) -> FormField:
    key = f"text_{number}"
    reader = _FieldReader(source, component, FieldKind.TEXT, key)
    reader.check_properties()
    return FormField(
        FieldKind.TEXT, key, "", text=reader.text_of("text"), hide=reader.condition(seen)
    )


class _FieldReader:
    """Reads the properties of one component; the first that is wrong ends it."""

    def __init__(
        self, source: _Source, component: Mapping[str, object], kind: FieldKind, key: str
    ) -> None:
        self._source = source
        self._component = component
        self._kind = kind
        self._key = key
        self._fact = source.declarations.get(key)
        self._properties = self._object("properties")
        self._validate = self._object("validate")

    def _fail(self, rule: Rule, **words: object) -> NoReturn:
        raise _WrongField(self._source.found(rule, self._key, **words))

    def _object(self, name: str) -> Mapping[str, object]:
        value = self._component.get(name, {})
        if not isinstance(value, dict):
            self._fail(FORM_VALUE, name=name, wanted="{…}")
        return value

    def check_properties(self) -> None:
        known = {
            "": _LOOKS | _COMMON | _OWN.get(self._kind, frozenset()),
            "validate.": frozenset({"required"}) | _VALIDATIONS.get(self._kind, frozenset()),
            "conditional.": frozenset({"hide"}),
            "properties.": frozenset({"picker", "prefill", "level", "allowed"}),
        }
        present = {
            "": self._component,
            "validate.": self._validate,
            "conditional.": self._object("conditional"),
            "properties.": self._properties,
        }
        for prefix, names in known.items():
            for name in present[prefix]:
                if name not in names:
                    self._fail(FORM_PROPERTY, name=f"{prefix}{name}"[:64])

    def field(self, seen: set[str]) -> FormField:
        label = self.text_of("label")
        if not label:
            self._fail(FORM_LABEL)
        places = self._integer(self._component, "decimalDigits", self._default_places())
        pattern = self._pattern()
        default_length = 5_000 if self._kind is FieldKind.TEXTAREA else 500
        longest = MAX_MATCHED_LENGTH if pattern else MAX_TEXT
        built = FormField(
            kind=self._kind,
            key=self._key,
            label=label,
            description=self.text_of("description"),
            choices=self._choices(),
            is_required=self._truth(self._validate, "required"),
            minimum=self._number("min"),
            maximum=self._number("max"),
            decimal_places=min(places, 6),
            min_length=self._integer(self._validate, "minLength", 0),
            max_length=min(self._integer(self._validate, "maxLength", default_length), longest),
            pattern=pattern,
            hide=self.condition(seen),
            picker=self._picker(),
            prefill=self._prefill(),
            is_multiple=self._truth(self._component, "multiple"),
            fact=self._fact,
            is_closed=self._is_closed(),
            allowed=self._allowed(),
        )
        self._check_fact(built)
        return built

    def text_of(self, name: str) -> str:
        value = self._component.get(name, "")
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            self._fail(FORM_VALUE, name=name, wanted=f"text, ≤ {MAX_TEXT}")
        return value.strip()

    def _truth(self, source: Mapping[str, object], name: str) -> bool:
        value = source.get(name, False)
        if not isinstance(value, bool):
            self._fail(FORM_VALUE, name=name, wanted="true / false")
        return value

    def _integer(self, source: Mapping[str, object], name: str, default: int) -> int:
        value = source.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_TEXT:
            self._fail(FORM_VALUE, name=name, wanted=f"0–{MAX_TEXT}")
        return value

    def _number(self, name: str) -> Decimal | None:
        value = self._validate.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self._fail(FORM_VALUE, name=name, wanted="number")
        return Decimal(value)

    def _default_places(self) -> int:
        return self._fact.scale if self._fact is not None else 0

    def _pattern(self) -> Pattern | None:
        if self._validate.get("validationType", "custom") != "custom":
            self._fail(FORM_VALUE, name="validate.validationType", wanted="custom")
        text = self._validate.get("pattern")
        if text is None or text == "":
            return None
        try:
            return Pattern(str(text))
        except PatternRefused as error:
            self._fail(FORM_PATTERN, reason=error.reason)

    def condition(self, seen: set[str]) -> Expression | None:
        text = self._object("conditional").get("hide")
        if text is None or text == "":
            return None
        try:
            expression = Expression(str(text).strip().removeprefix("="))
        except ExpressionRefused as error:
            self._fail(FORM_CONDITION, reason=error.reason)
        known = {*seen, *self._source.declarations, *self._source.constants}
        for name in sorted(expression.names - known | ({self._key} & expression.names)):
            self._fail(FORM_CONDITION, reason=f"“{name}”")
        return expression

    def _picker(self) -> str | None:
        picker = self._properties.get("picker")
        if picker is None and self._fact is not None:
            typed = self._fact.type
            picker = typed.value if typed in (FactType.PERSON, FactType.ORGANISATION) else None
        if picker is None:
            return None
        if self._kind is not FieldKind.SELECT or picker not in _PICKERS:
            wanted = f"select; {' / '.join(_PICKERS)}"
            self._fail(FORM_VALUE, name="properties.picker", wanted=wanted)
        return str(picker)

    def _prefill(self) -> str | None:
        name = self._properties.get("prefill")
        if name is None:
            return None
        if name not in self._source.declarations:
            wanted = ", ".join(sorted(self._source.declarations))[:200]
            self._fail(FORM_VALUE, name="properties.prefill", wanted=wanted)
        return str(name)

    def _allowed(self) -> Allowed | None:
        """Read which table says what may be chosen; whether there is one is checked later."""
        text = self._properties.get("allowed")
        if text is None:
            return None
        decision, _, output = str(text).partition(".")
        known = self._source.declarations.get(output)
        fits = known is not None and _YES in known.choices and self._fact is not None
        if not (decision and fits) or self._kind not in (FieldKind.RADIO, FieldKind.SELECT):
            self._fail(FORM_VALUE, name="properties.allowed", wanted="decision.output: yes / no")
        return Allowed(decision, output)

    def _is_closed(self) -> bool:
        """Read whether the field is person-level by itself; a fact must then be so too."""
        level = self._properties.get("level")
        if level is None:
            return False
        if level != _PERSONAL or self._kind is FieldKind.FILEPICKER:
            self._fail(FORM_VALUE, name="properties.level", wanted=f"{_PERSONAL}; no files")
        if self._fact is not None and self._fact.level.value != _PERSONAL:
            self._fail(FORM_VALUE, name="properties.level", wanted="facts.toml: level = L2")
        return True

    def _choices(self) -> tuple[Choice, ...]:
        """Read the choices; a fact's own codes stand in where the form lists none."""
        if self._kind not in _CHOOSING:
            return ()
        listed = self._component.get("values", [])
        if not isinstance(listed, list) or len(listed) > MAX_CHOICES:
            self._fail(FORM_VALUE, name="values", wanted=f"[…], ≤ {MAX_CHOICES}")
        choices = tuple(self._choice(each) for each in listed)
        if not choices and self._fact is not None:
            choices = tuple(Choice(code, name) for code, name in self._fact.choices.items())
        if not choices and self._picker() is None:
            self._fail(FORM_CHOICES, codes="–")
        return choices

    def _choice(self, each: object) -> Choice:
        value = each.get("value") if isinstance(each, dict) else None
        label = each.get("label") if isinstance(each, dict) else None
        if not (isinstance(value, str) and isinstance(label, str) and value and label):
            self._fail(FORM_CHOICES, codes=str(each)[:80])
        return Choice(value, label)

    def _check_fact(self, built: FormField) -> None:
        """Make sure that the field gives what its fact takes."""
        values = [choice.value for choice in built.choices]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            self._fail(FORM_CHOICES, codes=", ".join(twice))
        fact = self._fact
        if fact is None:
            return
        kinds = _FACT_KINDS[fact.type]
        fits_picker = built.picker is None or built.picker == fact.type.value
        if built.kind not in kinds or not fits_picker or built.decimal_places > fact.scale:
            wanted = ", ".join(sorted(kinds)) + (f" ≤ .{fact.scale}" if fact.scale else "")
            self._fail(FORM_FACT_TYPE, kind=built.kind.value, type=fact.type.value, wanted=wanted)
        unknown = [value for value in values if value not in _codes(fact)]
        if unknown and built.picker is None:
            self._fail(FORM_CHOICES, codes=", ".join(unknown))


def _codes(fact: FactDeclaration) -> Mapping[str, str] | frozenset[str]:
    return frozenset({"true", "false"}) if fact.type is FactType.BOOL else fact.choices


def read_forms(
    files: Mapping[str, bytes], declarations: Declarations, constants: frozenset[str]
) -> tuple[Mapping[str, FormSchema], tuple[Finding, ...]]:
    """Read every ``forms/*.json`` of a pack, by form id, with the checks on them."""
    forms: dict[str, FormSchema] = {}
    findings: list[Finding] = []
    for file in sorted(_form_files(files)):
        form, wrong = read_form(files[file], file, declarations, constants)
        findings += wrong
        if form is not None:
            forms[form.id] = form
    known = frozenset({*declarations, *constants})
    checked, wrong_checks = with_checks(files.get("checks.toml", b""), forms, known)
    return MappingProxyType(checked), (*findings, *wrong_checks, *_half_closed(forms))


def _half_closed(forms: Mapping[str, FormSchema]) -> Iterator[Finding]:
    """Find fields that one form marks as person-level and another of the same key does not."""
    closed = {each.key for form in forms.values() for each in form.fields if each.is_closed}
    for form in forms.values():
        for each in form.fields:
            if each.key in closed and not each.is_closed:
                yield FORM_LEVEL.found(f"forms/{form.id}.json", each.key, None, key=each.key)


def _form_files(files: Mapping[str, bytes]) -> Iterator[str]:
    for file in files:
        path = PurePosixPath(file)
        if path.parts[:1] == ("forms",) and len(path.parts) == 2 and path.suffix == ".json":
            yield file
