"""What a recorded step would have asked and written if a fact had been another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from workflows.domain.errors import DubanError
from workflows.domain.reviews import ConsequenceKind
from workflows.domain.steps import ArmedClock, Facts, OperationCall, Trigger
from workflows.engine.definition import Definition
from workflows.engine.narration import Answer, Choice, Narrative, Told, narrate


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be otherwise.

    ``name`` is the text of a condition, the path where a decision table is asked, or that of
    an operation; ``was`` and ``would_be`` are its truth, or what it wrote. Of an operation
    they are the names of the parameters that differ: their values may be about a person.
    Where a table would write the same by other rows, they are the numbers of the rows.
    """

    kind: ConsequenceKind
    name: str
    was: Any
    would_be: Any
    operands: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """A step on the facts as they were and as they would be.

    ``written`` are the facts that it would write, ``armed`` the clocks that it starts on
    either, by path.
    """

    differences: tuple[Difference, ...] = ()
    written: Facts = field(default_factory=dict)
    armed: dict[str, tuple[ArmedClock, ArmedClock]] = field(default_factory=dict)


def compare_step(
    definition: Definition, marking: str, trigger: Trigger, was: Facts, would_be: Facts
) -> Compared:
    """Take a step on both and say what differs, as far as both go the same way.

    Raises:
        DubanError: The step cannot be told again as it was.
    """
    before = narrate(definition, marking, trigger, was)
    try:
        after = narrate(definition, marking, trigger, would_be)
    except DubanError as error:
        refused = Difference(ConsequenceKind.STEP, trigger.path, True, str(error))
        return Compared((refused,))
    found = (*_asked(before, after), *_operated(before, after))
    would = {clock.path: clock for clock in after.step.armed}
    armed = {
        clock.path: (clock, would[clock.path]) for clock in before.step.armed if clock.path in would
    }
    return Compared(found, after.step.facts_written, armed)


def _asked(before: Narrative, after: Narrative) -> Iterator[Difference]:
    """Go along what both asked; behind a gateway that leads elsewhere nothing compares."""
    for one, two in zip(before.told, after.told, strict=False):
        if one.path != two.path:
            return
        yield from _told_differently(one, two)
        if isinstance(one, Choice) and isinstance(two, Choice) and one.taken != two.taken:
            return


def _told_differently(one: Told, two: Told) -> Iterator[Difference]:
    if isinstance(one, Choice) and isinstance(two, Choice):
        for (expression, was), (_, now) in zip(one.asked, two.asked, strict=False):
            if was.value != now.value:
                yield Difference(
                    ConsequenceKind.CONDITION, expression.text, was.value, now.value, now.operands
                )
    elif isinstance(one, Answer) and isinstance(two, Answer):
        yield from _answered(one, two)


def _answered(one: Answer, two: Answer) -> Iterator[Difference]:
    rows = [rule.number for rule in one.rules], [rule.number for rule in two.rules]
    operands = {**two.operands, **two.written}
    if one.written != two.written:
        written = dict(one.written), dict(two.written)
        yield Difference(ConsequenceKind.TABLE, one.path, *written, operands)
    elif rows[0] != rows[1]:
        yield Difference(ConsequenceKind.TABLE, one.path, *rows, operands)


def _operated(before: Narrative, after: Narrative) -> Iterator[Difference]:
    """Compare what operations were called with; one that only one of them calls is no news."""
    would = {call.path: call for call in after.step.operations}
    for call in before.step.operations:
        other = would.get(call.path)
        if other is not None and other.parameters != call.parameters:
            yield _other_parameters(call, other)


def _other_parameters(call: OperationCall, other: OperationCall) -> Difference:
    names = {*call.parameters, *other.parameters}
    changed = sorted(n for n in names if call.parameters.get(n) != other.parameters.get(n))
    return Difference(ConsequenceKind.OPERATION, call.path, changed, changed)
