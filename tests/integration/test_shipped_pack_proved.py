"""The shipped pack, explored whole: it breaks nothing that it states, and nothing is left out."""

import random
from functools import cache

import pytest

from tests.support.explored import walk
from workflows.domain.steps import FactValue
from workflows.engine import Exploration, PackCheck, check_pack, load_pack
from workflows.shipped import shipped_pack_dir


@cache
def checked_whole() -> PackCheck:
    return check_pack(load_pack(shipped_pack_dir()))


def shipped() -> Exploration:
    return checked_whole().explored


def test_the_shipped_pack_breaks_nothing_that_it_states() -> None:
    result = checked_whole()
    assert [each.finding.text("en") for each in result.broken] == []
    assert len(result.pack.guardrails) > 20
    assert all(result.holds(name) for name in result.pack.guardrails)


def test_the_shipped_pack_is_explored_whole() -> None:
    found = shipped()
    assert found.refusals == ()
    assert set(found.graphs) == {
        "ladder",
        "accountability",
        "appeal",
        "objection",
        "organisation_accountability",
        "organisation_appeal",
        "referral",
        "tolerance",
        "own_correction",
        "second_appeal",
        "upward_item",
        "discipline_advice",
        "why_not_started",
    }
    for graph in found.graphs.values():
        assert [each for each in graph.transitions if each.effect.fault] == []
        assert any(state.is_end for state in graph.states)


@pytest.mark.parametrize("process_id", ["ladder", "accountability"])
def test_whatever_is_typed_into_the_shipped_forms_was_explored(process_id: str) -> None:
    definition = load_pack(shipped_pack_dir()).processes[process_id]
    walked = 0
    for seed in range(20):
        chance = random.Random(seed)
        names = ("weak_lax_determined", "handled_elsewhere")
        given: dict[str, FactValue] = {name: chance.choice(["yes", "no"]) for name in names}
        if process_id == "accountability":
            given["subject_category"] = chance.choice(("banner_cadre", "elected_other"))
        walked += walk(definition, shipped(), chance, given, longest=60)
    assert walked > 30
