"""Guardrails checked on every way that cases of the whole pack can go.

A way goes through one case, and from a case into one that it opens. Each kind of rule looks
at every transition with what was done before; the first place at which it is broken, for each
element, comes with the shortest way there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from workflows.domain.steps import FactValue, TriggerType
from workflows.engine.check.soundness import Broken
from workflows.engine.check.story import StoryStep, last, step_of
from workflows.engine.check.targets import fits, is_act, is_task, lacks, reached_paths
from workflows.engine.expressions import Expression
from workflows.engine.findings import Rule
from workflows.engine.guardrails import FILE, Guardrail, GuardrailKind
from workflows.engine.marking import standing
from workflows.engine.pack import Pack
from workflows.engine.reach import Exploration, Transition
from workflows.engine.reach.roots import opened_beside, started_by_message
from workflows.engine.run import Names

GUARDRAIL_BROKEN = Rule(
    "guardrail-broken",
    "“{name}”违反护栏 {id}：{zh}（依据：{basis}）",
    "“{name}” breaks the guardrail {id}: {en} (basis: {basis})",
    "请按下列步骤改正流程；护栏只能连同其依据一起更改。",
    "Mend the process along the steps below; a guardrail changes only with its basis.",
)
GUARDS_NOTHING = Rule(
    "guardrail-guards-nothing",
    "护栏 {id} 所管的内容在任何案件中都不会出现：{zh}",
    "What the guardrail {id} is about happens in no case: {en}",
    "请改正护栏所指的名称，或恢复被删去的环节。",
    "Correct what it names, or bring back what was removed.",
)

_NOWHERE: tuple[str, ...] = ()

# What was done so far, as bits; the places at which the rule is broken.
Verdict: TypeAlias = tuple[int, tuple[str, ...]]
_Judge: TypeAlias = Callable[[int, str, Transition], Verdict]
_Node: TypeAlias = tuple[str, int, int]


def conditions_of(pack: Pack) -> tuple[Expression, ...]:
    """Give the questions about facts that the guardrails ask."""
    found = (each.when for each in pack.guardrails.values())
    return tuple(dict.fromkeys(each for each in found if each is not None))


def check_guardrails(pack: Pack, explored: Exploration) -> Iterator[Broken]:
    """Report every guardrail that is broken, with the shortest way that breaks it."""
    if explored.refusals:
        return
    reached = list(reached_paths(explored))
    shared = _Shared(pack, explored)
    for guardrail in pack.guardrails.values():
        if not _guards(guardrail, pack, reached):
            found = GUARDS_NOTHING.found(
                FILE, guardrail.id, id=guardrail.id, zh=guardrail.zh, en=guardrail.en
            )
            yield Broken(found, "", guardrail=guardrail.id)
        else:
            yield from _Ways(shared, guardrail).broken()


def _guards(guardrail: Guardrail, pack: Pack, reached: Iterable[tuple[str, str]]) -> bool:
    return any(fits(guardrail.target, pack.processes[name], path) for name, path in reached)


class _ByTimer:
    """Tells which steps no human has moved: clocks, and what they open and send."""

    def __init__(self, pack: Pack, explored: Exploration) -> None:
        self._pack = pack
        self._opened: set[str] = set()
        self._sent: set[str] = set()
        self._starting = dict(started_by_message(pack))
        effects = {
            (name, each.trigger, id(each.effect)): each
            for name, graph in explored.graphs.items()
            for each in graph.transitions
        }
        before = -1
        while before != len(self._opened) + len(self._sent):
            before = len(self._opened) + len(self._sent)
            for (name, _, _), each in effects.items():
                if self.moves(name, each):
                    self._follow(each)

    def _follow(self, each: Transition) -> None:
        self._sent |= {*each.effect.thrown}
        for call in each.effect.operations:
            if call.name == "open_case":
                self._opened.add(str(call.parameters.get("process")))
            if call.name == "send_message":
                self._sent.add(str(call.parameters.get("message")))

    def moves(self, process_id: str, each: Transition) -> bool:
        """Tell whether a step of a process can happen without anybody's act."""
        match each.trigger.type:
            case TriggerType.CLOCK:
                return True
            case TriggerType.START:
                by_message = self._starting.get(process_id) in self._sent
                return process_id in self._opened or by_message
            case TriggerType.MESSAGE:
                event = self._pack.processes[process_id].message(each.trigger.path)
                return event.message in self._sent
            case _:
                return False


