"""Referrals: who sees one, what it stops, what it bars, and what says nothing of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.persons import open_activities, person_case
from workflows.domain.clocks import local_date
from workflows.services import casework
from workflows.services.access import OwnCase, RoleMissing, load_actor, scope_in
from workflows.services.journal import Act
from workflows.services.steps.beside import Other, offers
from workflows.services.steps.locked import load_locked
from workflows.services.steps.opening import open_for_person
from workflows.services.steps.referrals import InquiryElsewhere
from workflows.services.steps.stopping import HandledElsewhere, decide_stopped
from workflows.services.steps.tasks import CaseNotOpen
from workflows.store.journal import read_stream
from workflows.store.tables import Account, Case, Grant

PERSON, FINDER, PRINCIPAL = "镇党委副书记", "核实人", "部长"


@pytest.fixture
def world() -> World:
    return memory_world()


def refer(world: World, case_id: str, by: str = FINDER, **typed: str) -> str:
    """Open a referral beside a case."""
    found = {
        "referral_found_on": local_date(world.now).isoformat(),
        "referral_matter": "疑似虚报草场面积。",
        "initiating_body": "organisation",
        "led_by_committee": "no",
        **typed,
    }
    with world.transaction() as session:
        actor = world.cast.stage(session, case_id, world.now).actor(by, ("R02",))
        opened = casework.open_beside(session, actor, world.now, case_id, "referral", found)
    return opened.case_id


def seal(world: World, referral: str) -> None:
    """Seal the materials of a referral."""
    on = local_date(world.now).isoformat()
    sealed = {"sealed_on": on, "seal_no": "封1号", "sealed_materials": "核对表三份。"}
    world.complete(referral, "seal_materials", FINDER, **sealed)


def approve(world: World, referral: str) -> None:
    """Seal and approve a referral, and let the sweep bring what comes of it."""
    seal(world, referral)
    world.complete(referral, "approve_referral", PRINCIPAL, referral_approval="approved")
    world.sweep()


def hand_over(world: World, referral: str) -> str:
    """Hand a referral over, and split the matter; give the day."""
    on = local_date(world.now).isoformat()
    receipt = {
        "receiver": "discipline",
        "referral_items": "虚报面积。",
        "evidence_list": "核对表。",
        "evidence_copies": "3",
        "evidence_pages": "9",
        "seal_no": "封1号",
        "carried_by": FINDER,
        "received_by": "信访室",
        "referral_signed_on": on,
    }
    world.complete(referral, "refer_receipt", FINDER, **receipt)
    world.complete(referral, "split_matter", FINDER, split_on=on, split_note="组织部分继续。")
    return on


def feed_back(world: World, referral: str, feedback: str) -> None:
    """Hand a referral over and take down what became of it."""
    on = hand_over(world, referral)
    answer = {"referral_feedback": feedback, "feedback_on": on, "feedback_no": "纪立1号"}
    world.complete(referral, "feedback", FINDER, **answer)
    world.sweep()


def case_of(world: World, case_id: str) -> Case:
    with world.transaction() as session:
        return session.get_one(Case, case_id)


def go_on(world: World, case_id: str, *, go: bool = True) -> None:
    with world.transaction() as session:
        actor = world.cast.stage(session, case_id, world.now).actor(PRINCIPAL, ("R06",))
        decide_stopped(session, actor, world.now, case_id, go, "反馈已了结")


def sees(world: World, name: str, case_id: str) -> bool:
    """Say whether somebody sees a case today."""
    with world.transaction() as session:
        account = session.scalars(select(Account.id).where(Account.username == name)).one()
        actor = load_actor(session, account, local_date(world.now))
        return case_id in scope_in(session, actor).case_ids


def bodies(world: World, case_id: str) -> str:
    with world.transaction() as session:
        return "\n".join(row.body for row in read_stream(session, case_id))


def test_a_referral_beside_an_organisations_case_is_of_the_person_named(world: World) -> None:
    main = world.open_rectification()
    before = bodies(world, main)
    with world.transaction() as session:
        person = world.cast.person(session, PERSON, world.now)
    referral = case_of(world, refer(world, main, referred_person=person))
    assert (referral.level, referral.subject_person_id) == ("L3", person)
    assert referral.number == f"{case_of(world, main).number.removesuffix('-1')}-移1"
    assert bodies(world, main) == before
    assert not [each for each in world.differences() if each]


def test_several_may_be_referred_beside_one_case(world: World) -> None:
    main = world.open_rectification()
    numbers = [case_of(world, refer(world, main)).number[-2:] for _ in range(2)]
    assert numbers == ["移1", "移2"]


def test_it_is_seen_by_who_found_it_and_by_the_principal_once_it_waits_for_him(
    world: World,
) -> None:
    main = world.open_rectification()
    referral = refer(world, main)
    unit_id, path = world.cast.units[1]
    with world.transaction() as session:
        for name, role in (("旗部长", "R06"), ("同事", "R02"), ("科长", "R04")):
            account = world.cast.account(session, name, world.now)
            session.add(
                Grant(
                    account_id=account,
                    role=role,
                    organisation_id=unit_id,
                    org_path=path,
                    from_on=date(2020, 1, 1),
                    until_on=None,
                )
            )
    names = (FINDER, "旗部长", "同事", "科长")
    assert [name for name in names if sees(world, name, referral)] == [FINDER]
    seal(world, referral)
    assert [name for name in names if sees(world, name, referral)] == [FINDER, "旗部长"]


def test_only_who_may_open_one_is_offered_it(world: World) -> None:
    main = world.open_rectification()
    offered: dict[str, Any] = {}
    with world.transaction() as session:
        stage = world.cast.stage(session, main, world.now)
        for name, roles in ((FINDER, ("R02",)), ("整改人", ("R10",)), ("登记", ("R01",))):
            found = offers(session, stage.actor(name, roles), stage.pack, Other.of(stage.case))
            offered[name] = "referral" in {each.opening.process_id for each in found}
        clerk = stage.actor("登记", ("R01",))
    assert offered == {FINDER: True, "整改人": False, "登记": False}
    with pytest.raises(RoleMissing), world.transaction() as session:
        casework.open_beside(session, clerk, world.now, main, "referral", {})


def test_nobody_refers_himself(world: World) -> None:
    main = world.open_rectification()
    with world.transaction() as session:
        own = world.cast.person(session, FINDER, world.now)
    with pytest.raises(OwnCase):
        refer(world, main, referred_person=own)


def test_the_committees_principal_approves_where_the_committee_leads(world: World) -> None:
    referral = refer(world, world.open_rectification(), led_by_committee="yes")
    seal(world, referral)
    assert open_activities(world, referral) == ["approve_referral_committee"]


def test_an_approved_referral_stops_the_case_of_that_person_which_does_not_say_why(
    world: World,
) -> None:
    inquiry = person_case(world, PERSON)
    other = person_case(world, "另一人")
    referral = refer(world, inquiry)
    approve(world, referral)
    assert [case_of(world, each).state for each in (inquiry, other)] == ["stopped", "open"]
    assert referral not in bodies(world, inquiry)
    with pytest.raises(CaseNotOpen):
        world.complete(inquiry, "attribution", "承办")
    feed_back(world, referral, "closed")
    assert case_of(world, referral).outcome == "fed_back"
    go_on(world, inquiry)
    assert case_of(world, inquiry).state == "open"
    assert not list(world.differences())


def test_after_a_formal_case_a_stopped_inquiry_is_ended_and_no_new_one_starts(
    world: World,
) -> None:
    inquiry = person_case(world, PERSON)
    referral = refer(world, inquiry)
    approve(world, referral)
    feed_back(world, referral, "filed")
    with pytest.raises(HandledElsewhere):
        go_on(world, inquiry)
    go_on(world, inquiry, go=False)
    assert case_of(world, inquiry).state == "ended"
    with world.transaction() as session:
        first = load_locked(session, inquiry)
        parent = load_locked(session, str(session.get_one(Case, inquiry).parent_case_id))
        actor = world.cast.stage(session, parent.id, world.now).actor(PRINCIPAL, ("R06",))
        act = Act(actor, world.now, world.now)
        again = open_for_person(
            session, parent, act, "accountability", str(first.subject_person_id)
        )
        assert load_locked(session, again).facts["handled_elsewhere"] == "yes"


def open_inquiry(world: World, beside: str, person_id: str) -> str:
    """Open an inquiry about a person as a review of an organisation's case does."""
    with world.transaction() as session:
        main = load_locked(session, beside)
        actor = world.cast.stage(session, main.id, world.now).actor(PRINCIPAL, ("R06",))
        act = Act(actor, world.now, world.now)
        return open_for_person(session, main, act, "accountability", person_id)


