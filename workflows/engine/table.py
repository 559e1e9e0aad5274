"""The transition table: what SpiffWorkflow did once is not run again (DESIGN 4.2).

The first time a case meets a trigger at a marking, SpiffWorkflow runs and what it asked
of the run is kept as a decision tree: its inner nodes are the conditions of sequence
flows, its leaves are where the tokens came to rest. Later steps ask the same of a run
of their own, in the same order, and follow. The table is a memory, never the truth: it
may be dropped at any time, and what it does not know SpiffWorkflow runs.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from workflows.domain.steps import Facts, Step, Trigger
from workflows.engine.definition import Definition
from workflows.engine.execution import START, Rest, settle
from workflows.engine.pack import Pack
from workflows.engine.run import Run
from workflows.engine.ways import Asked, Way, graft

# A tree of ten leaves takes about 10 KB; the shipped pack has some thousand of them.
CAPACITY = 8_000
LARGEST_TREE = 256

_Key: TypeAlias = tuple[str, str, Trigger]


class _Asking(Run):
    """A run that keeps what SpiffWorkflow asks of it."""

    def __init__(self, definition: Definition, facts: Facts) -> None:
        super().__init__(definition, facts)
        self.asked: list[Asked] = []
        self.nodes: list[tuple[Way, bool]] = []

    def evaluate(self, _: Any, text: str, **_context: object) -> bool:
        condition = self._pack.condition(text)
        value = self.holds(condition)
        self.nodes.append((Way(tuple(self.asked), condition), value))
        self.asked.clear()
        return value

    def arm(self, path: str) -> None:
        self.asked.append((Run.arm, path))
        super().arm(path)

    def send(self, message: str) -> None:
        self.asked.append((Run.send, message))
        super().send(message)

    def reached(self, path: str) -> None:
        self.asked.append((Run.reached, path))
        super().reached(path)

    def operate(self, path: str) -> None:
        self.asked.append((Run.operate, path))
        super().operate(path)

    def decide(self, path: str) -> None:
        self.asked.append((Run.decide, path))
        super().decide(path)

    def way(self, rest: Rest) -> Way:
        """Give the run as a tree of one leaf."""
        node = Way(tuple(self.asked), rest=rest)
        for before, value in reversed(self.nodes):
            before.branches[value] = node
            node = before
        return node


class TransitionTable:
    """The steps of one pack that were met so far, shared by all threads.

    Reading takes no lock: a tree is changed by adding finished branches only. Of two
    generations the older is dropped when the younger is full, so what is used stays.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._half = max(1, capacity // 2)
        self._lock = Lock()
        self._young: dict[_Key, Way] = {}
        self._old: dict[_Key, Way] = {}

    def __len__(self) -> int:
        """Give how many pairs of marking and trigger are kept."""
        return len(self._young.keys() | self._old.keys())

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._young, self._old = {}, {}

    def step(self, definition: Definition, marking: str, trigger: Trigger, facts: Facts) -> Step:
        """Take one step, through SpiffWorkflow only where this way was never taken."""
        key = (definition.process_id, marking, trigger)
        root = self._find(key)
        if root is not None:
            run = Run(definition, facts)
            rest = _follow(root, run)
            if rest is not None:
                return rest.step(run)
        asking = _Asking(definition, facts)
        rest = settle(definition, marking, trigger, asking)
        self._keep(key, asking.way(rest))
        return rest.step(asking)

    def _find(self, key: _Key) -> Way | None:
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                with self._lock:
                    self._add(key, found)
        return found

    def _keep(self, key: _Key, way: Way) -> None:
        with self._lock:
            root = self._young.get(key) or self._old.get(key)
            if root is None:
                self._add(key, way)
            elif sum(1 for _ in root.rests()) < LARGEST_TREE:
                graft(root, way)

    def _add(self, key: _Key, root: Way) -> None:
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young.setdefault(key, root)


_tables: WeakKeyDictionary[Pack, TransitionTable] = WeakKeyDictionary()
_tables_lock = Lock()


def table_of(pack: Pack) -> TransitionTable:
    """Give the table of a pack, which lives as long as the pack."""
    table = _tables.get(pack)
    if table is None:
        with _tables_lock:
            table = _tables.setdefault(pack, TransitionTable())
    return table


def start(definition: Definition, facts: Facts) -> Step:
    """Start a case.

    Raises:
        EngineError, ExpressionFailed: the case cannot be started on these facts.
    """
    return step(definition, "", START, facts)


def step(definition: Definition, marking: str, trigger: Trigger, facts: Facts) -> Step:
    """Take one step.

    Args:
        definition: The process that the case walks.
        marking: Where it stands, as a step before gave it.
        trigger: What happened; its path is the task, the timer or the waiting event.
        facts: What is known, what the completed task wrote included.

    Raises:
        NotStanding: the case does not stand there, or not for this kind of trigger.
        InvalidMarking: the marking is none of this definition's.
        EngineError, ExpressionFailed: the step cannot be taken on these facts.
    """
    return table_of(definition.pack).step(definition, marking, trigger, facts)


def _follow(node: Way | None, run: Run) -> Rest | None:
    """Ask a run what SpiffWorkflow asked, up to a rest; None where nobody went before."""
    while node is not None:
        node.ask(run)
        if node.condition is None:
            return node.rest
        node = node.branches.get(run.holds(node.condition))
    return None
