"""Parameters: the numbers of the rules, each with its unit and basis (DOMAIN annex A)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from workflows.domain.clocks import Budget, ClockKind
from workflows.domain.errors import InvalidInput
from workflows.domain.steps import FactValue
from workflows.engine.dated import Version, read_days, read_versions
from workflows.engine.expression_parser import MAX_INTEGER, ExpressionRefused, parse
from workflows.engine.expression_tree import Call, Name, Node
from workflows.engine.facts import RESERVED_NAMES
from workflows.engine.findings import Finding, Rule
from workflows.engine.toml_files import (
    TOML_BAD_NAME,
    TOML_BAD_VALUE,
    TOML_UNKNOWN_KEY,
    TomlFile,
    read_toml,
    tables_of,
)

TIME_UNITS = ("workdays", "days", "months")
NUMBER_UNITS = ("count", "percent", "score")
UNITS = TIME_UNITS + NUMBER_UNITS
MAX_TIME = 3_650

PARAMETER_WITHOUT_KIND = Rule(
    "parameter-without-kind",
    "参数“{name}”以时间计，须写明 kind:act（办理）、effect（影响期）或 observation（观察期）。",
    "The parameter “{name}” is a time and needs its kind: act, effect or observation.",
    "请补上 kind。",
    "Add the kind.",
)
PARAMETER_KIND_MISPLACED = Rule(
    "parameter-kind-misplaced",
    "参数“{name}”不以时间计，不能有 kind。",
    "The parameter “{name}” is no time and has no kind.",
    "请删除 kind 或改单位。",
    "Remove the kind or change the unit.",
)
PARAMETER_VALUE = Rule(
    "parameter-value",
    "参数“{name}”要么有 value 和 unit，要么有 by 和 values。",
    "The parameter “{name}” has either value and unit, or by and values.",
    "请写成其中一种。",
    "Write one of the two.",
)
PARAMETER_MIXED_UNITS = Rule(
    "parameter-mixed-units",
    "参数“{name}”的各档有的以时间计，有的不是。",
    "The values of the parameter “{name}” are partly times and partly not.",
    "请拆成两个参数。",
    "Make two parameters of it.",
)
PARAMETER_DATED = Rule(
    "parameter-dated",
    "参数“{name}”的施行日期和此前的期限写得不对。",
    "The parameter “{name}” does not say rightly since when it holds and what held before.",
    "只有影响期（kind 为 effect）可以写：from（施行日期）、before（此前各期限的 from、value，"
    "由早到晚，单位相同）和 on（日期类要素的名称）。",
    "For effects alone, give from (its first day), before (from and value of what held earlier, "
    "oldest first, in one unit) and on (names of date facts).",
)


class TermRefused(InvalidInput):
    """The timer's expression “{expression}” is refused: {reason}"""

    code = "term_refused"
    expression: str
    reason: str


class TermUnknown(InvalidInput):
    """The term “{expression}” cannot be computed from {fact}: {reason}"""

    code = "term_unknown"
    expression: str
    fact: str
    reason: str


@dataclass(frozen=True, slots=True)
class Amount:
    """One value with its unit."""

    value: int
    unit: str

    @property
    def is_time(self) -> bool:
        """Tell whether it counts days or months."""
        return self.unit in TIME_UNITS


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the rules.

    Either ``amount`` is set, or ``by`` names the code fact whose value chooses among
    ``amounts``. ``is_local`` marks a setting of the unit's own, which is no norm. A length that
    the rules changed has ``versions``, oldest first, the last with the ``amount``; which one
    counts goes by the dates that ``days`` names (``dated``).
    """

    name: str
    label: str
    basis: str
    amount: Amount | None = None
    by: str | None = None
    amounts: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    kind: ClockKind | None = None
    is_local: bool = False
    versions: tuple[Version, ...] = ()
    days: tuple[str, ...] = ()

    @property
    def is_time(self) -> bool:
        """Tell whether timers may use it; conditions may use all others."""
        return self.kind is not None


@dataclass(frozen=True, slots=True)
class TermCall:
    """A timer's expression: a parameter, its class fact, and a fact that may shorten it."""

    rule: str
    by: str | None = None
    shortened_by: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """How long a clock runs, and by which rule."""

    rule: str
    budget: Budget
    kind: ClockKind


