"""An appeal makes nothing worse, whatever the review group proposes and the committee says."""

import random
from collections import Counter
from collections.abc import Mapping
from functools import cache

from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Definition, load_pack, standing, start, step
from workflows.engine.forms import FieldKind
from workflows.shipped import shipped_pack_dir

# From the lightest to the heaviest, as the officers' rules have them (suspension ends in months).
HEAVIER = {
    "criticism": 0,
    "admonishment": 1,
    "suspension": 2,
    "transfer": 2,
    "resignation": 3,
    "removal": 3,
    "demotion": 3,
}
DECIDED = {
    "decision_outcome": ("as_proposed", "criticism"),
    "proposed_measure": ("admonishment", "criticism", "adjustment"),
    "adjustment_type": ("suspension", "transfer", "removal", "resignation", "demotion"),
}
GIVEN = {
    "subject_person": "p_x",
    "subject_category": "banner_cadre",
    "appeal_filed_on": "2026-06-12",
    "appeal_late": "no",
    "talked_on": "2026-05-20",
}


@cache
def appeal() -> Definition:
    return load_pack(shipped_pack_dir()).processes["appeal"]


def filled(
    form: str | None, known: Mapping[str, FactValue], draw: random.Random
) -> dict[str, FactValue]:
    """Give every fact of a form some value that it can have."""
    schema = appeal().pack.forms.get(form or "")
    facts: dict[str, FactValue] = {}
    for each in schema.fields if schema else ():
        if each.fact is None:
            continue
        if each.kind in (FieldKind.RADIO, FieldKind.SELECT):
            facts[each.key] = draw.choice(each.choices).value
        else:
            facts[each.key] = "2026-07-08"
    return facts


def test_no_walk_through_an_appeal_makes_anything_worse() -> None:
    ends = Counter(walked(random.Random(seed)) for seed in range(300))
    assert set(ends) == {"upheld", "changed", "revoked", "sent_back", "declined"}


def walked(draw: random.Random) -> str | None:
    """Take a walk with whatever people may type, hold it to the rule, and say how it ended."""
    definition = appeal()
    facts: dict[str, FactValue] = {**GIVEN}
    facts |= {name: draw.choice(choices) for name, choices in DECIDED.items()}
    done = start(definition, facts)
    facts |= done.facts_written
    before = str(facts["measure_appealed"])
    for _ in range(400):
        if done.ended:
            break
        path = draw.choice(sorted(standing(definition, done.marking).tasks))
        facts |= filled(definition.activity(path).form, facts, draw)
        done = step(definition, done.marking, Trigger(TriggerType.TASK, path), facts)
        facts |= done.facts_written
        started = [call for call in done.operations if call.name == "start_effect"]
        if started:
            assert (facts["appeal_result"], facts["changed_measure"]) == ("changed", "admonishment")
            assert HEAVIER["admonishment"] < HEAVIER[before]
    if facts.get("appeal_result") == "changed":
        assert HEAVIER[str(facts["changed_measure"])] < HEAVIER[before]
    if done.outcome in ("upheld", "sent_back", "declined"):
        assert not [call for call in done.operations if call.name == "void_effects"]
    assert done.ended
    return done.outcome
