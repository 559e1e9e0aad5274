"""What can go wrong while a case is stepped through its definition."""

from __future__ import annotations

from workflows.domain.errors import Conflict, DubanError, InvalidInput
from workflows.engine.findings import Finding


class EngineError(DubanError):
    """The engine cannot take this step."""

    code = "engine_error"


class NotStanding(Conflict):
    """The case does not stand at {path}."""

    code = "not_standing"


class UnknownPlace(EngineError):
    """The definition {process} has nothing at {path}."""

    code = "unknown_place"


class UnknownDecision(EngineError):
    """The pack has no decision table {decision}."""

    code = "unknown_decision"


class InvalidMarking(EngineError):
    """The marking does not fit the definition {process}: {reason}"""

    code = "invalid_marking"


class UnsafeMarking(EngineError):
    """{path} is entered while it is still open."""

    code = "unsafe_marking"


class StepBudgetExceeded(EngineError):
    """The step does not come to rest within {limit} engine steps; the last one was {path}."""

    code = "step_budget_exceeded"


class NoFlowTaken(EngineError):
    """No condition holds behind the gateway {path} and it has no default flow."""

    code = "no_flow_taken"


class UncaughtError(EngineError):
    """The error {error} thrown at {path} is caught nowhere."""

    code = "uncaught_error"


class DecisionUndecided(EngineError):
    """No rule of the decision table {decision} fits this case."""

    code = "decision_undecided"


class DecisionAmbiguous(EngineError):
    """More than one rule of the decision table {decision} fits: rows {rows}."""

    code = "decision_ambiguous"


class ScriptRefused(EngineError):
    """Scripts are not run: {text}"""

    code = "script_refused"


class WrongFactType(EngineError):
    """{path} cannot write {value} into the fact {fact}."""

    code = "wrong_fact_type"


class PackInvalid(InvalidInput):
    """The pack has {count} faults; the first: {first}"""

    code = "pack_invalid"
    findings: tuple[Finding, ...]

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Keep the findings; the message names the first fault among them."""
        faults = [finding for finding in findings if finding.is_error]
        first = faults[0].text("en") if faults else ""
        super().__init__(count=len(faults), first=first)
        self.findings = findings
