"""A version of the pack as people read it: numbers, decision tables, forms, findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.languages import language
from webapp.words import labels
from webapp.words.packs import PackWords
from workflows.domain.roles import Actor
from workflows.engine import Pack
from workflows.engine.decisions import Grid
from workflows.engine.difference.forms import FIELD_KINDS, form_name
from workflows.engine.difference.rules import TERM_KINDS
from workflows.engine.findings import Language
from workflows.engine.forms import FormField
from workflows.engine.parameters import Amount, Parameter
from workflows.engine.spoken import say_amount, say_expression
from workflows.services.versions.pack_reports import ReportKind
from workflows.store.tables import PackReport, PackVersion


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A number of the rules; ``amounts`` are one or, by class, several values with units."""

    code: str
    name: str
    kind: str
    amounts: tuple[str, ...]
    basis: str
    is_local: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """A decision table in words."""

    id: str
    name: str
    takes_first: bool
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One rule; an empty condition holds in any case."""

    number: int
    conditions: tuple[str, ...]
    results: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a form."""

    label: str
    kind: str
    is_required: bool
    choices: tuple[str, ...]
    hidden_if: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form by the tasks that use it."""

    id: str
    name: str
    fields: tuple[FieldRow, ...]


def findings_of(
    reports: Mapping[ReportKind, PackReport], language: Language
) -> list[tuple[str, str]]:
    """Give what the linter said, as place and sentence."""
    report = reports.get(ReportKind.LINT)
    found = report.body["findings"] if report is not None else ()
    return [
        (
            " ".join(filter(None, (each["file"], each["element"]))),
            f"{each['message'][language]} {each['remedy'][language]}",
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True)
class BrokenView:
    """A rule that some case would break, with the shortest way there."""

    number: int
    message: str
    remedy: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """What exploring every way of the cases found."""

    states: int
    broken: tuple[BrokenView, ...]
    rungs: tuple[str, ...]


def check_of(reports: Mapping[ReportKind, PackReport], speak: PackWords) -> CheckView | None:
    """Give what the check found; None where there was none yet."""
    report = reports.get(ReportKind.CHECK)
    if report is None:
        return None
    body, spoken = report.body, language()
    return CheckView(
        states=body["processes"][-1]["states"] if body["processes"] else 0,
        broken=tuple(
            BrokenView(
                number=number,
                message=each["message"][spoken],
                remedy=each["remedy"][spoken],
                steps=tuple(step[spoken] for step in each["steps"]),
            )
            for number, each in enumerate(body["broken"], start=1)
        ),
        rungs=tuple(_rung(each, speak) for each in body["rungs"]),
    )


def _rung(each: Mapping[str, Any], speak: PackWords) -> str:
    """Say how long a rung lasts in the cases of a process; before the first it has no name."""
    process, named = speak.process(each["process"]), labels.rung(each["rung"])
    if language() == "zh":
        return f"{f'{named}（{process}）' if named else process}：{each['text']['zh']}"
    return f"{f'{named} ({process})' if named else process}: {each['text']['en']}"


def may_decide(actor: Actor, version: PackVersion) -> bool:
    """Say whether somebody is another one than who put a version forward."""
    return version.state == "waiting" and version.submitted_by != actor.account_id


def parameter_rows(pack: Pack, language: Language) -> list[ParameterRow]:
    """Write all numbers, in the order of the file."""
    return [
        ParameterRow(
            code=each.name,
            name=pack.name("parameter", each.name, language),
            kind=TERM_KINDS[each.kind][language == "en"],
            amounts=tuple(_amounts(pack, each, language)),
            basis=each.basis,
            is_local=each.is_local,
        )
        for each in pack.parameters.values()
    ]


def _amounts(pack: Pack, parameter: Parameter, language: Language) -> Iterator[str]:
    if parameter.amount is not None and not parameter.versions:
        yield say_amount(parameter.amount, language)
    since = "{day}起：{said}" if language == "zh" else "from {day}: {said}"
    for each in parameter.versions:
        amount = Amount(each.value, parameter.amount.unit if parameter.amount else "")
        yield since.format(day=each.from_on, said=say_amount(amount, language))
    sign = "：" if language == "zh" else ": "
    for code, amount in parameter.amounts.items():
        named = pack.name("choice", f"{parameter.by}.{code}", language)
        yield f"{named}{sign}{say_amount(amount, language)}"


def table_views(pack: Pack, language: Language) -> list[TableView]:
    """Write all decision tables."""
    return [
        _table_view(pack, key, pack.decisions[key].grid, language) for key in sorted(pack.decisions)
    ]


def _table_view(pack: Pack, key: str, grid: Grid, language: Language) -> TableView:
    return TableView(
        id=key,
        name=_english_or(pack, "table", key, grid.name, language),
        takes_first=grid.policy == "FIRST",
        inputs=tuple(_column(pack, each, language) for each in grid.inputs),
        outputs=tuple(_column(pack, each, language) for each in grid.outputs),
        rows=tuple(
            TableRow(
                number=row.number,
                conditions=tuple(_cells(pack, grid.inputs, row.conditions, language)),
                results=tuple(_cells(pack, grid.outputs, row.results, language)),
                note=_english_or(pack, "row", f"{key}.{row.number}", row.note, language),
            )
            for row in grid.rows
        ),
    )


def _english_or(pack: Pack, kind: str, key: str, chinese: str, language: Language) -> str:
    """Give the English name of what carries its Chinese itself; the Chinese where it has none."""
    named = pack.name(kind, key, language)
    return chinese if named == key else named


def _column(pack: Pack, column: tuple[str, str], language: Language) -> str:
    label, fact = column
    return pack.name("fact", fact, language) if language == "en" and fact in pack.facts else label


def _cells(
    pack: Pack, columns: tuple[tuple[str, str], ...], cells: tuple[str, ...], language: Language
) -> Iterator[str]:
    for (_, fact), cell in zip(columns, cells, strict=True):
        said = say_expression(pack, cell, language, fact)
        # A lone code needs no quotes in a table.
        is_code = said.startswith("“") and said.endswith("”") and said.count("“") == 1
        yield said[1:-1] if is_code else said


def form_views(pack: Pack, language: Language) -> list[FormView]:
    """Write all forms with their fields."""
    return [
        FormView(
            id=key,
            name=form_name(pack, key)[language == "en"],
            fields=tuple(
                _field(pack, key, each, language)
                for each in pack.forms[key].fields
                if each.is_input
            ),
        )
        for key in sorted(pack.forms)
    ]


def _field(pack: Pack, form: str, field: FormField, language: Language) -> FieldRow:
    choices = tuple(
        each.label if language == "zh" else _choice(pack, field.key, each.value, each.label)
        for each in field.choices
    )
    return FieldRow(
        label=pack.name(f"form.{form}", field.key, language),
        kind=FIELD_KINDS[field.kind][language == "en"],
        is_required=field.is_required,
        choices=choices,
        hidden_if=say_expression(pack, field.hide.text, language) if field.hide else "",
    )


def _choice(pack: Pack, key: str, value: str, label: str) -> str:
    named = pack.name("choice", f"{key}.{value}", "en")
    return label if named == f"{key}.{value}" else named
