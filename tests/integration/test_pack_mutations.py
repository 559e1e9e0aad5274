"""The shipped pack, harmed in one place: each harm is refused for its own reason."""

from functools import cache

import pytest

from tests.support.checked import accountability_alone
from tests.support.mutants import (
    Change,
    changed,
    field_changed,
    flow_led_to,
    parameter_set,
    renamed,
    row_moved_last,
    row_removed,
    turned_into,
    with_attribute,
    with_condition,
    without_default,
    without_terminate,
)
from workflows.domain.errors import DubanError
from workflows.domain.steps import FactValue, Trigger
from workflows.engine import Pack, PackInvalid, execution
from workflows.engine.check import StoryStep
from workflows.engine.check.guard import check_guardrails, conditions_of
from workflows.engine.check.soundness import check_soundness
from workflows.engine.lint import lint_files
from workflows.engine.loading import build_pack, read_files
from workflows.engine.reach import explore
from workflows.shipped import shipped_pack_dir

WITH_A_WAY = ("guardrail-broken", "step-fails", "cannot-end", "end-leaves-open")
Reason = tuple[str, str]
Harm = tuple[Change, Reason]

# Operator by operator: the change, and the guardrail or rule with the element that it names.
OF_PERSONS: dict[str, list[Harm]] = {
    "a timer led past people": [
        (
            flow_led_to("statement_due__statement_overdue", "deciding_join"),
            ("timers_only_remind", "adoption"),
        ),
        (
            flow_led_to("facts_shown_due__facts_shown_overdue", "deciding_join"),
            ("timers_only_remind", "adoption"),
        ),
        (
            flow_led_to("hear_subject_due__hear_subject_overdue", "adjustment_decision"),
            ("timers_only_remind", "adjustment_decision"),
        ),
    ],
    "a timer led to a measure": [
        (
            flow_led_to("formalities_due__formalities_overdue", "effect_post_level"),
            ("no_measure_by_timer", "effect_post_level"),
        ),
        (
            flow_led_to("formalities_due__formalities_overdue", "removal_split"),
            ("no_measure_by_timer", "effect_promotion"),
        ),
        (
            flow_led_to("formalities_due__formalities_overdue", "effect_suspension"),
            ("no_measure_by_timer", "effect_suspension"),
        ),
    ],
    "a hearing left out": [
        (
            flow_led_to("facts_shown__statement", "deciding_join"),
            ("heard_before_decision", "proposal"),
        ),
        (
            flow_led_to("deciding_fork__adoption", "tolerance_check"),
            ("heard_before_decision", "proposal"),
        ),
        (
            flow_led_to("adjustment_proposal__hear_subject", "adjustment_decision"),
            ("heard_before_adjustment", "adjustment_decision"),
        ),
    ],
    "a step before the decision left out": [
        (
            flow_led_to("adoption__tolerance_check", "proposal_join"),
            ("tolerance_considered", "proposal"),
        ),
        (
            flow_led_to("inquiry_fork__facts_shown", "deciding_join"),
            ("facts_shown_before_decision", "proposal"),
        ),
        (
            flow_led_to("approve_start__start_join", "call_inquiry"),
            ("start_approved_before_inquiry", "facts_shown"),
        ),
    ],
    "service left out": [
        (
            flow_led_to("adjustment_talk__formalities", "removal_split"),
            ("adjustment_served_before_effect", "effect_promotion"),
        ),
        (
            flow_led_to("adjustment_split__adjustment_talk", "formalities"),
            ("adjustment_served_before_effect", "effect_post_level"),
        ),
        (
            flow_led_to("admonishment_decided__notify_talk", "admonish"),
            ("admonishment_served_before_effect", "effect_promotion"),
        ),
    ],
    "a decision by one person": [
        (with_attribute("decision", "signatures", "1"), ("two_people_decide", "decision")),
        (
            with_attribute("adjustment_decision", "signatures", None),
            ("two_people_decide", "adjustment_decision"),
        ),
        (with_attribute("admonish", "signatures", "1"), ("two_people_decide", "admonish")),
        (with_attribute("attribution", "signatures", None), ("two_people_decide", "attribution")),
    ],
    "a decision without minutes or votes": [
        (
            field_changed("decision", "minutes_no", required=False),
            ("decisions_are_collective", "decision"),
        ),
        (
            field_changed("decision", "votes_for", required=False),
            ("decisions_are_collective", "decision"),
        ),
        (
            field_changed("adjustment_decision", "members_present", required=False),
            ("decisions_are_collective", "adjustment_decision"),
        ),
    ],
    "a refusal not heeded": [
        (
            with_condition("approved_split__end_not_started", "'refused'", "'approved'"),
            ("start_approved_before_inquiry", "facts_shown"),
        ),
        (
            with_condition("adjustment_split__end_not_adjusted", "'not_adjusted'", "'adjusted'"),
            ("decided_before_adjusting", "adjustment_talk"),
        ),
        (
            with_condition("admonish_split__call_admonishment", "as_proposed", "none"),
            ("decided_before_admonishing", "notify_talk"),
        ),
        (
            with_condition("adjust_split__call_adjustment", "as_proposed", "criticism"),
            ("decided_before_admonishing", "adjustment_proposal"),
        ),
    ],
    "a referral without its safeguards": [
        (
            flow_led_to("approval_split__stop_talks", "refer_receipt"),
            ("referral_stops_talks", "refer_receipt"),
        ),
        (
            flow_led_to("referral_found__seal_materials", "approval_join"),
            ("referral_sealed_before_approval", "approve_referral"),
        ),
        (
            flow_led_to("complete_file__approval_join", "refer_receipt"),
            ("referral_approved_before_handing_over", "refer_receipt"),
        ),
        (
            flow_led_to("feedback_split__stop_inquiries", "end_filed"),
            ("formal_case_stops_inquiries", "end_filed"),
        ),
        (
            flow_led_to("feedback_due__feedback_overdue", "stop_inquiries"),
            ("no_stop_by_timer", "stop_inquiries"),
        ),
    ],
    "an appeal without its safeguards": [
        (
            with_attribute("review_report", "signatures", "2"),
            ("reviewed_by_three", "review_report"),
        ),
        (
            with_attribute("appeal_decision", "signatures", None),
            ("appeal_not_decided_alone", "appeal_decision"),
        ),
        (
            with_attribute("appeal_decision", "otherThan", None),
            ("reviewer_does_not_decide", "appeal_decision"),
        ),
        (with_attribute("hear_appellant", "apart", None), ("reviewers_apart", "hear_appellant")),
        (
            with_condition("lighter_split__report_join", "'no'", "'yes'"),
            ("appeal_never_worse", "appeal_decision"),
        ),
        (
            with_condition("accepted_split__examination_refused", "'refused'", "'accepted'"),
            ("appeal_accepted_before_review", "call_file"),
        ),
        (
            flow_led_to("changed_split__changed_join", "revoked_split"),
            ("restored_after_revocation", "end_changed"),
        ),
    ],
    "a request for tolerance without its safeguards": [
        (with_attribute("decision", "heldBy", None), ("request_holds_decision", "decision")),
        (
            with_attribute("verify_tolerance", "apart", None),
            ("tolerance_verified_apart", "verify_tolerance"),
        ),
        (
            flow_led_to("tolerance_caught__clarify_join", "end_not_accountable"),
            ("clarified_when_nothing_found", "end_not_accountable"),
        ),
        (
            flow_led_to("tolerance_accepted__verify_tolerance", "tolerance_finding"),
            ("tolerance_verified_before_finding", "tolerance_finding"),
        ),
        (
            field_changed("tolerance_verification", "motive", required=False),
            ("tolerance_six_elements", "verify_tolerance"),
        ),
    ],
    "a correction of its own motion without its safeguards": [
        (
            flow_led_to("find_correction__serve_correction", "call_correction"),
            ("effects_void_once_served", "handle_again"),
        ),
        (
            flow_led_to("confirmed_split__call_correction", "corrected_split"),
            ("restored_after_revocation", "end_correction_revoked"),
        ),
        (
            with_attribute("serve_correction", "apart", None),
            ("reviewers_apart", "serve_correction"),
        ),
    ],
    "a missing default flow": [
        (without_default("admonish_split"), ("condition-missing", "admonish_split__adjust_split")),
        (
            without_default("criticise_split"),
            ("condition-missing", "criticise_split__clarify_join"),
        ),
        (
            without_default("adjustment_split"),
            ("condition-missing", "adjustment_split__adjustment_talk"),
        ),
    ],
    "a loop without exit": [
        (
            flow_led_to("approval_split__stop_talks", "approval_join"),
            ("cannot-end", "approve_referral"),
        ),
        (
            flow_led_to("hear_subject__adjustment_decision", "hear_subject"),
            ("cannot-end", "hear_subject"),
        ),
        (
            flow_led_to("adjustment_talk__formalities", "adjustment_talk"),
            ("cannot-end", "adjustment_talk"),
        ),
    ],
    "an end that leaves a task open": [
        (turned_into("approver_split", "parallelGateway"), ("end-leaves-open", "end_filed")),
        (turned_into("criticise_split", "parallelGateway"), ("end-leaves-open", "end_lighter")),
        (turned_into("adjust_split", "parallelGateway"), ("end-leaves-open", "end_adjusted")),
    ],
    "a join that waits for ever": [
        (turned_into("start_join", "parallelGateway"), ("cannot-end", "start_join")),
        (turned_into("effect_join", "parallelGateway"), ("cannot-end", "effect_join")),
        (turned_into("removal_join", "parallelGateway"), ("cannot-end", "removal_join")),
    ],
    "a case that a table does not decide": [
        (row_removed("who_may_start", 0), ("step-fails", "who_may_start")),
        (row_removed("who_may_start", 3), ("step-fails", "who_may_start")),
        (row_removed("who_may_decide", 11), ("step-fails", "who_may_decide")),
    ],
    "an answer that may be left out": [
        (field_changed("decision", "decision_outcome", required=False), ("step-fails", "decision")),
        (
            field_changed("adjustment_decision", "adjustment_outcome", required=False),
            ("step-fails", "adjustment_decision"),
        ),
        (
            field_changed("proposal", "proposed_measure", required=False),
            ("step-fails", "who_may_decide"),
        ),
    ],
}
OF_ORGANISATIONS: list[Harm] = [
    (without_terminate("end_decided"), ("one_review_at_a_time", "principal_decides")),
    (without_terminate("term_passed"), ("acceptance_ends_supervision", "letter1")),
]
HARMLESS: list[Change] = [
    parameter_set("R_DEF", 7),
    parameter_set("R_INV", 45),
    parameter_set("R_ADM_EFF", 9),
    with_attribute("decision", "signatures", "3"),
    with_attribute("lighter_measure", "signatures", "2"),
    field_changed("adjustment_proposal", "destination", required=True),
    field_changed("proposal", "reason", required=True),
    field_changed("follow_up", "remark", required=False),
    row_moved_last("who_may_start"),
    row_moved_last("who_may_decide"),
    renamed("decision", "集体研究"),
    parameter_set("R_SELF", 15),
]


