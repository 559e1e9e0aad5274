"""Loading packs: files into findings, or into one immutable value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import orjson
from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from workflows.engine.catalogue import Catalogue, chinese_names
from workflows.engine.decisions import Decision, read_decision
from workflows.engine.definition import Definition
from workflows.engine.documents import read_documents
from workflows.engine.elements import read_processes
from workflows.engine.errors import PackInvalid
from workflows.engine.expressions import ExpressionRefused
from workflows.engine.facts import read_facts
from workflows.engine.findings import Finding, Rule
from workflows.engine.form_files import read_forms
from workflows.engine.guardrails import read_guardrails
from workflows.engine.lint import lint_files
from workflows.engine.pack import Pack
from workflows.engine.parameters import (
    Parameters,
    Term,
    constants_of,
    read_parameters,
    resolve_term,
)
from workflows.engine.spiff.parser import DiagramParser, Scope
from workflows.engine.toml_files import read_toml
from workflows.engine.xml import XmlRefused, parse_xml

Source = Path | Mapping[str, bytes]

_MAX_FILES = 500
_MAX_BYTES = 20 * 1024 * 1024

PACK_TOO_LARGE = Rule(
    "pack-too-large",
    "规则包超过 {files} 个文件或 {size} 字节。",
    "The pack has more than {files} files or {size} bytes.",
    "请删除不属于规则包的文件。",
    "Remove the files that do not belong to it.",
)
DIAGRAM_REFUSED = Rule(
    "diagram-refused",
    "流程图无法读取：{reason}",
    "The diagram cannot be read: {reason}",
    "请在流程编辑器中修正该元素。",
    "Mend the element in the diagram editor.",
)
TABLE_REFUSED = Rule(
    "table-refused",
    "决策表无法读取：{reason}",
    "The decision table cannot be read: {reason}",
    "请修正该决策表。",
    "Mend the table.",
)
NO_PROCESS = Rule(
    "no-process",
    "规则包中没有流程。",
    "The pack has no process.",
    "请加入 *.bpmn 文件。",
    "Add a *.bpmn file.",
)


def load_pack(source: Source) -> Pack:
    """Load a pack from a folder or from its files by path.

    Raises:
        PackInvalid: with every finding.
    """
    return _load(tuple(read_files(source).items()))


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[str, bytes], ...]) -> Pack:
    """Lint and build: a second on two cores, and the same bytes give the same pack."""
    named = dict(files)
    findings = lint_files(named)
    if any(finding.is_error for finding in findings):
        raise PackInvalid(findings)
    return build_pack(named)


def build_pack(files: Mapping[str, bytes]) -> Pack:
    """Build a pack from its files by path, without the linter's opinion.

    For packs that were checked before, and for diagrams outside of any pack.

    Raises:
        PackInvalid: they cannot even be read.
    """
    facts, fact_findings = read_facts(files.get("facts.toml", b""))
    parameters, parameter_findings = read_parameters(files.get("parameters.toml", b""))
    constants = constants_of(parameters)
    forms, form_findings = read_forms(files, facts, frozenset(constants))
    about = read_toml(files.get("pack.toml", b""), "pack.toml")
    english = read_toml(files.get("en.toml", b""), "en.toml")
    findings = [*fact_findings, *parameter_findings, *form_findings]
    guardrails, guardrail_findings = read_guardrails(files.get("guardrails.toml", b""))
    documents, document_findings = read_documents(files)
    findings += [*about.findings, *english.findings, *guardrail_findings, *document_findings]
    roots = dict(_roots(files, findings))
    processes = {
        process.id: process
        for file, root in roots.items()
        if file.endswith(".bpmn")
        for process in read_processes(root, file)
    }
    if not processes:
        findings.append(NO_PROCESS.found("pack.toml"))
    specs = _specs(roots, findings)
    decisions = _decisions(roots, findings)
    if any(finding.is_error for finding in findings):
        raise PackInvalid(tuple(findings))
    definitions: dict[str, Definition] = {}
    pack = Pack(
        hash=pack_hash(files),
        files=MappingProxyType(dict(files)),
        processes=MappingProxyType(definitions),
        decisions=MappingProxyType(decisions),
        facts=facts,
        parameters=parameters,
        forms=forms,
        constants=constants,
        guardrails=guardrails,
        documents=documents,
        specs=MappingProxyType(specs),
        about=about.content,
        catalogue=Catalogue(chinese_names(processes, facts, parameters, forms), english.content),
        _conditions={},
        _terms=_plain_terms(parameters),
    )
    definitions.update((name, Definition(pack, process)) for name, process in processes.items())
    return pack


def _plain_terms(parameters: Parameters) -> dict[str, Term]:
    """Compute the terms that need no fact."""
    return {
        name: resolve_term(name, parameters, {})
        for name, parameter in parameters.items()
        if parameter.is_time and parameter.amount is not None
    }


def pack_hash(files: Mapping[str, bytes]) -> str:
    """Give the hash of a pack: of the canonical JSON of its files' hashes by path."""
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return hashlib.sha256(orjson.dumps(hashes, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_files(source: Source) -> dict[str, bytes]:
    """Read all files of a pack but those whose name begins with a dot.

    Raises:
        PackInvalid: there are too many, or they are too large.
    """
    if isinstance(source, Path):
        paths = (
            path
            for path in sorted(source.rglob("*"))
            if path.is_file()
            and not any(part.startswith(".") for part in path.relative_to(source).parts)
        )
        contents = ((path.relative_to(source).as_posix(), path.read_bytes()) for path in paths)
    else:
        contents = ((path, source[path]) for path in sorted(source))
    files: dict[str, bytes] = {}
    size = 0
    for path, content in contents:
        files[path] = content
        size += len(content)
        if len(files) > _MAX_FILES or size > _MAX_BYTES:
            found = PACK_TOO_LARGE.found(path, files=_MAX_FILES, size=_MAX_BYTES)
            raise PackInvalid((found,))
    return files


def _roots(
    files: Mapping[str, bytes], findings: list[Finding]
) -> Iterator[tuple[str, etree._Element]]:
    """Parse all diagrams and tables."""
    for file, content in files.items():
        if file.endswith((".bpmn", ".dmn")):
            try:
                yield file, parse_xml(content, file)
            except XmlRefused as error:
                findings.append(error.finding)


def _specs(roots: Mapping[str, etree._Element], findings: list[Finding]) -> dict[str, Scope]:
    """Let SpiffWorkflow parse the diagrams, all in one, so that calls find each other."""
    parser = DiagramParser()
    try:
        for file, root in roots.items():
            if file.endswith(".bpmn"):
                parser.add(root, file)
        return parser.specs()
    except ValidationException as error:
        element = getattr(error, "tag", None) and getattr(error, "id", None)
        found = DIAGRAM_REFUSED.found(
            str(error.file_name or "*.bpmn"), element, error.line_number, reason=str(error)
        )
        findings.append(found)
        return {}


def _decisions(roots: Mapping[str, etree._Element], findings: list[Finding]) -> dict[str, Decision]:
    decisions: dict[str, Decision] = {}
    for file, root in roots.items():
        if file.endswith(".dmn"):
            try:
                decision = read_decision(root, file)
            except (ValidationException, ExpressionRefused) as error:
                findings.append(TABLE_REFUSED.found(file, reason=str(error)))
            else:
                decisions[decision.id] = decision
    return decisions
