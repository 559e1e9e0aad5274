"""The referee: a token game of the profile, played by chapter 13 of BPMN 2.0.2.

It shares nothing with the engine but the evaluator of conditions and the decision
tables. It remembers its tokens themselves, never a marking, and so knows which task
stayed and which was opened anew.

Where the standard leaves the order of concurrent tokens open, they take turns, first
come first served; of what happens at the same instant, paths give the order. An
inclusive gateway looks round when all other tokens rest.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from tests.support.token_diagrams import PEOPLE, Diagram, Event, Flow, Node, read_diagrams
from tests.support.token_facts import Asked
from tests.support.token_pieces import Played, Refused, Scope, Token, Watch
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Pack

_TURNS = 2_000
_JOINS = ("parallelGateway", "inclusiveGateway")
_TRIGGERS = {"timer": TriggerType.CLOCK, "message": TriggerType.MESSAGE}


@lru_cache(maxsize=4)
def _diagrams(pack: Pack) -> dict[str, Diagram]:
    return read_diagrams(pack.files)


class TokenGame:
    """One case, played with tokens."""

    def __init__(self, pack: Pack, process_id: str) -> None:
        self._asked = Asked(pack)
        self._diagrams = _diagrams(pack)
        self._queue: deque[Token] = deque()
        self._top = Scope(self._diagrams[process_id])
        self.played = Played()

    @property
    def facts(self) -> Mapping[str, FactValue]:
        """Give what is known of the case."""
        return self._asked.facts

    @property
    def ended(self) -> bool:
        """Tell whether no token is left."""
        return not self._top.tokens

    def standing(self) -> Counter[Trigger]:
        """Give what may happen next."""
        return Counter(trigger for trigger, _ in self._open())

    def begin(self, facts: Mapping[str, FactValue]) -> None:
        """Start the case on these facts.

        Raises:
            Refused: the diagram leaves no way to go on, or is not safe.
        """
        self._asked.tell(facts)
        self._enter(self._top)
        self._finish_move({}, None)

    def move(self, trigger: Trigger, facts: Mapping[str, FactValue]) -> None:
        """Let one of the things happen that may happen, with these facts known by then.

        Raises:
            Refused: the diagram leaves no way to go on, or is not safe.
        """
        before = {piece: each for each, piece in self._open()}
        moved = next(piece for piece, each in before.items() if each == trigger)
        self._asked.tell(facts)
        self.played = Played()
        if trigger.type is TriggerType.TASK and isinstance(moved, Token):
            self._leave(moved, moved.scope.diagram.outgoing(moved.node))
        else:
            self._happen(moved)
        self._finish_move(before, moved)

    def _finish_move(
        self, before: Mapping[Token | Watch, Trigger], moved: Token | Watch | None
    ) -> None:
        """Let all go on that needs nobody, and say which tasks and clocks are others then.

        Of a clock that was fired nobody says that it was cancelled.
        """
        self._settle()
        self.played.trace = self._asked.trace
        after = {piece: each for each, piece in self._open()}
        opened = [after[piece] for piece in after.keys() - before.keys()]
        closed = [
            before[piece]
            for piece in before.keys() - after.keys()
            if piece is not moved or before[piece].type is TriggerType.TASK
        ]
        self.played.opened.update(each for each in opened if each.type is not TriggerType.MESSAGE)
        self.played.closed.update(each for each in closed if each.type is not TriggerType.MESSAGE)

    # ---------------------------------------------------------------- what is open

    def _open(self) -> Iterator[tuple[Trigger, Token | Watch]]:
        for scope in self._top.with_inner():
            for token in scope.tokens:
                if token.node.kind in PEOPLE:
                    yield Trigger(TriggerType.TASK, token.path), token
                for piece in (token, *token.watches):
                    kind = _TRIGGERS.get(piece.node.event.kind)
                    if kind is not None:
                        yield Trigger(kind, piece.path), piece

    # ----------------------------------------------------------------------- turns

    def _settle(self) -> None:
        turns = 0
        while self._queue or self._open_inclusive_joins():
            token = self._queue.popleft()
            if token.is_gone:
                continue
            turns += 1
            if turns > _TURNS:
                raise Refused("StepBudgetExceeded", token.path)
            self._act(token)
        self._check_safety()

    def _check_safety(self) -> None:
        """Refuse two tokens in one place: the profile's diagrams are safe."""
        for scope in self._top.with_inner():
            stand = Counter(token.node.id for token in scope.tokens if not token.is_held)
            for name, count in stand.items():
                if count > 1:
                    raise Refused("UnsafeMarking", scope.prefix + name)

    def _act(self, token: Token) -> None:
        """Let a node do what it does (13.3.2 to 13.5.6) and pass the token on."""
        node, outgoing = token.node, token.scope.diagram.outgoing(token.node)
        match node.kind:
            case "exclusiveGateway":
                outgoing = self._first_that_holds(token, outgoing)
            case "inclusiveGateway":
                outgoing = self._all_that_hold(token, outgoing)
            case "eventBasedGateway":
                self._wait_for_the_first(token, outgoing)
                return
            case "endEvent":
                self._end(token)
                return
            case "intermediateThrowEvent":
                self._throw(token.scope, node.event, token.path)
            case "serviceTask":
                self._operate(token)
            case "businessRuleTask":
                self._asked.decide(node)
        if not token.is_gone:
            self._leave(token, outgoing)

    def _leave(self, token: Token, flows: Iterable[Flow]) -> None:
        """Consume the token and put one on each of these flows, all at once."""
        scope = token.scope
        token.remove()
        made = [Token(scope, scope.diagram.nodes[flow.target], flow) for flow in flows]
        scope.tokens += made
        for each in made:
            self._arrive(each)
        if not made:
            self._complete_if_empty(scope)

    def _arrive(self, token: Token) -> None:
        node, diagram = token.node, token.scope.diagram
        token.watches = [Watch(each, token) for each in diagram.on_the_border_of(node)]
        if node.kind in _JOINS and len(diagram.incoming(node)) > 1:
            self._hold(token)
        elif node.kind == "subProcess":
            assert node.inside is not None
            self._open_scope(token, node.inside)
        elif node.kind == "callActivity":
            self._open_scope(token, self._diagrams[str(node.calls)])
        elif node.kind not in PEOPLE and node.kind != "intermediateCatchEvent":
            self._queue.append(token)

    # ---------------------------------------------------------------------- scopes

    def _open_scope(self, host: Token, diagram: Diagram) -> None:
        host.inside = Scope(diagram, f"{host.path}/", host)
        self._enter(host.inside)

    def _enter(self, scope: Scope) -> None:
        """Give each start event a token (13.3.4)."""
        scope.tokens = [Token(scope, node) for node in scope.diagram.starts]
        self._queue.extend(scope.tokens)

    def _end(self, token: Token) -> None:
        """Consume a token at an end event (13.5.6)."""
        scope, event = token.scope, token.node.event
        if scope is self._top:
            self.played.outcome = token.node.outcome or self.played.outcome
        if event.kind == "terminate":
            for each in list(scope.tokens):
                each.remove()
        else:
            self._throw(scope, event, token.path)
            if token.is_gone:
                return
            token.remove()
        self._complete_if_empty(scope)

    def _complete_if_empty(self, scope: Scope) -> None:
        """Let a scope without tokens complete; its activity goes on in its turn."""
        if not scope.tokens and scope.host is not None:
            scope.host.inside = None
            self._queue.append(scope.host)

    # -------------------------------------------------------------------- gateways

    def _first_that_holds(self, token: Token, flows: list[Flow]) -> list[Flow]:
        """Choose at an exclusive gateway, table 13.2."""
        for flow in flows:
            if flow.id != token.node.default and self._asked.passes(flow):
                return [flow]
        return self._default(token, flows)

    def _all_that_hold(self, token: Token, flows: list[Flow]) -> list[Flow]:
        """Choose at an inclusive gateway, table 13.3."""
        passing = [
            flow for flow in flows if flow.id != token.node.default and self._asked.passes(flow)
        ]
        return passing or self._default(token, flows)

    def _default(self, token: Token, flows: list[Flow]) -> list[Flow]:
        found = [flow for flow in flows if flow.id == token.node.default]
        if not found:
            raise Refused("NoFlowTaken", token.path)
        return found

    def _wait_for_the_first(self, token: Token, flows: list[Flow]) -> None:
        """Wait behind an event-based gateway for whatever happens first (13.4.4)."""
        scope = token.scope
        token.remove()
        rivals: list[Token] = []
        for flow in flows:
            node = scope.diagram.nodes[flow.target]
            rivals.append(Token(scope, node, flow, rivals=rivals, race=token.node))
        scope.tokens += rivals

    def _hold(self, token: Token) -> None:
        """Hold a token at a join; a parallel one goes on once each flow has brought one."""
        scope, node = token.scope, token.node
        if token.came_by in scope.held(node):
            raise Refused("UnsafeMarking", token.path)
        token.is_held = True
        is_full = len(scope.held(node)) == len(scope.diagram.incoming(node))
        if node.kind == "parallelGateway" and is_full:
            self._join(scope, node)

    def _join(self, scope: Scope, node: Node) -> None:
        for token in scope.held(node).values():
            token.remove()
        joined = Token(scope, node)
        scope.tokens.append(joined)
        self._queue.append(joined)

    def _open_inclusive_joins(self) -> bool:
        enabled = [
            (scope.prefix + node.id, scope, node)
            for scope in self._top.with_inner()
            for node in {token.node for token in scope.tokens if token.is_held}
            if node.kind == "inclusiveGateway" and scope.is_enabled(node)
        ]
        for _, scope, node in sorted(enabled, key=lambda each: each[0]):
            self._join(scope, node)
        return bool(enabled)

    # ---------------------------------------------------------------------- events

    def _happen(self, piece: Token | Watch) -> None:
        """Let an event that waits happen (13.5.2, 13.5.3)."""
        if isinstance(piece, Token):
            piece.has_happened = True
            for rival in piece.rivals:
                if rival is not piece:
                    rival.remove()
            self._queue.append(piece)
            return
        token = piece.token
        if piece.node.interrupts:
            token.remove()
        elif piece.node.event.kind == "timer":
            token.watches.remove(piece)
        happened = Token(token.scope, piece.node)
        token.scope.tokens.append(happened)
        self._queue.append(happened)

    def _throw(self, scope: Scope, event: Event, path: str) -> None:
        match event.kind:
            case "message":
                self.played.thrown.append(str(event.name))
            case "signal":
                self.played.thrown.append(str(event.name))
                self._publish(event)
            case "error" | "escalation":
                self._propagate(scope, event, path)

    def _publish(self, signal: Event) -> None:
        """Let every event of the case catch a signal that waits for it (10.5.1)."""
        waiting = [
            piece
            for scope in self._top.with_inner()
            for token in scope.tokens
            for piece in (token, *token.watches)
            if piece.waits_for(signal)
        ]
        for piece in sorted(waiting, key=lambda each: each.path):
            if piece.is_there:
                self._happen(piece)

    def _propagate(self, scope: Scope, event: Event, path: str) -> None:
        """Let the innermost enclosing activity catch it that can (10.5.1)."""
        host = scope.host
        while host is not None:
            able = [watch for watch in host.watches if watch.waits_for(event)]
            if able:
                self._happen(min(able, key=lambda each: (each.node.event.name is None, each.path)))
                return
            host = host.scope.host
        if event.kind == "error":
            raise Refused("UncaughtError", path)

    # ------------------------------------------------------------------ operations

    def _operate(self, token: Token) -> None:
        if token.node.operation != "count":
            self.played.operations.append(token.path)
        elif token.node.counted:
            self._asked.count(token.node.counted)
