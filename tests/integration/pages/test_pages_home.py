"""The work desk: own tasks by urgency, those to take, and what tonight's sweep will do."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.support.case_site import CaseSite, Officer
from tests.support.casework import Player, memory_world
from tests.support.small_office import act, employ
from workflows.domain.clocks import due_at_of, local_date
from workflows.domain.roles import Actor
from workflows.queries.desk.home import MOST_FREE, Tonight, free_tasks, next_deadline, tonight
from workflows.queries.desk.worklist import MOST_COUNTED
from workflows.store.base import table_of
from workflows.store.tables import Clock, JournalRecord, Task

NOBODY = Actor("u_nobody", "nobody")


def _section(officer: Officer, name: str) -> str:
    page = officer.open("/home")
    (section,) = page.root.xpath(f"//section[@aria-labelledby='{name}']")
    return " ".join(section.text_content().split())


def _running(site: CaseSite, case_id: str) -> Clock:
    with site.session() as session:
        return session.scalars(
            select(Clock)
            .where(Clock.case_id == case_id, Clock.state == "running")
            .order_by(Clock.due_at)
        ).first()


def test_a_task_of_the_office_is_taken_from_the_desk(any_site: CaseSite) -> None:
    case_id = register(any_site)
    officer = any_site.officer("chengban")
    assert "受理审查 新到" in _section(officer, "free")
    page = officer.open("/home").form("/worklist/claim").send(only=f"{case_id}|accept#1")
    assert page.status == 200
    assert "受理审查" in _section(officer, "mine")
    assert "受理审查" not in _section(officer, "free")


def test_a_case_opened_today_is_at_the_desk_however_many_older_tasks_wait() -> None:
    world = memory_world()
    employ(world, "科长", ("R03",))
    older = [world.open_matter() for _ in range(MOST_FREE)]
    world.now += timedelta(days=3)
    fresh = [world.open_matter(), world.open_matter()]

    def desk(session: Session, actor: Actor, now: datetime) -> list[list[str]]:
        found, since_on = free_tasks(session, actor, local_date(now))
        assert since_on < local_date(now)
        assert found.first.count == session.scalar(select(func.count()).select_from(Task))
        return [[row.task.case_id for row in rows] for rows in (found.first.rows, found.arrived)]

    assert act(world, "科长", desk) == [older, fresh[::-1]]
    with world.transaction() as session:
        one = session.scalars(select(Task).where(Task.case_id == older[0])).one()
        values = {each.name: getattr(one, each.name) for each in Task.__table__.columns}
        copies = [
            {**values, "id": 1000 + n, "path": f"accept{n}"} for n in range(MOST_COUNTED - 12)
        ]
        session.execute(insert(table_of(Task)), copies)
    assert act(world, "科长", desk)[1] == fresh[::-1], "as many as are counted"
    world.now += timedelta(days=7)
    with world.transaction() as session:
        session.execute(insert(table_of(Task)), [{**values, "id": 2000, "path": "accept_more"}])
    newest = world.open_matter()

    def arrived(session: Session, actor: Actor, now: datetime) -> list[str]:
        found, _ = free_tasks(session, actor, local_date(now))
        assert found.first.has_more_than_counted
        return [row.task.case_id for row in found.arrived]

    assert act(world, "科长", arrived) == [newest], "more than are counted, and those of last week"


@pytest.mark.parametrize(
    "days,group", [(1, "已逾期"), (0, "今天到期"), (-1, "本周到期"), (-30, "以后")]
)
def test_own_tasks_stand_under_how_urgent_they_are(site: CaseSite, days: int, group: str) -> None:
    case_id = register(site)
    site.officer("chengban").open("/home").form("/worklist/claim").send(only=f"{case_id}|accept#1")
    tuesday = date(2026, 3, 10)
    with site.session() as session:
        task = session.scalars(select(Task).where(Task.case_id == case_id)).one()
        task.due_on = tuesday - timedelta(days=days)
        task.due_at = due_at_of(task.due_on)
    site.at(tuesday.isoformat())
    page = site.officer("chengban").open("/home")
    (heading,) = page.root.xpath("//section[@aria-labelledby='mine']/h3")
    assert heading.text_content().split()[0] == group


def test_tonight_says_which_deadline_passes_and_what_opens(any_site: CaseSite) -> None:
    case_id = to_first_letter(any_site)
    clock = _running(any_site, case_id)
    leader = any_site.officer("fubuzhang")
    any_site.at((clock.due_on - timedelta(days=1)).isoformat())
    assert "没有" in _section(leader, "tonight")
    assert clock.due_on.isoformat()[:4] in _section(leader, "tonight")
    any_site.at(clock.due_on.isoformat())
    told = _section(leader, "tonight")
    assert "签发第一次督办单" in told
    assert "自动打开“签发第二次督办单”" in told
    any_site.sweep((clock.due_on + timedelta(days=1)).isoformat())
    assert "letter2" in any_site.open_tasks(case_id)


def test_a_leader_holds_a_deadline_with_a_reason(any_site: CaseSite) -> None:
    case_id = to_first_letter(any_site)
    clock = _running(any_site, case_id)
    any_site.at(clock.due_on.isoformat())
    address = f"/home/hold/{case_id}/{clock.path}/{clock.n}"
    leader = any_site.officer("fubuzhang")
    other_tab = leader.open("/home").form(address).fill(reason="也等等", workdays="2")
    refused = leader.open("/home").form(address).fill(workdays="3").send()
    assert refused.status == 422
    assert refused.form(address).value("workdays") == "3"
    (field,) = refused.root.xpath("//textarea[@aria-invalid='true']")
    assert refused.root.xpath(f"//*[@id='{field.get('aria-describedby')}']")
    held = leader.open("/home").form(address).fill(reason="大雪封路，无法到村核实").send()
    assert held.status == 200
    assert "到期自行恢复计时" in held.text
    late = other_tab.send()
    assert (late.status, "已由他人暂停" in late.text) == (409, True)
    any_site.sweep((clock.due_on + timedelta(days=1)).isoformat())
    assert "letter2" not in any_site.open_tasks(case_id)
    with any_site.session() as session:
        kinds = session.scalars(
            select(JournalRecord.kind).where(JournalRecord.stream_id == case_id)
        ).all()
    assert kinds[-1] == "intervened"


def test_who_may_not_stop_clocks_sees_no_way_to_and_cannot(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    clock = _running(site, case_id)
    site.at(clock.due_on.isoformat())
    address = f"/home/hold/{case_id}/{clock.path}/{clock.n}"
    officer = site.officer("chengban")
    page = officer.open("/home")
    assert "签发第一次督办单" in page.text
    assert address not in page.answer.text
    form = page.form("/language")
    form.action, form.values["reason"] = address, ["想拖一拖"]
    form.values["workdays"] = ["1"]
    assert form.send().status == 403
    assert _running(site, case_id).state == "running"


def test_an_empty_desk_says_what_to_do_next(site: CaseSite) -> None:
    page = site.officer("dengji").open("/home")
    assert page.status == 200
    links = {link.get("href") for link in page.root.xpath("//div[@class='empty-next']//a")}
    assert "/matters/new" in links


def test_the_desk_shows_when_the_last_sweep_was_and_what_it_did(site: CaseSite) -> None:
    officer = site.officer("chengban")
    assert "还没有巡检过" in _section(officer, "beat")
    site.sweep("2026-03-11")
    told = _section(officer, "beat")
    assert "2026年3月11日 09:00" in told


def test_officers_of_another_township_see_nothing_of_it(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    clock = _running(site, case_id)
    site.at(clock.due_on.isoformat())
    assert "签发第一次督办单" in _section(site.officer("sumu1"), "tonight")
    assert "签发第一次督办单" not in _section(site.officer("sumu2"), "tonight")


def test_what_is_foretold_for_tonight_is_what_the_sweep_does() -> None:
    told = [_nights(seed) for seed in (3, 11, 17)]
    assert sum(foretold for foretold, _ in told)
    assert sum(opened for _, opened in told)


def _nights(seed: int) -> tuple[int, int]:
    """Compare night by night; count the deadlines foretold and the tasks opened."""
    world = memory_world()
    player = Player(world, Random(seed))
    for _ in range(5):
        world.open_matter()
    for _ in range(30):
        player.step()
    world.sweep()
    foretold = opened = 0
    for _ in range(6):
        with world.transaction() as session:
            today = next_deadline(session, local_date(world.now))
            if today is None:
                break
            told = tonight(session, NOBODY, today)
            before = set(session.scalars(select(Task.id)))
        world.now = max(due_at_of(today), world.now) + timedelta(hours=1)
        assert world.sweep().failed == 0
        with world.transaction() as session:
            new = session.scalars(select(Task).where(Task.id.not_in(before))).all()
            assert sorted((task.case_id, task.activity) for task in new) == _told(told)
        foretold += len(told.escalations) + len(told.notes)
        opened += len(new)
    return foretold, opened


def _told(told: Tonight) -> list[tuple[str, str]]:
    coming = (*told.escalations, *told.notes)
    return sorted((each.case.id, activity) for each in coming for activity in each.opens)
