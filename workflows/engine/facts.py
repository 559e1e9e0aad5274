"""Facts: the typed values that forms and decisions write (DESIGN 4.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NoReturn

from workflows.domain.errors import InvalidInput
from workflows.domain.steps import FactValue
from workflows.engine.expression_parser import FUNCTIONS, KEYWORDS, MAX_DECIMAL_PLACES, MAX_INTEGER
from workflows.engine.expressions import Value
from workflows.engine.findings import Finding, Rule
from workflows.engine.toml_files import (
    TOML_BAD_NAME,
    TOML_BAD_VALUE,
    TOML_UNKNOWN_KEY,
    TomlFile,
    read_toml,
    tables_of,
)

MAX_FACT_TEXT = 10_000
RESERVED_NAMES = KEYWORDS | frozenset(FUNCTIONS) | {"term"}

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d{1,16}(?:\.\d{1,12})?", re.ASCII)

FACT_TYPE_UNKNOWN = Rule(
    "fact-type-unknown",
    "要素“{name}”的类型“{type}”不存在。",
    "The fact “{name}” has an unknown type “{type}”.",
    "可用的类型：{known}。",
    "Known types: {known}.",
)
FACT_KEY_MISPLACED = Rule(
    "fact-key-misplaced",
    "要素“{name}”的类型是 {type}，不能有“{key}”。",
    "The fact “{name}” is of type {type}, which has no “{key}”.",
    "请删除该项或改类型。",
    "Remove the key or change the type.",
)


class FactType(StrEnum):
    """What a fact can be; dates, codes, people and organisations are kept as text."""

    BOOL = "bool"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    CODE = "code"
    TEXT = "text"
    PERSON = "person"
    ORGANISATION = "organisation"
    CODES = "codes"


class Level(StrEnum):
    """How confidential a fact is: internal, person-level, sealed (DOMAIN 3.5)."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"


