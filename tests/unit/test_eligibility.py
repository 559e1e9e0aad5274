"""Which class of a clearance reply follows from effects and cases."""

from datetime import date

import pytest

from workflows.domain.effects import Effect, Purpose
from workflows.domain.eligibility import Ground, PersonCase, ReplyClass, suggest

DAY = date(2026, 9, 1)


def _suggested(*cases: PersonCase, effects: tuple[Effect, ...] = (), day: date = DAY) -> ReplyClass:
    return suggest(effects, cases, Purpose.PROMOTION, day, 24).reply_class


def _effect(kind: str = "promotion", standing: str = "stands") -> Effect:
    return Effect("c_1", 9, kind, "R", "", date(2026, 4, 28), date(2026, 10, 28), standing)


@pytest.mark.parametrize(
    "outcome",
    [
        "unfounded",
        "not_started",
        "not_accountable",
        "withdrawn",
        "barred",
        "referred",
        "revoked",
        "set_aside",
    ],
)
def test_case_that_found_nothing_or_goes_on_sealed_leaves_no_trace(outcome: str) -> None:
    assert _suggested(PersonCase("c_1", outcome, date(2026, 8, 1))) is ReplyClass.NOTHING


def test_open_case_without_a_decision_asks_to_wait() -> None:
    assert _suggested(PersonCase("c_1", None, None)) is ReplyClass.IN_HANDLING


def test_open_case_whose_effects_run_is_told_by_them() -> None:
    found = suggest((_effect(),), (PersonCase("c_1", None, None),), Purpose.PROMOTION, DAY, 24)
    assert (found.reply_class, found.grounds) == (ReplyClass.DEFER, (Ground.BARRED,))


def test_case_whose_effects_are_void_leaves_no_trace_and_lists_none() -> None:
    case = PersonCase("c_1", None, None)
    found = suggest((_effect(standing="void"),), (case,), Purpose.PROMOTION, DAY, 24)
    assert (found.reply_class, found.effects) == (ReplyClass.NOTHING, ())


def test_criticism_is_forgotten_after_two_years() -> None:
    criticised = PersonCase("c_1", "lighter", date(2026, 8, 31))
    assert _suggested(criticised) is ReplyClass.PAST
    assert _suggested(criticised, day=date(2028, 8, 31)) is ReplyClass.PAST
    assert _suggested(criticised, day=date(2028, 9, 1)) is ReplyClass.NOTHING


def test_gravest_ground_decides_and_only_its_grounds_are_named() -> None:
    cases = (PersonCase("c_2", None, None), PersonCase("c_3", "lighter", date(2026, 8, 1)))
    found = suggest((_effect(), _effect("post_level")), cases, Purpose.PROMOTION, DAY, 24)
    assert (found.reply_class, found.grounds) == (
        ReplyClass.UNFIT,
        (Ground.BARRED_FROM_POSTS,),
    )
    assert [effect.kind for effect in found.effects] == ["promotion", "post_level"]