class _Shared:
    """What all searches over a pack have in common."""

    def __init__(self, pack: Pack, explored: Exploration) -> None:
        self.pack = pack
        self.graphs = explored.graphs
        self.by_timer = _ByTimer(pack, explored)
        self.steps = {
            name: tuple(
                {(each.trigger, id(each.effect)): each for each in graph.transitions}.values()
            )
            for name, graph in explored.graphs.items()
        }
        self._openings: dict[str, tuple[tuple[Transition, ...], ...]] = {}
        self._beside = {name: opened_beside(pack, name) for name in self.graphs}

    def openings(self, name: str) -> tuple[tuple[Transition, ...], ...]:
        """Give the shortest ways on which a process opens cases of others."""
        found = self._openings.get(name)
        if found is None:
            opened = dict.fromkeys(
                process for each in self.steps[name] for process in self.opened_by(name, each)
            )
            ways = (self._shortest(name, process) for process in opened)
            found = self._openings[name] = tuple(way for way in ways if way is not None)
        return found

    def _shortest(self, name: str, process: str) -> tuple[Transition, ...] | None:
        return self.graphs[name].shortest(lambda each: process in self.opened_by(name, each))

    def opened_by(self, name: str, each: Transition) -> Iterator[str]:
        """Give the processes of which a step opens cases, and those opened beside it later.

        People may open a case beside another at any moment of it. What its start event
        asks of the other case's facts is not looked at, so that more ways are searched
        than there are.
        """
        for call in each.effect.operations:
            if call.name == "open_case":
                yield str(call.parameters.get("process"))
        yield from self._beside[name]


def _different(transitions: Iterable[Transition]) -> Iterable[Transition]:
    """Give one transition for each that is moved by the same and does the same."""
    return {(each.trigger, id(each.effect)): each for each in transitions}.values()


@dataclass(frozen=True, slots=True)
class _Came:
    """How a search came to a node: from where, and on which way."""

    before: _Node | None
    way: tuple[Transition, ...] = ()


