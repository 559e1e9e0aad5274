"""Which measures are open to whom: every category with every choice (DOMAIN 2.3)."""

from collections.abc import Mapping
from functools import cache

from workflows.engine import Pack, load_pack
from workflows.engine.offered import closed_choices
from workflows.shipped import shipped_pack_dir

# DOMAIN 2.3, with X19 for elected members who are not in the Party.
OPEN = {
    "banner_cadre": {"admonishment", "adjustment", "criticism", "rectify", "none"},
    "gacha_secretary": {"admonishment", "adjustment", "criticism", "rectify", "none"},
    "elected_member": {"admonishment", "criticism", "rectify", "suggest", "none"},
    "elected_other": {"rectify", "suggest", "none"},
    "party_member": {"criticism", "none"},
    "organisation": {"none"},
}
ADJUSTED = {
    "banner_cadre": {"transfer", "removal", "resignation", "demotion", "suspension"},
    "gacha_secretary": {"transfer", "removal"},
}


@cache
def pack() -> Pack:
    return load_pack(shipped_pack_dir())


def open_to(category: str, form: str, key: str) -> set[str]:
    schema = pack().forms[form]
    facts = {"subject_category": category}
    field = schema.field(key)
    assert field is not None
    closed = closed_choices(pack(), schema, facts)[key]
    return {choice.value for choice in field.choices} - closed


def codes(fact: str) -> Mapping[str, str]:
    return pack().facts[fact].choices


def test_every_category_has_exactly_its_measures() -> None:
    assert OPEN.keys() == codes("subject_category").keys()
    found = {each: open_to(each, "proposal", "proposed_measure") for each in OPEN}
    assert found == OPEN


def test_every_category_has_exactly_its_ways_of_adjusting() -> None:
    for form in ("adjustment_proposal", "adjustment_decision"):
        found = {each: open_to(each, form, "adjustment_type") for each in OPEN}
        assert found == {each: ADJUSTED.get(each, set()) for each in OPEN}


def test_nobody_is_treated_more_lightly_by_what_he_cannot_be_given() -> None:
    for category, measures in OPEN.items():
        lightened = "criticism" in open_to(category, "decision", "decision_outcome")
        assert lightened == ("criticism" in measures)


def test_each_pair_meets_exactly_one_row() -> None:
    for decision, key in (
        ("who_may_decide", "proposed_measure"),
        ("who_may_adjust", "adjustment_type"),
        ("may_lighten", "decision_outcome"),
    ):
        table = pack().decisions[decision]
        for category in codes("subject_category"):
            for code in codes(key):
                known = {"subject_category": category, key: code}
                truths = {each.id: each.holds(known) for each in table.conditions}
                assert len(table.fitting(truths)) == 1, (decision, category, code)


def test_nothing_is_open_to_a_category_that_is_not_known() -> None:
    schema = pack().forms["proposal"]
    closed = closed_choices(pack(), schema, {})["proposed_measure"]
    assert closed >= {"admonishment", "adjustment", "criticism"}
