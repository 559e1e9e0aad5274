"""Acts that came in time and are typed in later: what escalated without ground is taken back."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.support.backtests import assert_reproduced
from tests.support.casework import Player, World, make_world, memory_world
from tests.support.filled import VERIFIED
from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import local_date
from workflows.domain.errors import NotAllowed, NotFound
from workflows.domain.roles import Actor
from workflows.queries.case.standing import Stand, stand_of
from workflows.services import casework
from workflows.services.access import RoleMissing
from workflows.services.corrections.late import (
    NothingLate,
    NotOpenThen,
    SecondPersonNeeded,
    confirm_late,
    enter_late,
    refuse_late,
)
from workflows.services.corrections.latepauses import PauseImpossible, pause_from
from workflows.services.desk.undoing import UndoImpossible, undo
from workflows.services.steps.paper import LateEntryNeeded, PaperAct, PaperOfStranger
from workflows.services.steps.stopping import EffectsStarted, decide_stopped
from workflows.services.vault import Vault
from workflows.store.base import table_of
from workflows.store.connection import session_factory
from workflows.store.tables import Case, Clock, Incident, JournalRecord, Task, Tenure
from workflows.store.transaction import Session


def at(text: str) -> datetime:
    """Give nine o'clock in China on a day, or another local time."""
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T09:00")
    return moment.replace(tzinfo=UTC) - timedelta(hours=8)


@dataclass
class Branch:
    """A branch under rectification from 2026-03-26, with 90 days: due on 2026-06-24."""

    world: World
    case_id: str

    def day(self, text: str) -> None:
        self.world.now = at(text)

    def sweep(self, text: str) -> None:
        """Sweep at half past midnight, when what ended yesterday is due."""
        self.world.now = at(f"{text}T00:30")
        assert self.world.sweep().failed == 0

    def stand(self, case_id: str | None = None) -> Stand:
        with self.world.transaction() as session:
            return stand_of(session, case_id or self.case_id, local_date(self.world.now))

    def open(self) -> list[str]:
        return sorted(task.activity for task in self.stand().tasks)

    def actor(self, session: Session, name: str, *roles: str) -> Actor:
        stage = self.world.cast.stage(session, self.case_id, self.world.now)
        return stage.actor(name, roles)

    def paper(self, session: Session, name: str, on: date) -> PaperAct:
        person = self.world.cast.person(session, name, self.world.now)
        return PaperAct(person, on, "收文登记 17")

    def place(self, session: Session, activity: str) -> str:
        return self.world.cast.stage(session, self.case_id, self.world.now).past_task(activity)

    def on_paper(self, activity: str, on: date, **values: Any) -> None:
        with self.world.transaction() as session:
            place = self.place(session, activity)
            clerk, paper = self.actor(session, "承办人", "R03"), self.paper(session, "书记", on)
            now = self.world.now
            casework.complete(session, clerk, now, self.case_id, place, values, paper=paper)

    def enter(self, activity: str, on: date, clerk: str = "承办人", **values: Any) -> int:
        with self.world.transaction() as session:
            typist, paper = self.actor(session, clerk, "R03"), self.paper(session, "书记", on)
            place = self.place(session, activity)
            return enter_late(session, typist, self.world.now, self.case_id, place, values, paper)

    def confirm(self, entry: int, name: str = "承办科长", role: str = "R03") -> None:
        with self.world.transaction() as session:
            confirm_late(session, self.actor(session, name, role), self.world.now, entry)
        assert self.world.differences() == []

    def clock(self, rule: str) -> Any:
        """Give the latest clock of a rule."""
        with self.world.transaction() as session:
            table = table_of(Clock)
            statement = (
                select(table)
                .where(table.c.case_id == self.case_id, table.c.rule == rule)
                .order_by(table.c.id.desc())
                .limit(1)
            )
            return session.connection().execute(statement).one()

    def last_seq(self, session: Session) -> int:
        return session.get_one(Case, self.case_id).version

    def records(self, kind: str) -> int:
        with self.world.transaction() as session:
            table = table_of(JournalRecord)
            statement = select(table.c.seq).where(
                table.c.stream_id == self.case_id, table.c.kind == kind
            )
            return len(session.connection().execute(statement).all())


@pytest.fixture
def branch() -> Iterator[Branch]:
    """Give a branch under rectification; whatever happens to it, a back-test leads there too."""
    branch = rectifying(memory_world())
    yield branch
    assert_reproduced(branch.world)


