"""Made-up trees and the demo's world: nothing in them is real, and the pack takes it."""

import csv
import gzip
import itertools
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from workflows.domain.demo_answers import ANSWERS
from workflows.domain.demo_stories import demo_stories
from workflows.domain.demo_world import demo_accounts, demo_duties, demo_posts, demo_units
from workflows.domain.organisations import bodies_of, is_unit_code, place_name
from workflows.domain.roles import ADMINISTRATORS
from workflows.domain.worlds import COUNTRY_SIZE, PREFIX, REGION_SIZE, made_up_tree
from workflows.engine import load_pack
from workflows.shipped import shipped_pack_dir

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PLACEHOLDERS = {
    "today": "2026-03-10",
    "later": "2026-03-13",
    "facts": "x",
    "number": "1",
    "talker": "p_" + "a" * 26,
    "recorder": "p_" + "b" * 26,
    "township_talker": "p_" + "c" * 26,
    "responsible": "p_" + "d" * 26,
    **{f"review_{n}": "p_" + "e" * 26 for n in (1, 2, 3)},
    "secretary": "其木格",
    "last_month": "2026-02-10",
    "tenure": "苏木党委组织委员，2023-03-10至今",
    "duty": "组织委员：审核台账（清单）",
}


def test_a_seed_gives_the_same_region_each_time() -> None:
    first = list(made_up_tree(3))
    assert first == list(made_up_tree(3))
    assert first != list(made_up_tree(4))


def test_a_made_up_region_has_the_shape_of_a_real_one() -> None:
    units = list(made_up_tree(3))
    assert Counter(unit.level for unit in units) == dict(enumerate(REGION_SIZE, start=1))
    levels = {"": 0}
    for unit in units:
        assert unit.level == levels[unit.parent] + 1
        levels[unit.code] = unit.level
    assert len(levels) == len(units) + 1
    assert all(is_unit_code(unit.code) and unit.code.startswith(PREFIX) for unit in units)


def test_a_made_up_country_has_as_many_units_as_the_real_one() -> None:
    assert sum(COUNTRY_SIZE) == 663_131
    beginning = list(itertools.islice(made_up_tree(3, COUNTRY_SIZE), 4_000))
    assert Counter(unit.level for unit in beginning)[3] == 3_270


@pytest.mark.skipif(not DATA.exists(), reason="the tables of real units are not here")
def test_no_made_up_name_is_that_of_a_real_unit() -> None:
    with gzip.open(DATA / "regions-cn.csv.gz", "rt", encoding="utf-8") as text:
        real = {place_name(row["name"]) for row in csv.DictReader(text)}
    made_up = [*demo_units(), *made_up_tree(3)]
    assert [unit.name for unit in made_up if place_name(unit.name) in real] == []


def test_the_demo_has_forty_branches_and_everybody_a_place() -> None:
    units = demo_units()
    codes = {unit.code for unit in units}
    codes |= {body.code for unit in units for body in bodies_of(unit.code, unit.name, unit.level)}
    assert sum(unit.level == 5 for unit in units) == 40
    posts = demo_posts()
    assert {post.organisation for post in posts} <= codes
    assert len({post.staff_code for post in posts}) == len({post.name for post in posts})
    held = {(post.organisation, post.post) for post in posts}
    assert {(duty.organisation, duty.post) for duty in demo_duties()} <= held
    people = {post.staff_code for post in posts}
    accounts = demo_accounts()
    assert {account.staff_code for account in accounts} <= people
    assert len({account.username for account in accounts}) == len(accounts)
    for account in accounts:
        administers = ADMINISTRATORS & set(account.roles)
        assert not administers or len(account.roles) == 1


def test_the_demo_tells_111_matters_of_every_kind() -> None:
    stories = demo_stories()
    people = [story.person for story in stories if story.person is not None]
    deeds = [deed for story in (*stories, *people) for deed in story.deeds]
    beside = sorted(deed.process for deed in deeds if deed.kind == "beside")
    assert beside == ["appeal", "discipline_advice", "referral", "tolerance", "why_not_started"]
    assert {deed.kind for deed in deeds} == {
        "beside",
        "determine",
        "merge",
        "recuse",
        "remind",
        "supervise",
    }
    assert len(stories) + len(people) + len(beside) == 120
    assert len({story.name for story in stories}) == 15
    assert sum(story.is_overdue_today for story in stories) == 1
    assert [story.opened_days for story in stories] == sorted(
        (story.opened_days for story in stories), reverse=True
    )


def test_the_shipped_forms_know_every_answer_of_the_demo() -> None:
    pack = load_pack(shipped_pack_dir())
    forms = {}
    nothing_known = dict.fromkeys(pack.facts) | dict(pack.constants)
    for diagram in shipped_pack_dir().glob("*.bpmn"):
        for task in etree.parse(diagram).iter("{*}userTask"):
            forms[task.get("id")] = task.get("{urn:duban:bpmn:1}form")
    stories = [*demo_stories(), *(story.person for story in demo_stories() if story.person)]
    stories += [deed.story for story in stories for deed in story.deeds if deed.story]
    wrong = []
    for activity in sorted(ANSWERS):
        for story in stories:
            values = {
                name: value.format_map(PLACEHOLDERS) if isinstance(value, str) else value
                for name, value in story.answer(activity, 1).items()
            }
            errors = pack.forms[forms[activity]].read(values, nothing_known).errors
            wrong += [(activity, story.name, name) for name in errors if name in values]
    assert wrong == []
