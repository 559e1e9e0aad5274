"""Recusal: declared, asked for, decided; what ends at that moment and what is looked at again."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.support.casework import World, make_world, memory_world
from tests.support.filled import VERIFIED_ORDINARY
from tests.support.persons import open_activities, person_case
from tests.support.races import race
from tests.support.small_office import act, actor_in, employ
from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError, NotFound
from workflows.domain.recusals import ActOutcome, Ground, Reason, RecusalSource, RecusalState
from workflows.domain.roles import Actor
from workflows.queries.case.timeline import whole_timeline
from workflows.queries.staff.claimable import unclaimable_tasks
from workflows.services import casework
from workflows.services.access import OwnCase, RoleMissing, scope_in
from workflows.services.desk.drafts import draft_of, save_draft
from workflows.services.recused import RecusalPending, Recused, refuse_recused
from workflows.services.steps.paper import PaperNeeded
from workflows.services.steps.signing import signatures_in
from workflows.services.tracks.recusal import (
    DeclaredAlready,
    FromPaper,
    RecusalAsked,
    RecusalUnfit,
    ask,
    declare,
)
from workflows.services.tracks.recusal_decision import (
    OwnRecusal,
    RecusalDecided,
    RecusalInvalid,
    decide,
)
from workflows.services.tracks.recusing import ActSettled, OwnActs, settle_act
from workflows.services.vault import Vault
from workflows.store.connection import session_factory
from workflows.store.scope import set_scope
from workflows.store.tables import Account, Case, JournalRecord, Recusal, RecusedAct, Task
from workflows.store.transaction import Session

GROUND = Reason(Ground.RELATIVE, "支部书记是我的岳父")


@pytest.fixture
def world() -> World:
    """A case at its verification by two; 组织部长 leads, 盟部长 above him."""
    return peopled(memory_world())


@pytest.fixture
def shared(engine: Engine) -> World:
    """The same on databases that several can use at once."""
    return peopled(make_world(session_factory(engine, Vault(new_subject_key()).session_marks())))


def peopled(world: World) -> World:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    employ(world, "承办", ("R03",))
    for name in ("核实甲", "核实乙", "核实丙"):
        employ(world, name, ("R02",))
    employ(world, "组织部长", ("R06",), level=1)
    employ(world, "盟部长", ("R06",), level=0)
    return world


def asked(world: World, name: str, by: str = "", **values: Any) -> str:
    given = {
        "case_id": world.cases[0],
        "account_id": world.cast.accounts[name],
        "source": RecusalSource.OWN,
        "reason": GROUND,
    }
    return str(act(world, by or name, ask, **{**given, **values}))


def decided(world: World, key: str, by: str, *, is_granted: bool = True) -> None:
    act(world, by, decide, recusal_id=key, is_granted=is_granted, decision="情况属实")


def recusal(world: World, key: str) -> Recusal:
    with world.transaction() as session:
        row = session.get_one(Recusal, key)
        session.expunge(row)
        return row


def task_of(world: World, activity: str) -> Task:
    with world.transaction() as session:
        wanted = select(Task).where(
            Task.case_id == world.cases[0], Task.activity == activity, Task.state == "open"
        )
        row = session.scalars(wanted).one()
        session.expunge(row)
        return row


def claimed(world: World, name: str, activity: str = "verify") -> str:
    row = task_of(world, activity)
    task = f"{row.path}#{row.n}"
    act(world, name, casework.claim, case_id=world.cases[0], task=task)
    return task


def sees(world: World, name: str) -> bool:
    with world.transaction() as session:
        set_scope(session, scope_in(session, actor_in(session, world, name)))
        return session.scalar(select(Case.id).where(Case.id == world.cases[0])) is not None


def test_access_ends_at_the_decision_and_not_at_the_request(world: World) -> None:
    task = claimed(world, "核实甲")
    key = asked(world, "核实甲")
    assert sees(world, "核实甲")
    decided(world, key, "组织部长")
    assert not sees(world, "核实甲")
    assert task_of(world, "verify").claimant is None
    with pytest.raises(NotFound):
        act(world, "核实甲", casework.claim, case_id=world.cases[0], task=task)
    with world.transaction() as session:
        actor, values = actor_in(session, world, "核实甲"), dict(VERIFIED_ORDINARY)
        with pytest.raises(Recused):
            casework.complete(session, actor, world.now, world.cases[0], task, values)
    assert sees(world, "核实乙")
    assert world.differences() == []


def test_case_goes_on_without_him_and_tells_of_it(world: World) -> None:
    decided(world, asked(world, "核实甲"), "组织部长")
    case_id = world.cases[0]
    world.complete(case_id, "verify", "核实乙", **VERIFIED_ORDINARY)
    world.complete(case_id, "verify", "核实丙")
    assert "verify" not in open_activities(world, case_id)
    with world.transaction() as session:
        entries = whole_timeline(session, case_id).entries
    (found,) = [each for each in entries if each.record.trigger.name == "recuse"]
    assert found.form["recused"] == world.cast.accounts["核实甲"]
    assert found.record.actor == world.cast.accounts["组织部长"]
    assert world.differences() == []


def test_signature_and_draft_of_who_is_recused_are_gone(world: World) -> None:
    case_id = world.cases[0]
    world.complete(case_id, "verify", "核实甲", **VERIFIED_ORDINARY)
    row = task_of(world, "verify")
    task = f"{row.path}#{row.n}"
    with world.transaction() as session:
        for name in ("核实甲", "核实乙"):
            account = world.cast.accounts[name]
            save_draft(session, account, world.now, case_id, task, {"finding": name})
        assert signatures_in(session, case_id)
    decided(world, asked(world, "核实甲"), "组织部长")
    with world.transaction() as session:
        assert not signatures_in(session, case_id)
        assert draft_of(session, world.cast.accounts["核实甲"], case_id, task) is None
        assert draft_of(session, world.cast.accounts["核实乙"], case_id, task) is not None
    with pytest.raises(NotFound):
        act(
            world,
            "核实甲",
            lambda session, actor, now: save_draft(
                session, actor.account_id, now, case_id, task, {"finding": "再写"}
            ),
        )
    assert world.differences() == []


def test_acts_since_the_ground_arose_are_settled_by_another(world: World) -> None:
    case_id = world.cases[0]
    world.complete(case_id, "verify", "核实甲", **VERIFIED_ORDINARY)
    world.now += timedelta(days=2)
    later = Reason(Ground.RELATIVE, "今天订婚", since=local_date(world.now))
    assert acts(world, decided_key(world, later)) == []


def decided_key(world: World, reason: Reason) -> str:
    key = asked(world, "核实甲", reason=reason)
    decided(world, key, "组织部长")
    return key


def acts(world: World, key: str) -> list[int]:
    with world.transaction() as session:
        found = select(RecusedAct.seq).where(RecusedAct.recusal_id == key)
        return list(session.scalars(found))


def test_each_act_stands_or_is_redone_once_and_never_by_himself(world: World) -> None:
    case_id = world.cases[0]
    world.complete(case_id, "verify", "核实甲", **VERIFIED_ORDINARY)
    key = decided_key(world, GROUND)
    (seq,) = acts(world, key)
    with world.transaction() as session:
        record = session.get_one(JournalRecord, (case_id, seq))
        assert record.actor == world.cast.accounts["核实甲"]
    given = {"recusal_id": key, "seq": seq, "remark": "另行核实"}
    with pytest.raises(NotFound):
        act(world, "核实甲", settle_act, outcome=ActOutcome.STANDS, **given)
    with world.transaction() as session, pytest.raises(OwnActs):
        settle_act(
            session,
            actor_in(session, world, "核实甲"),
            world.now,
            outcome=ActOutcome.STANDS,
            **given,
        )
    act(world, "核实乙", settle_act, outcome=ActOutcome.REDO, **given)
    with pytest.raises(ActSettled):
        act(world, "核实丙", settle_act, outcome=ActOutcome.STANDS, **given)


def test_declaration_with_a_ground_keeps_the_case_closed_until_it_is_decided(
    world: World,
) -> None:
    case_id = world.cases[0]
    key = act(world, "核实甲", declare, case_id=case_id, reason=GROUND)
    assert not sees(world, "核实甲")
    with world.transaction() as session, pytest.raises(RecusalPending):
        refuse_recused(session, case_id, {world.cast.accounts["核实甲"]}, set())
    decided(world, key, "组织部长", is_granted=False)
    assert sees(world, "核实甲")
    with pytest.raises(DeclaredAlready):
        act(world, "核实甲", declare, case_id=case_id, reason=None)


def test_nothing_binds_is_said_once_and_leaves_the_case_open(world: World) -> None:
    case_id = world.cases[0]
    assert act(world, "核实甲", declare, case_id=case_id, reason=None) is None
    assert sees(world, "核实甲")
    with pytest.raises(DeclaredAlready):
        act(world, "核实甲", declare, case_id=case_id, reason=GROUND)


def test_principal_himself_goes_up_and_his_step_with_him(world: World) -> None:
    """X21: the superior decides, and takes the step that only he could have done."""
    key = asked(world, "组织部长")
    row = recusal(world, key)
    assert row.office_path.rsplit(".", 2)[0] + "." == world.cast.units[0][1]
    employ(world, "另一部长", ("R06",), level=1)
    with pytest.raises(RoleMissing):
        decided(world, key, "另一部长")
    with pytest.raises((OwnRecusal, RoleMissing)):
        decided(world, key, "组织部长")
    decided(world, key, "盟部长")
    assert recusal(world, key).state == RecusalState.GRANTED
    assert not sees(world, "组织部长")


@pytest.mark.parametrize("who", ["核实乙", "承办"])
def test_only_the_principal_decides(world: World, who: str) -> None:
    key = asked(world, "核实甲")
    with pytest.raises(RoleMissing):
        decided(world, key, who)
    assert recusal(world, key).state == RecusalState.ASKED


def test_it_is_decided_once_within_two_workdays(world: World) -> None:
    key = asked(world, "核实甲")
    assert recusal(world, key).due_on == date(2026, 3, 12)
    decided(world, key, "组织部长", is_granted=False)
    with pytest.raises(RecusalDecided):
        decided(world, key, "组织部长")
    again = asked(world, "核实甲")
    with pytest.raises(RecusalAsked):
        asked(world, "核实甲")
    with pytest.raises(RecusalInvalid):
        act(world, "组织部长", decide, recusal_id=again, is_granted=True, decision=" ")
    decided(world, again, "组织部长")
    with pytest.raises(RecusalAsked):
        asked(world, "核实甲", by="组织部长", source=RecusalSource.LEADER)


def test_a_side_asks_on_paper_and_a_complainant_is_never_named(world: World) -> None:
    side: dict[str, Any] = {"by": "承办", "source": RecusalSource.SUBJECT}
    with pytest.raises(RoleMissing):
        asked(world, "核实甲", **side)
    with pytest.raises(PaperNeeded):
        asked(world, "核实甲", **side, paper=FromPaper(date(2026, 3, 9), " ", None))
    paper = FromPaper(date(2026, 3, 9), "书面申请", None)
    with pytest.raises(RoleMissing):
        asked(world, "核实甲", by="组织部长", source=RecusalSource.SUBJECT, paper=paper)
    with world.transaction() as session:
        person = world.cast.person(session, "举报人", world.now)
    named = FromPaper(date(2026, 3, 9), "来信", person)
    with pytest.raises(RecusalInvalid):
        asked(world, "核实甲", by="承办", source=RecusalSource.COMPLAINANT, paper=named)
    letter = FromPaper(date(2026, 3, 9), "来信", None)
    key = asked(world, "核实甲", by="承办", source=RecusalSource.COMPLAINANT, paper=letter)
    assert recusal(world, key).due_on == date(2026, 3, 11)
    assert recusal(world, key).performed_by is None


def test_nobody_asks_in_anothers_name_or_about_a_stranger(world: World) -> None:
    employ(world, "保管员", ("R18",))
    with pytest.raises(OwnRecusal):
        asked(world, "核实甲", by="核实乙")
    with pytest.raises(RecusalUnfit):
        asked(world, "保管员", by="组织部长", source=RecusalSource.LEADER)
    for reason in (
        Reason(Ground.OTHER, " "),
        Reason(Ground.OTHER, "明天", since=date(2026, 3, 11)),
        Reason(Ground.OTHER, "长" * 501),
    ):
        with pytest.raises(RecusalInvalid):
            asked(world, "核实甲", reason=reason)


def test_recusal_holds_for_all_accounts_of_a_person_and_for_who_acts_for_him(
    world: World,
) -> None:
    employ(world, "核实甲二", ("R02",))
    with world.transaction() as session:
        first = session.get_one(Account, world.cast.accounts["核实甲"])
        session.get_one(Account, world.cast.accounts["核实甲二"]).person_id = first.person_id
    decided(world, asked(world, "核实甲"), "组织部长")
    assert not sees(world, "核实甲二")


def test_task_that_only_the_recused_could_do_is_found(world: World) -> None:
    with world.transaction() as session:
        for name in ("核实乙", "核实丙"):
            session.get_one(Account, world.cast.accounts[name]).is_active = False
    today = local_date(world.now)
    with world.transaction() as session:
        assert not list(unclaimable_tasks(session, today))
    decided(world, asked(world, "核实甲"), "组织部长")
    with world.transaction() as session:
        assert [each.case_id for each in unclaimable_tasks(session, today)] == [world.cases[0]]


def test_subject_of_a_case_decides_nothing_in_it() -> None:
    world = memory_world()
    case_id = person_case(world, "部长本人")
    world.cases = [case_id]
    employ(world, "部长", ("R06",), level=1)
    employ(world, "盟部长", ("R06",), level=0)
    employ(world, "考核", ("R04",), level=1)
    with world.transaction() as session:
        account = session.get_one(Account, world.cast.accounts["部长"])
        account.person_id = session.get_one(Case, case_id).subject_person_id
    key = asked(world, "考核")
    with pytest.raises((OwnCase, RoleMissing)):
        decided(world, key, "部长")
    decided(world, key, "盟部长")


def test_two_deciders_at_once_leave_one_decision(shared: World) -> None:
    world = shared
    employ(world, "副部长", ("R06",), level=1)
    key = asked(world, "核实甲")
    outcomes = race(
        lambda: decided(world, key, "组织部长"),
        lambda: decided(world, key, "副部长", is_granted=False),
    )
    assert sorted(isinstance(each, RecusalDecided) for each in outcomes) == [False, True]
    assert recusal(world, key).state != RecusalState.ASKED


def test_act_at_the_moment_of_the_decision_is_before_it_or_refused(shared: World) -> None:
    world = shared
    case_id, row, key = world.cases[0], task_of(world, "verify"), asked(world, "核实甲")

    def sign(session: Session, actor: Actor, now: datetime) -> object:
        values = dict(VERIFIED_ORDINARY)
        return casework.complete(session, actor, now, case_id, f"{row.path}#{row.n}", values)

    outcomes = race(lambda: act(world, "核实甲", sign), lambda: decided(world, key, "组织部长"))
    assert outcomes[1] is None
    signed = not isinstance(outcomes[0], DubanError)
    assert len(acts(world, key)) == signed
    with world.transaction() as session:
        assert not signatures_in(session, case_id)
    assert world.differences() == []
