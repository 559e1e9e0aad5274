"""Test diagrams of SpiffWorkflow's own repository, made walkable where the profile has them.

What depends on data is taken out, so that the flow of tokens is left: each condition
becomes a fact of its own that the walk draws, each duration a parameter, service and
business rule tasks do nothing, tasks without a type are done by people. Drawings and
the extensions of other tools are dropped. Everything else must pass the linter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from tests.support.diagrams import ABOUT, PARAMETERS
from workflows.engine import Definition
from workflows.engine.findings import Finding
from workflows.engine.lint.model import BPMN, DUBAN, read_processes
from workflows.engine.lint.profile import check_profile
from workflows.engine.lint.structure import check_structure
from workflows.engine.loading import build_pack
from workflows.engine.xml import XmlRefused, parse_xml

_KINDS = {"task": "manualTask", "businessRuleTask": "serviceTask"}


@dataclass(frozen=True, slots=True)
class Foreign:
    """One file; ``reasons`` say why it is outside the profile, and are empty inside of it."""

    file: str
    root: etree._Element
    conditions: int
    reasons: tuple[str, ...]

    @property
    def processes(self) -> tuple[str, ...]:
        """Give the ids of its processes."""
        return tuple(each.get("id", "") for each in self.root.iterfind(f"{BPMN}process"))

    @property
    def begun_by_messages(self) -> frozenset[str]:
        """Give the processes whose cases a message opens."""
        return frozenset(
            process.get("id", "")
            for process in self.root.iterfind(f"{BPMN}process")
            if process.find(f"{BPMN}startEvent/{BPMN}messageEventDefinition") is not None
        )

    @property
    def called(self) -> tuple[str, ...]:
        """Give the processes that it calls."""
        return tuple(
            each.get("calledElement", "") for each in self.root.iter(f"{BPMN}callActivity")
        )


def read_foreign(folder: Path) -> list[Foreign]:
    """Read every diagram below a folder."""
    return [_foreign(path, folder) for path in sorted(folder.rglob("*.bpmn"))]


def define_foreign(foreign: Foreign, others: list[Foreign]) -> list[Definition]:
    """Make definitions of its processes, with the files that it calls.

    Raises:
        PackInvalid: it cannot be read after all.
        LookupError: it calls what is outside the profile.
    """
    files = {each.file: etree.tostring(each.root) for each in _with_called(foreign, others)}
    files |= {"parameters.toml": PARAMETERS.encode(), "pack.toml": ABOUT.encode()}
    count = max(each.conditions for each in others)
    facts = (f'[c{number}]\ntype = "bool"\nname = "{number}"\n' for number in range(count))
    pack = build_pack({**files, "facts.toml": "".join(facts).encode()})
    return [pack.processes[process] for process in foreign.processes]


def _foreign(path: Path, folder: Path) -> Foreign:
    file = path.relative_to(folder).as_posix()
    try:
        root = parse_xml(path.read_bytes(), file)
    except XmlRefused as refused:
        return Foreign(file, etree.Element("none"), 0, (refused.finding.rule,))
    conditions = _take_data_out(root)
    return Foreign(file, root, conditions, tuple(_reasons(root, file)))


def _reasons(root: etree._Element, file: str) -> list[str]:
    """Say why it is outside: its elements first, for much else only follows from them."""
    found = {finding for finding in check_profile(root, file) if finding.is_error}
    elements = {finding for finding in found if finding.rule == "element-refused"}
    if not found:
        found = {
            each for process in read_processes(root, file) for each in check_structure(process)
        }
    return sorted({_reason(finding) for finding in elements or found})


def _reason(finding: Finding) -> str:
    """Say why, in the same words for every file."""
    is_general = finding.rule in ("element-refused", "attribute-refused", "event-kind")
    return finding.message("en") if is_general else finding.rule


def _take_data_out(root: etree._Element) -> int:
    """Replace what depends on data; give the number of different conditions."""
    facts: dict[str, str] = {}
    for element in list(root.iter(f"{BPMN}*")):
        name = etree.QName(element).localname
        if name == "extensionElements":
            element.getparent().remove(element)
            continue
        element.tag = BPMN + _KINDS.get(name, name)
        for attribute in [each for each in element.attrib if str(each).startswith("{")]:
            del element.attrib[attribute]
        if element.tag == f"{BPMN}serviceTask":
            element.set(f"{DUBAN}operation", "issue_paper")
        elif name == "process":
            element.set("isExecutable", "true")
        elif name == "conditionExpression":
            element.text = facts.setdefault(element.text or "", f"c{len(facts)}")
        elif name == "timeDuration":
            element.text = "R_A"
    for drawing in root.findall("{*}BPMNDiagram"):
        root.remove(drawing)
    return len(facts)


def _with_called(foreign: Foreign, others: list[Foreign]) -> list[Foreign]:
    found, agenda = {foreign.file: foreign}, list(foreign.called)
    while agenda:
        process = agenda.pop()
        if any(process in each.processes for each in found.values()):
            continue
        holders = [
            each
            for each in others
            if process in each.processes
            and process not in each.begun_by_messages
            and not each.reasons
        ]
        if not holders:
            raise LookupError(process)
        beside = [each for each in holders if _folder(each) == _folder(foreign)]
        chosen = (beside or holders)[0]
        found[chosen.file] = chosen
        agenda += chosen.called
    return list(found.values())


def _folder(foreign: Foreign) -> str:
    return foreign.file.rpartition("/")[0]
