"""Processes whose cases are opened beside another case: what their start events refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from workflows.engine.elements import Beside
from workflows.engine.expression_types import Kind, check_kinds, typing_of_names
from workflows.engine.expressions import Expression, ExpressionRefused
from workflows.engine.facts import FactDeclaration, FactType
from workflows.engine.findings import Finding, Rule
from workflows.engine.lint.conditions import CONDITION_REFUSED
from workflows.engine.lint.model import Node, PackView, Process
from workflows.engine.lint.references import REFERENCE_DANGLES, TASK_WITHOUT_LANE

BESIDE_WRONG = Rule(
    "beside-wrong",
    "“{id}”的 duban:beside 中 {key} 不正确：应为{wanted_zh}。",
    "In the duban:beside of “{id}” the {key} is wrong: it must be {wanted_en}.",
    "请改正。",
    "Correct it.",
)
BESIDE_SUBJECT = Rule(
    "beside-subject",
    "流程“{process}”的对象与其所依附的流程“{other}”的对象不同。",
    "The process “{process}” and “{other}”, beside which it opens, are about different subjects.",
    "旁立案件的对象就是原案件的对象；请使两者的 duban:subject 一致，或在旁立流程中不写。",
    "Such a case has the subject of the other: give both the same duban:subject, or this one none.",
)
BESIDE_MISPLACED = Rule(
    "beside-misplaced",
    "“{id}”不能有 duban:beside：该流程由消息、操作或调用开始，或是入口流程。",
    "“{id}” cannot have duban:beside: its process is the entry, called, or opened another way.",
    "请另建流程。",
    "Make it a process of its own.",
)

_YES_NO = frozenset({"yes", "no"})
_Fits = Callable[[FactDeclaration], bool]


def beside_processes(view: PackView) -> Iterator[tuple[Process, Node, Beside]]:
    """Give the processes that are opened beside others, with their start events."""
    for process in view.processes.values():
        for node in process.inside(process.id):
            if (beside := node.beside) is not None:
                yield process, node, beside


def check_beside(view: PackView) -> Iterator[Finding]:
    """Check what start events say of the cases beside which they open one."""
    for process, node, beside in beside_processes(view):
        if node.lane is None or not node.lane.roles or not node.lane.office:
            yield process.found(TASK_WITHOUT_LANE, node, id=node.id)
        yield from _check_place(view, process, node)
        yield from _check_processes(view, process, node, beside)
        yield from _check_facts(view, process, node, beside)
        yield from _check_when(view, process, node, beside)
        yield from _check_window(view, process, node, beside)


def _check_place(view: PackView, process: Process, node: Node) -> Iterator[Finding]:
    nodes = [each for other in view.processes.values() for each in other.nodes.values()]
    called = {each.called for each in nodes}
    opened = {value for each in nodes for name, value, _ in each.arguments if name == "process"}
    if process.id in called | opened | {view.entry} or node.events:
        yield process.found(BESIDE_MISPLACED, node, id=node.id)


def _check_processes(
    view: PackView, process: Process, node: Node, beside: Beside
) -> Iterator[Finding]:
    if not beside.processes:
        yield _wrong(process, node, "processes", "至少一个流程", "one process or more")
    yield from _dangling(process, node, "流程", "process", beside.processes, view.processes)
    others = [other for other, _ in beside.unless]
    yield from _dangling(process, node, "流程", "process", others, view.processes)
    for name in beside.processes:
        other = view.processes.get(name)
        kinds = {process.subject, other.subject if other else None} - {None}
        if len(kinds) > 1:
            yield process.found(BESIDE_SUBJECT, node, process=process.id, other=name)


def _check_facts(view: PackView, process: Process, node: Node, beside: Beside) -> Iterator[Finding]:
    yield from _dangling(process, node, "要素", "fact", beside.takes, view.facts)
    wanted: tuple[tuple[str, Iterable[str], _Fits, str, str], ...] = (
        ("on", _given(beside.on), _is_date, "日期要素", "a date fact"),
        ("since", beside.since, _is_date, "日期要素", "date facts"),
        ("person", _given(beside.person), _is_person, "人员要素", "a person fact"),
        ("late", _given(beside.late), _is_yes_no, "yes、no 两个代码的要素", "a fact of yes and no"),
    )
    for key, names, fits, zh, en in wanted:
        for name in names:
            fact = view.facts.get(name)
            if fact is None or not fits(fact):
                yield _wrong(process, node, key, zh, en)


def _given(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _is_date(fact: FactDeclaration) -> bool:
    return fact.type is FactType.DATE


def _is_person(fact: FactDeclaration) -> bool:
    return fact.type is FactType.PERSON


def _is_yes_no(fact: FactDeclaration) -> bool:
    return fact.type is FactType.CODE and set(fact.choices) == _YES_NO


def _check_when(view: PackView, process: Process, node: Node, beside: Beside) -> Iterator[Finding]:
    if beside.when is None:
        return
    names = typing_of_names(view.facts.values(), view.constants)
    try:
        problems = check_kinds(Expression(beside.when).tree, names, Kind.TRUTH)
    except ExpressionRefused as error:
        problems = [error.reason]
    for reason in problems:
        yield process.found(CONDITION_REFUSED, node, text=beside.when[:120], reason=reason)


def _check_window(
    view: PackView, process: Process, node: Node, beside: Beside
) -> Iterator[Finding]:
    """A window has a length, a beginning, and a fact that says whether it has passed."""
    if beside.window is None:
        for key, name in (("since", beside.since), ("late", beside.late)):
            if name:
                yield _wrong(process, node, key, "与 window 一同填写", "together with a window")
        return
    parameter = view.parameters.get(beside.window)
    if parameter is None or not parameter.is_time or parameter.amount is None:
        yield _wrong(
            process, node, "window", "以时间计、不分档的参数", "a parameter of time with one value"
        )
    for key, name in (("since", beside.since), ("late", beside.late)):
        if not name:
            yield _wrong(process, node, key, "有 window 时必填", "given where there is a window")


def _wrong(process: Process, node: Node, key: str, zh: str, en: str) -> Finding:
    return process.found(BESIDE_WRONG, node, key=key, wanted_zh=zh, wanted_en=en)


def _dangling(
    process: Process, node: Node, zh: str, en: str, names: Iterable[str], known: Iterable[str]
) -> Iterator[Finding]:
    there = set(known)
    for name in names:
        if name not in there:
            yield process.found(REFERENCE_DANGLES, node, what_zh=zh, what_en=en, name=name[:64])
