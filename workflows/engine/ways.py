"""Ways: decision trees of what a step is asked, and where it comes to rest.

Inner nodes are the conditions of sequence flows, leaves are rests: where the tokens came
to rest, or why they cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from workflows.domain.errors import DubanError
from workflows.engine.execution import Rest
from workflows.engine.expressions import Expression
from workflows.engine.run import Run

Asked: TypeAlias = tuple[Callable[[Run, str], None], str]


@dataclass(slots=True)
class Way:
    """What a run is asked up to the next condition, or up to its rest."""

    asked: tuple[Asked, ...] = ()
    condition: Expression | None = None
    branches: dict[bool, Way] = field(default_factory=dict)
    rest: Rest | None = None
    fault: DubanError | None = None

    def rests(self) -> Iterator[Rest]:
        """Give every rest that the tree leads to."""
        if self.rest is not None:
            yield self.rest
        for branch in list(self.branches.values()):
            yield from branch.rests()

    def ask(self, run: Run) -> None:
        """Ask a run what is asked before the condition."""
        for ask, what in self.asked:
            ask(run, what)


def graft(root: Way, way: Way) -> None:
    """Add a way of one leaf to a tree, at the first branch that the tree has not."""
    node = root
    while way.condition is not None:
        ((value, way),) = way.branches.items()
        known = node.branches.get(value)
        if known is None:
            node.branches[value] = way
            return
        node = known
