"""The worklist: filters that say in SQL what the rules say, pages by key, bulk claim."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event, select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Page
from tests.support.casework import World, memory_world
from workflows.domain.clocks import due_at_of
from workflows.domain.roles import Actor, RoleGrant
from workflows.queries.desk.colour_ranges import COLOURS
from workflows.queries.desk.worklist import Mark, Order, Wanted, Whose, tasks_page
from workflows.queries.lights import task_light
from workflows.services.access import scope_for
from workflows.store.scope import set_scope
from workflows.store.tables import Account, Case, Clock, JournalRecord, Organisation, Task
from workflows.store.transaction import Session

NOBODY = Actor("u_nobody", "nobody")
TODAY = date(2026, 4, 30)  # before the days off around May Day


@pytest.fixture(scope="module")
def world() -> World:
    """Forty cases with one open task each, every due date from here to there once."""
    made = memory_world()
    case_ids = [made.open_matter(problem_type=f"P10{1 + number % 5}") for number in range(40)]
    with made.transaction() as session:
        for number, case_id in enumerate(case_ids):
            task = session.scalars(select(Task).where(Task.case_id == case_id)).one()
            task.is_milestone = number % 3 == 1
            if number % 10:
                task.due_on = TODAY + timedelta(days=number - 15)
                task.due_at = due_at_of(task.due_on)
            else:
                task.due_on = task.due_at = None
    return made


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    with world.transaction() as opened:
        yield opened
        opened.rollback()


@pytest.mark.parametrize("today", [TODAY, TODAY + timedelta(days=3), TODAY + timedelta(days=12)])
def test_a_colour_in_sql_is_the_colour_of_the_rules(session: Session, today: date) -> None:
    expected: dict[str, set[int]] = {colour: set() for colour in COLOURS}
    rows = session.execute(select(Task, Case).join(Case, Case.id == Task.case_id)).all()
    for task, case in rows:
        expected[task_light(session, case, task, today).colour.value].add(task.id)
    found = {
        colour: {
            row.task.id
            for row in tasks_page(session, NOBODY, today, Wanted(Whose.ALL, colour=colour)).rows
        }
        for colour in COLOURS
    }
    assert found == expected
    assert sum(bool(ids) for ids in expected.values()) == 4


def test_a_task_whose_clock_stands_still_is_paused_and_nothing_else(session: Session) -> None:
    clock = session.scalars(select(Clock).where(Clock.due_of.is_not(None))).first()
    clock.state = "paused"
    session.flush()
    by_colour = {
        colour: {
            row.task.case_id
            for row in tasks_page(session, NOBODY, TODAY, Wanted(Whose.ALL, colour=colour)).rows
        }
        for colour in COLOURS
    }
    assert by_colour.pop("paused") == {clock.case_id}
    assert all(clock.case_id not in ids for ids in by_colour.values())


@pytest.mark.parametrize("order", list(Order))
def test_pages_hold_every_task_once_and_in_order(session: Session, order: Order) -> None:
    wanted = Wanted(Whose.ALL, order)
    whole = [row.task.id for row in tasks_page(session, NOBODY, TODAY, wanted).rows]
    after, walked = None, []
    while True:
        page = tasks_page(session, NOBODY, TODAY, wanted, after, size=7)
        walked += [row.task.id for row in page.rows]
        if page.following is None:
            break
        after = Mark.read(page.following.write())
    assert walked == whole
    assert len(set(whole)) == 40


def test_undated_tasks_come_last_and_dated_ones_by_date(session: Session) -> None:
    rows = tasks_page(session, NOBODY, TODAY, Wanted(Whose.ALL)).rows
    dates = [row.task.due_on or date.max for row in rows]
    assert dates == sorted(dates)
    assert dates[-4:] == [date.max] * 4


@pytest.mark.parametrize("text", ["", "x~1", "1", "-3~", "99999999999999999999~", "5~not a moment"])
def test_a_torn_mark_is_no_error(session: Session, text: str) -> None:
    tasks_page(session, NOBODY, TODAY, Wanted(Whose.ALL), Mark.read(text))


def test_free_tasks_are_those_that_the_actor_could_do(session: Session) -> None:
    offices = session.scalars(select(Organisation.path)).all()
    rows = session.execute(
        select(Task, Organisation.path).join(Organisation, Organisation.id == Task.office_id)
    ).all()
    matched = 0
    for path in offices:
        for role in ("R02", "R03", "R10"):
            actor = replace(NOBODY, grants=(RoleGrant(role, path, path),))
            expected = {t.id for t, office in rows if actor.holds(t.roles.split(), office)}
            found = tasks_page(session, actor, TODAY, Wanted(Whose.FREE)).rows
            assert {row.task.id for row in found} == expected, (role, path)
            assert all(row.may_claim for row in found)
            matched += len(found)
    assert matched


def test_each_filter_leaves_what_it_says(session: Session, world: World) -> None:
    def found(**wanted: Any) -> list[Task]:
        page = tasks_page(session, NOBODY, TODAY, replace(Wanted(Whose.ALL), **wanted))
        return [row.task for row in page.rows]

    assert len(found(problem_type="P102")) == 8
    assert found(problem_type="P605") == []
    inside = found(from_on=TODAY, until_on=TODAY + timedelta(days=4))
    assert inside
    assert all(TODAY <= task.due_on <= TODAY + timedelta(days=4) for task in inside)
    some = found()[0]
    assert len(found(role=some.roles.split()[0])) == 40
    assert found(role="R21") == []
    assert len(found(rung=some.rung or 0)) == 40
    assert found(rung=4) == []
    assert len(found(org_path=some.org_path)) == 40
    assert found(org_path="nowhere.") == []
    some.claimant = session.scalars(select(Account.id)).first()
    session.flush()
    name = session.get_one(Account, some.claimant).display_name
    assert [task.id for task in found(claimant=name)] == [some.id]
    assert found(claimant="没有这个人") == []


def test_tasks_are_the_same_whether_gathered_or_walked(session: Session, world: World) -> None:
    top = session.scalars(select(Organisation).order_by(Organisation.path)).first().path
    actor = replace(NOBODY, grants=(RoleGrant("R03", top, top),))
    some = session.scalars(select(Task.org_path)).first()
    asked: list[dict[str, Any]] = [
        {},
        {"org_path": some},
        {"colour": "red"},
        {"colour": "yellow"},
        {"role": "R03"},
        {"rung": 0},
        {"rung": 2},
        {"problem_type": "P103"},
        {"until_on": TODAY},
        {"from_on": TODAY, "until_on": TODAY + timedelta(days=4)},
    ]
    set_scope(session, scope_for(actor))
    for values in asked:
        for whose in (Whose.ALL, Whose.FREE, Whose.MY):
            for order in Order:
                wanted = Wanted(whose, order, **values)
                gathered, walked = (
                    [row.task.id for row in tasks_page(session, actor, TODAY, wanted, few=few).rows]
                    for few in (1000, 0)
                )
                assert gathered == walked, wanted
                assert gathered or "rung" in values, wanted


def test_a_list_takes_the_same_statements_however_long_it_is(session: Session) -> None:
    def statements(size: int) -> int:
        seen: list[str] = []

        def listen(*arguments: object) -> None:
            seen.append(str(arguments[2]))

        event.listen(session.connection(), "before_cursor_execute", listen)
        tasks_page(session, NOBODY, TODAY, Wanted(Whose.ALL), size=size)
        event.remove(session.connection(), "before_cursor_execute", listen)
        return len(seen)

    statements(1)
    assert statements(2) == statements(40) <= 3


def test_nobody_finds_tasks_outside_his_scope(session: Session, world: World) -> None:
    set_scope(session, scope_for(NOBODY))
    for whose in Whose:
        assert tasks_page(session, NOBODY, TODAY, Wanted(whose)).rows == ()


def test_ticked_tasks_are_taken_and_each_row_says_what_came_of_it(any_site: CaseSite) -> None:
    first, second, third = (register(any_site) for _ in range(3))
    chengban = any_site.officer("chengban")
    page = chengban.open("/worklist/?whose=free")
    form = page.form("/worklist/claim")
    choices = page.root.xpath("//input[@name='task']/@value")
    assert {choice.partition("|")[0] for choice in choices} == {first, second, third}
    chengban.do(second, "accept", acceptance="accept")
    form.values["task"] = choices
    asked = form.send()
    assert "已领取" not in asked.root.xpath("string(//tbody)")
    assert asked.text.count("须先申报") >= 2
    # In the order of the list; what only his word was missing for can be taken from here.
    assert [each.get("href").partition("cases/")[2] for each in asked.root.xpath("//tbody//a")] == [
        choice.partition("|")[0] for choice in choices
    ]
    rest = asked.form("/worklist/claim")
    undeclared = [
        choice for choice, row in zip(choices, _results(asked), strict=True) if "须先申报" in row
    ]
    assert rest.values["task"] == undeclared
    taken = rest.send(bond="none")
    assert taken.status == 200
    rows = {
        row.xpath(".//a/@href")[0]: row.text_content() for row in taken.root.xpath("//tbody/tr")
    }
    assert "已领取" in rows[f"/cases/{first}"]
    assert "已领取" in rows[f"/cases/{third}"]
    assert "已领取" not in rows[f"/cases/{second}"]
    assert "2026年3月10日" in rows[f"/cases/{second}"]
    with any_site.session() as opened:
        claimed = opened.scalars(
            select(Task.case_id).where(Task.claimant.is_not(None), Task.state == "open")
        ).all()
    assert sorted(claimed) == sorted([first, third])


def test_nothing_ticked_says_so(site: CaseSite) -> None:
    register(site)
    page = site.officer("chengban").open("/worklist/").form("/worklist/claim").send()
    assert "没有勾选任务" in page.text


def test_a_forged_choice_takes_nothing(site: CaseSite) -> None:
    case_id = register(site)
    form = site.officer("chengban").open("/worklist/").form("/worklist/claim")
    for forged in ("", "|", "c_none|accept#1", f"{case_id}|accept#x", f"{case_id}|verify#1"):
        form.values["task"] = [forged, "也没有|这个#1"]
        answer = form.send()
        assert answer.status < 500
        assert "c_none" not in answer.text
    form.values["task"] = [f"{case_id}|accept#1", *(f"c_none|x#{n}" for n in range(300))]
    many = form.send()
    assert (len(_results(many)), "没有处理" in _results(many)[100]) == (301, True)
    assert "没有处理" not in _results(many)[99]
    outsider = site.officer("sumu2").open("/worklist/?whose=all")
    assert case_id not in outsider.answer.text
    token = outsider.form("/language")
    token.action, token.values["only"] = "/worklist/claim", [f"{case_id}|accept#1"]
    token.send()
    with site.session() as opened:
        assert opened.scalars(select(Task.claimant).where(Task.case_id == case_id)).one() is None


def test_the_place_is_found_by_name_code_or_pinyin(site: CaseSite) -> None:
    case_id = register(site)
    officer = site.officer("chengban")
    for text in ("阿日善图嘎查党支部", "arstgcdzb", "arishantugachadang"):
        assert case_id in officer.open(f"/worklist/?whose=all&org={text}").answer.text
    other = officer.open("/worklist/?whose=all&org=南坪洼村党支部")
    assert "没有符合条件的任务" in other.text
    several = officer.open("/worklist/?whose=all&org=党支部")
    assert "请选一个" in several.text
    assert "未按单位筛选" in officer.open("/worklist/?org=zzzz").text


def test_rows_answer_to_the_keyboard(site: CaseSite) -> None:
    register(site)
    page = site.officer("chengban").open("/worklist/")
    (row,) = page.root.xpath("//tbody/tr[@data-row][@tabindex='-1']")
    assert row.xpath(".//a[@data-open]/@href")
    assert row.xpath(".//button[@data-claim]")


def _bulk(page: Page, act: str, choices: list[str], **values: str) -> Page:
    """Send the form of ticked tasks to one of its buttons."""
    form = page.form("/worklist/claim")
    form.action = f"/worklist/{act}"
    form.values |= {"task": choices} | {name: [value] for name, value in values.items()}
    return form.send()


def _results(page: Page) -> list[str]:
    return [row.text_content() for row in page.root.xpath("//tbody/tr")]


def test_ticked_tasks_are_handed_on_reminded_given_back_and_taken_out(site: CaseSite) -> None:
    for _ in range(2):
        register(site)
    chengban = site.officer("chengban")
    worklist = chengban.open("/worklist/?whose=all")
    choices = worklist.root.xpath("//input[@name='task']/@value")
    assert len(choices) == 2
    assert "请写明催办的事项" in _bulk(worklist, "remind", choices, reminder=" ").text
    reminded = _bulk(worklist, "remind", [*choices, "c_none|x#1"], reminder="请于周五前办结")
    assert "勾选 3 项，办成 2 项" in reminded.text
    assert sum("已催办" in row for row in _results(reminded)) == 2
    again = _bulk(worklist, "remind", choices, reminder="再催")
    assert all("今天已经催办过" in row for row in _results(again))
    listed = chengban.open("/worklist/?whose=all")
    assert len(listed.root.xpath("//tbody//*[contains(@class, 'reminded')]")) == 2
    case_id = choices[0].partition("|")[0]
    assert "请于周五前办结" in chengban.open(f"/cases/{case_id}").text
    assert "写明理由" in _bulk(worklist, "reassign", choices, account="").text
    colleague = worklist.root.xpath("//select[@name='account']/option[@value!='']/@value")[0]
    handed = _bulk(worklist, "reassign", choices, account=colleague, reason="分工调整")
    assert sum("已转办" in row for row in _results(handed)) == 2
    given_back = _bulk(worklist, "release", choices)
    assert all("领取" in row for row in _results(given_back)), "they are somebody else's"
    book = chengban.open("/worklist/?whose=all").form("/worklist/export").send().answer
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0)
    book.close()
    cells = [str(cell) for row in sheet.to_python() for cell in row]
    assert "待办" in cells[0]
    assert sum("催办" in cell for cell in cells) >= 3
    with site.session() as opened:
        assert opened.scalars(
            select(JournalRecord.body).where(JournalRecord.body.contains("worklist_exported"))
        ).one()
        kinds = opened.scalars(
            select(JournalRecord.kind).where(JournalRecord.stream_id == case_id)
        ).all()
    assert kinds == ["case_opened", "intervened", "task_reassigned"]
