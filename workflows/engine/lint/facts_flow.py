"""Which facts may still be null where they are needed (DESIGN 4.2).

The check follows every path of a diagram, into subprocesses and called processes,
and keeps what is known on all of them. What runs beside a path is not followed: a
fact that a parallel branch empties again is left to the named error at run time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflows.engine.expression_tree import Node as Tree
from workflows.engine.expressions import Expression, ExpressionRefused
from workflows.engine.findings import Finding, Rule
from workflows.engine.lint.conditions import conditions_of
from workflows.engine.lint.known import (
    Knowledge,
    after_condition,
    after_form,
    after_table,
    after_writing,
    meet,
    names_in,
)
from workflows.engine.lint.model import BPMN, Flow, Node, PackView, Process
from workflows.engine.lint.nullness import certain_names, unknown_names
from workflows.engine.lint.references import root_processes
from workflows.engine.lint.tables import Row, Table, tables_by_decision
from workflows.engine.parameters import TermRefused, parse_term

MAX_CONTEXTS = 5_000

FACT_MAY_BE_NULL = Rule(
    "fact-may-be-null",
    "“{id}”用到要素“{fact}”，而走到这里时它可能还没有值。",
    "“{id}” needs the fact “{fact}”, which may have no value yet when a case comes here.",
    "请在之前的表单中设为必填，或先用 is null / is not null 判断。",
    "Make it a required field of a form before, or ask is null / is not null first.",
)
FLOW_TOO_LARGE = Rule(
    "flow-too-large",
    "流程之间的调用方式过多，无法检查要素是否为空。",
    "The processes call each other in too many ways to check what may be null.",
    "请减少调用层次。",
    "Use fewer levels of calls.",
)

# An error or escalation with its code; None catches every code.
Raised = tuple[str, str | None]
_NEEDED = {("open_case", "subject"), ("extend_clock", "days"), ("start_effect", "anchor")}


@dataclass
class _Scope:
    """What came of following one process or subprocess."""

    leaves: Knowledge | None = None
    inside: Knowledge | None = None
    raised: dict[Raised, Knowledge] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """A scope on the way: what its hosts will stop it for, and who has called it."""

    process: Process
    scope: str
    caught: frozenset[Raised]
    callers: tuple[str, ...]


def check_facts_flow(view: PackView) -> Iterator[Finding]:
    """Report every place at which a fact is needed that may be null."""
    walk = _Walk(view)
    given = frozenset(name for name, fact in view.facts.items() if fact.is_given)
    called = {node.called for process in view.processes.values() for node in process.nodes.values()}
    for process in view.processes.values():
        if process.id in root_processes(view) or process.id not in called:
            place = _Place(process, process.id, frozenset(), (process.id,))
            walk.scope(place, given | _opened_with(process))
    yield from walk.findings


def _opened_with(process: Process) -> Knowledge:
    """Give what a case has from the one beside which it is opened."""
    known: set[str] = set()
    for node in process.inside(process.id):
        beside = node.beside
        if beside is None:
            continue
        known |= {name for name in (beside.on, beside.late) if name is not None}
        if beside.when is not None:
            certain = certain_names(Expression(beside.when).tree, truth=True)
            known |= certain & {*beside.takes}
    return frozenset(known)


class _Walk:
    """Follows scopes, each once for each knowledge with which it is entered."""

    def __init__(self, view: PackView) -> None:
        self._view = view
        self._tables = tables_by_decision(view)
        self._seen: dict[tuple[str, str, frozenset[Raised], Knowledge], _Scope] = {}
        self._found: dict[Finding, None] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        if len(self._seen) >= MAX_CONTEXTS:
            return (FLOW_TOO_LARGE.found("pack.toml"),)
        return tuple(self._found)

    def scope(self, place: _Place, entry: Knowledge) -> _Scope:
        """Follow a scope from its start event."""
        key = (place.process.id, place.scope, place.caught, entry)
        known = self._seen.get(key)
        if known is not None or len(self._seen) >= MAX_CONTEXTS:
            return known or _Scope(entry, entry)
        result = self._seen[key] = _Scope(entry, entry)
        everything = _Run(self, place, entry, with_side_paths=True)
        main = _Run(self, place, entry, with_side_paths=False)
        result.inside = meet(everything.arrivals.values()) or entry
        result.leaves = meet([main.leaves(), everything.terminates()])
        result.raised = dict(everything.raised)
        return result

    def need(self, process: Process, node: Node, names: frozenset[str], known: Knowledge) -> None:
        """Report the facts among names that are not known."""
        for fact in sorted((names & self._view.facts.keys()) - names_in(known)):
            found = process.found(FACT_MAY_BE_NULL, node, id=node.id, fact=fact)
            self._found[found] = None

    @property
    def view(self) -> PackView:
        return self._view

    def table(self, decision: str | None) -> Table | None:
        return self._tables.get(decision or "")


class _Run:
    """One pass over the nodes of a scope, until what is known does not change."""

    def __init__(
        self, walk: _Walk, place: _Place, entry: Knowledge, *, with_side_paths: bool
    ) -> None:
        self._walk = walk
        self._view = walk.view
        self._place = place
        self._process = place.process
        self._with_side_paths = with_side_paths
        self._nodes = {node.id: node for node in self._process.inside(place.scope)}
        self._ways: dict[str, dict[str, Knowledge]] = {node: {} for node in self._nodes}
        self.arrivals: dict[str, Knowledge] = {}
        self.raised: dict[Raised, Knowledge] = {}
        starts = [node.id for node in self._nodes.values() if node.tag == "startEvent"]
        self._open = [(start, "", entry) for start in starts]
        self._follow()

    def leaves(self) -> Knowledge | None:
        """Give what is known when every token of the scope has come to its end.

        Of branches that run side by side all come to an end, of others one. None when
        that cannot happen, as where a branch only ever ends by stopping the scope.
        """
        ends: dict[str, Knowledge | None] = {}
        for _ in range(2 * len(self._nodes) + 2):
            before = dict(ends)
            for node in self._nodes.values():
                ends[node.id] = self._end_of(node, ends)
            if ends == before:
                break
        starts = (node.id for node in self._nodes.values() if node.tag == "startEvent")
        return meet(ends.get(start) for start in starts)

    def _end_of(self, node: Node, ends: Mapping[str, Knowledge | None]) -> Knowledge | None:
        """Give what is known once the tokens that a node sends on have ended."""
        if node.tag == "endEvent":
            is_last = "terminate" in node.events or self._stops(node)
            return None if is_last else self.arrivals.get(node.id)
        after = [ends.get(flow.target) for flow in self._process.outgoing(node.id)]
        if node.tag == "parallelGateway":
            sure = [each for each in after if each is not None]
            return frozenset().union(*sure) if len(sure) == len(after) else None
        stopping = [
            ends.get(event.id) for event in self._process.attached(node.id) if _interrupts(event)
        ]
        return meet([*after, *stopping])

    def terminates(self) -> Knowledge | None:
        """Give what is known when a terminate end has stopped the scope."""
        return meet(
            self.arrivals.get(node.id)
            for node in self._nodes.values()
            if "terminate" in node.events
        )

    def _stops(self, end: Node) -> bool:
        """Tell whether an end event stops a scope outside, which is so not left normally."""
        raised = raised_by(self._process, end)
        if raised is None:
            return False
        return raised[0] == "error" or bool(self._place.caught & {raised, (raised[0], None)})

    def _follow(self) -> None:
        steps = 0
        while self._open and steps < 100 * (len(self._nodes) + 1):
            steps += 1
            target, way, knowledge = self._open.pop()
            node = self._nodes.get(target)
            if node is None:
                continue
            before = self._ways[target].get(way)
            self._ways[target][way] = knowledge if before is None else before & knowledge
            arrival = self._arrival(node)
            if arrival is None or arrival == self.arrivals.get(target):
                continue
            self.arrivals[target] = arrival
            self._leave(node, arrival)

    def _arrival(self, node: Node) -> Knowledge | None:
        """Join what is known on all ways to a node; behind a parallel join all were taken."""
        ways = self._ways[node.id]
        if node.tag != "parallelGateway":
            return meet(ways.values())
        if len(ways) < len(self._process.incoming(node.id)):
            return None
        return frozenset().union(*ways.values())

    def _leave(self, node: Node, arrival: Knowledge) -> None:
        after = self._after(node, arrival)
        flows = self._process.outgoing(node.id)
        if node.tag in ("exclusiveGateway", "inclusiveGateway") and len(flows) > 1:
            for flow, knowledge in self._choose(node, arrival):
                self._open.append((flow.target, flow.id, knowledge))
        elif after is not None:
            self._open += [(flow.target, flow.id, after) for flow in flows]

    def _choose(self, node: Node, known: Knowledge) -> Iterator[tuple[Flow, Knowledge]]:
        """Follow the conditions of a gateway in their order, the default last."""
        failed: tuple[Expression, ...] = ()
        default: Flow | None = None
        for flow, condition in conditions_of(self._process, node.id):
            if condition is None:
                default = flow
                continue
            self._need_tree(node, condition.tree, known)
            yield flow, after_condition(self._view, known, (condition,), failed)
            if node.tag == "exclusiveGateway":
                failed = (*failed, condition)
                known |= certain_names(condition.tree, truth=False) & self._view.facts.keys()
        if default is not None:
            yield default, after_condition(self._view, known, (), failed)

    def _need_tree(self, node: Node, tree: Tree, known: Knowledge) -> None:
        names = unknown_names(tree, names_in(known) | self._view.constants.keys())
        self._walk.need(self._process, node, names, known)

    def _after(self, node: Node, known: Knowledge) -> Knowledge | None:
        """Give what is known when a node is left by its flows; None if it never is."""
        self._events_at(node, known)
        match node.tag:
            case "userTask" | "manualTask" | "startEvent" | "intermediateCatchEvent":
                self._need_timer(node, known)
                form = self._view.forms.get(node.own.get("form", ""))
                after: Knowledge | None = after_form(self._view, known, form)
            case "businessRuleTask":
                after = self._decide(node, known)
            case "serviceTask":
                after = self._operate(node, known)
            case "subProcess" | "callActivity":
                return self._enter(node, known)
            case "endEvent" | "intermediateThrowEvent":
                raised = raised_by(self._process, node)
                if raised is not None:
                    self._raise(raised, known)
                after = known
            case _:
                after = known
        self._open_boundaries(node, _Scope(known, known))
        return after

    def _events_at(self, node: Node, known: Knowledge) -> None:
        """Check the timers that are armed when an activity is entered."""
        for event in self._process.attached(node.id):
            self._need_timer(event, known)

    def _need_timer(self, node: Node, known: Knowledge) -> None:
        if "timer" not in node.events:
            return
        names = {node.own.get("anchor", "event")}
        try:
            names.add(parse_term(node.timer or "").by or "")
        except TermRefused:
            return
        self._walk.need(self._process, node, frozenset(names), known)

    def _decide(self, node: Node, known: Knowledge) -> Knowledge:
        table = self._walk.table(node.own.get("decision"))
        if table is None:
            return known
        for row in table.rows:
            self._decide_row(node, row, known)
        filled = {
            name: all(
                len(row.outputs) > at and row.outputs[at] not in ("", "null") for row in table.rows
            )
            for at, name in enumerate(table.outputs)
        }
        return after_table(known, filled)

    def _decide_row(self, node: Node, row: Row, known: Knowledge) -> None:
        for condition in row.conditions:
            if condition is not None:
                self._need_tree(node, condition.tree, known)
                known |= certain_names(condition.tree, truth=True) & self._view.facts.keys()
        for text in row.outputs:
            try:
                names = Expression(text).names if text else frozenset()
            except ExpressionRefused:
                continue
            self._walk.need(self._process, node, names, known)

    def _operate(self, node: Node, known: Knowledge) -> Knowledge:
        operation = node.own.get("operation", "")
        counted = set()
        for name, value, fact in node.arguments:
            if (operation, name) in _NEEDED and (fact or value):
                self._walk.need(self._process, node, frozenset({fact or value or ""}), known)
            if operation == "count" and name == "fact":
                counted.add(fact or value or "")
        return after_writing(known, counted, ())

    def _enter(self, node: Node, known: Knowledge) -> Knowledge | None:
        """Follow what lies inside an activity, then its boundary events."""
        called = self._view.processes.get(node.called or "")
        stopping = frozenset(
            raised
            for event in self._process.attached(node.id)
            if _interrupts(event) and (raised := raised_by(self._process, event)) is not None
        )
        caught = self._place.caught | stopping
        callers = self._place.callers
        if node.tag == "subProcess":
            inner = _Place(self._process, node.id, caught, callers)
        elif called is None or called.id in callers:
            return known
        else:
            inner = _Place(called, called.id, caught, (*callers, called.id))
        result = self._walk.scope(inner, known)
        self._open_boundaries(node, result)
        return result.leaves

    def _open_boundaries(self, node: Node, result: _Scope) -> None:
        """Go on from the boundary events of an activity, and pass on what none catches."""
        left = dict(result.raised)
        for event in self._process.attached(node.id):
            raised = raised_by(self._process, event)
            known = result.inside
            if raised is not None:
                kind, code = raised
                hits = [
                    each for each in result.raised if each[0] == kind and code in (None, each[1])
                ]
                known = meet(result.raised[each] for each in hits)
                for each in hits:
                    left.pop(each, None)
            if known is not None and (self._with_side_paths or _interrupts(event)):
                self._open.append((event.id, "", known))
        for each, known in left.items():
            self._raise(each, known)

    def _raise(self, raised: Raised, known: Knowledge) -> None:
        before = self.raised.get(raised)
        self.raised[raised] = known if before is None else before & known


def _interrupts(event: Node) -> bool:
    return event.element.get("cancelActivity", "true") == "true"


def raised_by(process: Process, node: Node) -> Raised | None:
    """Give the error or escalation that an event throws or catches."""
    root = process.element.getroottree().getroot()
    for kind in ("error", "escalation"):
        event = node.element.find(f"{BPMN}{kind}EventDefinition")
        if event is not None:
            return kind, _codes(root, kind).get(event.get(f"{kind}Ref"))
    return None


def _codes(root: object, kind: str) -> Mapping[str | None, str]:
    iterate = getattr(root, "iterfind", None)
    found = iterate(f"{BPMN}{kind}") if iterate else ()
    return {
        each.get("id"): each.get(f"{kind}Code") or each.get("name") or each.get("id", "")
        for each in found
    }