@cache
def of_persons() -> dict[str, bytes]:
    """Give the part of the shipped pack that is about persons, with its guardrails."""
    return accountability_alone()


def reasons(files: dict[str, bytes]) -> set[Reason]:
    """Give what the check finds: guardrails and rules, each with its element."""
    try:
        pack = build_pack(files)
    except PackInvalid:
        return {(each.rule, each.element or "") for each in lint_files(files) if each.is_error}
    explored = explore(pack, conditions_of(pack))
    found = (*check_soundness(pack, explored), *check_guardrails(pack, explored))
    assert all(each.steps for each in found if each.finding.rule in WITH_A_WAY)
    for each in found:
        walk_told(pack, each.steps)
    return {(each.guardrail or each.finding.rule, each.finding.element or "") for each in found}


def walk_told(pack: Pack, steps: tuple[StoryStep, ...]) -> None:
    """Walk a counter-example through the engine: a story that nobody can live proves nothing.

    Only its first case is walked, one that no other procedure has; in the last step it may
    fail instead.
    """
    facts: dict[str, FactValue] = {"handled_elsewhere": "no"}
    marking = ""
    for told in steps:
        if told.number > 1 or pack.processes[told.process_id].subject != "person":
            return
        facts |= told.written
        try:
            taken = execution.step(
                pack.processes[told.process_id], marking, Trigger(told.trigger, told.path), facts
            )
        except DubanError:
            assert (told, told.marking) == (steps[-1], "")
            return
        facts |= taken.facts_written
        if told.marking:
            assert (taken.marking, tuple(task.path for task in taken.opened)) == (
                told.marking,
                told.opened,
            )
        marking = taken.marking


SITES = [
    pytest.param(*harm, id=f"{operator} {number}")
    for operator, harms in OF_PERSONS.items()
    for number, harm in enumerate(harms, 1)
]


@pytest.mark.parametrize("change, reason", SITES)
def test_a_harmful_change_is_refused_for_its_own_reason(change: Change, reason: Reason) -> None:
    assert reason in reasons(changed(of_persons(), change))


def test_harm_is_done_by_ten_operators_at_three_places_each() -> None:
    assert len(OF_PERSONS) >= 10
    assert all(len(harms) >= 3 for harms in OF_PERSONS.values())


@pytest.mark.parametrize("change, reason", OF_ORGANISATIONS)
def test_harm_to_the_whole_pack_is_refused(change: Change, reason: Reason) -> None:
    assert reason in reasons(changed(read_files(shipped_pack_dir()), change))


@pytest.mark.parametrize("change", HARMLESS)
def test_a_harmless_change_passes(change: Change) -> None:
    files = changed(of_persons(), change)
    assert [each for each in lint_files(files) if each.is_error] == []
    assert reasons(files) == set()