def test_no_inquiry_starts_in_the_matter_between_approval_and_feedback(world: World) -> None:
    main, elsewhere = world.open_rectification(), world.open_rectification()
    with world.transaction() as session:
        person = world.cast.person(session, PERSON, world.now)
        other = world.cast.person(session, "另一人", world.now)
    referral = refer(world, main, referred_person=person)
    open_inquiry(world, main, person)
    approve(world, referral)
    for _ in ("approved", "handed over"):
        with pytest.raises(InquiryElsewhere) as refused:
            open_inquiry(world, main, person)
        assert str(person) not in str(refused.value)
        if open_activities(world, referral) == ["refer_receipt"]:
            hand_over(world, referral)
    assert open_inquiry(world, main, other)
    assert open_inquiry(world, elsewhere, person)
    answer = {"referral_feedback": "closed", "feedback_no": "纪1号"}
    on = local_date(world.now).isoformat()
    world.complete(referral, "feedback", FINDER, feedback_on=on, **answer)
    assert open_inquiry(world, main, person)
    assert not [each for each in world.differences() if each]


def test_a_late_feedback_is_only_reminded_of(world: World) -> None:
    referral = refer(world, world.open_rectification())
    approve(world, referral)
    hand_over(world, referral)
    world.now += timedelta(days=120)
    world.sweep()
    assert open_activities(world, referral) == ["feedback"]
    assert case_of(world, referral).state == "open"
