"""What a service task hands to its operation, read as the operation needs it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.steps import OperationCall
from workflows.domain.terms import EVENT
from workflows.services.steps.advance import Stage


class OperationRefused(DubanError):
    """The operation {name} cannot be carried out: {reason}"""

    code: ClassVar[str] = "operation_refused"


def text_of(call: OperationCall, name: str) -> str:
    """Give a parameter that is a text.

    Raises:
        OperationRefused: It is not given.
    """
    value = call.parameters.get(name)
    if not isinstance(value, str) or not value:
        raise OperationRefused(name=call.name, reason=f"{name} is not given")
    return value


def day_of(stage: Stage, call: OperationCall, name: str) -> date:
    """Give the day of a date fact that a parameter names, or the day of the act.

    Raises:
        OperationRefused: Nobody has given that date yet.
    """
    anchor = str(call.parameters.get(name) or EVENT)
    if anchor == EVENT:
        return local_date(stage.act.occurred_at)
    value = stage.case.facts.get(anchor)
    if not isinstance(value, str):
        raise OperationRefused(name=call.name, reason=f"the date {anchor} is not known yet")
    return date.fromisoformat(value)