class WrongFactValue(InvalidInput):
    """{fact} cannot be {value}: {reason}"""

    code = "wrong_fact_value"
    fact: str
    reason: str


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """One fact of a pack.

    ``scale`` counts the decimal places of a decimal, which is kept as an integer:
    50.5 with scale 1 is 505. ``choices`` maps the codes of a code or list of codes
    to their Chinese names, in the order of the file. A given fact has a value from the
    opening of a case on; no form writes it.
    """

    name: str
    type: FactType
    label: str
    level: Level = Level.L1
    unit: str | None = None
    scale: int = 0
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    is_given: bool = False

    def check(self, value: object) -> FactValue:
        """Make sure that a stored value is of this fact's type, and give it back.

        Raises:
            WrongFactValue: it is not; null always is.
        """
        match self.type:
            case _ if value is None:
                return None
            case FactType.BOOL:
                return (
                    value if isinstance(value, bool) else self._fail(value, "it is true or false")
                )
            case FactType.INTEGER | FactType.DECIMAL:
                return self._check_number(value)
            case FactType.DATE:
                return self._check_date(value)
            case FactType.CODES:
                return self._check_codes(value)
            case _:
                return self._check_text(value)

    def convert(self, value: Value) -> FactValue:
        """Turn what an expression gave into a stored value: 50.5 into 505 at scale 1.

        Raises:
            WrongFactValue: it does not fit the type, or has more places than the scale.
        """
        if isinstance(value, Decimal) or (
            self.type is FactType.DECIMAL and isinstance(value, int) and not isinstance(value, bool)
        ):
            return self._scaled(Decimal(value))
        if isinstance(value, Sequence) and not isinstance(value, str):
            return self.check(list(value))
        return self.check(value)

    def parse(self, text: str) -> FactValue:
        """Read a value as people type it; an empty text is null.

        Codes of a list are parted by commas. Numbers are written without grouping.

        Raises:
            WrongFactValue: it cannot be read as this type.
        """
        text = text.strip()
        if not text:
            return None
        match self.type:
            case FactType.BOOL:
                known = {"true": True, "false": False, "是": True, "否": False}
                return self.check(known.get(text.lower(), text))
            case FactType.INTEGER | FactType.DECIMAL:
                if not _NUMBER.fullmatch(text):
                    self._fail(text, "it is a number")
                return self._scaled(Decimal(text))
            case FactType.CODES:
                return self.check([code.strip() for code in text.split(",") if code.strip()])
            case _:
                return self.check(text)

    def for_expression(self, value: FactValue) -> Value:
        """Give the value that expressions see: 505 at scale 1 is 50.5 there."""
        if self.type is FactType.DECIMAL and isinstance(value, int):
            return Decimal(value).scaleb(-self.scale)
        return value

    def show(self, value: FactValue) -> str:
        """Write a value as ``parse`` reads it; null is an empty text."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return ",".join(value)
        return format(self.for_expression(value), "f") if self.scale else str(value)

    def _fail(self, value: object, reason: str) -> NoReturn:
        raise WrongFactValue(fact=self.name, value=ascii(value)[:80], reason=reason)

    def _check_number(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            self._fail(value, "it is a whole number")
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            self._fail(value, f"it lies beyond ±{MAX_INTEGER}")
        return value

    def _check_date(self, value: object) -> str:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            self._fail(value, "it is a date like 2026-05-25")
        try:
            date.fromisoformat(value)
        except ValueError:
            self._fail(value, "there is no such day")
        return value

    def _check_text(self, value: object) -> str:
        if not isinstance(value, str) or not value:
            self._fail(value, "it is a text that is not empty")
        if self.type is FactType.CODE and value not in self.choices:
            self._fail(value, f"it is one of {', '.join(self.choices)}")
        if len(value) > MAX_FACT_TEXT:
            self._fail(value, f"it is longer than {MAX_FACT_TEXT} characters")
        return value

    def _check_codes(self, value: object) -> list[str]:
        if not isinstance(value, list) or len(set(map(str, value))) != len(value):
            self._fail(value, "it is a list of different codes")
        for code in value:
            if not isinstance(code, str) or code not in self.choices:
                self._fail(code, f"it is one of {', '.join(self.choices)}")
        return [code for code in self.choices if code in value]

    def _scaled(self, number: Decimal) -> int:
        if self.type not in (FactType.INTEGER, FactType.DECIMAL):
            self._fail(number, f"a number is no {self.type.value}")
        scaled = number.scaleb(self.scale)
        if scaled != int(scaled):
            self._fail(number, f"it has more than {self.scale} decimal places")
        return self._check_number(int(scaled))


Declarations = Mapping[str, FactDeclaration]


def names_for_expressions(
    declarations: Declarations, facts: Mapping[str, FactValue], constants: Mapping[str, int]
) -> Mapping[str, Value]:
    """Give every name that expressions of a pack may ask for.

    Facts that were never written are null; ``constants`` are the plain parameters.
    """
    names: dict[str, Value] = {
        name: declaration.for_expression(facts.get(name))
        for name, declaration in declarations.items()
    }
    names.update(constants)
    return names


def read_facts(
    content: bytes, file: str = "facts.toml"
) -> tuple[Declarations, tuple[Finding, ...]]:
    """Read the declarations of a pack; what is wrong comes as findings, not as errors."""
    source = read_toml(content, file)
    tables, findings = tables_of(source)
    findings = [*source.findings, *findings]
    declarations: dict[str, FactDeclaration] = {}
    for name, table in tables.items():
        wrong = _wrong_keys(source, name, table)
        findings += wrong
        if not wrong:
            declarations[name] = _declaration(name, table)
    return MappingProxyType(declarations), tuple(findings)


_KEYS: Mapping[str, tuple[type, str, str]] = {
    "type": (str, "文本", "a text"),
    "name": (str, "中文名称", "its Chinese name"),
    "level": (str, "L1、L2 或 L3", "L1, L2 or L3"),
    "unit": (str, "计量单位", "its unit"),
    "scale": (int, f"0 到 {MAX_DECIMAL_PLACES} 的整数", f"an integer, 0 to {MAX_DECIMAL_PLACES}"),
    "choices": (dict, "代码 = 名称的表", "a table of code = name"),
    "given": (bool, "true（案件开立时由系统给出）", "true (given by the system as a case opens)"),
}
_REQUIRED = ("type", "name")
_TYPES_WITH: Mapping[str, tuple[FactType, ...]] = {
    "unit": (FactType.INTEGER, FactType.DECIMAL),
    "scale": (FactType.DECIMAL,),
    "choices": (FactType.CODE, FactType.CODES),
}


def _wrong_keys(source: TomlFile, name: str, table: Mapping[str, object]) -> list[Finding]:
    """Find what is wrong with one table of facts.toml."""
    line = source.line(name)
    if name in RESERVED_NAMES:
        return [TOML_BAD_NAME.found(source.file, name, line, name=name)]
    findings = [
        TOML_UNKNOWN_KEY.found(source.file, name, line, name=name, key=key, known=", ".join(_KEYS))
        for key in table
        if key not in _KEYS
    ]
    for key, (kind, zh, en) in _KEYS.items():
        value = table.get(key)
        missing = value is None and key in _REQUIRED
        if missing or (value is not None and not _fits(key, value, kind)):
            found = TOML_BAD_VALUE.found(
                source.file, name, line, name=name, key=key, wanted_zh=zh, wanted_en=en
            )
            findings.append(found)
    return findings or _wrong_type(source, name, table)


def _fits(key: str, value: object, kind: type) -> bool:
    if kind is bool:
        return isinstance(value, bool)
    if not isinstance(value, kind) or isinstance(value, bool):
        return False
    if key == "level":
        return value in tuple(Level)
    if isinstance(value, int):
        return 0 <= value <= MAX_DECIMAL_PLACES
    if isinstance(value, dict):
        return bool(value) and all(
            isinstance(label, str) and label and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", code)
            for code, label in value.items()
        )
    return bool(value)


def _wrong_type(source: TomlFile, name: str, table: Mapping[str, object]) -> list[Finding]:
    line, type_ = source.line(name), str(table["type"])
    if type_ not in tuple(FactType):
        known = ", ".join(FactType)
        return [
            FACT_TYPE_UNKNOWN.found(source.file, name, line, name=name, type=type_, known=known)
        ]
    findings = [
        FACT_KEY_MISPLACED.found(source.file, name, line, name=name, type=type_, key=key)
        for key, types in _TYPES_WITH.items()
        if key in table and FactType(type_) not in types
    ]
    if FactType(type_) in _TYPES_WITH["choices"] and "choices" not in table:
        _, zh, en = _KEYS["choices"]
        found = TOML_BAD_VALUE.found(
            source.file, name, line, name=name, key="choices", wanted_zh=zh, wanted_en=en
        )
        findings.append(found)
    return findings


def _declaration(name: str, table: Mapping[str, object]) -> FactDeclaration:
    choices = table.get("choices", {})
    scale = table.get("scale", 0)
    unit = table.get("unit")
    return FactDeclaration(
        name=name,
        is_given=table.get("given") is True,
        type=FactType(str(table["type"])),
        label=str(table["name"]),
        level=Level(str(table.get("level", "L1"))),
        unit=None if unit is None else str(unit),
        scale=scale if isinstance(scale, int) else 0,
        choices=MappingProxyType(dict(choices)) if isinstance(choices, dict) else {},
    )