def rectifying(world: World) -> Branch:
    case = Branch(world, world.open_matter(problem_type="P203"))
    case.day("2026-03-12")
    world.complete(case.case_id, "accept", "承办人", acceptance="accept")
    case.day("2026-03-20")
    finding = {
        **VERIFIED,
        "verified_on": "2026-03-20",
        "verified_facts": "班子不团结",
        "grounds": ["duty_lacking", "weak_effect"],
    }
    for name in ("核实人甲", "核实人乙"):
        world.complete(case.case_id, "verify", name, **finding)
    case.day("2026-03-26")
    world.complete(
        case.case_id,
        "notice",
        "承办人",
        served_on="2026-03-26",
        service_way="direct",
        requirements="限期解决",
        plan_required="yes",
        progress_required="yes",
    )
    case.day("2026-04-07")
    case.on_paper("plan", date(2026, 4, 7), measures="召开专题组织生活会")
    case.day("2026-04-09")
    world.complete(case.case_id, "plan_review", "镇党委书记", plan_outcome="approved")
    assert case.clock("R_RECT").due_on == date(2026, 6, 24)
    return case


REPORT = {"reported_on": "2026-06-22", "completed": "已全部整改"}
REPLY = {"replied_on": "2026-07-01", "reply_finding": "sufficient", "reason": "收文登记可证"}
JUNE_22, JULY_1 = date(2026, 6, 22), date(2026, 7, 1)


def first_letter(branch: Branch) -> None:
    """Let the term pass and issue the first letter: its reply is due on 2026-07-02."""
    branch.sweep("2026-06-25")
    branch.day("2026-06-25")
    branch.world.complete(branch.case_id, "letter1", "督办员", letter1_on="2026-06-25")


def review_reached(branch: Branch) -> None:
    """Let both letters go unanswered, the second issued on 2026-07-03."""
    first_letter(branch)
    branch.sweep("2026-07-03")
    branch.day("2026-07-03")
    branch.world.complete(branch.case_id, "letter2", "督办员", letter2_on="2026-07-03")
    branch.sweep("2026-07-11")
    assert branch.open() == ["review"]


def _attribute(branch: Branch) -> str:
    """Let the review decide on attribution to one person, and give his case."""
    branch.day("2026-07-13")
    with branch.world.transaction() as session:
        person = branch.world.cast.person(session, "分管副书记", branch.world.now)
    values = {
        "cause_main": "unwilling",
        "cause_evidence": "两次督办未答复",
        "review_outcome": "attribution",
        "responsible_person": person,
        "reason": "履职不力",
        "minutes_no": "12",
        "members_present": "7",
    }
    branch.world.complete(branch.case_id, "review", "部务委员甲", **values)
    done = branch.world.complete(branch.case_id, "review", "部务委员乙", **values)
    assert len(done.opened_cases) == 1
    return done.opened_cases[0]


