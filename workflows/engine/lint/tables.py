"""Decision tables: DMN files, their inputs, outputs and cells (DESIGN 4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from workflows.engine.expression_types import Kind, Names, check_kinds, typing_of_names
from workflows.engine.expressions import (
    Expression,
    ExpressionFailed,
    ExpressionRefused,
    cell_expression,
)
from workflows.engine.facts import FactDeclaration, FactType, WrongFactValue
from workflows.engine.findings import Finding, Rule
from workflows.engine.lint.model import DMN, PackView, line_of, local

TABLE_SHAPE = Rule(
    "table-shape",
    "决策文件不正确：{reason_zh}",
    "The decision file is wrong: {reason_en}",
    "每个文件一个决策、一张决策表（DMN 1.3），决策 id 与文件名一致。",
    "One decision with one table (DMN 1.3) in a file, its id the name of the file.",
)
TABLE_HIT_POLICY = Rule(
    "table-hit-policy",
    "命中策略 {policy} 不支持。",
    "The hit policy {policy} is not supported.",
    "可用：{known}。",
    "Supported: {known}.",
)
TABLE_INPUT = Rule(
    "table-input",
    "第 {number} 个输入“{text}”不正确：{reason}",
    "Input {number}, “{text}”, is wrong: {reason}",
    "输入应为要素、参数或由它们组成的表达式。",
    "An input is a fact, a parameter, or an expression of them.",
)
TABLE_OUTPUT = Rule(
    "table-output",
    "输出“{name}”不是要素，或出现两次。",
    "The output “{name}” is no fact, or stands twice.",
    "输出名称应为 facts.toml 中的要素。",
    "Outputs are called like facts of facts.toml.",
)
TABLE_CELL = Rule(
    "table-cell",
    "第 {row} 行“{column}”的单元格“{text}”不正确：{reason}",
    "The cell “{text}” of row {row}, “{column}”, is wrong: {reason}",
    "请改正该单元格。",
    "Correct the cell.",
)
TABLE_ROW = Rule(
    "table-row",
    "第 {row} 行的单元格数与列数不符。",
    "Row {row} has not one cell for each column.",
    "请补齐或删除单元格。",
    "Add or remove cells.",
)

HIT_POLICIES = ("UNIQUE", "FIRST", "COLLECT")
_MAX_RULES = 500
_ELEMENTS = frozenset(
    [
        *("definitions", "decision", "decisionTable", "extensionElements", "description"),
        *("input", "inputExpression", "inputValues", "output", "outputValues", "text"),
        *("rule", "inputEntry", "outputEntry"),
        *("informationRequirement", "requiredDecision", "requiredInput", "inputData", "variable"),
    ]
)


@dataclass(frozen=True, slots=True)
class Row:
    """A rule of a table; conditions that take any value are None."""

    line: int | None
    conditions: tuple[Expression | None, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table as far as it could be read."""

    hit_policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


def check_tables(view: PackView) -> Iterator[Finding]:
    """Check every decision table of the pack."""
    names = typing_of_names(view.facts.values(), view.constants)
    for file, root in view.tables.items():
        yield from _TableCheck(view, names, file, root).check()


def read_table(root: etree._Element) -> Table | None:
    """Read the table of a file, leaving out the cells that do not compile."""
    found = root.find(f"{DMN}decision/{DMN}decisionTable")
    if found is None:
        return None
    inputs = tuple(_text(each.find(f"{DMN}inputExpression")) for each in found.iter(f"{DMN}input"))
    outputs = tuple(_output_name(each) for each in found.iter(f"{DMN}output"))
    rows = []
    for rule in found.iter(f"{DMN}rule"):
        cells = [_text(each) for each in rule.iter(f"{DMN}inputEntry")]
        conditions = tuple(_cell(*each) for each in zip(inputs, cells, strict=False))
        written = tuple(_text(each) for each in rule.iter(f"{DMN}outputEntry"))
        rows.append(Row(line_of(rule), conditions, written))
    policy = found.get("hitPolicy", "UNIQUE").upper()
    return Table(policy, inputs, outputs, tuple(rows))


def _output_name(element: etree._Element) -> str:
    return element.get("name") or element.get("label") or ""


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.findtext(f"{DMN}text") or "").strip()


def _cell(subject: str, cell: str) -> Expression | None:
    try:
        return cell_expression(subject, cell)
    except ExpressionRefused:
        return None


