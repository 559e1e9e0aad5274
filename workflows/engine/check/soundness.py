"""Soundness: every case can end, an end leaves nothing open, nothing is dead, no step fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from workflows.engine.check.components import components
from workflows.engine.check.story import StoryStep, last, tell
from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.engine.findings import Finding, Rule
from workflows.engine.marking import read, standing
from workflows.engine.pack import Pack
from workflows.engine.reach import Exploration, Graph, Refusal, Transition
from workflows.engine.reach.roots import called_by

NOT_EXPLORED = Rule(
    "not-explored",
    "“{process}”未能推演完毕：{reason_zh}",
    "“{process}” was not explored to its end: {reason_en}",
    "请简化流程，或改写所指的条件。",
    "Make the process simpler, or write the condition in question another way.",
)
STEP_FAILS = Rule(
    "step-fails",
    "走到“{name}”时出错，案件无法继续：{reason}",
    "At “{name}” the case cannot go on: {reason}",
    "请按下列步骤检查条件、决策表和必填项。",
    "Follow the steps below and mend the condition, the table or the form.",
)
ENTERED_TWICE = Rule(
    "entered-while-open",
    "“{name}”尚未办结就再次进入；重复的一段：{loop_zh}",
    "“{name}” is entered while it is still open; what repeats: {loop_en}",
    "请让这一段先结束前一次，或只进入一次。",
    "Let this loop end what it opened before, or enter it once.",
)
CANNOT_END = Rule(
    "cannot-end",
    "走到{open_zh}之后，案件再也无法办结。",
    "Once a case stands at {open_en}, it can never end.",
    "请补一条通向结束的路径。",
    "Draw a way out to an end.",
)
END_LEAVES_TOKENS = Rule(
    "end-leaves-open",
    "到“{name}”案件应已办结，但{open_zh}仍未了结。",
    "At “{name}” the case should be over, yet {open_en} is still open.",
    "请先关闭其余路径，再到该结束事件。",
    "Close the other paths before this end.",
)
DEAD = Rule(
    "never-reached",
    "没有任何办法走到“{name}”。",
    "Nothing ever leads to “{name}”.",
    "请改正通向它的条件或连线，或删除它。",
    "Mend the condition or the flow that should lead there, or remove it.",
)

# What soundness is, by the rule that says where it is missing.
SOUNDNESS: Mapping[str, Rule] = {
    "can_end": CANNOT_END,
    "ends_leave_nothing": END_LEAVES_TOKENS,
    "safe_and_bounded": ENTERED_TWICE,
    "no_step_fails": STEP_FAILS,
    "nothing_dead": DEAD,
}
_REASONS: Mapping[str, tuple[str, str]] = {
    "undecidable": (
        "条件“{question}”把取值无限的要素相互比较",
        "the condition “{question}” holds facts without bounds against each other",
    ),
    "markings": ("位置超过 {limit} 个", "more than {limit} markings"),
    "states": ("状态超过 {limit} 个", "more than {limit} states"),
    "transitions": ("步骤超过 {limit} 个", "more than {limit} transitions"),
    "ways": ("一步之内的走法过多（{marking}）", "one step has too many ways ({marking})"),
}
_ACTIVE = frozenset(
    {
        "userTask",
        "manualTask",
        "serviceTask",
        "businessRuleTask",
        "subProcess",
        "callActivity",
        "endEvent",
        "intermediateCatchEvent",
    }
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken rule with the shortest way that breaks it; ``guardrail`` is the id of one."""

    finding: Finding
    process_id: str
    steps: tuple[StoryStep, ...] = ()
    guardrail: str | None = None


def check_soundness(pack: Pack, explored: Exploration) -> Iterator[Broken]:
    """Report what is not sound, each fault once with its shortest counter-example."""
    for refusal in explored.refusals:
        yield _refused(pack, refusal)
    for name, graph in explored.graphs.items():
        definition = pack.processes[name]
        yield from _faults(definition, graph)
        yield from _open_ends(definition, graph)
        yield from _stuck(definition, graph)
    yield from _dead(pack, explored)


