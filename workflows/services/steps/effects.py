"""Effects of measures on a person: they start by a measure, and only a decision ends them sooner.

Rows are computed once and never moved (DOMAIN 5.7.2). That a day has passed needs no act of
anybody: whoever asks compares it with the last day. Lifting them is in the person's favour.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from workflows.domain.clocks import Budget, ClockKind, local_date
from workflows.domain.effects import Standing, computed_end
from workflows.domain.records import JsonValue
from workflows.domain.steps import OperationCall
from workflows.engine.dated import Version, Weighed, lightest, weigh
from workflows.engine.parameters import Parameter
from workflows.services.packs import pack_in_force
from workflows.services.steps.advance import Stage
from workflows.services.steps.operation_calls import OperationRefused, day_of, text_of
from workflows.store.caserows import insert_effect
from workflows.store.effects import lift_effect, standing_effects, term_until


def start_effect(stage: Stage, call: OperationCall) -> None:
    """Write one effect of a measure on a person as a row that ends by itself.

    A yearly effect ends with its year; one bound to a term of office with the term, where
    the tenure says when that is.
    """
    case = stage.case
    if case.subject_person_id is None:
        raise OperationRefused(name=call.name, reason="the case is not about a person")
    kind, from_on = text_of(call, "kind"), day_of(stage, call, "anchor")
    rule = call.parameters.get("rule")
    budget, basis = _length(stage, rule) if isinstance(rule, str) else (None, "")
    term = term_until(stage.session, case.subject_person_id, from_on)
    effect: dict[str, Any] = {
        "kind": kind,
        "rule": rule if isinstance(rule, str) else "",
        "from_on": from_on,
        "until_on": computed_end(kind, from_on, budget, term),
        "basis": basis,
    }
    place = {
        "case_id": case.id,
        "person_id": case.subject_person_id,
        "org_path": case.place.org_path,
        "seq": case.head.seq + 1,
    }
    insert_effect(stage.session, {**place, **effect})
    _note(stage, "effects", effect)


def lift_effects(
    stage: Stage, standing: Standing, on: date, kinds: Collection[str] | None = None
) -> int:
    """Void the effects of a case from the start, or end early those that still run.

    What already ended by itself is only ever voided. The case's record says what was lifted,
    so the caller writes one; `clearances_to_renew` names the replies that it makes untrue.

    Args:
        stage: The case under its lock, and the act.
        standing: ``VOID`` or ``ENDED``.
        on: The day of the decision; for ``ENDED`` the last day of the effects.
        kinds: Which kinds; all for None.

    Returns:
        How many were lifted.
    """
    lifted = 0
    for row in standing_effects(stage.session, stage.case.id):
        is_past = row.until_on is not None and row.until_on <= on
        if (kinds is not None and row.kind not in kinds) or (
            standing is Standing.ENDED and is_past
        ):
            continue
        ended_on = on if standing is Standing.ENDED else None
        ended_at = stage.case.head.recorded_at(stage.act.now)
        lift_effect(stage.session, row.id, standing.value, ended_on, ended_at)
        what = {"seq": row.seq, "kind": row.kind, "standing": standing.value, "ended_on": ended_on}
        _note(stage, "lifted_effects", what)
        lifted += 1
    return lifted


def _note(stage: Stage, what: str, values: Mapping[str, Any]) -> None:
    """Note in the payload what the rows are made from again."""
    noted = stage.changes.carried_out.setdefault(what, [])
    if isinstance(noted, list):
        noted.append({name: _written(value) for name, value in values.items()})


def _written(value: Any) -> JsonValue:
    written: JsonValue = value.isoformat() if isinstance(value, date) else value
    return written


def _length(stage: Stage, rule: str) -> tuple[Budget, str]:
    """Give how long an effect lasts and by which rule.

    Where the rules changed its length, today's version of the pack says when: an old fact is
    judged by the rule of its day, and by that of the decision only where it is lighter.
    """
    parameter = stage.case.definition.pack.parameters[rule]
    amount = parameter.amount
    if amount is None or parameter.kind is not ClockKind.EFFECT:
        raise OperationRefused(name="start_effect", reason=f"{rule} is not a length of an effect")
    dated = _dated(stage, parameter)
    weighed = weigh(dated.versions, dated.days, stage.case.facts)
    if dated.amount is None or not weighed:
        return Budget.of(amount.value, amount.unit), parameter.basis
    taken = lightest(weighed).version
    return Budget.of(taken.value, dated.amount.unit), _reasoned(weighed, taken, dated.amount.unit)


def _dated(stage: Stage, parameter: Parameter) -> Parameter:
    """Give the parameter as today's version has it, where that says since when."""
    on = local_date(stage.act.occurred_at)
    pack = pack_in_force(stage.session, on)
    today = pack.parameters.get(parameter.name) if pack is not None else None
    return today if today is not None and today.versions else parameter


def _reasoned(weighed: Sequence[Weighed], taken: Version, unit: str) -> str:
    """Give the basis, with the length by each rule where they differ."""
    if len({each.version.value for each in weighed}) == 1:
        return taken.basis
    told = "、".join(f"{each.on}为{_said(each.version, unit)}" for each in weighed)
    return f"{taken.basis}；从旧兼从轻：{told}，取{_said(taken, unit)}"


def _said(version: Version, unit: str) -> str:
    return Budget.of(version.value, unit).text()
