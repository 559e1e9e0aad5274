"""Names: Chinese in the files, English in the catalogue en.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.engine.findings import Finding, Rule, Severity
from workflows.engine.lint.model import BPMN, PackView, Process, line_of

NAME_MISSING = Rule(
    "name-missing",
    "“{id}”没有中文名称。",
    "“{id}” has no Chinese name.",
    "请填写名称。",
    "Give it a name.",
)
ENGLISH_MISSING = Rule(
    "english-missing",
    "en.toml 的 [{table}] 缺少“{key}”（{name}）。",
    "[{table}] of en.toml lacks “{key}” ({name}).",
    "请补上英文名称。",
    "Add its English name.",
    Severity.WARNING,
)
PACK_ABOUT = Rule(
    "pack-about",
    "pack.toml 的“{key}”不正确或缺少。",
    "“{key}” of pack.toml is wrong or missing.",
    "应有 id、title = {{ zh, en }}、version（均为一行短文字）和 entry（一个流程的名称）。",
    "It needs id, title = {{ zh, en }} and version, each a short line, and entry, a process.",
)
PROCESS_NAME = Rule(
    "process-name",
    "文件中应恰有一个可执行流程，其 id 为“{stem}”。",
    "The file needs exactly one executable process, with the id “{stem}”.",
    "请改流程 id 或文件名，并勾选可执行。",
    "Rename the process or the file, and make the process executable.",
)

_NAMED = frozenset(
    {"userTask", "manualTask", "serviceTask", "businessRuleTask", "callActivity", "subProcess"}
)
_HAN = range(0x4E00, 0xA000)


def check_names(view: PackView) -> Iterator[Finding]:
    """Check ids, Chinese names and the English catalogue."""
    yield from _check_about(view)
    for file, root in view.diagrams.items():
        stem = file.removesuffix(".bpmn")
        processes = [each.get("id") for each in root.iterfind(f"{BPMN}process")]
        executable = [each.get("isExecutable") for each in root.iterfind(f"{BPMN}process")]
        if processes != [stem] or executable != ["true"]:
            yield PROCESS_NAME.found(file, line=line_of(root), stem=stem)
    for process in view.processes.values():
        yield from _check_chinese(process)
    for table, key, name, file in _catalogue(view):
        if not _english(view, table, key):
            yield ENGLISH_MISSING.found(
                "en.toml", f"{table}.{key}", table=table, key=key, name=f"{name}, {file}"
            )


def _check_about(view: PackView) -> Iterator[Finding]:
    title = view.about.get("title")
    titles = title if isinstance(title, dict) else {}
    right = {
        "id": _is_line(view.about.get("id"), 60),
        "title": all(_is_line(titles.get(each), 120) for each in ("zh", "en")),
        "version": _is_line(view.about.get("version"), 40),
        "entry": view.entry in view.processes,
    }
    for key, is_right in right.items():
        if not is_right:
            yield PACK_ABOUT.found("pack.toml", key, key=key)


def _is_line(value: object, longest: int) -> bool:
    """Tell whether a value is a text that fits on a line."""
    return isinstance(value, str) and 1 <= len(value.strip()) <= longest and value.isprintable()


def _is_chinese(name: str | None) -> bool:
    return any(ord(sign) in _HAN for sign in name or "")


def _check_chinese(process: Process) -> Iterator[Finding]:
    if not _is_chinese(process.element.get("name")):
        line = line_of(process.element)
        yield NAME_MISSING.found(process.file, process.id, line, id=process.id)
    for node in process.nodes.values():
        needs_name = node.tag in _NAMED or (node.tag.endswith("Event") and node.events)
        if (needs_name or node.name) and not _is_chinese(node.name):
            yield process.found(NAME_MISSING, node, id=node.id)
    for lane in process.element.iter(f"{BPMN}lane"):
        if not _is_chinese(lane.get("name")):
            lane_id = lane.get("id")
            yield NAME_MISSING.found(process.file, lane_id, line_of(lane), id=lane_id)


def _catalogue(view: PackView) -> Iterator[tuple[str, str, str, str]]:
    """Give every table and key that the English catalogue needs, with the Chinese name."""
    for process in view.processes.values():
        yield "process", process.id, process.element.get("name", ""), process.file
        for node in process.nodes.values():
            if node.name:
                yield "activity", node.id, node.name, process.file
        for lane in process.element.iter(f"{BPMN}lane"):
            yield "lane", lane.get("id", ""), lane.get("name", ""), process.file
    for fact in view.facts.values():
        yield "fact", fact.name, fact.label, "facts.toml"
        for code, label in fact.choices.items():
            yield f"choice.{fact.name}", code, label, "facts.toml"
    for parameter in view.parameters.values():
        yield "parameter", parameter.name, parameter.label, "parameters.toml"
    for form in view.forms.values():
        for each in form.fields:
            if each.label:
                yield f"form.{form.id}", each.key, each.label, f"forms/{form.id}.json"


def _english(view: PackView, table: str, key: str) -> bool:
    """Look a name up; fields called like a fact may use the fact's name."""
    if _looked_up(view.english, table, key):
        return True
    if table.startswith("choice."):
        return _looked_up(view.english, "choice", key)
    return table.startswith("form.") and _looked_up(view.english, "fact", key)


def _looked_up(english: Mapping[str, object], table: str, key: str) -> bool:
    at: object = english
    for part in (*table.split("."), key):
        at = at.get(part) if isinstance(at, dict) else None
    return isinstance(at, str) and bool(at)
