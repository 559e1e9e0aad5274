"""The linter of packs: what must be right before a pack is loaded (DESIGN 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from lxml import etree

from workflows.engine.documents import read_documents
from workflows.engine.errors import PackInvalid
from workflows.engine.facts import FactType, read_facts
from workflows.engine.findings import Finding, Rule, Severity, sort_findings
from workflows.engine.form_files import read_forms
from workflows.engine.guardrails import read_guardrails
from workflows.engine.lint.beside import check_beside
from workflows.engine.lint.conditions import check_conditions
from workflows.engine.lint.diagrams import check_diagrams
from workflows.engine.lint.documents import check_documents
from workflows.engine.lint.facts_flow import check_facts_flow
from workflows.engine.lint.guardrails import check_guardrails
from workflows.engine.lint.model import PackView, Process, read_processes
from workflows.engine.lint.names import check_names
from workflows.engine.lint.profile import check_profile
from workflows.engine.lint.references import check_references
from workflows.engine.lint.structure import check_structure
from workflows.engine.lint.tables import check_tables
from workflows.engine.parameters import PARAMETER_DATED, Parameter, constants_of, read_parameters
from workflows.engine.toml_files import read_toml
from workflows.engine.xml import XmlRefused, parse_xml

__all__ = ["lint_files", "lint_pack"]

FILE_MISSING = Rule(
    "file-missing",
    "规则包缺少 {name}。",
    "The pack has no {name}.",
    "请补上该文件。",
    "Add the file.",
)
FILE_UNKNOWN = Rule(
    "file-unknown",
    "规则包中不应有此文件。",
    "This file has no place in a pack.",
    "允许：*.bpmn、*.dmn、forms/*.json、documents/*.toml、scenarios/*.toml、facts.toml、"
    "parameters.toml、pack.toml、en.toml、guardrails.toml、checks.toml、README.md。",
    "Allowed: *.bpmn, *.dmn, forms/*.json, documents/*.toml, scenarios/*.toml, facts.toml,"
    " parameters.toml, pack.toml, en.toml, guardrails.toml, checks.toml, README.md.",
)
NAME_TAKEN = Rule(
    "name-taken",
    "“{name}”既是要素又是参数。",
    "“{name}” is a fact and a parameter at once.",
    "请改其中一个的名称。",
    "Rename one of them.",
)
CLASS_FACT = Rule(
    "parameter-class",
    "参数“{name}”按“{by}”分档，而它不是代码类要素，或没有这些代码：{codes}",
    "The parameter “{name}” goes by “{by}”, which is no code fact or lacks the codes: {codes}",
    "请使 values 的各档为该要素的代码。",
    "Let the values have codes of the fact.",
)
CLASS_WITHOUT_TERM = Rule(
    "parameter-class-without-value",
    "参数“{name}”对“{by}”的下列代码没有值：{codes}",
    "The parameter “{name}” has no value for these codes of “{by}”: {codes}",
    "请补上，或确保此时用不到该参数。",
    "Add them, or make sure that it is not asked for then.",
    Severity.WARNING,
)

_REQUIRED = ("facts.toml", "parameters.toml", "pack.toml", "en.toml")
_KNOWN = frozenset({*_REQUIRED, "guardrails.toml", "checks.toml", "README.md"})
_LONGEST_NAME = 120
_FOLDERS = {"forms": ".json", "scenarios": ".toml", "documents": ".toml"}


def lint_pack(source: Path | Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Check a pack from a folder, or from its files by path; nothing is run or written."""
    from workflows.engine.loading import read_files

    try:
        files = read_files(source)
    except PackInvalid as error:
        return sort_findings(error.findings)
    return lint_files(files)


