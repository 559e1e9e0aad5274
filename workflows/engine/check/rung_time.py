"""How long a rung can last: the longest chain of its clocks, counters at their bounds.

People are taken to act on the last day: a task lasts as long as the clock whose due date it
has, or that of the scope around it. A chain goes from a clock to those that are started as
it ends. Pauses do not count, and periods of a series are no chain of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from workflows.domain.clocks import Budget
from workflows.domain.steps import ArmedClock, TriggerType
from workflows.engine.check.components import components
from workflows.engine.check.story import last
from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.engine.findings import Language
from workflows.engine.pack import Pack
from workflows.engine.reach import Exploration, Graph, Transition
from workflows.engine.reach.roots import called_by

# To compare chains: five workdays are seven days, a month is a twelfth of a year.
_DAYS_OF = {"workdays": 7 / 5, "days": 1.0, "months": 365.25 / 12}
_UNITS: Mapping[Language, Mapping[str, str]] = {
    "zh": {"workdays": "{n} 个工作日", "days": "{n} 天", "months": "{n} 个月", "plus": "加"},
    "en": {"workdays": "{n} workdays", "days": "{n} days", "months": "{n} months", "plus": " + "},
}
_UNBOUNDED: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "no_clock": "{names}没有时限",
        "loop": "经过{names}的循环没有次数限制",
        "name": "“{name}”",
        "comma": "、",
        "said": "没有上限：{reasons}",
        "and": "；",
    },
    "en": {
        "no_clock": "no clock runs for {names}",
        "loop": "no counter ends the loop through {names}",
        "name": "“{name}”",
        "comma": ", ",
        "said": "unbounded, because {reasons}",
        "and": ", and ",
    },
}

Sum = tuple[tuple[str, int], ...]
_Node = tuple[int, str, Budget]


@dataclass(frozen=True, slots=True)
class RungTime:
    """The time of one rung in the cases of one process.

    ``parts`` are the sums by unit of the longest chain; ``unbounded`` are the reasons
    why there is none: ``no_clock`` or ``loop`` with the id of an activity or clock.
    """

    process_id: str
    rung: int
    parts: Sum = ()
    unbounded: tuple[tuple[str, str], ...] = ()

    def text(self, pack: Pack, language: Language = "zh") -> str:
        """Say it in a language."""
        if self.unbounded:
            return self._reasons(pack, language)
        units = _UNITS[language]
        said = [units[unit].format(n=amount) for unit, amount in self.parts]
        return units["plus"].join(said) or units["days"].format(n=0)

    def _reasons(self, pack: Pack, language: Language) -> str:
        words = _UNBOUNDED[language]
        said: list[str] = []
        for reason in dict.fromkeys(reason for reason, _ in self.unbounded):
            ids = [element for each, element in self.unbounded if each == reason]
            names = [words["name"].format(name=pack.name("activity", e, language)) for e in ids]
            said.append(words[reason].format(names=words["comma"].join(dict.fromkeys(names))))
        return words["said"].format(reasons=words["and"].join(said))


def rung_times(pack: Pack, explored: Exploration) -> tuple[RungTime, ...]:
    """Give the time of every rung in every process in which cases begin."""
    found: list[RungTime] = []
    for name, graph in explored.graphs.items():
        found += _Chains(pack.processes[name], graph).times()
    return tuple(found)


class _Chains:
    """The clocks of one process by the states in which they run, and what follows what."""

    def __init__(self, definition: Definition, graph: Graph) -> None:
        self._definition = definition
        self._graph = graph
        self._longer = dict(_extended(definition))
        self._due: dict[str, tuple[str, ...]] = {}
        self._edges: dict[_Node, dict[_Node, bool]] = {}
        self._unclocked: dict[int, dict[str, None]] = {}
        self._walk()

    def times(self) -> Iterator[RungTime]:
        rungs = {self._rung(node[1]) for node in self._edges} | self._unclocked.keys()
        lasting = self._longest()
        for rung in sorted(each for each in rungs if each is not None):
            reasons = [("no_clock", each) for each in sorted(self._unclocked.get(rung, {}))]
            own = [(node, total) for node, total in lasting.items() if self._rung(node[1]) == rung]
            loops = sorted({last(total) for _, total in own if isinstance(total, str)})
            reasons += [("loop", each) for each in loops]
            sums = [total for _, total in own if not isinstance(total, str)]
            longest = max(sums, key=_days, default=())
            parts = () if reasons else longest
            yield RungTime(self._graph.process_id, rung, parts, tuple(reasons))

    def _rung(self, path: str) -> int | None:
        return self._definition.place(path).rung

    def _walk(self) -> None:
        """Follow every clock from where it is started to where it ends."""
        open_: list[_Node] = []
        for each in self._graph.transitions:
            open_ += self._started(each)
            self._note_unclocked(each)
        while open_:
            node = open_.pop()
            if node in self._edges:
                continue
            self._edges[node] = {}
            for each in self._graph.leaving[node[0]]:
                open_ += self._follow(node, each)

    def _started(self, each: Transition) -> list[_Node]:
        if each.target is None:
            return []
        return [
            (each.target, clock.path, self._budget(clock))
            for clock in each.effect.armed
            if not clock.series and self._rung(clock.path) is not None
        ]

    def _budget(self, clock: ArmedClock) -> Budget:
        percent = self._longer.get(clock.rule, 0)
        amount = clock.budget.amount + clock.budget.amount * percent // 100
        return Budget.of(amount, clock.budget.unit)

    def _follow(self, node: _Node, each: Transition) -> Iterator[_Node]:
        """Give where a clock goes with a step: on as it is, or into those that it starts."""
        _, path, budget = node
        if each.target is None:
            return
        if self._ends(path, each):
            for after in self._started(each):
                if self._rung(after[1]) == self._rung(path):
                    self._edges[node][after] = True
                    yield after
        elif path not in each.effect.cancelled and each.trigger.path != path:
            after = (each.target, path, budget)
            self._edges[node].setdefault(after, False)
            yield after

    def _ends(self, path: str, each: Transition) -> bool:
        """Tell whether a step comes at the end of a clock: it fires, or its task is done."""
        if each.trigger.type is TriggerType.CLOCK:
            return each.trigger.path == path
        if each.trigger.type is not TriggerType.TASK:
            return False
        return path in self._clocks_of(each.trigger.path)[:1]

    def _clocks_of(self, task: str) -> tuple[str, ...]:
        """Give the clocks whose due date a task has, the nearest first, running or not."""
        found = self._due.get(task)
        if found is None:
            found = self._due[task] = tuple(self._find_clocks(task))
        return found

    def _find_clocks(self, task: str) -> Iterator[str]:
        parts = task.split("/")
        for end in range(len(parts), 0, -1):
            path = "/".join(parts[:end])
            scope, _, _ = path.rpartition("/")
            process = self._definition.place(path).element
            within = self._definition.pack.processes[process.process_id].process
            for element in within.elements.values():
                prefix = f"{scope}/" if scope else ""
                if element.timer is not None and _is_due_of(element, process):
                    yield f"{prefix}{element.id}"

    def _note_unclocked(self, each: Transition) -> None:
        if each.trigger.type is TriggerType.TASK and not self._clocks_of(each.trigger.path):
            rung = self._rung(each.trigger.path)
            if rung is not None:
                self._unclocked.setdefault(rung, {})[last(each.trigger.path)] = None

    def _longest(self) -> Mapping[_Node, Sum | str]:
        """Give the longest chain from each node, or the path of a clock in an endless one."""
        lasting: dict[_Node, Sum | str] = {}
        for component in components(self._edges):
            inside = set(component)
            endless = next(
                (
                    node[1]
                    for node in component
                    for after, ends in self._edges[node].items()
                    if ends and after in inside
                ),
                None,
            )
            longest = endless or self._sum_of(component, inside, lasting)
            for node in component:
                lasting[node] = longest
        return lasting

    def _sum_of(
        self, component: Iterable[_Node], inside: set[_Node], lasting: Mapping[_Node, Sum | str]
    ) -> Sum | str:
        sums: list[Sum] = [()]
        for node in component:
            sums.append(_plus((), node[2]))
            for after, ends in self._edges[node].items():
                if after in inside:
                    continue
                rest = lasting[after]
                if isinstance(rest, str):
                    return rest
                sums.append(_plus(rest, node[2]) if ends else rest)
        return max(sums, key=_days)


def _is_due_of(timer: Element, task: Element) -> bool:
    due = timer.attributes.get("dueOf")
    if due is None:
        return timer.attached_to == task.id and timer.within == task.within
    return due == task.id and timer.within == task.within


def _extended(definition: Definition) -> Iterator[tuple[str, int]]:
    """Give the rules whose clocks can be extended, with the share in percent."""
    for each in called_by(definition):
        for element in each.process.elements.values():
            if element.attributes.get("operation") == "extend_clock":
                given = {argument.name: argument.value or "" for argument in element.arguments}
                yield given.get("rule", ""), each.pack.constants.get(given.get("most", ""), 0)


def _plus(total: Sum, budget: Budget) -> Sum:
    amounts = dict(total)
    unit = budget.unit
    amounts[unit] = amounts.get(unit, 0) + budget.amount
    return tuple(sorted(amounts.items()))


def _days(total: Sum) -> float:
    return sum(_DAYS_OF[unit] * amount for unit, amount in total)
