"""A case that a test steps by hand."""

from tests.support.diagrams import pack_files
from workflows.domain.steps import FactValue, Step, Trigger, TriggerType
from workflows.engine import Definition, standing, start, step
from workflows.engine.loading import build_pack


def define(top: str, **others: str) -> Definition:
    """Make the process ``top``, and others that it calls."""
    return build_pack(pack_files(top=top, **others)).processes["top"]


class Case:
    """A case on its way, with what it knows."""

    def __init__(self, definition: Definition, **facts: FactValue) -> None:
        self.definition = definition
        self.facts = facts
        self.last = start(definition, facts)

    def _move(self, kind: TriggerType, path: str, facts: dict[str, FactValue]) -> Step:
        self.facts |= facts
        self.last = step(self.definition, self.last.marking, Trigger(kind, path), self.facts)
        self.facts |= self.last.facts_written
        return self.last

    def complete(self, path: str, **facts: FactValue) -> Step:
        """Complete a task."""
        return self._move(TriggerType.TASK, path, facts)

    def fire(self, path: str, **facts: FactValue) -> Step:
        """Let a clock fire."""
        return self._move(TriggerType.CLOCK, path, facts)

    def receive(self, path: str, **facts: FactValue) -> Step:
        """Receive a message."""
        return self._move(TriggerType.MESSAGE, path, facts)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Give the open tasks."""
        return standing(self.definition, self.last.marking).tasks

    @property
    def clocks(self) -> tuple[str, ...]:
        """Give the running clocks."""
        return standing(self.definition, self.last.marking).clocks

    @property
    def messages(self) -> tuple[str, ...]:
        """Give the awaited messages."""
        return standing(self.definition, self.last.marking).messages


def opened(taken: Step) -> list[str]:
    """Give the paths of the tasks that a step opened."""
    return [task.path for task in taken.opened]


def armed(taken: Step) -> list[str]:
    """Give the paths of the clocks that a step armed."""
    return [clock.path for clock in taken.armed]
