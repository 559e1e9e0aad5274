"""The pieces of the token game: scopes, the tokens in them, what a move came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.support.token_diagrams import Diagram, Event, Flow, Node
from workflows.domain.steps import TraceEntry, Trigger


class Refused(Exception):
    """The game cannot go on; ``reason`` is the error by which the engine must refuse."""

    def __init__(self, reason: str, path: str) -> None:
        super().__init__(f"{reason} at {path}")
        self.reason = reason


@dataclass
class Played:
    """What one move was: conditions asked in order, what opened, closed and left the case."""

    trace: list[TraceEntry] = field(default_factory=list)
    opened: Counter[Trigger] = field(default_factory=Counter)
    closed: Counter[Trigger] = field(default_factory=Counter)
    operations: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)
    outcome: str | None = None


@dataclass(eq=False)
class Scope:
    """A process or subprocess that is being gone through; ``host`` is its activity's token."""

    diagram: Diagram
    prefix: str = ""
    host: Token | None = None
    tokens: list[Token] = field(default_factory=list)

    def with_inner(self) -> Iterator[Scope]:
        """Give this scope and all that are open within."""
        yield self
        for token in self.tokens:
            if token.inside:
                yield from token.inside.with_inner()

    def held(self, join: Node) -> dict[Flow, Token]:
        """Give the tokens that a join holds, by the flow that brought them."""
        return {
            token.came_by: token
            for token in self.tokens
            if token.node is join and token.is_held and token.came_by
        }

    def is_enabled(self, join: Node) -> bool:
        """Tell whether no token can still come to an inclusive join by an empty flow only.

        So says table 13.3. A token in an activity is taken to be on the flow by which it
        came; one that waits behind an event-based gateway, to be at the gateway. Paths
        are formed of sequence flows: a boundary event is on no path through its activity.
        """
        filled = self.held(join).keys()
        empty = set(self.diagram.incoming(join)) - filled
        for token in self.tokens:
            if token.node is not join:
                reached = self._reach(token.race or token.node, join)
                if reached & empty and not reached & filled:
                    return False
        return True

    def _reach(self, start: Node, join: Node) -> set[Flow]:
        """Give the incoming flows of a join to which paths lead that do not visit it."""
        reached: set[Flow] = set()
        agenda, seen = [start], {start.id}
        while agenda:
            for flow in self.diagram.outgoing(agenda.pop()):
                if flow.target == join.id:
                    reached.add(flow)
                elif flow.target not in seen:
                    seen.add(flow.target)
                    agenda.append(self.diagram.nodes[flow.target])
        return reached


@dataclass(eq=False)
class Token:
    """A token at a node: on its way, held by a join, or waiting while the node works.

    ``watches`` are the armed boundary events of its activity; ``rivals`` wait with it
    behind the event-based gateway ``race``.
    """

    scope: Scope
    node: Node
    came_by: Flow | None = None
    inside: Scope | None = None
    watches: list[Watch] = field(default_factory=list)
    rivals: list[Token] = field(default_factory=list)
    race: Node | None = None
    has_happened: bool = False
    is_held: bool = False
    is_gone: bool = False

    @property
    def path(self) -> str:
        """Give the path of its node."""
        return self.scope.prefix + self.node.id

    @property
    def is_there(self) -> bool:
        """Tell whether it has not gone."""
        return not self.is_gone

    def waits_for(self, thrown: Event) -> bool:
        """Tell whether it waits at an event for what was thrown."""
        waits = self.node.kind == "intermediateCatchEvent" and not self.has_happened
        return waits and self.node.event.is_met_by(thrown)

    def remove(self) -> None:
        """Take it away with everything inside of its activity."""
        self.is_gone = True
        self.scope.tokens.remove(self)
        if self.inside:
            for inner in list(self.inside.tokens):
                inner.remove()


@dataclass(eq=False)
class Watch:
    """A boundary event that waits beside its activity."""

    node: Node
    token: Token

    @property
    def path(self) -> str:
        """Give the path of the event."""
        return self.token.scope.prefix + self.node.id

    @property
    def is_there(self) -> bool:
        """Tell whether its activity goes on."""
        return self.token.is_there

    def waits_for(self, thrown: Event) -> bool:
        """Tell whether it waits for what was thrown."""
        return self.node.event.is_met_by(thrown)