def _refused(pack: Pack, refusal: Refusal) -> Broken:
    definition = pack.processes[refusal.process_id]
    zh, en = (text.format(**refusal.words) for text in _REASONS[refusal.reason])
    found = NOT_EXPLORED.found(
        definition.process.file,
        refusal.process_id,
        process=refusal.process_id,
        reason_zh=zh,
        reason_en=en,
    )
    return Broken(found, refusal.process_id)


def _faults(definition: Definition, graph: Graph) -> Iterator[Broken]:
    kinds: dict[tuple[str, str], str] = {}
    for each in graph.transitions:
        if each.effect.fault is not None:
            kinds.setdefault((each.effect.fault.code, each.effect.fault.message), "")
    for code, message in kinds:
        way = graph.shortest(partial(_fails_with, message))
        if way is not None:
            yield _fault(definition, graph, way, code, message)


def _fails_with(message: str, each: Transition) -> bool:
    return each.effect.fault is not None and each.effect.fault.message == message


def _fault(
    definition: Definition, graph: Graph, way: tuple[Transition, ...], code: str, message: str
) -> Broken:
    fault = way[-1].effect.fault
    path = str(fault.words.get("path", "")) if fault is not None else ""
    passed = way[-1].effect.passed
    element = _element(definition, path or (passed[-1] if passed else way[-1].trigger.path))
    steps = tell(graph, way)
    file, element_id = (
        (element.file, element.id)
        if element is not None
        else (definition.process.file, definition.process_id)
    )
    name = element.name if element is not None else definition.process.name
    if code == "unsafe_marking":
        pack = definition.pack
        loop = _loop(steps, path)
        found = ENTERED_TWICE.found(
            file,
            element_id,
            name=name,
            loop_zh=" → ".join(each.text(pack, "zh") for each in loop),
            loop_en=" → ".join(each.text(pack, "en") for each in loop),
        )
    else:
        found = STEP_FAILS.found(file, element_id, name=name, reason=message)
    return Broken(found, graph.process_id, steps)


def _element(definition: Definition, path: str) -> Element | None:
    return definition.place(path).element if path else None


def _loop(steps: tuple[StoryStep, ...], path: str) -> tuple[StoryStep, ...]:
    """Give what lies between the entering of an activity and the entering again."""
    for at in range(len(steps) - 1, -1, -1):
        if path in steps[at].opened:
            return steps[at + 1 :]
    return steps[-1:]


def _open_ends(definition: Definition, graph: Graph) -> Iterator[Broken]:
    ends = {
        element.id
        for element in definition.process.elements.values()
        if element.kind == "endEvent" and not element.within and "outcome" in element.attributes
    }
    for end in sorted(ends):
        way = graph.shortest(partial(_leaves_open, end))
        if way is not None:
            zh, en = _named(definition.pack, _open_at(definition, way[-1].effect.marking))
            element = definition.place(end).element
            found = END_LEAVES_TOKENS.found(
                element.file, end, name=element.name, open_zh=zh, open_en=en
            )
            yield Broken(found, graph.process_id, tell(graph, way))


def _leaves_open(end: str, each: Transition) -> bool:
    return end in each.effect.passed and each.target is not None and each.effect.marking != "{}"


def _open_at(definition: Definition, marking: str) -> tuple[str, ...]:
    """Give what is open at a marking: tasks, or what is awaited, or joins that wait."""
    stands = standing(definition, marking)
    waiting = (*stands.clocks, *stands.messages) or tuple(_joins(read(definition, marking), ""))
    return stands.tasks or waiting or stands.scopes