def lint_files(files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Check the files of a pack by path; findings come in the order of reading."""
    findings = list(_check_files(files))
    view = _read(files, findings)
    findings += _check_parameters(view)
    for file, root in view.diagrams.items():
        findings += check_profile(root, file)
    is_in_profile = not any(finding.is_error for finding in findings)
    for process in view.processes.values():
        findings += check_structure(process)
    for check in (
        check_references,
        check_beside,
        check_conditions,
        check_tables,
        check_names,
        check_diagrams,
        check_guardrails,
        check_documents,
    ):
        findings += check(view)
    # What is known along the paths means nothing where the paths are not sound.
    if is_in_profile and not any(finding.is_error for finding in findings):
        findings += check_facts_flow(view)
    return sort_findings(findings)


def _read(files: Mapping[str, bytes], findings: list[Finding]) -> PackView:
    """Read every file as far as it can be read, collecting what is wrong."""
    facts, fact_findings = read_facts(files.get("facts.toml", b""))
    parameters, parameter_findings = read_parameters(files.get("parameters.toml", b""))
    constants = constants_of(parameters)
    about = read_toml(files.get("pack.toml", b""), "pack.toml")
    english = read_toml(files.get("en.toml", b""), "en.toml")
    forms, form_findings = read_forms(files, facts, frozenset(constants))
    findings += [*fact_findings, *parameter_findings, *form_findings]
    guardrails, guardrail_findings = read_guardrails(files.get("guardrails.toml", b""))
    documents, document_findings = read_documents(files)
    findings += [*about.findings, *english.findings, *guardrail_findings, *document_findings]
    diagrams = dict(_roots(files, ".bpmn", findings))
    return PackView(
        files=files,
        about=about.content,
        english=english.content,
        facts=facts,
        parameters=parameters,
        constants=constants,
        forms=forms,
        diagrams=diagrams,
        tables=dict(_roots(files, ".dmn", findings)),
        processes=_processes(diagrams),
        guardrails=guardrails,
        documents=documents,
    )


def _roots(
    files: Mapping[str, bytes], suffix: str, findings: list[Finding]
) -> Iterator[tuple[str, etree._Element]]:
    for file in sorted(files):
        if file.endswith(suffix):
            try:
                yield file, parse_xml(files[file], file)
            except XmlRefused as error:
                findings.append(error.finding)


def _processes(diagrams: Mapping[str, etree._Element]) -> Mapping[str, Process]:
    processes: dict[str, Process] = {}
    for file, root in diagrams.items():
        for process in read_processes(root, file):
            processes.setdefault(process.id, process)
    return processes


def _check_files(files: Mapping[str, bytes]) -> Iterator[Finding]:
    for file in _REQUIRED:
        if file not in files:
            yield FILE_MISSING.found(file, name=file)
    for file in files:
        path = PurePosixPath(file)
        is_model = len(path.parts) == 1 and path.suffix in (".bpmn", ".dmn")
        is_in_folder = len(path.parts) == 2 and _FOLDERS.get(path.parts[0]) == path.suffix
        is_short = len(file) <= _LONGEST_NAME
        if not (is_model or is_in_folder or file in _KNOWN) or not is_short:
            yield FILE_UNKNOWN.found(file)


def _check_parameters(view: PackView) -> Iterator[Finding]:
    for name in sorted(view.facts.keys() & view.parameters.keys()):
        yield NAME_TAKEN.found("parameters.toml", name, name=name)
    for parameter in view.parameters.values():
        if parameter.by is not None:
            yield from _check_class(view, parameter, parameter.by)
        for day in parameter.days:
            fact = view.facts.get(day)
            if fact is None or fact.type is not FactType.DATE:
                yield PARAMETER_DATED.found("parameters.toml", parameter.name, name=parameter.name)


def _check_class(view: PackView, parameter: Parameter, by: str) -> Iterator[Finding]:
    fact = view.facts.get(by)
    codes = set(fact.choices) if fact is not None and fact.type is FactType.CODE else set()
    unknown, missing = set(parameter.amounts) - codes, codes - set(parameter.amounts)
    for rule, wrong in ((CLASS_FACT, unknown), (CLASS_WITHOUT_TERM, missing)):
        if wrong:
            names = ", ".join(sorted(wrong))
            yield rule.found(
                "parameters.toml", parameter.name, name=parameter.name, by=by, codes=names
            )