class _Ways:
    """The search of one guardrail over all cases of a pack."""

    def __init__(self, shared: _Shared, guardrail: Guardrail) -> None:
        self._shared = shared
        self._pack = shared.pack
        self._graphs = shared.graphs
        self._guardrail = guardrail
        self._came: dict[_Node, _Came] = {}
        self._fitting: dict[tuple[str, str], bool] = {}
        self._standing: dict[tuple[str, str], tuple[str, ...]] = {}
        self._concerned: dict[str, frozenset[tuple[str, int]]] = {}
        self._judge = self._judging()

    def broken(self) -> Iterator[Broken]:
        """Search breadth first, so that the first way to a place is the shortest."""
        open_ = deque(self._starts())
        self._came = {node: _Came(None) for node in open_}
        seen: set[tuple[str, str]] = set()
        is_late = self._guardrail.kind is GuardrailKind.NEVER_AFTER
        while open_:
            node = open_.popleft()
            name, number, done = node
            concerning = self._concerning(name)
            if not concerning or self._is_satisfied(done):
                self._pass_over(node, open_)
                continue
            for each in self._graphs[name].leaving[number]:
                if each.target is None:
                    continue
                after, places = done, _NOWHERE
                if (is_late and done) or (each.trigger.path, id(each.effect)) in concerning:
                    after, places = self._judge(done, name, each)
                for path in places:
                    if (name, last(path)) not in seen:
                        seen.add((name, last(path)))
                        yield self._found(node, each, path)
                for following in self._following(name, each, after):
                    if following not in self._came:
                        self._came[following] = _Came(node, (each,))
                        open_.append(following)

    def _starts(self) -> list[_Node]:
        """Begin where cases begin by themselves: at the entry, and by messages."""
        names = dict.fromkeys((self._pack.entry, *dict(started_by_message(self._pack))))
        return [(name, 0, 0) for name in names if name in self._graphs]

    def _following(self, name: str, each: Transition, done: int) -> Iterator[_Node]:
        """Go on in the same case, and in those that the step opens."""
        if each.target is not None:
            yield name, each.target, done
        for opened in self._shared.opened_by(name, each):
            if opened in self._graphs:
                yield opened, 0, done if self._guardrail.since == "matter" else 0

    def _concerning(self, name: str) -> frozenset[tuple[str, int]]:
        """Give the steps of a process at which the guardrail looks, by what moves and does them."""
        found = self._concerned.get(name)
        if found is None:
            found = self._concerned[name] = frozenset(
                (each.trigger.path, id(each.effect))
                for each in self._shared.steps[name]
                if self._is_of_concern(name, each)
            )
        return found

    def _is_of_concern(self, name: str, each: Transition) -> bool:
        guardrail, paths = self._guardrail, _sequence(each)
        if guardrail.kind in (GuardrailKind.BEFORE, GuardrailKind.NEVER_AFTER):
            acts = (*guardrail.after, *guardrail.after_any)
            return any(is_act(acts, path) for path in paths) or (
                any(self._fits(name, path) for path in paths[1:])
            )
        return bool(self._judge(0, name, each)[1])

    def _is_satisfied(self, done: int) -> bool:
        """Tell whether nothing that comes later in the case can break the guardrail."""
        guardrail = self._guardrail
        if guardrail.kind is not GuardrailKind.BEFORE or guardrail.since == "matter":
            return False
        return done == (1 << len(guardrail.after)) - 1 if guardrail.after else done != 0

    def _pass_over(self, node: _Node, open_: deque[_Node]) -> None:
        """Go straight to the cases that a process opens, told from its start."""
        name, number, done = node
        origin = node if number == 0 else (name, 0, 0)
        for way in self._shared.openings(name):
            for following in self._following(name, way[-1], done):
                if following[0] != name and following not in self._came:
                    self._came[following] = _Came(origin, way)
                    open_.append(following)

    def _judging(self) -> _Judge:
        match self._guardrail.kind:
            case GuardrailKind.BEFORE:
                return self._judge_before
            case GuardrailKind.NEVER_AFTER:
                return self._judge_after
            case GuardrailKind.TIMER_ONLY | GuardrailKind.TIMER_NEVER:
                return self._judge_timer
            case _:
                return self._judge_declared

    def _judge_before(self, done: int, name: str, each: Transition) -> Verdict:
        acts = self._guardrail.after or self._guardrail.after_any
        wanted = (1 << len(acts)) - 1
        places = []
        for at, path in enumerate(_sequence(each)):
            is_enough = done == wanted if self._guardrail.after else done != 0
            if not is_enough and self._is_entered(at, each) and self._fits(name, path):
                places.append(path)
            if is_act(acts, path) and self._counts(name, each):
                done |= 1 << acts.index(last(path))
        return done, tuple(places)

    def _is_entered(self, at: int, each: Transition) -> bool:
        """Tell an entered place from the task whose completion moves the step."""
        return at > 0 or each.trigger.type in (TriggerType.CLOCK, TriggerType.MESSAGE)

    def _judge_after(self, done: int, name: str, each: Transition) -> Verdict:
        for path in _sequence(each)[: 1 + len(each.effect.passed)]:
            if is_act(self._guardrail.until, path):
                done = 0
            if is_act(self._guardrail.after_any, path) and self._counts(name, each):
                done = 1
        return done, self._tasks_at(name, each.effect.marking) if done else ()

    def _judge_timer(self, done: int, name: str, each: Transition) -> Verdict:
        if not self._shared.by_timer.moves(name, each):
            return done, ()
        if self._guardrail.kind is GuardrailKind.TIMER_NEVER:
            paths = (*each.effect.passed, *each.effect.opened)
            return done, tuple(path for path in paths if self._fits(name, path))
        allowed = self._guardrail.target.activities
        return done, tuple(path for path in each.effect.opened if last(path) not in allowed)

    def _judge_declared(self, done: int, name: str, each: Transition) -> Verdict:
        definition = self._pack.processes[name]
        return done, tuple(
            path
            for path in each.effect.opened
            if self._fits(name, path) and lacks(self._guardrail, definition, path)
        )

    def _counts(self, name: str, each: Transition) -> bool:
        """Tell whether an act is done in the way that the guardrail wants."""
        when = self._guardrail.when
        if when is None:
            return True
        known = self._graphs[name].states[each.source].known
        facts: Mapping[str, FactValue] = {**known, **each.written}
        return when.holds(Names(self._pack, facts), null_answers=True)

    def _fits(self, name: str, path: str) -> bool:
        key = (name, path)
        found = self._fitting.get(key)
        if found is None:
            found = fits(self._guardrail.target, self._pack.processes[name], path)
            self._fitting[key] = found
        return found

    def _tasks_at(self, name: str, marking: str) -> tuple[str, ...]:
        """Give the open tasks at a marking that the guardrail is about."""
        found = self._standing.get((name, marking))
        if found is None:
            definition = self._pack.processes[name]
            found = tuple(
                path
                for path in standing(definition, marking).tasks
                if is_task(definition, path) and self._fits(name, path)
            )
            self._standing[name, marking] = found
        return found

    def _found(self, node: _Node, each: Transition, path: str) -> Broken:
        element = self._pack.processes[node[0]].place(path).element
        guardrail = self._guardrail
        found = GUARDRAIL_BROKEN.found(
            element.file,
            element.id,
            name=element.name,
            id=guardrail.id,
            zh=guardrail.zh,
            en=guardrail.en,
            basis=guardrail.basis,
        )
        return Broken(found, node[0], self._story(node, each), guardrail.id)

    def _story(self, node: _Node, final: Transition) -> tuple[StoryStep, ...]:
        """Tell the way to a transition; a case that opens another is told up to there."""
        told: list[tuple[str, Transition]] = [(node[0], final)]
        came = self._came[node]
        while came.before is not None:
            told += [(came.before[0], each) for each in reversed(came.way)]
            came = self._came[came.before]
        numbers: dict[str, int] = {}
        return tuple(
            step_of(name, each, numbers.setdefault(name, len(numbers) + 1))
            for name, each in reversed(told)
        )


def _sequence(each: Transition) -> tuple[str, ...]:
    """Give the places of a step in order: what moves it, what it passes, what it opens."""
    return (each.trigger.path, *each.effect.passed, *each.effect.opened)
