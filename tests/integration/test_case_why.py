"""C02 played through: why it escalated, whose its tasks are, and what lies ahead of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.test_migration import install, migrate, planning
from tests.support.casework import World, memory_world
from tests.support.scenes import begin, moment, play
from tests.support.versions import version_of, with_renamed_node
from workflows.domain.clocks import local_date
from workflows.engine.narration import Answer, Choice, Operated
from workflows.queries.case.offices import duties_of
from workflows.queries.case.outlook import Road, forks_of, road_of
from workflows.queries.case.page import CasePage, case_page
from workflows.queries.case.past import case_at
from workflows.queries.case.reasons import Origin, Reasons, reasons_of
from workflows.services import casework
from workflows.services.access import RolesForbidden


@contextmanager
def reading(world: World, case_id: str) -> Iterator[tuple[Any, CasePage]]:
    with world.transaction() as session:
        yield session, case_page(session, case_id, local_date(world.now))


def _last(path: str) -> str:
    return path.partition("#")[0].rpartition("/")[2]


def _triggers(reasons: Reasons) -> list[str]:
    return [_last(reason.entry.record.trigger.ref) for reason in reasons.chain[1:]]


def _told(road: Road) -> list[tuple[str, str, list[str]]]:
    return [
        (step.on.isoformat(), _last(step.path), [_last(path) for path in step.opened])
        for step in road.steps
    ]


@pytest.fixture(scope="module")
def escalated() -> tuple[World, str]:
    """C02 on the day on which its review has opened."""
    world, case_id, steps = begin("c02")
    play(world, case_id, steps, "2026-03-26T09:00")
    return world, case_id


def test_the_chain_is_the_records_that_led_to_the_review(escalated: tuple[World, str]) -> None:
    with reading(*escalated) as (session, page):
        reasons = reasons_of(session, page)
    assert reasons.has_escalated
    assert _triggers(reasons) == [
        "accept",
        "verify",
        "notice",
        "term_expired",
        "letter1",
        "reply1_term_over",
        "letter2",
        "reply2",
        "reply2_term_over",
    ]
    assert [_last(r.entry.record.trigger.ref) for r in reasons.chain if r.is_escalation] == [
        "term_expired",
        "reply1_term_over",
        "reply2_term_over",
    ]


def test_it_says_what_was_not_done_by_whom(escalated: tuple[World, str]) -> None:
    with reading(*escalated) as (session, page):
        missed = [reason for reason in reasons_of(session, page).chain if reason.is_escalation]
    undone = [[_last(each.task.task) for each in reason.unfinished] for reason in missed]
    assert undone == [["report", "progress"], ["reply1"], ["reply2"]]
    assert [reason.clock.due_on for reason in missed if reason.clock] == [
        date(2026, 3, 9),
        date(2026, 3, 17),
        date(2026, 3, 25),
    ]
    assert missed[1].unfinished[0].task.roles == ("R12", "R03")


def test_each_value_of_a_condition_has_its_record(escalated: tuple[World, str]) -> None:
    with reading(*escalated) as (session, page):
        chain = {
            _last(reason.entry.record.trigger.ref): reason
            for reason in reasons_of(session, page).chain
        }
    reply = chain["reply2"]
    (choice,) = reply.told or ()
    assert isinstance(choice, Choice)
    assert choice.taken == ("reply2_join",)
    ((condition, entry),) = choice.asked
    assert (condition.text, entry.value) == ("reply_finding == 'sufficient'", False)
    source = reply.sources["reply_finding"]
    assert (source.origin, source.seq, source.on) == (
        Origin.FORM,
        reply.entry.record.seq,
        date(2026, 3, 25),
    )
    tables = [each for each in chain["verify"].told or () if isinstance(each, Answer)]
    assert [(each.decision, [rule.number for rule in each.rules]) for each in tables] == [
        ("entry_rung", [4]),
        ("rectification_class", [4]),
    ]
    assert chain["verify"].sources["weak_lax_determined"].origin is Origin.REGISTER
    assert chain["verify"].sources["rectification_class"].origin is Origin.TABLE
    (counted,) = chain["term_expired"].told or ()
    assert isinstance(counted, Operated)
    assert counted.written == {"expired_count": 1}


def test_a_letter_that_nobody_issued_is_named() -> None:
    world, case_id, steps = begin("c02")
    play(world, case_id, steps, "2026-03-10T01:00")
    world.now = world.now.replace(day=15)
    world.sweep()
    with reading(world, case_id) as (session, page):
        last = reasons_of(session, page).chain[-1]
    assert last.is_escalation
    assert [_last(each.task.task) for each in last.unfinished] == ["letter1"]
    assert last.unfinished[0].claimant is None
    assert last.clock is not None
    assert (last.clock.rule, last.clock.due_on) == ("R_LETTER", date(2026, 3, 13))


def test_before_the_term_ends_the_road_leads_to_the_review_and_ends_with_people() -> None:
    world, case_id, steps = begin("c02")
    play(world, case_id, steps, "2026-03-09T12:00")
    with reading(world, case_id) as (session, page):
        road = road_of(session, page, world.now)
    assert _told(road) == [
        ("2026-03-09", "term_expired", ["letter1"]),
        ("2026-03-13", "letter1_not_issued", ["letter2"]),
        ("2026-03-18", "letter2_not_issued", ["review"]),
        ("2026-04-02", "review_due", ["principal_decides"]),
        ("2026-04-20", "principal_due", ["guidance"]),
    ]
    assert sorted(map(_last, road.open_at_end)) == ["guidance", "principal_decides", "review"]
    assert not road.is_cut
    assert not road.is_provisional


def test_nothing_written_by_looking_ahead(escalated: tuple[World, str]) -> None:
    world, case_id = escalated
    with reading(world, case_id) as (session, page):
        forks_of(session, page)
        road_of(session, page, world.now)
        assert not session.new
        assert not session.dirty
    assert world.differences() == []


def test_each_decision_of_the_review_has_its_end(escalated: tuple[World, str]) -> None:
    with reading(*escalated) as (session, page):
        (fork,) = forks_of(session, page)
    ends: dict[str, set[tuple[str, ...]]] = {}
    for branch in fork.branches:
        opened = (*map(_last, branch.opened), *map(_last, branch.passed), *["end"] * branch.ended)
        ends.setdefault(str(branch.typed[0]["review_outcome"]), set()).add(opened)
    # What a cause above the branch asks for comes before what the review decided.
    above = ("raise_upward",)
    own = {
        "extend": "extend_after_review",
        "replace": "replace_responsible",
        "support": "support_from_above",
        "talk": "talk_after_review",
        "adjust_goal": "adjust_goal",
    }
    for outcome, task in own.items():
        assert ends[outcome] <= {(task,), above}
    assert ends["attribution"] <= {("notice", "open_person_case"), above}
    assert ends["close"] == {("end",)}
    assert above in set().union(*ends.values())


def test_a_paused_term_leads_nowhere_until_it_resumes() -> None:
    world, case_id, steps = begin("c02")
    play(world, case_id, steps, "2026-01-20T09:00")
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        leader = stage.actor("部长", ("R06",))
        place = stage.clock("R_RECT")
        casework.pause(
            session,
            leader,
            world.now,
            case_id,
            place,
            reason="雪灾封路",
            approver=leader.account_id,
        )
    with reading(world, case_id) as (session, page):
        road = road_of(session, page, world.now)
    assert [clock.rule for clock in road.stopped] == ["R_RECT"]
    assert [step.clock.rule for step in road.steps if step.leads_on] == []


def test_the_review_is_with_the_department_that_its_rule_finds(
    escalated: tuple[World, str],
) -> None:
    world, case_id = escalated
    with reading(world, case_id) as (session, page):
        (duty,) = duties_of(session, page, local_date(world.now))
    assert (duty.lane, duty.rule) == ("lane_panel", "banner_organisation")
    assert duty.above[-1] == "阿日善图嘎查党支部"
    assert duty.line.row.office_id == duty.today.id
    assert duty.today.is_resolved


def test_who_verified_may_not_accept_and_is_told_why() -> None:
    world, case_id, steps = begin("c02")
    play(world, case_id, steps, "2026-06-26T08:00")
    with world.transaction() as session:
        for alias in ("核实人甲", "验收组组长"):
            account = world.cast.account(session, alias, world.now)
            world.cast.allow(session, account, ("R13",), world.now)
    with reading(world, case_id) as (session, page):
        (duty,) = duties_of(session, page, local_date(world.now))
    refusals = {holder.name: holder.refusal for holder in duty.holders}
    assert isinstance(refusals["核实人甲"], RolesForbidden)
    assert refusals["验收组组长"] is None
    assert [holder.name for holder in duty.could] == ["验收组组长"]


@pytest.mark.parametrize(
    "at, tasks, rung, is_overdue",
    [
        ("2025-12-08T10:00", ["plan"], 2, False),
        ("2026-03-09T23:59", ["progress", "report"], 2, False),
        ("2026-03-10T00:30", ["letter1", "progress", "report"], 2, True),
        ("2026-03-25T23:00", ["progress", "reply2", "report"], 2, True),
        ("2026-03-26T08:00", ["review"], 2, True),
    ],
)
def test_c02_as_of_its_days(
    escalated: tuple[World, str], at: str, tasks: list[str], rung: int, is_overdue: bool
) -> None:
    world, case_id = escalated
    with world.transaction() as session:
        past = case_at(session, case_id, moment(at))
    assert sorted(task.row.activity for task in past.page.tasks) == tasks
    assert past.page.case.rung == rung
    assert (past.page.case.overdue_on is not None) is is_overdue


def test_a_case_is_explained_by_the_version_that_it_walked_then() -> None:
    world = memory_world()
    case_id, pack = planning(world), version_of(with_renamed_node("ladder.bpmn", "verify", "prove"))
    before = world.now
    install(world, pack)
    world.now += timedelta(days=1)
    migrate(world, case_id, pack)
    with reading(world, case_id) as (session, page):
        reasons = reasons_of(session, page)
        past = case_at(session, case_id, before)
        assert {"prove"} <= page.definition.process.elements.keys()
    assert _triggers(reasons)[:3] == ["accept", "verify", "notice"]
    assert [reason.entry.record.seq for reason in reasons.chain if reason.told is None] == []
    assert past.page.definition.pack.hash != page.definition.pack.hash
    assert past.page.definition.pack is reasons.chain[0].definition.pack
