"""Appeals from filing to restoration, through the services that pages and sweeps call."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from tests.support.backtests import assert_reproduced
from tests.support.casework import Player, World, memory_world
from tests.support.persons import FirstChoice, measured, open_activities, person_case, rows_of
from workflows.domain.clocks import local_date
from workflows.domain.effects import Purpose
from workflows.domain.steps import FactValue
from workflows.queries.papers.clearance_replies import renewals_about
from workflows.queries.papers.eligibility import suggestion_for
from workflows.services import casework
from workflows.services.casework import PaperAct
from workflows.services.papers.clearance_content import Inquiry
from workflows.services.papers.clearance_replies import draft_reply, sign_reply
from workflows.services.separation import TouchedOrigin
from workflows.services.steps.beside import BesideOpen, BesideUnready
from workflows.services.steps.own_cases import own_cases
from workflows.services.steps.paper import PaperOfAnother
from workflows.store.tables import Case, Incident, JournalRecord
from workflows.store.transaction import Session

ADMONISHED = date(2026, 9, 1)
TO_REVIEW = ("accept_appeal", "call_file", "hear_appellant")


def measured_person(on: date = ADMONISHED, adjustment: str | None = None) -> tuple[World, str]:
    """Let somebody be admonished on a day, or adjusted."""
    world = memory_world()
    case_id = person_case(world, "镇党委副书记")
    measured(world, case_id, on, adjustment)
    return world, case_id


def appeal(world: World, case_id: str, by: str | None = None, process: str = "appeal") -> str:
    """Enter the appeal of the person concerned, or of somebody else."""
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        actor = stage.actor("收件人", ("R03",))
        own = stage.case.subject_person_id or ""
        filed = world.cast.person(session, by, world.now) if by else own
        paper = PaperAct(filed, local_date(world.now), "申诉书")
        values = {"appeal_request": "撤销", "appeal_grounds": "事实不清"}
        return casework.open_beside(
            session, actor, world.now, case_id, process, values, paper=paper
        ).case_id


def decided(world: World, appeal_id: str, outcome: str, proposal: str, **report: str) -> None:
    """Take an appeal through the review group and the committee up to its service."""
    player = Player(world, FirstChoice())
    for activity in TO_REVIEW:
        player.do(appeal_id, activity)
    player.do(appeal_id, "review_report", review_proposal=proposal, **report)
    player.do(appeal_id, "appeal_decision", appeal_outcome=outcome)
    player.do(appeal_id, "serve_decision")
    world.now += timedelta(hours=1)


def standings(world: World, case_id: str) -> list[str]:
    return [row.standing for row in rows_of(world, case_id)]


def test_a_revoked_admonishment_is_void_from_its_start_and_stops() -> None:
    world, case_id = measured_person()
    assert standings(world, case_id) == ["stands"] * 3
    appeal_id = appeal(world, case_id)
    decided(world, appeal_id, "as_proposed", "revoked")
    assert open_activities(world, appeal_id) == ["restore"]
    world.sweep()
    assert standings(world, case_id) == ["void"] * 3
    assert open_activities(world, case_id) == []
    assert _incidents(world) == []
    player = Player(world, FirstChoice())
    player.do(appeal_id, "restore")
    player.do(appeal_id, "seal_origin")
    assert _outcomes(world, case_id, appeal_id) == ["set_aside", "revoked"]
    assert world.differences() == []
    assert_reproduced(world)


def test_a_clearance_reply_given_meanwhile_is_named_to_be_given_anew() -> None:
    world, case_id = measured_person()
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        person = str(stage.case.subject_person_id)
        drafter, signer = stage.actor("干部科长", ("R04",)), stage.actor("组织部长", ("R06",))
        inquiry = Inquiry(person, "干部科", "苏组函〔2026〕8号", Purpose.PROMOTION, ADMONISHED)
        found = suggestion_for(session, person, Purpose.PROMOTION, ADMONISHED, ADMONISHED)
        reply = draft_reply(session, drafter, world.now, inquiry, found.reply_class, "")
        sign_reply(session, signer, world.now, reply.id, sealed_checked=True)
        given = reply.id
    world.now += timedelta(days=5)
    decided(world, appeal(world, case_id), "as_proposed", "revoked")
    world.sweep()
    with world.transaction() as session:
        assert [each.id for each in renewals_about(session, person)] == [given]


def test_an_appeal_filed_by_somebody_else_is_refused() -> None:
    world, case_id = measured_person()
    with world.transaction() as session:
        world.cast.account(session, "收件人", world.now)
        world.cast.person(session, "邻居", world.now)
    with pytest.raises(PaperOfAnother):
        appeal(world, case_id, "邻居")
    assert appeal(world, case_id)


def test_no_record_of_the_organisations_case_tells_of_an_appeal() -> None:
    world, case_id = measured_person()
    appeal_id = appeal(world, case_id)
    decided(world, appeal_id, "as_proposed", "revoked")
    world.sweep()
    with world.transaction() as session:
        opened, origin = session.get_one(Case, appeal_id), session.get_one(Case, case_id)
        assert (opened.level, opened.subject_person_id) == ("L2", origin.subject_person_id)
        assert opened.number == origin.number.replace("人1", "人2")
        told = select(JournalRecord.body).where(JournalRecord.stream_id == origin.parent_case_id)
        assert not [body for body in session.scalars(told) if appeal_id in body]


def test_an_adjustment_that_is_over_is_voided_and_lightened_to_an_admonishment() -> None:
    world, case_id = measured_person(adjustment="removal")
    before = rows_of(world, case_id)
    assert before
    appeal_id = appeal(world, case_id)
    decided(world, appeal_id, "as_proposed", "changed", changed_measure="admonishment")
    world.sweep()
    assert set(standings(world, case_id)) == {"void"}
    started = rows_of(world, appeal_id)
    assert [row.kind for row in started] == ["promotion", "annual_assessment", "term_awards"]
    assert {row.from_on for row in started} == {_talked_on(world, appeal_id)}
    assert _ends(started)["promotion"] < _ends(before)["promotion"]
    assert _incidents(world) == []
    assert world.differences() == []
    assert_reproduced(world)


def test_a_measure_that_a_correction_changed_is_appealed_against_beside_the_correction() -> None:
    world, case_id = measured_person(adjustment="removal")
    correction = corrected(world, case_id, changed_measure="admonishment")
    world.sweep()
    assert (set(standings(world, case_id)), set(standings(world, correction))) == (
        {"void"},
        {"stands"},
    )
    with pytest.raises(BesideOpen):
        appeal(world, case_id)
    assert correction in _own(world, case_id)
    appeal_id = appeal(world, correction)
    assert _facts(world, appeal_id)["measure_appealed"] == "admonishment"
    decided(world, appeal_id, "as_proposed", "revoked")
    world.sweep()
    assert set(standings(world, correction)) == {"void"}
    assert set(standings(world, case_id)) == {"void"}
    assert _incidents(world) == []
    assert world.differences() == []
    assert_reproduced(world)


def test_what_a_correction_upheld_is_appealed_against_beside_the_original_alone() -> None:
    world, case_id = measured_person()
    correction = corrected(world, case_id, review_proposal="upheld")
    with pytest.raises(BesideUnready):
        appeal(world, correction)
    assert correction not in _own(world, case_id)
    assert _facts(world, appeal(world, case_id))["measure_appealed"] == "admonishment"


def corrected(world: World, case_id: str, **report: str) -> str:
    """Correct a measure of the own motion up to the service of what was decided."""
    found = {"error_found_by": "supervision", "error_suspected": "偏重", "error_basis": "分工"}
    with world.transaction() as session:
        actor = world.cast.stage(session, case_id, world.now).actor("案管员", ("R16",))
        opened = casework.open_beside(
            session, actor, world.now, case_id, "own_correction", found
        ).case_id
    player = Player(world, FirstChoice())
    for activity in ("call_file", "hear_appellant"):
        player.do(opened, activity)
    player.do(opened, "review_report", **{"review_proposal": "changed", **report})
    player.do(opened, "appeal_decision", appeal_outcome="as_proposed")
    player.do(opened, "serve_correction")
    with world.transaction() as session:
        world.cast.account(session, "收件人", world.now)
    world.now += timedelta(hours=1)
    return opened


def test_a_second_appeal_undoes_what_stands_of_the_case_and_of_its_first_review() -> None:
    world, case_id = measured_person(adjustment="removal")
    first = appeal(world, case_id)
    decided(world, first, "as_proposed", "changed", changed_measure="transfer")
    player = Player(world, FirstChoice())
    second = appeal(world, first, process="second_appeal")
    assert _facts(world, second)["measure_appealed"] == "transfer"
    for activity in ("accept_second", "call_second_file", "hear_second"):
        player.do(second, activity)
    player.do(second, "second_report", review_proposal="revoked")
    player.do(second, "second_decision", appeal_outcome="as_proposed")
    player.do(second, "serve_second")
    world.now += timedelta(hours=1)
    world.sweep()
    assert set(standings(world, case_id)) == {"void"}
    assert _incidents(world) == []
    assert world.differences() == []


def test_what_is_not_lighter_comes_back_to_the_group() -> None:
    world, case_id = measured_person()
    appeal_id = appeal(world, case_id)
    player = Player(world, FirstChoice())
    for activity in TO_REVIEW:
        player.do(appeal_id, activity)
    for heavier in ("admonishment", "transfer"):
        report = {"review_proposal": "changed", "changed_measure": heavier}
        player.do(appeal_id, "review_report", **report)
        assert open_activities(world, appeal_id) == ["review_report"]


def test_an_upheld_measure_stands_and_runs_on() -> None:
    world, case_id = measured_person()
    running = open_activities(world, case_id)
    appeal_id = appeal(world, case_id)
    decided(world, appeal_id, "upheld", "revoked")
    world.sweep()
    assert standings(world, case_id) == ["stands"] * 3
    assert open_activities(world, case_id) == running
    assert _outcomes(world, appeal_id) == ["upheld"]
    # An admonishment is reviewed once, by whoever decided it; only organisational handling again.
    with pytest.raises(BesideUnready):
        appeal(world, appeal_id, process="second_appeal")


def test_nobody_of_the_original_case_reviews_whatever_role_he_gets() -> None:
    world, case_id = measured_person()
    appeal_id = appeal(world, case_id)
    with world.transaction() as session:
        touched = [
            name
            for name, account in world.cast.accounts.items()
            if account in _acted(session, case_id)
        ]
    assert len(touched) >= 4
    for name in touched:
        with pytest.raises(TouchedOrigin):
            world.complete(appeal_id, "accept_appeal", name)


def test_ten_years_without_anybody_decide_no_appeal() -> None:
    world, case_id = measured_person()
    appeal_id = appeal(world, case_id)
    for _ in range(40):
        world.now += timedelta(days=92)
        world.sweep()
    assert open_activities(world, appeal_id) == ["accept_appeal"]
    assert standings(world, case_id) == ["stands"] * 3


def _own(world: World, case_id: str) -> list[str]:
    """Give the cases that the person whom a case is about is let to, once he has an account."""
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        own = replace(stage.actor("收件人", ("R03",)), person_id=stage.case.subject_person_id)
        return [each.id for each in own_cases(session, own)]


def _acted(session: Session, case_id: str) -> set[str]:
    actors = select(JournalRecord.actor).where(JournalRecord.stream_id == case_id)
    return set(session.scalars(actors))


def _facts(world: World, case_id: str) -> Mapping[str, FactValue]:
    with world.transaction() as session:
        return world.cast.stage(session, case_id, world.now).case.facts


def _talked_on(world: World, case_id: str) -> date:
    return date.fromisoformat(str(_facts(world, case_id)["talked_on"]))


def _ends(rows: Sequence[Row[Any]]) -> dict[str, date]:
    return {row.kind: row.until_on for row in rows if row.until_on is not None}


def _incidents(world: World) -> list[str]:
    with world.transaction() as session:
        return list(session.scalars(select(Incident.kind)))


def _outcomes(world: World, *case_ids: str) -> list[str | None]:
    with world.transaction() as session:
        return [session.get_one(Case, case_id).outcome for case_id in case_ids]