class _TableCheck:
    """Checks one file."""

    def __init__(self, view: PackView, names: Names, file: str, root: etree._Element) -> None:
        self._view = view
        self._names = names
        self._file = file
        self._root = root

    def check(self) -> Iterator[Finding]:
        decisions = [each for each in self._root if local(each) == "decision"]
        tables = self._root.findall(f"{DMN}decision/{DMN}decisionTable")
        if self._root.tag != f"{DMN}definitions":
            yield self._shape(self._root, "不是 DMN 1.3。", "it is not DMN 1.3.")
        elif len(decisions) != 1 or len(tables) != 1:
            yield self._shape(self._root, "决策或决策表不止一个。", "it has not one table.")
        elif f"{decisions[0].get('id')}.dmn" != self._file:
            yield self._shape(decisions[0], "决策 id 与文件名不同。", "its id is not its name.")
        else:
            yield from self._check_elements()
            yield from self._check_table(tables[0])

    def _found(self, rule: Rule, element: etree._Element, **words: object) -> Finding:
        return rule.found(self._file, element.get("id"), line_of(element), **words)

    def _shape(self, element: etree._Element, zh: str, en: str) -> Finding:
        return self._found(TABLE_SHAPE, element, reason_zh=zh, reason_en=en)

    def _check_elements(self) -> Iterator[Finding]:
        for element in self._root.iter(f"{DMN}*"):
            if local(element) not in _ELEMENTS:
                name = local(element)
                yield self._shape(element, f"不允许有元素 {name}。", f"it may not have {name}.")

    def _check_table(self, table: etree._Element) -> Iterator[Finding]:
        policy = table.get("hitPolicy", "UNIQUE").upper()
        aggregation = table.get("aggregation")
        if policy not in HIT_POLICIES or aggregation is not None:
            shown = f"{policy} {aggregation or ''}".strip()
            known = ", ".join(HIT_POLICIES)
            yield self._found(TABLE_HIT_POLICY, table, policy=shown, known=known)
        inputs = [_text(each.find(f"{DMN}inputExpression")) for each in table.iter(f"{DMN}input")]
        for number, (each, text) in enumerate(
            zip(table.iter(f"{DMN}input"), inputs, strict=True), start=1
        ):
            reason = self._wrong(text, None)
            if reason:
                yield self._found(TABLE_INPUT, each, number=number, text=text[:80], reason=reason)
        outputs = [(each, _output_name(each)) for each in table.iter(f"{DMN}output")]
        names = [name for _, name in outputs]
        for each, name in outputs:
            if name not in self._view.facts or names.count(name) > 1:
                yield self._found(TABLE_OUTPUT, each, name=name[:64])
        rules = list(table.iter(f"{DMN}rule"))
        if not outputs or not rules or len(rules) > _MAX_RULES:
            zh, en = f"应有输出和 1–{_MAX_RULES} 行。", f"it needs outputs and 1–{_MAX_RULES} rows."
            yield self._shape(table, zh, en)
        for row, rule in enumerate(rules, start=1):
            yield from self._check_rule(row, rule, inputs, names, policy)

    def _wrong(self, text: str, wanted: Kind | None) -> str:
        """Say what is wrong with an expression, or nothing."""
        try:
            problems = check_kinds(Expression(text).tree, self._names, wanted)
        except ExpressionRefused as error:
            return error.reason
        return "; ".join(problems)

    def _check_rule(
        self,
        row: int,
        rule: etree._Element,
        inputs: Sequence[str],
        outputs: Sequence[str],
        policy: str,
    ) -> Iterator[Finding]:
        conditions = rule.findall(f"{DMN}inputEntry")
        writes = rule.findall(f"{DMN}outputEntry")
        if len(conditions) != len(inputs) or len(writes) != len(outputs):
            yield self._found(TABLE_ROW, rule, row=row)
            return
        for subject, cell in zip(inputs, conditions, strict=True):
            reason = self._wrong_cell(subject, _text(cell))
            if reason:
                yield self._cell_found(cell, row, subject, reason)
        for name, cell in zip(outputs, writes, strict=True):
            fact = self._view.facts.get(name)
            reason = "" if fact is None else self._wrong_output(fact, _text(cell), policy)
            if reason:
                yield self._cell_found(cell, row, name, reason)

    def _cell_found(self, cell: etree._Element, row: int, column: str, reason: str) -> Finding:
        text = _text(cell)[:80]
        return self._found(TABLE_CELL, cell, row=row, column=column[:80], text=text, reason=reason)

    def _wrong_cell(self, subject: str, text: str) -> str:
        try:
            condition = cell_expression(subject, text)
        except ExpressionRefused as error:
            return error.reason
        if condition is None:
            return ""
        return "; ".join(check_kinds(condition.tree, self._names, Kind.TRUTH))

    def _wrong_output(self, fact: FactDeclaration, text: str, policy: str) -> str:
        """Check what a cell writes: a fixed value exactly, an expression by its kind."""
        if not text:
            return ""
        try:
            expression = Expression(text)
        except ExpressionRefused as error:
            return error.reason
        if policy == "COLLECT" and fact.type is not FactType.CODES:
            return "COLLECT writes lists of codes only"
        if expression.names:
            return self._wrong_names(expression, fact)
        try:
            value = expression.evaluate({})
            is_item = policy == "COLLECT" and isinstance(value, str)
            fact.convert([str(value)] if is_item else value)
        except (ExpressionFailed, WrongFactValue) as error:
            return error.reason if isinstance(error, WrongFactValue) else str(error)
        return ""

    def _wrong_names(self, expression: Expression, fact: FactDeclaration) -> str:
        problems = check_kinds(expression.tree, self._names)
        numeric = fact.type in (FactType.INTEGER, FactType.DECIMAL)
        if not problems and numeric:
            problems = check_kinds(expression.tree, self._names, Kind.NUMBER)
        if not problems and fact.type is FactType.BOOL:
            problems = check_kinds(expression.tree, self._names, Kind.TRUTH)
        return "; ".join(problems)


def tables_by_decision(view: PackView) -> Mapping[str, Table]:
    """Give every table that can be read, by the id of its decision."""
    read = {file.removesuffix(".dmn"): read_table(root) for file, root in view.tables.items()}
    return {name: table for name, table in read.items() if table is not None}
