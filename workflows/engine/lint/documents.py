"""Documents: every name in them exists, and nothing in them tells who complained."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflows.engine.documents import (
    KNOWN_NAMES,
    NUMBER_OF,
    SERVED_NAMES,
    Addressee,
    Document,
    Layout,
    Part,
)
from workflows.engine.expression_types import Kind, check_kinds, typing_of_names
from workflows.engine.facts import Level
from workflows.engine.findings import Finding, Rule
from workflows.engine.forms import FormSchema
from workflows.engine.lint.conditions import CONDITION_REFUSED
from workflows.engine.lint.model import PEOPLE, Node, PackView
from workflows.engine.lint.references import REFERENCE_DANGLES

DOCUMENT_LEVEL = Rule(
    "document-level",
    "文书“{id}”标为 {level}，其中的“{name}”却是 {needed}。",
    "The document “{id}” is marked {level}, but “{name}” in it is {needed}.",
    "请提高文书的层级，或去掉该项。",
    "Raise the document's level, or take the name out.",
)
DOCUMENT_TELLS_SOURCE = Rule(
    "document-tells-source",
    "文书“{id}”写了“{name}”：线索来源不得写入任何送出的文书，举报人的信息不得写入任何文书。",
    "The document “{id}” names “{name}”: no paper that goes out tells where a matter came from,"
    " none who informed.",
    "请去掉该项。",
    "Take it out.",
)
DOCUMENT_UNREASONED = Rule(
    "document-unreasoned",
    "决定类文书“{id}”缺少：{what_zh}。",
    "The decision “{id}” lacks {what_en}.",
    "决定须写明事实、依据、影响期和救济途径。",
    "A decision states facts, basis, effects and how to appeal.",
)
DOCUMENT_NUMBERLESS = Rule(
    "document-numberless",
    "公文“{id}”没有机关代字（word）。",
    "The official document “{id}” has no word for its number.",
    "请补上，如“改通”。",
    "Give one.",
)
# Where a matter came from is not told to those whom it is about; who informed, to nobody.
_INFORMANT = re.compile(r"informant|complainant|whistle|petitioner", re.ASCII)
_SOURCE = re.compile(r"source|found_on", re.ASCII)
_START = "start"


def check_documents(view: PackView) -> Iterator[Finding]:
    """Check every name of every document, and what documents may not be without."""
    forms = _forms(view)
    nodes = {_START, *(name for process in view.processes.values() for name in process.nodes)}
    for document in view.documents.values():
        for activity in document.activities:
            if activity not in nodes:
                yield _dangling(document, "环节", "activity", activity)
        for part in document.parts:
            yield from _check_part(view, forms, document, part)
        yield from _check_served(view, forms, document)
        yield from _check_condition(view, document)
        yield from _check_whole(document)


def _forms(view: PackView) -> Mapping[str, FormSchema]:
    """Give the form of each activity; what starts the case is called ``start``."""
    found: dict[str, FormSchema] = {}
    for process in view.processes.values():
        for node in process.nodes.values():
            form = view.forms.get(node.own.get("form", ""))
            if form is not None and _is_filled(node):
                found[node.id] = form
                if node.tag == "startEvent" and process.id == view.entry:
                    found[_START] = form
    return found


def _is_filled(node: Node) -> bool:
    return node.tag in PEOPLE or node.tag.endswith("Event")


def _check_part(
    view: PackView, forms: Mapping[str, FormSchema], document: Document, part: Part
) -> Iterator[Finding]:
    for name in part.names:
        yield from _check_name(view, forms, document, name)
    for name in (*((part.clock,) if part.clock else ()), *part.basis):
        if name not in view.parameters:
            yield _dangling(document, "参数", "parameter", name)
    if part.beside is not None and not _is_opened_beside(view, part.beside):
        yield _dangling(document, "由本案开立的流程", "process beside a case", part.beside)


def _is_opened_beside(view: PackView, process_id: str) -> bool:
    process = view.processes.get(process_id)
    return process is not None and any(node.beside for node in process.nodes.values())


def _check_name(
    view: PackView, forms: Mapping[str, FormSchema], document: Document, name: str
) -> Iterator[Finding]:
    if name in KNOWN_NAMES or (document.is_receipt and name in SERVED_NAMES):
        return
    field = name.rpartition(".")[2]
    goes_out = document.addressee or document.is_for_person
    if _INFORMANT.search(field) or (goes_out and _SOURCE.match(field)):
        yield DOCUMENT_TELLS_SOURCE.found(document.file, name, id=document.id, name=name)
    needed = _level_of(view, forms, name)
    if needed is None:
        yield _dangling(document, "要素或栏目", "fact or field", name)
    elif needed > document.level:
        yield DOCUMENT_LEVEL.found(
            document.file, name, id=document.id, name=name, level=document.level, needed=needed
        )


def _level_of(view: PackView, forms: Mapping[str, FormSchema], name: str) -> Level | None:
    """Give how confidential something is; what stands beside a fact in a form, like it."""
    activity, dot, key = name.partition(".")
    if not dot:
        declared = view.facts.get(name)
        return None if declared is None else declared.level
    if activity == NUMBER_OF:
        numbered = view.documents.get(key)
        return numbered.level if numbered is not None and numbered.word else None
    form = forms.get(activity)
    field = next((each for each in form.fields if each.key == key), None) if form else None
    if form is None or field is None or not field.is_input:
        return None
    if field.is_closed:
        return Level.L2
    if field.fact is not None:
        return field.fact.level
    return max((each.fact.level for each in form.fields if each.fact), default=Level.L1)


def _check_served(
    view: PackView, forms: Mapping[str, FormSchema], document: Document
) -> Iterator[Finding]:
    for name in (*document.served_on, document.served_way):
        if name is not None:
            yield from _check_name(view, forms, document, name)


def _check_condition(view: PackView, document: Document) -> Iterator[Finding]:
    names = typing_of_names(view.facts.values(), view.constants)
    for when in (document.when, *(part.when for part in document.parts)):
        for reason in check_kinds(when.tree, names, Kind.TRUTH) if when else ():
            yield CONDITION_REFUSED.found(
                document.file, "when", text=when.text[:120] if when else "", reason=reason
            )


def _check_whole(document: Document) -> Iterator[Finding]:
    if document.layout is not Layout.FORM and not document.word:
        yield DOCUMENT_NUMBERLESS.found(document.file, "word", id=document.id)
    if not document.is_decision:
        return
    wanted = (
        (any(part.fields for part in document.parts), "事实", "facts"),
        (any(part.basis for part in document.parts), "依据", "a basis"),
        (any(part.beside for part in document.parts), "救济途径", "how to appeal"),
        (
            document.addressee is not Addressee.PERSON
            or any(part.effects for part in document.parts),
            "影响期",
            "the effects",
        ),
        (bool(document.served_on), "送达", "its service"),
    )
    for is_there, zh, en in wanted:
        if not is_there:
            yield DOCUMENT_UNREASONED.found(
                document.file, "decision", id=document.id, what_zh=zh, what_en=en
            )


def _dangling(document: Document, zh: str, en: str, name: str) -> Finding:
    return REFERENCE_DANGLES.found(document.file, name[:64], what_zh=zh, what_en=en, name=name[:64])