def test_report_in_time_takes_the_first_letter_back(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    before = branch.stand()
    assert "letter1" in branch.open()
    assert before.facts["expired_count"] == 1
    assert before.colour_of("case") == "red"
    branch.day("2026-06-26")
    branch.confirm(branch.enter("report", JUNE_22, **REPORT))
    assert branch.open() == ["initial_acceptance"]
    stand = branch.stand()
    assert stand.facts.get("expired_count") is None
    assert stand.colour_of("case") != "red"
    assert branch.clock("R_RECT").state == "paused"
    assert branch.records("withdrawn") == 1


def test_letter_task_taken_back_is_closed_as_withdrawn(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    branch.confirm(branch.enter("report", JUNE_22, **REPORT))
    with branch.world.transaction() as session:
        task = table_of(Task)
        states = session.connection().execute(
            select(task.c.state).where(task.c.activity == "letter1")
        )
        assert states.scalars().all() == ["withdrawn"]


def test_rest_of_the_term_is_kept_after_a_withdrawal(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    branch.confirm(branch.enter("report", JUNE_22, **REPORT))
    branch.day("2026-07-06")
    branch.world.complete(
        branch.case_id,
        "initial_acceptance",
        "镇党委书记",
        initial_outcome="returned",
        **_rest(branch, "initial_acceptance", initial_outcome="returned"),
    )
    # Two of the 90 days were left on 06-22: they run again from 07-06.
    assert branch.clock("R_RECT").due_on == date(2026, 7, 8)
    branch.sweep("2026-07-07")
    assert "letter1" not in branch.open()
    branch.sweep("2026-07-09")
    assert "letter1" in branch.open()
    assert branch.world.differences() == []


def _rest(branch: Branch, form: str, **given: Any) -> dict[str, Any]:
    """Fill what else a form asks for."""
    with branch.world.transaction() as session:
        stage = branch.world.cast.stage(session, branch.case_id, branch.world.now)
        player = Player(branch.world, random.Random(1))
        filled = player.fill(session, stage, form, **given)
    return {key: value for key, value in filled.items() if key not in given}


def test_sufficient_reply_in_time_takes_the_second_letter_back(branch: Branch) -> None:
    review_reached(branch)
    branch.day("2026-07-13")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    assert branch.open() == ["notice"]
    stand = branch.stand()
    assert stand.rung == 2
    assert stand.facts.get("letter2_on") is None
    # Both terms of reply fired without ground; the term itself had passed.
    assert branch.records("withdrawn") == 2
    assert stand.facts["expired_count"] == 1


def test_insufficient_reply_in_time_stops_nothing(branch: Branch) -> None:
    """It starts the term of reply again from the same letter, which ran out the same night."""
    review_reached(branch)
    branch.day("2026-07-13")
    with pytest.raises(NothingLate):
        branch.enter("reply1", JULY_1, **{**REPLY, "reply_finding": "insufficient"})
    assert branch.open() == ["review"]
    assert branch.stand().facts["letter2_on"] == "2026-07-03"


def test_ordinary_paper_before_a_fired_deadline_needs_a_late_entry(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    with pytest.raises(LateEntryNeeded):
        branch.on_paper("report", JUNE_22, **REPORT)
    assert branch.records("withdrawn") == 0


def test_paper_of_a_branch_is_by_somebody_of_it_or_its_township_on_that_day(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    on = date(2026, 6, 25)
    with branch.world.transaction() as session:
        person = branch.paper(session, "书记", on).performed_by
        tenure = session.scalars(select(Tenure).where(Tenure.person_id == person)).one()
        tenure.until_on = date(2026, 6, 10)
    with pytest.raises(PaperOfStranger):
        branch.on_paper("report", on, completed="完成", reported_on="2026-06-25")


def test_paper_of_the_day_after_the_deadline_is_ordinary(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    branch.on_paper("report", date(2026, 6, 25), completed="完成", reported_on="2026-06-25")
    assert "letter1" in branch.open()
    assert branch.world.differences() == []


def test_paper_that_changes_nothing_a_clock_did_is_ordinary(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    with pytest.raises(NothingLate):
        branch.enter("progress", JUNE_22, done="已整改三项")
    branch.on_paper("progress", JUNE_22, done="已整改三项")
    assert "letter1" in branch.open()


def test_late_entry_of_a_task_that_was_not_open_then_is_refused(branch: Branch) -> None:
    review_reached(branch)
    with pytest.raises(NotOpenThen):
        branch.enter("letter2", JUNE_22, letter2_on="2026-06-22")


def test_same_person_cannot_confirm_his_late_entry(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    entry = branch.enter("report", JUNE_22, **REPORT)
    with pytest.raises(SecondPersonNeeded):
        branch.confirm(entry, "承办人")
    assert "letter1" in branch.open()


def test_late_entry_is_decided_once(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    entry = branch.enter("report", JUNE_22, **REPORT)
    branch.confirm(entry)
    with pytest.raises(NotFound):
        branch.confirm(entry, "承办副科长")
    assert branch.records("withdrawn") == 1
    # Two people did it, so that one alone does not take it back.
    with branch.world.transaction() as session:
        officer, now = branch.actor(session, "承办科长", "R03"), branch.world.now
        with pytest.raises(UndoImpossible):
            undo(session, officer, now, branch.case_id, branch.last_seq(session))


def test_refused_late_entry_changes_nothing(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    entry, open_before = branch.enter("report", JUNE_22, **REPORT), branch.open()
    with branch.world.transaction() as session:
        second = branch.actor(session, "承办科长", "R03")
        refuse_late(session, second, branch.world.now, entry, "收文登记查无此件")
    assert branch.open() == open_before
    assert branch.world.differences() == []
    with pytest.raises(NotFound):
        branch.confirm(entry)


def test_two_entries_for_the_same_act_withdraw_once(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    first, second = (branch.enter("report", JUNE_22, **REPORT) for _ in range(2))
    branch.confirm(first)
    with pytest.raises(NothingLate):
        branch.confirm(second)
    assert branch.records("withdrawn") == 1
    assert branch.open() == ["initial_acceptance"]


def test_withdrawn_firings_count_as_not_having_happened(branch: Branch) -> None:
    """First the reply, then the report before it: the second replay skips what is withdrawn."""
    review_reached(branch)
    branch.day("2026-07-13")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    assert branch.records("withdrawn") == 2
    branch.confirm(branch.enter("report", JUNE_22, **REPORT))
    assert branch.records("withdrawn") == 3
    assert branch.open() == ["initial_acceptance"]
    facts = branch.stand().facts
    assert [facts.get(name) for name in ("expired_count", "letter1_on", "reply_finding")] == [
        None
    ] * 3
    branch.sweep("2026-07-14")
    assert branch.open() == ["initial_acceptance"]
    with pytest.raises(NotOpenThen):
        branch.enter("report", JUNE_22, **REPORT)


def test_person_case_opened_meanwhile_stops_for_its_approver(branch: Branch) -> None:
    review_reached(branch)
    person_case = _attribute(branch)
    branch.day("2026-07-14")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    assert branch.stand(person_case).state == "stopped"
    assert branch.open() == ["notice"]
    with branch.world.transaction() as session:
        incidents = session.scalars(select(Incident).where(Incident.case_id == person_case))
        assert [incident.kind for incident in incidents] == ["stopped_for_approver"]
        actor = branch.actor(session, "甲", "R06")
        with pytest.raises(casework.CaseNotOpen):
            casework.complete(session, actor, branch.world.now, person_case, "attribution#1", {})


def test_approver_lets_a_stopped_case_go_on(branch: Branch) -> None:
    review_reached(branch)
    person_case = _attribute(branch)
    branch.day("2026-07-14")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    _decide(branch, person_case, go_on=True)
    assert branch.stand(person_case).state == "open"
    assert branch.world.differences() == []
    with pytest.raises(casework.CaseNotOpen):
        _decide(branch, person_case, go_on=True)


def test_approver_ends_a_stopped_case(branch: Branch) -> None:
    review_reached(branch)
    person_case = _attribute(branch)
    branch.day("2026-07-14")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    _decide(branch, person_case, go_on=False)
    stand = branch.stand(person_case)
    assert (stand.state, stand.outcome, stand.tasks) == ("ended", "withdrawn", ())
    assert branch.world.differences() == []
    with branch.world.transaction() as session:
        incidents = session.scalars(select(Incident).where(Incident.case_id == person_case))
        assert all(incident.resolved_at for incident in incidents)


def test_only_the_principal_decides_on_a_stopped_case(branch: Branch) -> None:
    review_reached(branch)
    person_case = _attribute(branch)
    branch.day("2026-07-14")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    with pytest.raises(RoleMissing):
        _decide(branch, person_case, go_on=False, role="R05")
    assert branch.stand(person_case).state == "stopped"


def _decide(branch: Branch, case_id: str, *, go_on: bool, role: str = "R06") -> None:
    with branch.world.transaction() as session:
        actor = branch.actor(session, f"部长{role}", role)
        decide_stopped(session, actor, branch.world.now, case_id, go_on, "依据已不存在")


def test_person_case_on_a_ground_that_stands_goes_on(branch: Branch) -> None:
    """Only what void acts opened stops: the plan's reminder has nothing to do with it."""
    branch.sweep("2026-07-20")
    branch.sweep("2026-07-27")
    branch.sweep("2026-08-05")
    assert branch.open() == ["review"]
    branch.day("2026-08-06")
    with pytest.raises(NothingLate):
        branch.enter("report", date(2026, 8, 5), **REPORT)


# ------------------------------------------------------------- pauses, X32


def _pause(branch: Branch, from_on: date, to_on: date | None = None, name: str = "承办人") -> int:
    place = _place(branch.clock("R_RECT"))
    with branch.world.transaction() as session:
        return pause_from(
            session,
            branch.actor(session, name, "R03"),
            branch.world.now,
            branch.case_id,
            place,
            from_on=from_on,
            to_on=to_on,
            reason="等待上级批复",
            document="批复函 3 号",
        )


def _place(clock: Any) -> str:
    return f"{clock.path}#{clock.n}"


def test_pause_proved_later_takes_back_what_fired_inside_it(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-29")
    branch.confirm(_pause(branch, date(2026, 6, 15)), "部务会副职", "R05")
    assert "letter1" not in branch.open()
    assert branch.clock("R_RECT").state == "paused"
    assert branch.stand().facts.get("expired_count") is None
    branch.sweep("2026-07-10")
    assert "letter1" not in branch.open()
    branch.day("2026-07-10")
    place = _place(branch.clock("R_RECT"))
    with branch.world.transaction() as session:
        casework.resume(
            session,
            branch.actor(session, "部务会副职", "R05"),
            branch.world.now,
            branch.case_id,
            place,
            reason="批复已到",
        )
    # Nine of the 90 days were left on 06-15; 07-19 is a Sunday.
    assert branch.clock("R_RECT").due_on == date(2026, 7, 20)
    assert branch.world.differences() == []


def test_pause_that_has_ended_gives_its_days_back(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-29")
    branch.confirm(_pause(branch, date(2026, 6, 10), date(2026, 6, 20)), "部务会副职", "R05")
    clock = branch.clock("R_RECT")
    assert (clock.state, clock.due_on) == ("running", date(2026, 7, 6))
    branch.sweep("2026-07-06")
    assert "letter1" not in branch.open()
    branch.sweep("2026-07-07")
    assert "letter1" in branch.open()
    assert branch.world.differences() == []


def test_pause_from_a_past_day_of_a_running_clock_withdraws_nothing(branch: Branch) -> None:
    branch.day("2026-06-22")
    branch.confirm(_pause(branch, date(2026, 6, 15)), "部务会副职", "R05")
    assert branch.clock("R_RECT").state == "paused"
    assert branch.records("withdrawn") == 0


def test_pause_needs_an_approver_who_did_not_enter_it(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-29")
    entry = _pause(branch, date(2026, 6, 15))
    with pytest.raises(RoleMissing):
        branch.confirm(entry, "承办科长", "R03")
    with pytest.raises(NotAllowed):
        branch.confirm(entry, "承办人", "R03")
    assert "letter1" in branch.open()


def test_pause_after_the_deadline_does_not_help(branch: Branch) -> None:
    branch.sweep("2026-06-25")
    branch.day("2026-06-29")
    with pytest.raises(NothingLate):
        _pause(branch, date(2026, 6, 26))
    with pytest.raises(PauseImpossible):
        _pause(branch, date(2026, 7, 26))
    with pytest.raises(PauseImpossible):
        _pause(branch, date(2026, 6, 15), date(2026, 6, 14))


def test_measure_that_has_taken_effect_is_not_ended_by_a_click(branch: Branch) -> None:
    from workflows.store.caserows import insert_effect

    review_reached(branch)
    person_case = _attribute(branch)
    branch.day("2026-07-14")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    with branch.world.transaction() as session:
        case = session.get_one(Case, person_case)
        insert_effect(
            session,
            {
                "case_id": case.id,
                "person_id": case.subject_person_id,
                "org_path": case.org_path,
                "seq": case.version,
                "kind": "promotion",
                "rule": "R_IMPACT",
                "from_on": date(2026, 7, 14),
                "until_on": None,
                "basis": "",
            },
        )
    with pytest.raises(EffectsStarted):
        _decide(branch, person_case, go_on=False)
    assert branch.stand(person_case).state == "stopped"


# ------------------------------------------------------- on each kind of database


def test_withdrawal_that_stops_a_person_case_on_each_database(engine: Engine) -> None:
    vault = Vault(new_subject_key())
    branch = rectifying(make_world(session_factory(engine, vault.session_marks())))
    review_reached(branch)
    person_case = _attribute(branch)
    branch.day("2026-07-14")
    branch.confirm(branch.enter("reply1", JULY_1, **REPLY))
    assert branch.open() == ["notice"]
    assert branch.stand(person_case).state == "stopped"
    _decide(branch, person_case, go_on=False)
    branch.confirm(_pause_notice(branch), "部务会副职", "R05")
    assert branch.clock("R_NOTE").state == "paused"


def _pause_notice(branch: Branch) -> int:
    clock = branch.clock("R_NOTE")
    branch.sweep("2026-07-30")
    branch.day("2026-07-30")
    with branch.world.transaction() as session:
        return pause_from(
            session,
            branch.actor(session, "承办人", "R03"),
            branch.world.now,
            branch.case_id,
            _place(clock),
            from_on=local_date(at("2026-07-01")),
            reason="等待上级批复",
            document="批复函 3 号",
        )