Parameters = Mapping[str, Parameter]


def constants_of(parameters: Parameters) -> Mapping[str, int]:
    """Give the parameters that conditions may name: plain numbers that are no times."""
    return {
        name: parameter.amount.value
        for name, parameter in parameters.items()
        if parameter.amount is not None and not parameter.is_time
    }


def parse_term(text: str) -> TermCall:
    """Parse a timer's expression: ``R_PLAN`` or ``term(R_RECT, class_fact[, days_fact])``.

    Raises:
        TermRefused: it is anything else, a literal duration for example.
    """
    try:
        tree = parse(text, {"term": (1, 3)})
    except ExpressionRefused as error:
        raise TermRefused(expression=text[:120], reason=error.attributes["reason"]) from error
    names = _term_names(tree)
    if names is None:
        reason = "a timer names one parameter, or calls term(parameter, fact, fact)"
        raise TermRefused(expression=text[:120], reason=reason)
    return TermCall(*names)


def _term_names(tree: Node) -> tuple[str, ...] | None:
    parts = tree.arguments if isinstance(tree, Call) else (tree,)
    names = tuple(part.id for part in parts if isinstance(part, Name))
    return names if len(names) == len(parts) else None


def resolve_term(text: str, parameters: Parameters, facts: Mapping[str, FactValue]) -> Term:
    """Compute how long a timer runs on these facts.

    Raises:
        TermRefused: the expression or its parameter is none that a timer may use.
        TermUnknown: a fact it needs is null, no class of the parameter, or not shorter.
    """
    call = parse_term(text)
    parameter = parameters.get(call.rule)
    if parameter is None or parameter.kind is None:
        reason = f"{call.rule} is no parameter of time"
        raise TermRefused(expression=text, reason=reason)
    amount = _amount(text, parameter, call, facts)
    if call.shortened_by is not None and facts.get(call.shortened_by) is not None:
        amount = _shortened(text, amount, call.shortened_by, facts[call.shortened_by])
    return Term(call.rule, Budget.of(amount.value, amount.unit), parameter.kind)


def _amount(
    text: str, parameter: Parameter, call: TermCall, facts: Mapping[str, FactValue]
) -> Amount:
    if parameter.amount is not None:
        return parameter.amount
    if call.by is None or call.by != parameter.by:
        reason = f"{parameter.name} goes by {parameter.by}: write term({parameter.name}, ...)"
        raise TermRefused(expression=text, reason=reason)
    value = facts.get(call.by)
    amount = parameter.amounts.get(value) if isinstance(value, str) else None
    if amount is None:
        reason = "it is not known yet" if value is None else f"{value} has no term"
        raise TermUnknown(expression=text, fact=call.by, reason=reason)
    return amount


def _shortened(text: str, amount: Amount, fact: str, value: FactValue) -> Amount:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= amount.value:
        reason = f"{value} is not between 1 and {amount.value} {amount.unit}"
        raise TermUnknown(expression=text, fact=fact, reason=reason)
    return Amount(value, amount.unit)


def read_parameters(
    content: bytes, file: str = "parameters.toml"
) -> tuple[Parameters, tuple[Finding, ...]]:
    """Read the parameters of a pack; what is wrong comes as findings, not as errors."""
    source = read_toml(content, file)
    tables, findings = tables_of(source)
    findings = [*source.findings, *findings]
    parameters: dict[str, Parameter] = {}
    for name, table in tables.items():
        wrong = _wrong_table(source, name, table)
        findings += wrong
        if not wrong:
            parameters[name] = _parameter(name, table)
    return MappingProxyType(parameters), tuple(findings)


_DATED = ("from", "on", "before")
_KEYS = ("name", "value", "unit", "kind", "basis", "local", "by", "values", *_DATED)
_WANTED: Mapping[str, tuple[str, str]] = {
    "name": ("中文名称", "its Chinese name"),
    "basis": ("依据的正式名称、条款和年份，或“本单位自定”", "the official name, article and year"),
    "local": ("true 或 false", "true or false"),
    "kind": ("act、effect 或 observation", "act, effect or observation"),
    "by": ("一个代码类要素的名称", "the name of a code fact"),
    "value": (f"非负整数，时间不超过 {MAX_TIME}", f"an integer from 0, a time at most {MAX_TIME}"),
    "values": ("代码 = { value, unit } 的表", "a table of code = { value, unit }"),
}


