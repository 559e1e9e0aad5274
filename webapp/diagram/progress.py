"""Where a case stands in a diagram, where it has been and what may come.

The journal knows tasks and clocks; that a gateway was passed is concluded from what lies
before and behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from webapp.diagram.plan import Plan
from workflows.engine import Definition


@dataclass(frozen=True, slots=True)
class Progress:
    """The nodes of one diagram by what a case has to do with them.

    ``counts`` says how often a node was entered, where more than once.
    """

    current: frozenset[str] = frozenset()
    been: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)

    def state_of(self, id_: str) -> str:
        """Give ``current``, ``been``, ``possible`` or nothing."""
        if id_ in self.current:
            return "current"
        if id_ in self.been:
            return "been"
        return "possible" if id_ in self.possible else ""


def progress_by_process(
    definition: Definition, current: Iterable[str], been: Iterable[str]
) -> dict[str, Progress]:
    """Sort the paths of a case, such as ``call_rectification/term/plan#2``, by process.

    Each part of a path counts in the process that declares it, so that a called process is
    marked in its own diagram and its call in the caller's.
    """
    standing: dict[str, set[str]] = {}
    passed: dict[str, set[str]] = {}
    counts: dict[str, dict[str, int]] = {}
    for kind, paths in ((standing, current), (passed, been)):
        for whole in paths:
            path, _, n = whole.partition("#")
            parts = path.split("/")
            for end in range(1, len(parts) + 1):
                element = definition.place("/".join(parts[:end])).element
                kind.setdefault(element.process_id, set()).add(element.id)
                if end == len(parts) and n.isdecimal() and int(n) > 1:
                    often = counts.setdefault(element.process_id, {})
                    often[element.id] = max(int(n), often.get(element.id, 0))
    return {
        process: Progress(
            current=frozenset(standing.get(process, ())),
            been=frozenset(passed.get(process, set()) - standing.get(process, set())),
            counts=counts.get(process, {}),
        )
        for process in standing.keys() | passed.keys()
    }


def follow(plan: Plan, progress: Progress) -> Progress:
    """Conclude which gateways and events were passed, and what can be reached from here."""
    forward, backward = _neighbours(plan)
    known = progress.current | progress.been
    automatic = {
        node.id
        for node in plan.nodes
        if not node.is_human and not node.is_box and node.id not in known
    }
    starts = {node.id for node in plan.nodes if node.kind == "startEvent"} if known else set()
    passed = _reach(progress.been | starts, forward, automatic)
    led_to = _reach(known, backward, automatic)
    been = progress.been | ((passed | starts) & led_to & automatic)
    ahead = _reach(progress.current, forward, None) - been - progress.current
    return Progress(progress.current, been, frozenset(ahead), progress.counts)


def _neighbours(plan: Plan) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Give what follows each node and what precedes it; a box leads to its inside and edge."""
    pairs = [(flow.source, flow.target) for flow in plan.flows]
    for node in plan.nodes:
        if node.attached_to:
            pairs.append((node.attached_to, node.id))
        if node.within and node.kind == "startEvent":
            pairs.append((node.within, node.id))
        if node.within and node.kind == "endEvent":
            pairs.append((node.id, node.within))
    forward: dict[str, set[str]] = {}
    backward: dict[str, set[str]] = {}
    for source, target in pairs:
        forward.setdefault(source, set()).add(target)
        backward.setdefault(target, set()).add(source)
    return forward, backward


def _reach(
    origins: Iterable[str], edges: Mapping[str, set[str]], through: set[str] | None
) -> set[str]:
    """Walk from the origins, only onto nodes of ``through`` where it is given."""
    seen: set[str] = set()
    waiting = list(origins)
    while waiting:
        for target in edges.get(waiting.pop(), ()):
            if target not in seen and (through is None or target in through):
                seen.add(target)
                waiting.append(target)
    return seen
