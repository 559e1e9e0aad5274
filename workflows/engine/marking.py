"""Markings: where the tokens of a case stand, and nothing else.

A marking is a JSON object from the id of each open node to what stands there:
``1`` for a task or a waiting event, an object for what is inside a subprocess or
call activity, a list of flows' sources for what has arrived at a join::

    {"call_rectification": {"r_notice": 1, "receipt": 1}}

Keys are sorted, so the same places always give the same text; ids and the number
one are all it holds. A case that has ended is ``{}``. An id stands at most once in
its scope: markings are safe, or they are refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from SpiffWorkflow.util.task import TaskState

from workflows.engine.definition import Definition
from workflows.engine.errors import InvalidMarking, UnsafeMarking
from workflows.engine.spiff.net import Net, SubNet, Token
from workflows.engine.spiff.places import (
    Boundary,
    Call,
    Host,
    Inclusive,
    Inside,
    ManualWork,
    Parallel,
    Race,
    Waiting,
    Work,
    path_of,
)

Marking: TypeAlias = dict[str, Any]

_SCOPES = (Inside, Call)
_JOINS = (Parallel, Inclusive)
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What is open at a marking, by path in order."""

    tasks: tuple[str, ...]
    clocks: tuple[str, ...]
    messages: tuple[str, ...]
    scopes: tuple[str, ...]


def write(marking: Marking) -> str:
    """Write a marking in its one form."""
    return orjson.dumps(marking, option=orjson.OPT_SORT_KEYS).decode()


def hash_of(text: str) -> str:
    """Give the SHA-256 of a marking's text in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(definition: Definition, text: str) -> Marking:
    """Read a marking.

    Raises:
        InvalidMarking: it is no JSON object.
    """
    try:
        marking = orjson.loads(text) if len(text) <= _LONGEST else None
    except orjson.JSONDecodeError:
        marking = None
    if not isinstance(marking, dict):
        raise InvalidMarking(process=definition.process_id, reason="it is no JSON object")
    return marking


def standing(definition: Definition, text: str) -> Standing:
    """Tell what is open at a marking: tasks, clocks, awaited messages and scopes.

    Raises:
        InvalidMarking: it is none of this definition's.
        UnknownPlace: it names a node that the definition does not have.
    """
    tasks, clocks, messages, scopes = [], [], [], []
    for path, value in _walk(definition, read(definition, text), ""):
        element = definition.place(path).element
        if isinstance(value, dict):
            scopes.append(path)
        elif element.kind in ("userTask", "manualTask"):
            tasks.append(path)
        elif element.timer is not None:
            clocks.append(path)
        elif element.message is not None:
            messages.append(path)
    return Standing(
        *(tuple(sorted(paths)) for paths in (tasks, clocks, messages, scopes)),
    )


def _walk(definition: Definition, marking: Marking, prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in marking.items():
        path = prefix + name
        yield path, value
        if isinstance(value, dict):
            yield from _walk(definition, value, f"{path}/")


def dehydrate(net: Net) -> Marking:
    """Read the marking off a net at rest.

    Raises:
        UnsafeMarking: an id stands twice in one scope.
    """
    return _dehydrate(net, net)


def _dehydrate(net: Net, scope: Any) -> Marking:
    marking: Marking = {}
    for token in scope.live():
        spec = token.task_spec
        if spec.name in marking:
            raise UnsafeMarking(path=path_of(token))
        if token._state == TaskState.STARTED:
            marking[spec.name] = _dehydrate(net, net.subprocesses[token.id])
        elif isinstance(spec, _JOINS):
            marking[spec.name] = sorted(token.internal_data["arrived"])
        else:
            marking[spec.name] = 1
    return marking


def hydrate(definition: Definition, text: str, script_engine: Any) -> tuple[Net, dict[str, Token]]:
    """Make a net that stands at a marking.

    Returns:
        The net, and its tokens at tasks and waiting events by path.

    Raises:
        InvalidMarking: it is none of this definition's.
    """
    marking = read(definition, text)
    specs = definition.pack.specs
    net = Net(specs[definition.process_id], specs, script_engine)
    standing_at: dict[str, Token] = {}
    _Planting(definition, net, standing_at).fill(net, marking)
    return net, standing_at


@dataclass(frozen=True, slots=True)
class _Planting:
    """Puts the tokens of a marking into a net."""

    definition: Definition
    net: Net
    standing_at: dict[str, Token]

    def _refuse(self, path: str, reason: str) -> None:
        raise InvalidMarking(process=self.definition.process_id, reason=f"{path} {reason}")

    def fill(self, scope: Net | SubNet, marking: Mapping[str, Any]) -> None:
        """Put the tokens of one scope; an activity and its events share a parent."""
        scope.task_tree._state = TaskState.COMPLETED
        parents: dict[str, Token] = {}
        for name, value in sorted(marking.items()):
            spec = scope.spec.task_specs.get(name)
            if spec is None:
                self._refuse(scope.prefix + name, "is unknown")
            if isinstance(spec, Boundary) and not self._is_hosted(spec, marking):
                self._refuse(scope.prefix + name, "has no open activity")
            token = Token(scope, spec, self._parent(scope, spec, parents), TaskState.WAITING)
            self._place(token, value)

    def _is_hosted(self, spec: Boundary, marking: Mapping[str, Any]) -> bool:
        return spec.inputs[0]._outputs[-1] in marking

    def _parent(self, scope: Net | SubNet, spec: Any, parents: dict[str, Token]) -> Token:
        source = spec._inputs[0] if spec._inputs else ""
        source_spec = scope.spec.task_specs.get(source)
        if not isinstance(source_spec, Host | Race):
            return scope.task_tree
        if source not in parents:
            parents[source] = Token(scope, source_spec, scope.task_tree, TaskState.COMPLETED)
        return parents[source]

    def _place(self, token: Token, value: Any) -> None:
        """Give a token the state that belongs to its node."""
        spec = token.task_spec
        if isinstance(spec, _SCOPES) and isinstance(value, dict) and value:
            token._state = TaskState.STARTED
            self.fill(self.net.create_subprocess(token, spec.spec), value)
        elif isinstance(spec, Work | ManualWork) and _is_one(value):
            token._state = TaskState.READY
            self.standing_at[path_of(token)] = token
        elif isinstance(spec, Waiting) and _is_one(value):
            self.standing_at[path_of(token)] = token
        elif isinstance(spec, _JOINS) and _is_partial(value, spec._inputs):
            token.internal_data["arrived"] = list(value)
        else:
            self._refuse(path_of(token), "cannot hold this")


def _is_one(value: Any) -> bool:
    """Tell the number one from true and from 1.0, which equal it in Python."""
    return type(value) is int and value == 1


def _is_partial(value: Any, inputs: list[str]) -> bool:
    """Tell whether some but not all flows of a join have brought their token."""
    return (
        isinstance(value, list)
        and 0 < len(value) < len(set(inputs))
        and all(isinstance(source, str) for source in value)
        and len(set(value)) == len(value)
        and set(value) < set(inputs)
    )