def _joins(marking: Mapping[str, object], prefix: str) -> Iterator[str]:
    for name, value in marking.items():
        if isinstance(value, list):
            yield prefix + name
        elif isinstance(value, dict):
            yield from _joins(value, f"{prefix}{name}/")


def _named(pack: Pack, paths: tuple[str, ...]) -> tuple[str, str]:
    zh = "、".join(f"“{pack.name('activity', last(path), 'zh')}”" for path in paths)
    return zh, ", ".join(f"“{pack.name('activity', last(path), 'en')}”" for path in paths)


def _stuck(definition: Definition, graph: Graph) -> Iterator[Broken]:
    """Find the states from which no end can be reached.

    The nearest is told in which cases stand still, or of those among which they go on and on.
    """
    failing = {each.source for each in graph.transitions if each.target is None}
    lost = set(range(1, len(graph.states))) - _reaching_an_end(graph) - _before(graph, failing)
    goals = _traps(graph, lost)
    way = graph.shortest(lambda each: each.target in goals) if goals else None
    if way is None:
        return
    paths = _open_at(definition, way[-1].effect.marking)
    element = _element(definition, paths[0])
    zh, en = _named(definition.pack, paths)
    if element is not None:
        found = CANNOT_END.found(element.file, element.id, open_zh=zh, open_en=en)
        yield Broken(found, graph.process_id, tell(graph, way))


def _traps(graph: Graph, lost: set[int]) -> set[int]:
    """Give the states that lead to nothing but each other."""
    edges = {
        number: [each.target for each in graph.leaving[number] if each.target in lost]
        for number in lost
    }
    traps: set[int] = set()
    for component in components(edges):
        inside = set(component)
        if all(after in inside for number in component for after in edges[number]):
            traps |= inside
    return traps


def _reaching_an_end(graph: Graph) -> set[int]:
    return _before(graph, {at for at, state in enumerate(graph.states) if state.is_end})


def _before(graph: Graph, goals: set[int]) -> set[int]:
    """Give the goals with all states from which one of them can be reached."""
    entering: dict[int, list[int]] = {}
    for each in graph.transitions:
        if each.target is not None:
            entering.setdefault(each.target, []).append(each.source)
    found, open_ = set(goals), list(goals)
    while open_:
        for source in entering.get(open_.pop(), ()):
            if source not in found:
                found.add(source)
                open_.append(source)
    return found


def _dead(pack: Pack, explored: Exploration) -> Iterator[Broken]:
    if explored.refusals or any(
        each.effect.fault for graph in explored.graphs.values() for each in graph.transitions
    ):
        return
    reached: set[tuple[str, str]] = set()
    for name, graph in explored.graphs.items():
        reached |= _reached(pack.processes[name], graph)
    walked = {
        each.process_id: each
        for name in explored.graphs
        for each in called_by(pack.processes[name])
    }
    for process_id, definition in walked.items():
        for element in definition.process.elements.values():
            if _is_active(element) and (process_id, element.id) not in reached:
                found = DEAD.found(element.file, element.id, name=element.name)
                yield Broken(found, process_id)


def _is_active(element: Element) -> bool:
    is_event = element.timer is not None or element.message is not None
    return element.kind in _ACTIVE or (element.kind == "boundaryEvent" and is_event)


def _reached(definition: Definition, graph: Graph) -> set[tuple[str, str]]:
    """Give every node that some way touches, by process and id."""
    paths: set[str] = set()
    for effect in {id(each.effect): each.effect for each in graph.transitions}.values():
        paths |= {*effect.opened, *effect.passed, *(clock.path for clock in effect.armed)}
    for marking in graph.markings:
        stands = standing(definition, marking)
        paths |= {*stands.messages, *stands.scopes, *stands.clocks}
    paths |= {each.trigger.path for each in graph.transitions} - {""}
    found: set[tuple[str, str]] = set()
    for path in paths:
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            element = definition.place("/".join(parts[:end])).element
            found.add((element.process_id, element.id))
    return found