def _wrong_table(source: TomlFile, name: str, table: Mapping[str, object]) -> list[Finding]:
    """Find what is wrong with one table of parameters.toml."""
    line, file = source.line(name), source.file
    if name in RESERVED_NAMES:
        return [TOML_BAD_NAME.found(file, name, line, name=name)]
    findings = [
        TOML_UNKNOWN_KEY.found(file, name, line, name=name, key=key, known=", ".join(_KEYS))
        for key in table
        if key not in _KEYS
    ]
    for key in _wrong_values(table):
        zh, en = _WANTED[key]
        found = TOML_BAD_VALUE.found(
            file, name, line, name=name, key=key, wanted_zh=zh, wanted_en=en
        )
        findings.append(found)
    if findings:
        return findings
    rule = _broken_rule(table)
    return [rule.found(file, name, line, name=name)] if rule else []


def _wrong_values(table: Mapping[str, object]) -> list[str]:
    """Name the keys of a table whose values are of a wrong kind."""
    texts = {"name": True, "basis": True, "by": False}
    wrong = [
        key
        for key, is_required in texts.items()
        if (is_required or key in table) and not (isinstance(table.get(key), str) and table[key])
    ]
    if not isinstance(table.get("local", False), bool):
        wrong.append("local")
    if table.get("kind", "act") not in tuple(ClockKind):
        wrong.append("kind")
    if "value" in table and _amount_of(table) is None:
        wrong.append("value")
    values = table.get("values", {"": {"value": 1, "unit": "count"}})
    if not isinstance(values, dict) or not values or None in map(_amount_of, values.values()):
        wrong.append("values")
    return wrong


def _broken_rule(table: Mapping[str, object]) -> Rule | None:
    """Give the rule that a table of right kinds still breaks."""
    amounts = _amounts_of(table)
    has_value, has_values = "value" in table, "values" in table
    if has_value == has_values or has_values != ("by" in table):
        return PARAMETER_VALUE
    times = {amount.is_time for amount in amounts.values()}
    if len(times) != 1:
        return PARAMETER_MIXED_UNITS
    if times == {True} and "kind" not in table:
        return PARAMETER_WITHOUT_KIND
    if times == {False} and "kind" in table:
        return PARAMETER_KIND_MISPLACED
    if table.keys() & {*_DATED} and read_versions(table) is None:
        return PARAMETER_DATED
    return None


def _amounts_of(table: Mapping[str, object]) -> dict[str, Amount]:
    """Give the amounts of a table by class; the one of a plain parameter under ``""``."""
    values = table.get("values")
    sources = values if isinstance(values, dict) else {"": table}
    amounts = {code: _amount_of(source) for code, source in sources.items()}
    return {code: amount for code, amount in amounts.items() if amount is not None}


def _amount_of(source: object) -> Amount | None:
    """Read value and unit, or None where they are no amount."""
    if not isinstance(source, dict):
        return None
    value, unit = source.get("value"), source.get("unit")
    if isinstance(value, bool) or not isinstance(value, int) or unit not in UNITS:
        return None
    amount = Amount(value, str(unit))
    return amount if 0 <= value <= (MAX_TIME if amount.is_time else MAX_INTEGER) else None


def _parameter(name: str, table: Mapping[str, object]) -> Parameter:
    amounts = _amounts_of(table)
    kind, by = table.get("kind"), table.get("by")
    return Parameter(
        name=name,
        label=str(table["name"]),
        basis=str(table["basis"]),
        amount=amounts.get("") if by is None else None,
        by=None if by is None else str(by),
        amounts=MappingProxyType(amounts if by is not None else {}),
        kind=None if kind is None else ClockKind(str(kind)),
        is_local=table.get("local", False) is True,
        versions=read_versions(table) or (),
        days=read_days(table),
    )
