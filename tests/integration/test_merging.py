"""C06 of the officers' cases: three matters become one, and come apart before the notice."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.support.backtests import assert_reproduced
from tests.support.casework import World, memory_world
from tests.support.filled import NOTICE, VERIFIED
from tests.support.small_office import act, actor_in, employ
from workflows.domain.merging import MergeState, Standing, Towards, earliest, needs_two
from workflows.queries.case.matter_page import MatterPage, matter_page
from workflows.queries.organisations.page import organisation_page
from workflows.services.access import RoleMissing
from workflows.services.steps.paper import PaperInFuture, PaperNeeded
from workflows.services.steps.tasks import CaseNotOpen
from workflows.services.tracks.feedback import (
    FeedbackGiven,
    FeedbackInvalid,
    duties_of,
    give_feedback,
    note_duty,
)
from workflows.services.tracks.merging import (
    FeedbackUnknown,
    MergedAlready,
    MergeDecided,
    MergeReasonMissing,
    NothingToMerge,
    OtherOrganisation,
    OwnMerge,
    ServedAlready,
    ask_merge,
    decide_merge,
    undo_merge,
)
from workflows.store.tables import Case, Clock, Matter, MatterMerge, Task

SAME = "三个来源反映同一支部同一问题"
PATROL_DUE, PETITION_DUE = date(2026, 5, 29), date(2026, 4, 15)


def morning(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T01:00").replace(tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """抽查 3-10, 巡察 3-12 and 信访 3-16 found the same at one branch."""
    world = memory_world()
    for name, role in (("承办", "R03"), ("分管", "R05"), ("部长", "R06"), ("登记", "R01")):
        employ(world, name, (role,))
    world.open_matter()
    world.now = morning("2026-03-12")
    world.open_matter(source="patrol", found_on="2026-03-12")
    world.now = morning("2026-03-16")
    world.open_matter(source="petition", found_on="2026-03-16")
    return world


def matter(world: World, number: int) -> str:
    with world.transaction() as session:
        return session.get_one(Case, world.cases[number]).matter_id


def page_of(world: World, number: int) -> MatterPage:
    key = matter(world, number)
    with world.transaction() as session:
        return matter_page(session, key, date(2026, 3, 16))


def row_of(world: World, number: int) -> Matter:
    key = matter(world, number)
    with world.transaction() as session:
        return session.get_one(Matter, key)


def owed(world: World, number: int, towards: Towards, due_on: date | None) -> int:
    duty = act(
        world,
        "登记",
        note_duty,
        matter(world, number),
        towards=towards.value,
        document="收文 12",
        due_on=due_on,
    )
    return int(duty.id)


def asked(world: World, number: int, into: int = 0, by: str = "承办") -> str:
    return str(act(world, by, ask_merge, matter(world, number), matter(world, into), SAME).id)


def merged(world: World, number: int) -> str:
    key = asked(world, number)
    act(world, "部长", decide_merge, key, agreed=True)
    return key


def three_merged(world: World) -> tuple[str, str]:
    owed(world, 1, Towards.PATROL, PATROL_DUE)
    owed(world, 2, Towards.REAL_NAME, PETITION_DUE)
    return merged(world, 1), merged(world, 2)


def state(world: World, number: int) -> str:
    with world.transaction() as session:
        return session.get_one(Case, world.cases[number]).state


def due_dates(world: World, number: int) -> dict[str, date]:
    with world.transaction() as session:
        rows = session.scalars(select(Clock).where(Clock.case_id == world.cases[number]))
        return {row.rule: row.due_on for row in rows if row.state == "running"}


def open_tasks(world: World) -> list[str]:
    with world.transaction() as session:
        rows = session.scalars(select(Task).where(Task.state == "open"))
        return [row.case_id for row in rows]


def test_three_matters_are_handled_and_counted_as_one(world: World) -> None:
    three_merged(world)
    assert [state(world, number) for number in range(3)] == ["open", "merged", "merged"]
    assert set(open_tasks(world)) == {world.cases[0]}
    assert row_of(world, 1).merged_into_id == matter(world, 0)
    with world.transaction() as session:
        handler, place = actor_in(session, world, "承办"), world.cast.subject_id
        page = organisation_page(session, handler, place, date(2026, 3, 16))
        assert page.present_count == 1
        assert [each.case.id for each in page.present] == [world.cases[0]]
    assert world.differences() == []
    assert_reproduced(world)


def test_each_source_is_owed_its_feedback_and_the_earliest_day_stays(world: World) -> None:
    three_merged(world)
    page = page_of(world, 0)
    assert [each.duty.towards for each in page.feedback] == ["real_name", "patrol"]
    assert page.feedback_due_on == PETITION_DUE
    assert {each.matter_number for each in page.feedback} == {
        each.number for each in page.merged_from
    }


def test_the_matters_link_to_each_other(world: World) -> None:
    three_merged(world)
    into, source = page_of(world, 0), page_of(world, 1)
    assert {each.id for each in into.merged_from} == {matter(world, 1), matter(world, 2)}
    assert source.merged_into is not None
    assert source.merged_into.id == matter(world, 0)
    # What was found there stays readable.
    assert [line.case.id for line in source.cases] == [world.cases[1]]


def test_nothing_fires_in_a_merged_case_and_nothing_is_done_in_it(world: World) -> None:
    three_merged(world)
    world.now = morning("2026-05-20")
    world.sweep()
    with world.transaction() as session:
        fired = session.scalars(select(Clock.case_id).where(Clock.state == "fired")).all()
        assert set(fired) <= {world.cases[0]}
    with pytest.raises(CaseNotOpen):
        world.complete(world.cases[1], "accept", "承办", acceptance="accept")


def test_taken_apart_before_the_notice_each_goes_on_with_what_it_had_left(world: World) -> None:
    before = due_dates(world, 1)
    assert before == {"R_ACC": date(2026, 3, 19)}  # 5 working days after Thursday 3-12
    key, _ = three_merged(world)
    world.now = morning("2026-03-23")
    act(world, "部长", undo_merge, key, "巡察点名的是另一个党小组")
    assert state(world, 1) == "open"
    assert state(world, 2) == "merged"
    # Paused from 3-16 to 3-23 with three of its days left: 3-24, 3-25, 3-26.
    assert due_dates(world, 1) == {"R_ACC": date(2026, 3, 26)}
    world.complete(world.cases[1], "accept", "承办", acceptance="accept")
    assert row_of(world, 1).merged_into_id is None
    with world.transaction() as session:
        assert session.get_one(MatterMerge, key).state == MergeState.UNDONE
    assert world.differences() == []
    assert_reproduced(world)


def test_after_the_notice_is_served_nothing_comes_apart_or_in(world: World) -> None:
    owed(world, 1, Towards.PATROL, PATROL_DUE)
    owed(world, 2, Towards.REAL_NAME, PETITION_DUE)
    key = merged(world, 1)
    world.complete(world.cases[0], "accept", "承办", acceptance="accept")
    world.complete(world.cases[0], "verify", "核实甲", **VERIFIED)
    world.complete(world.cases[0], "verify", "核实乙")
    world.complete(world.cases[0], "notice", "承办", **{**NOTICE, "served_on": "2026-03-16"})
    with pytest.raises(ServedAlready) as refused:
        act(world, "部长", undo_merge, key, "想拆开")
    assert refused.value.on == date(2026, 3, 16)
    with pytest.raises(ServedAlready):
        asked(world, 2)


def test_two_people_where_somebody_outside_waits(world: World) -> None:
    owed(world, 1, Towards.PATROL, PATROL_DUE)
    key = asked(world, 1)
    assert state(world, 1) == "open"
    with pytest.raises(RoleMissing):
        act(world, "承办", decide_merge, key, agreed=True)
    act(world, "部长", decide_merge, key, agreed=True)
    assert state(world, 1) == "merged"
    with pytest.raises(MergeDecided):
        act(world, "部长", decide_merge, key, agreed=True)
    with pytest.raises(RoleMissing):
        act(world, "承办", undo_merge, key, "想拆开")


def test_nobody_decides_what_he_asked_for_himself(world: World) -> None:
    owed(world, 1, Towards.PATROL, PATROL_DUE)
    key = asked(world, 1, by="部长")
    with pytest.raises(OwnMerge):
        act(world, "部长", decide_merge, key, agreed=True)
    with pytest.raises(MergeReasonMissing):
        act(world, "分管", decide_merge, key, agreed=False, reason=" ")
    act(world, "分管", decide_merge, key, agreed=False, reason="不是同一问题")
    assert state(world, 1) == "open"
    # Refused, it may be asked for again.
    asked(world, 1)


def test_a_handler_merges_two_checks_of_the_house_himself(world: World) -> None:
    world.open_matter(source="self_check")
    asked(world, 3)
    assert state(world, 3) == "merged"
    with pytest.raises(MergedAlready):
        asked(world, 3, into=1)
    with pytest.raises(MergedAlready):
        asked(world, 0, into=1)


def test_a_source_outside_is_not_merged_before_it_is_known_what_is_owed(world: World) -> None:
    with pytest.raises(FeedbackUnknown):
        asked(world, 1)


def test_what_is_not_of_one_organisation_or_is_over_is_not_merged(world: World) -> None:
    subject = world.cast.subject_id
    other = world.cast.units[-1][0]
    assert other != subject
    world.cast.subject_id = other
    world.open_matter()
    world.cast.subject_id = subject
    with pytest.raises(OtherOrganisation):
        asked(world, 3)
    world.open_matter(disposition="immediate_fix", fix="当场改正")
    world.complete(world.cases[4], "confirm_fix", "承办", fix_confirmation="confirmed")
    assert state(world, 4) == "ended"
    with pytest.raises(NothingToMerge):
        asked(world, 4)


def test_feedback_is_given_once_by_a_paper_of_a_day_that_has_come(world: World) -> None:
    with pytest.raises(FeedbackInvalid):
        act(
            world, "登记", note_duty, matter(world, 1), towards="张三", document="收文", due_on=None
        )
    duty = owed(world, 1, Towards.PATROL, PATROL_DUE)
    with pytest.raises(PaperInFuture):
        act(
            world,
            "登记",
            give_feedback,
            duty,
            given_on=date(2026, 3, 17),
            document="反馈函 1",
        )
    with pytest.raises(PaperNeeded):
        act(world, "登记", give_feedback, duty, given_on=date(2026, 3, 16), document="")
    act(world, "登记", give_feedback, duty, given_on=date(2026, 3, 16), document="反馈函 1")
    with pytest.raises(FeedbackGiven):
        act(world, "登记", give_feedback, duty, given_on=date(2026, 3, 16), document="反馈函 2")
    key = matter(world, 1)
    with world.transaction() as session:
        assert [each.given_on for each in duties_of(session, (key,))] == [date(2026, 3, 16)]


def test_who_has_to_agree() -> None:
    plain = Standing("spot_check", (None,), None, has_duty=False)
    assert not needs_two(plain, plain)
    assert needs_two(plain, Standing("patrol", (None,), None, has_duty=True))
    assert needs_two(plain, Standing("spot_check", (1,), None, has_duty=False))
    assert earliest([None, PATROL_DUE, PETITION_DUE]) == PETITION_DUE
    assert earliest([None]) is None
