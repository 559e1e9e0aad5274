"""What the engine takes and gives: a trigger in, a step out (DESIGN 4.2).

A step knows neither dates nor people: services turn armed clocks into dates,
lanes into offices and operations into rows, all in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from workflows.domain.clocks import Budget, ClockKind

FactValue: TypeAlias = bool | int | str | list[str] | None
Facts: TypeAlias = Mapping[str, FactValue]


class TriggerType(StrEnum):
    """What moves a case."""

    START = "start"
    TASK = "task"
    CLOCK = "clock"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One cause of a step.

    ``path`` is the path of call activities and subprocesses with the id of the
    activity or event, without its count: ``call_rectification/term/plan``.
    """

    type: TriggerType
    path: str = ""


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A task that a step opens; ``activity`` is the last part of ``path``."""

    path: str
    activity: str


@dataclass(frozen=True, slots=True)
class ArmedClock:
    """A timer that a step starts.

    ``anchor`` is the name of a date fact or ``event``; ``due_of`` is the path of
    the task or scope whose due date this is; a ``series`` counts n budgets from
    its first anchor.
    """

    path: str
    rule: str
    budget: Budget
    kind: ClockKind
    anchor: str
    due_of: str | None = None
    series: bool = False


@dataclass(frozen=True, slots=True)
class OperationCall:
    """A service task's operation with its parameters, to be carried out by services."""

    path: str
    name: str
    parameters: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One expression that was evaluated, in order, with its truth and its operands."""

    expression: str
    value: bool
    operands: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of a trigger on a marking.

    ``closed`` holds the paths of tasks, ``cancelled`` those of clocks that did not
    survive the step, the fired one not among them. ``awaited`` are the messages
    that the new marking waits for. ``facts_written`` are the facts that decision
    tables and counters wrote on the way.
    """

    marking: str
    marking_hash: str
    opened: tuple[OpenedTask, ...] = ()
    closed: tuple[str, ...] = ()
    armed: tuple[ArmedClock, ...] = ()
    cancelled: tuple[str, ...] = ()
    operations: tuple[OperationCall, ...] = ()
    thrown: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    trace: tuple[TraceEntry, ...] = ()
    facts_written: Mapping[str, FactValue] = field(default_factory=dict)
    rung: int | None = None
    outcome: str | None = None
    ended: bool = False
