"""Posts as papers write them."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.queries.organisations.posts import Held, Posts, post_at


@pytest.mark.parametrize(
    "place, post, said",
    [
        ("某旗委组织部", "组织部部长", "某旗委组织部部长"),
        ("某嘎查党支部", "党支部书记", "某嘎查党支部书记"),
        ("某旗委组织部", "验收组组长", "某旗委组织部验收组组长"),
        ("堃喆昇玥镕", "", "堃喆昇玥镕"),
    ],
)
def test_a_post_does_not_say_its_place_twice(place: str, post: str, said: str) -> None:
    assert post_at(place, post) == said


def test_a_post_is_that_of_the_day() -> None:
    before = Held("副书记", date(2024, 1, 1), date(2026, 3, 1))
    after = Held("书记", date(2026, 3, 2), None)
    posts = Posts({"p_1": (after, before)})
    assert posts.on("p_1", date(2026, 3, 1)) == "副书记"
    assert posts.on("p_1", date(2026, 3, 2)) == "书记"
    assert posts.on("p_1", date(2023, 12, 31)) == ""
    assert posts.on("p_2", date(2026, 3, 2)) == ""
