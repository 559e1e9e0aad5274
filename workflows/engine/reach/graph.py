"""Every way a case can go, as one value: states, transitions and what they do.

A state is where the tokens of a case stand and what is known of the facts that can still
matter there. A known value speaks for all values that no question of the pack tells apart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workflows.domain.steps import ArmedClock, FactValue, OperationCall, Trigger
from workflows.engine.reach.regions import Regions


@dataclass(frozen=True, slots=True)
class State:
    """One state; the start of a process, before its first step, has the marking ``""``.

    ``known`` holds the facts that can still matter, those that are null left out.
    """

    marking: str
    known: Mapping[str, FactValue] = field(default_factory=dict)
    rung: int | None = None

    @property
    def is_end(self) -> bool:
        """Tell whether the case has ended."""
        return self.marking == "{}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a step cannot be taken: the error that officers would meet, and its words."""

    code: str
    words: Mapping[str, object]
    message: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does, shared by all transitions that do the same.

    ``passed`` are the paths of decision tables, operations and ends on the way, in order.
    With a ``fault`` the step cannot be taken; ``passed`` is then how far it came.
    """

    marking: str
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    armed: tuple[ArmedClock, ...] = ()
    cancelled: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    operations: tuple[OperationCall, ...] = ()
    thrown: tuple[str, ...] = ()
    outcome: str | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One step from a state.

    Args:
        source: The number of the state in which it begins.
        trigger: What happens; a message may come by hand or from another case.
        written: What the form writes, as far as it can matter, and what decision tables
            write of the facts that somebody asks about.
        target: The number of the state that it leads to, or None for a fault.
        effect: What it does.
    """

    source: int
    trigger: Trigger
    written: Mapping[str, FactValue]
    target: int | None
    effect: Effect


@dataclass(frozen=True)
class Graph:
    """All states and transitions of one process in which cases begin; state 0 is the start."""

    process_id: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    fingerprint: str = ""
    _regions: Regions | None = field(default=None, repr=False, compare=False)

    @cached_property
    def leaving(self) -> tuple[tuple[Transition, ...], ...]:
        """Give the transitions that leave each state, by its number."""
        leaving: list[list[Transition]] = [[] for _ in self.states]
        for transition in self.transitions:
            leaving[transition.source].append(transition)
        return tuple(map(tuple, leaving))

    @property
    def markings(self) -> frozenset[str]:
        """Give the markings at which cases can stand, the ended one included."""
        return frozenset(state.marking for state in self.states[1:])

    @cached_property
    def standing_at(self) -> Mapping[str, tuple[int, ...]]:
        """Give the numbers of the states at each marking."""
        numbers: dict[str, list[int]] = {}
        for number, state in enumerate(self.states):
            numbers.setdefault(state.marking, []).append(number)
        return {marking: tuple(found) for marking, found in numbers.items()}

    def state_of(self, marking: str, facts: Mapping[str, FactValue]) -> int | None:
        """Find the state of a case; what matters at a marking is known in some state there."""
        numbers = self.standing_at.get(marking, ())
        names = set().union(*(self.states[number].known for number in numbers))
        if self._regions is None:
            return None
        known = {name: self._regions.speaker(name, facts.get(name)) for name in names}
        known = {name: value for name, value in known.items() if value is not None}
        known = self._regions.settled(known)
        return next((each for each in numbers if self.states[each].known == known), None)

    def shortest(self, is_goal: Callable[[Transition], bool]) -> tuple[Transition, ...] | None:
        """Give the shortest way from the start to a transition, which it includes."""
        came: dict[int, Transition | None] = {0: None}
        open_ = deque([0])
        while open_:
            number = open_.popleft()
            for transition in self.leaving[number]:
                if is_goal(transition):
                    return (*_back(came, number), transition)
                if transition.target is not None and transition.target not in came:
                    came[transition.target] = transition
                    open_.append(transition.target)
        return None


def _back(came: Mapping[int, Transition | None], number: int) -> tuple[Transition, ...]:
    way: list[Transition] = []
    transition = came[number]
    while transition is not None:
        way.append(transition)
        transition = came[transition.source]
    return tuple(reversed(way))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pack was not explored to its end: a reason and what it is about."""

    reason: str
    process_id: str
    words: Mapping[str, object]


@dataclass(frozen=True)
class Exploration:
    """What was found of a whole pack: a graph for each process in which cases begin.

    ``refusals`` say why a process has no graph; a pack with one is not proved.
    """

    pack_hash: str
    graphs: Mapping[str, Graph]
    refusals: tuple[Refusal, ...] = ()

    def possible(
        self, process_id: str, marking: str, facts: Mapping[str, FactValue]
    ) -> tuple[Transition, ...]:
        """Give what may happen next to a case: the transitions that leave its state.

        Args:
            process_id: The process that the case walks.
            marking: Where it stands.
            facts: What is known of it; what cannot matter any more is passed over.
        """
        graph = self.graphs.get(process_id)
        number = None if graph is None else graph.state_of(marking, facts)
        return () if graph is None or number is None else graph.leaving[number]
