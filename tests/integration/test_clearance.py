"""Clearance replies: suggested from rows, signed by a second person, renewed when untrue."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import Player, World, memory_world
from tests.support.persons import (
    FirstChoice,
    lift,
    measured,
    morning,
    person_case,
    until_open,
)
from workflows.domain.clocks import local_date
from workflows.domain.effects import Purpose, Standing
from workflows.domain.eligibility import Ground, ReplyClass
from workflows.domain.errors import NotFound
from workflows.domain.roles import Actor
from workflows.queries.organisations.finding import people_like
from workflows.queries.papers.clearance_replies import effects_over, replies_to_renew, reply_line
from workflows.queries.papers.eligibility import suggestion_for
from workflows.services.access import OwnCase, scope_in
from workflows.services.papers import clearance_replies as replies
from workflows.services.papers.clearance_content import Inquiry, content_of
from workflows.services.papers.over_notices import NoticeIssued, NotOverYet, issue_notice
from workflows.store.effects import effects_of_case
from workflows.store.scope import set_scope
from workflows.store.tables import Case, ClearanceReply, JournalRecord


@pytest.fixture
def world() -> World:
    return memory_world()


def _admonished(world: World, on: date, name: str = "镇党委委员") -> tuple[str, str]:
    case_id = person_case(world, name)
    measured(world, case_id, on=on)
    with world.transaction() as session:
        return case_id, str(session.get_one(Case, case_id).subject_person_id)


def _actor(world: World, alias: str, role: str) -> Actor:
    with world.transaction() as session:
        account = world.cast.account(session, alias, world.now)
        return world.cast.allow(session, account, (role,), world.now)


def _draft(
    world: World,
    person_id: str,
    reply_class: ReplyClass,
    *,
    on: date,
    purpose: Purpose = Purpose.PROMOTION,
    by: tuple[str, str] = ("干部科", "R04"),
    **more: Any,
) -> int:
    drafter = _actor(world, *by)
    with world.transaction() as session:
        inquiry = Inquiry(person_id, "旗委组织部干部科", "苏组干函〔2026〕8号", purpose, on)
        reason = more.pop("reason", "")
        reply = replies.draft_reply(
            session, drafter, world.now, inquiry, reply_class, reason, **more
        )
        return reply.id


def _sign(world: World, reply_id: int, by: str = "部长", *, checked: bool = True) -> str:
    signer = _actor(world, by, "R06")
    with world.transaction() as session:
        reply = replies.sign_reply(session, signer, world.now, reply_id, sealed_checked=checked)
        return str(reply.number)


def _suggested(
    world: World, person_id: str, day: date, purpose: Purpose = Purpose.PROMOTION
) -> ReplyClass:
    with world.transaction() as session:
        return suggestion_for(session, person_id, purpose, day, day).reply_class


def test_class_follows_from_rows_purpose_and_day(world: World) -> None:
    _, person_id = _admonished(world, date(2026, 8, 31))
    promotion = Purpose.PROMOTION
    assert _suggested(world, person_id, date(2026, 8, 31), promotion) is ReplyClass.DEFER
    assert _suggested(world, person_id, date(2027, 2, 28), promotion) is ReplyClass.DEFER
    assert _suggested(world, person_id, date(2027, 3, 1), promotion) is ReplyClass.PAST
    assert _suggested(world, person_id, date(2027, 3, 1), Purpose.AWARDS) is ReplyClass.DEFER
    assert _suggested(world, person_id, date(2026, 12, 31), Purpose.ASSESSMENT) is ReplyClass.DEFER
    assert _suggested(world, person_id, date(2027, 1, 1), Purpose.ASSESSMENT) is ReplyClass.PAST
    assert _suggested(world, person_id, date(2026, 9, 30), Purpose.POST) is ReplyClass.SETTLED


def test_what_was_found_unfounded_leaves_no_trace_where_people_are_looked_up(world: World) -> None:
    """X13: clarified, and neither a reply nor the list of people tells of it."""
    case_id = person_case(world, "镇党委委员")
    with world.transaction() as session:
        person_id = str(session.get_one(Case, case_id).subject_person_id)
        before = people_like(session, "镇党委委员", "", local_date(world.now))
    assert _suggested(world, person_id, local_date(world.now)) is ReplyClass.IN_HANDLING
    until_open(world, case_id, "decision")
    player = Player(world, FirstChoice())
    player.do(case_id, "decision", decision_outcome="none")
    player.do(case_id, "clarify_person")
    with world.transaction() as session:
        case = session.get_one(Case, case_id)
        assert (case.state, case.outcome) == ("ended", "not_accountable")
        assert effects_of_case(session, case_id) == ()
        found = suggestion_for(
            session, person_id, Purpose.PROMOTION, local_date(world.now), local_date(world.now)
        )
        assert (found.reply_class, tuple(found.grounds)) == (ReplyClass.NOTHING, (Ground.NO_TRACE,))
        assert people_like(session, "镇党委委员", "", local_date(world.now)) == before


def test_removal_bars_from_posts_and_open_case_waits(world: World) -> None:
    case_id = person_case(world, "被免职者")
    with world.transaction() as session:
        person_id = str(session.get_one(Case, case_id).subject_person_id)
    assert _suggested(world, person_id, date(2026, 6, 1)) is ReplyClass.IN_HANDLING
    measured(world, case_id, adjustment="removal", on=date(2026, 8, 31))
    assert _suggested(world, person_id, date(2026, 9, 1)) is ReplyClass.UNFIT
    assert _suggested(world, person_id, date(2027, 9, 1)) is ReplyClass.DEFER
    assert _suggested(world, person_id, date(2028, 9, 1)) is ReplyClass.PAST


def test_upheld_appeal_names_the_reply_and_it_is_issued_anew(world: World) -> None:
    case_id, person_id = _admonished(world, date(2026, 8, 20))
    world.now = morning(date(2026, 8, 25))
    first = _draft(world, person_id, ReplyClass.DEFER, on=date(2026, 8, 25))
    assert _sign(world, first) == "廉复〔2026〕1号"
    assert _renewed(world, first) == frozenset()
    lift(world, case_id, Standing.VOID, date(2026, 10, 8))
    assert _renewed(world, first) == {first}
    assert _suggested(world, person_id, date(2026, 8, 25)) is ReplyClass.NOTHING
    second = _draft(world, person_id, ReplyClass.NOTHING, on=date(2026, 8, 25), replaces_id=first)
    assert _renewed(world, first) == {first}
    assert _sign(world, second) == "廉复〔2026〕2号"
    assert _renewed(world, first) == frozenset()
    with world.transaction() as session:
        assert session.get_one(ClearanceReply, first).state == "replaced"
        later = reply_line(session, second)
        assert later.replaces == "廉复〔2026〕1号"
        assert content_of(session, later.row).effects == ()
        assert later.row.valid_until == date(2027, 1, 8)
    with pytest.raises(replies.NotReplaceable):
        _draft(world, person_id, ReplyClass.NOTHING, on=date(2026, 8, 25), replaces_id=first)


def _renewed(world: World, reply_id: int) -> frozenset[int]:
    with world.transaction() as session:
        return replies_to_renew(session, [reply_id])


def test_reply_is_drafted_by_one_and_signed_by_another(world: World) -> None:
    _, person_id = _admonished(world, date(2026, 8, 20))
    own = _draft(world, person_id, ReplyClass.DEFER, on=date(2026, 9, 1), by=("部长", "R06"))
    with pytest.raises(replies.OwnReply):
        _sign(world, own)
    with pytest.raises(replies.SealedUnchecked):
        _sign(world, own, "纪委书记", checked=False)
    assert _sign(world, own, "纪委书记")
    with pytest.raises(replies.ReplyDecided):
        _sign(world, own, "副书记")


def test_reply_that_rests_on_what_has_changed_is_not_signed(world: World) -> None:
    case_id, person_id = _admonished(world, date(2026, 8, 20))
    waiting = _draft(world, person_id, ReplyClass.DEFER, on=date(2026, 9, 1))
    lift(world, case_id, Standing.ENDED, date(2026, 8, 30))
    with pytest.raises(replies.ReplyOutdated):
        _sign(world, waiting)


def test_class_other_than_suggested_needs_a_reason(world: World) -> None:
    _, person_id = _admonished(world, date(2026, 8, 20))
    with pytest.raises(replies.ReplyIncomplete):
        _draft(world, person_id, ReplyClass.UNFIT, on=date(2026, 9, 1))
    reply_id = _draft(
        world, person_id, ReplyClass.UNFIT, on=date(2026, 9, 1), reason="另有情况，见密封材料"
    )
    with world.transaction() as session:
        content = content_of(session, session.get_one(ClearanceReply, reply_id))
    assert (content.reply_class, content.suggested) == (ReplyClass.UNFIT, ReplyClass.DEFER)
    assert content.grounds == (Ground.BARRED,)
    assert {effect.kind for effect in content.effects} == {
        "promotion",
        "annual_assessment",
        "term_awards",
    }


def test_nobody_answers_about_himself_or_about_people_elsewhere(world: World) -> None:
    _, person_id = _admonished(world, date(2026, 8, 20))
    with pytest.raises(OwnCase):
        _draft(
            world,
            person_id,
            ReplyClass.NOTHING,
            on=date(2026, 9, 1),
            by=("镇党委委员", "R06"),
        )
    with pytest.raises(NotFound):
        _draft(world, "p_nobody", ReplyClass.NOTHING, on=date(2026, 9, 1))


def test_open_record_of_a_reply_names_nobody(world: World) -> None:
    case_id, person_id = _admonished(world, date(2026, 8, 20))
    _sign(world, _draft(world, person_id, ReplyClass.DEFER, on=date(2026, 9, 1)))
    with world.transaction() as session:
        bodies = [
            body
            for body in session.scalars(select(JournalRecord.body))
            if json.loads(body)["trigger"]["name"].startswith("clearance_")
        ]
    assert len(bodies) == 2
    assert not [body for body in bodies if person_id in body or case_id in body or "廉复" in body]


def test_notice_of_expiry_is_issued_by_people_once_an_effect_is_over(world: World) -> None:
    case_id, _ = _admonished(world, date(2026, 8, 31))
    with pytest.raises(NotOverYet):
        _notify(world, case_id, "promotion")
    world.now = morning(date(2027, 3, 1))
    assert _over(world) == {"promotion", "annual_assessment"}
    assert _notify(world, case_id, "promotion") == "期满〔2027〕1号"
    assert _over(world) == {"annual_assessment"}
    with pytest.raises(NoticeIssued):
        _notify(world, case_id, "promotion")


def _notify(world: World, case_id: str, kind: str) -> str:
    handler = _actor(world, "承办科长", "R03")
    with world.transaction() as session:
        set_scope(session, scope_in(session, handler))
        seq = effects_of_case(session, case_id)[0].seq
        return issue_notice(session, handler, world.now, case_id, seq, kind).number


def _over(world: World) -> set[str]:
    with world.transaction() as session:
        return {line.effect.kind for line in effects_over(session, world.now.date())}
