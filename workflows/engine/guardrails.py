"""Guardrails: rules about what cases may reach, and by whose hands (DESIGN 4.4, DOMAIN 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from workflows.engine.expressions import Expression, ExpressionRefused
from workflows.engine.findings import Finding, Language, Rule
from workflows.engine.toml_files import (
    TOML_BAD_VALUE,
    TOML_UNKNOWN_KEY,
    TomlFile,
    read_toml,
    tables_of,
)

GUARDRAIL_KIND = Rule(
    "guardrail-kind",
    "护栏“{name}”的种类“{kind}”不存在。",
    "The guardrail “{name}” has an unknown kind “{kind}”.",
    "可用的种类：{known}。",
    "Known kinds: {known}.",
)
GUARDRAIL_AIMLESS = Rule(
    "guardrail-aimless",
    "护栏“{name}”没有写明管什么。",
    "The guardrail “{name}” does not say what it is about.",
    "请至少写一项：{known}。",
    "Give at least one of: {known}.",
)


class GuardrailKind(StrEnum):
    """What a guardrail demands."""

    BEFORE = "before"
    TIMER_ONLY = "timer_only"
    TIMER_NEVER = "timer_never"
    NEVER_AFTER = "never_after"
    SIGNATURES = "signatures"
    DIFFERENT_PEOPLE = "different_people"
    FORM_ASKS = "form_asks"
    APART = "apart"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Target:
    """What a guardrail is about; of several keys all must fit.

    ``activities`` are ids of nodes, ``measures`` stands for the operations that are a
    measure on a person.
    """

    activities: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    rungs: tuple[int, ...] = ()
    measures: bool = False


@dataclass(frozen=True, slots=True)
class Guardrail:
    """One rule of guardrails.toml; ``zh`` and ``en`` say it to people.

    ``after`` are acts that must all have been done, ``after_any`` of which one must; an
    act counts when ``when`` holds as it is done.
    """

    id: str
    kind: GuardrailKind
    zh: str
    en: str
    basis: str
    target: Target
    after: tuple[str, ...] = ()
    after_any: tuple[str, ...] = ()
    when: Expression | None = None
    since: str = "case"
    until: tuple[str, ...] = ()
    count: int = 0
    fields: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()

    def text(self, language: Language = "zh") -> str:
        """Say the rule in a language."""
        return self.zh if language == "zh" else self.en


Guardrails = Mapping[str, Guardrail]

FILE = "guardrails.toml"
TARGET_KEYS = ("activities", "operations", "measures", "processes", "roles", "rungs")
_TEXTS = ("kind", "zh", "en", "basis")
_OWN: Mapping[GuardrailKind, tuple[frozenset[str], frozenset[str]]] = {
    GuardrailKind.BEFORE: (
        frozenset(),
        frozenset({*TARGET_KEYS, "after", "after_any", "when", "since"}),
    ),
    GuardrailKind.TIMER_ONLY: (frozenset({"activities"}), frozenset()),
    GuardrailKind.TIMER_NEVER: (frozenset(), frozenset(TARGET_KEYS)),
    GuardrailKind.NEVER_AFTER: (
        frozenset({"after_any"}),
        frozenset({*TARGET_KEYS, "when", "until"}),
    ),
    GuardrailKind.SIGNATURES: (frozenset({"count"}), frozenset(TARGET_KEYS)),
    GuardrailKind.DIFFERENT_PEOPLE: (frozenset({"other_than"}), frozenset(TARGET_KEYS)),
    GuardrailKind.FORM_ASKS: (frozenset({"fields"}), frozenset(TARGET_KEYS)),
    GuardrailKind.APART: (frozenset(), frozenset(TARGET_KEYS)),
    GuardrailKind.HELD: (frozenset({"held_by"}), frozenset(TARGET_KEYS)),
}


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 99


def _are_numbers(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _is_condition(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(Expression(value))
    except ExpressionRefused:
        return False


_LIST = (_is_texts, "名称的列表", "a list of names")
_WANTED: Mapping[str, tuple[Callable[[object], bool], str, str]] = {
    "zh": (_is_text, "给人看的一句中文", "a Chinese sentence for people"),
    "en": (_is_text, "给人看的一句英文", "an English sentence for people"),
    "basis": (_is_text, "依据的正式名称、条款和年份", "the official name, article and year"),
    "activities": _LIST,
    "operations": _LIST,
    "processes": _LIST,
    "roles": _LIST,
    "rungs": (_are_numbers, "档次的列表", "a list of rungs"),
    "measures": (lambda value: value is True, "true", "true"),
    "after": _LIST,
    "after_any": _LIST,
    "when": (_is_condition, "一个条件", "a condition"),
    "since": (
        lambda value: value in ("case", "matter"),
        "case（自案件开立）或 matter（自事项登记）",
        "case (since it was opened) or matter (since it was registered)",
    ),
    "until": _LIST,
    "count": (_is_number, "一个整数", "an integer"),
    "fields": _LIST,
    "other_than": _LIST,
    "held_by": _LIST,
}


def read_guardrails(content: bytes, file: str = FILE) -> tuple[Guardrails, tuple[Finding, ...]]:
    """Read the guardrails of a pack; what is wrong comes as findings, not as errors."""
    source = read_toml(content, file)
    tables, findings = tables_of(source)
    findings = [*source.findings, *findings]
    guardrails: dict[str, Guardrail] = {}
    for name, table in tables.items():
        wrong = _wrong(source, name, table)
        findings += wrong
        if not wrong:
            guardrails[name] = _guardrail(name, table)
    return MappingProxyType(guardrails), tuple(findings)


def _wrong(source: TomlFile, name: str, table: Mapping[str, object]) -> list[Finding]:
    """Find what is wrong with one table."""
    line, kind = source.line(name), table.get("kind")
    if kind not in tuple(GuardrailKind):
        known = ", ".join(GuardrailKind)
        return [GUARDRAIL_KIND.found(FILE, name, line, name=name, kind=str(kind)[:64], known=known)]
    required, possible = _OWN[GuardrailKind(str(kind))]
    needed = {*_TEXTS, *required}
    if kind == GuardrailKind.BEFORE and "after_any" not in table:
        needed.add("after")
    known_keys = ", ".join(sorted({*needed, *possible}))
    findings = [
        TOML_UNKNOWN_KEY.found(FILE, name, line, name=name, key=key, known=known_keys)
        for key in table
        if key not in needed | possible
    ]
    for key in _WANTED:
        fits, zh, en = _WANTED[key]
        is_wrong = not fits(table[key]) if key in table else key in needed
        if is_wrong and (key in needed or key in possible):
            found = TOML_BAD_VALUE.found(
                FILE, name, line, name=name, key=key, wanted_zh=zh, wanted_en=en
            )
            findings.append(found)
    if not any(key in table for key in TARGET_KEYS):
        keys = ", ".join(TARGET_KEYS)
        findings.append(GUARDRAIL_AIMLESS.found(FILE, name, line, name=name, known=keys))
    return findings


def _guardrail(name: str, table: Mapping[str, object]) -> Guardrail:
    rungs = table.get("rungs", [])
    when = table.get("when")
    count = table.get("count", 0)
    return Guardrail(
        id=name,
        kind=GuardrailKind(str(table["kind"])),
        zh=str(table["zh"]),
        en=str(table["en"]),
        basis=str(table["basis"]),
        target=Target(
            activities=_names(table, "activities"),
            operations=_names(table, "operations"),
            processes=_names(table, "processes"),
            roles=_names(table, "roles"),
            rungs=tuple(rungs) if isinstance(rungs, list) else (),
            measures=table.get("measures") is True,
        ),
        after=_names(table, "after"),
        after_any=_names(table, "after_any"),
        when=None if when is None else Expression(str(when)),
        since=str(table.get("since", "case")),
        until=_names(table, "until"),
        count=count if isinstance(count, int) else 0,
        fields=_names(table, "fields"),
        other_than=_names(table, "other_than"),
        held_by=_names(table, "held_by"),
    )


def _names(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    return tuple(map(str, found)) if isinstance(found, list) else ()
