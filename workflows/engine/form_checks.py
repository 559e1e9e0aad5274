"""Checks of a pack: conditions that what people typed into its forms must meet (checks.toml)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeGuard

from workflows.engine.expressions import Expression, ExpressionRefused
from workflows.engine.findings import Finding, Rule
from workflows.engine.form_errors import FormCheck, RuleTerm
from workflows.engine.forms import FormSchema
from workflows.engine.toml_files import (
    TOML_BAD_VALUE,
    TOML_UNKNOWN_KEY,
    TomlFile,
    read_toml,
    tables_of,
)

FILE = "checks.toml"
_TEXTS = ("field", "holds", "zh", "en", "basis")
_KEYS = frozenset({"forms", *_TEXTS})
_TERM = frozenset({"from", "until", "on"})

CHECK_FORM = Rule(
    "check-form",
    "核对规则“{name}”所指的表单“{form}”不存在，或没有“{field}”一栏。",
    "The check “{name}” is about the form “{form}”, which is none or has no field “{field}”.",
    "请改为已有的表单和栏目。",
    "Name forms and a field that there are.",
)
CHECK_CONDITION = Rule(
    "check-condition",
    "核对规则“{name}”的条件不正确：{reason}",
    "The condition of the check “{name}” is wrong: {reason}",
    "条件只能用要素、参数和这些表单的栏目。",
    "Conditions may use facts, parameters and fields of these forms.",
)
CHECK_TERM = Rule(
    "check-term",
    "核对规则“{name}”的施行期间不正确。",
    "The check “{name}” does not say rightly when its rule is in force.",
    "请写 from（施行日期）和 on（日期类要素或栏目的名称），已废止的另写 until（最后有效日）。",
    "Give from (its first day) and on (names of dates), and until (its last day) once repealed.",
)


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, whose shape is right."""

    name: str
    line: int | None
    forms: tuple[str, ...]
    texts: Mapping[str, str]
    term: RuleTerm | None


def with_checks(
    content: bytes, forms: Mapping[str, FormSchema], known: frozenset[str]
) -> tuple[dict[str, FormSchema], list[Finding]]:
    """Give the forms of a pack with the checks that are about them.

    Args:
        content: the file; a pack without one has no checks.
        forms: the forms as their own files have them, by id.
        known: the names of facts and plain parameters, for conditions.
    """
    source = read_toml(content, FILE)
    tables, wrong = tables_of(source)
    findings, checked = [*source.findings, *wrong], dict(forms)
    for name, content_of in tables.items():
        findings += _misshapen(source, name, content_of)
        table = _table(source, name, content_of)
        found = [] if table is None else list(_misfits(table, forms, known))
        findings += found
        if table is None or found:
            continue
        check = FormCheck(name, Expression(table.texts["holds"]), term=table.term, **_spoken(table))
        for form in table.forms:
            checked[form] = replace(checked[form], checks=(*checked[form].checks, check))
    return checked, findings


def _spoken(table: _Table) -> dict[str, str]:
    return {key: table.texts[key] for key in ("field", "zh", "en", "basis")}


def _misshapen(source: TomlFile, name: str, table: Mapping[str, object]) -> Iterator[Finding]:
    line, known = source.line(name), ", ".join(sorted(_KEYS | _TERM))
    for key in sorted(table.keys() - _KEYS - _TERM):
        yield TOML_UNKNOWN_KEY.found(FILE, name, line, name=name, key=key, known=known)
    for key in sorted(_KEYS):
        value = table.get(key)
        fits = _are_names(value) if key == "forms" else isinstance(value, str) and bool(value)
        if not fits:
            yield TOML_BAD_VALUE.found(
                FILE, name, line, name=name, key=key, wanted_zh="文字", wanted_en="text"
            )
    if table.keys() & _TERM and _term(table) is None:
        yield CHECK_TERM.found(FILE, name, line, name=name)


def _term(table: Mapping[str, object]) -> RuleTerm | None:
    """Read when the rule is in force; None where the table does not say, or not rightly."""
    first, last, days = table.get("from"), table.get("until"), table.get("on")
    if not _is_day(first) or not isinstance(days, list) or not _are_names(days):
        return None
    if last is not None and (not _is_day(last) or last < first):
        return None
    return RuleTerm(first, last, tuple(map(str, days)))


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def _table(source: TomlFile, name: str, table: Mapping[str, object]) -> _Table | None:
    if any(True for _ in _misshapen(source, name, table)):
        return None
    forms, texts = table["forms"], {key: str(table[key]) for key in _TEXTS}
    names = tuple(map(str, forms)) if isinstance(forms, list) else ()
    return _Table(name, source.line(name), names, texts, _term(table))


def _misfits(
    table: _Table, forms: Mapping[str, FormSchema], known: frozenset[str]
) -> Iterator[Finding]:
    """Find forms, a field and names of the condition that there are not."""
    field = table.texts["field"]
    asked = frozenset(table.term.days if table.term else ())
    try:
        asked |= Expression(table.texts["holds"]).names
    except ExpressionRefused as error:
        yield _wrong_condition(table, error.reason)
    for form in table.forms:
        schema = forms.get(form)
        if schema is None or schema.field(field) is None:
            yield CHECK_FORM.found(
                FILE, table.name, table.line, name=table.name, form=form[:64], field=field[:64]
            )
            continue
        own = {each.key for each in schema.fields if each.is_input}
        for name in sorted(asked - known - own):
            yield _wrong_condition(table, f"“{name}”")


def _wrong_condition(table: _Table, reason: str) -> Finding:
    return CHECK_CONDITION.found(FILE, table.name, table.line, name=table.name, reason=reason)
