"""Finding a name by what is typed of its pinyin."""

import re

import pytest

from workflows.store.pinyin import MAX_SPELT, finder, pattern_of, spell


def _finds(typed: str, name: str, *, anywhere: bool = False) -> bool:
    pattern = pattern_of(typed, anywhere=anywhere)
    return pattern is not None and re.search(pattern, spell(name)) is not None


@pytest.mark.parametrize(
    "typed",
    ["hongqi", "hong qi", "hq", "hongq", "hqi", "h qi", "HQ", "ＨＱ", " hongqigacha ", "hqgc", "h"],
)
def test_syllables_and_their_beginnings_find_a_name(typed: str) -> None:
    assert _finds(typed, "红旗嘎查")


@pytest.mark.parametrize("typed", ["hongqa", "hog", "qi", "gc", "hongqi gachaa", "h q x", "ongqi"])
def test_what_is_not_its_pinyin_does_not_find_it(typed: str) -> None:
    assert not _finds(typed, "红旗嘎查")


def test_a_blank_or_apostrophe_begins_the_next_syllable() -> None:
    assert _finds("xian", "西安社区")
    assert _finds("xi'an", "西安社区")
    assert not _finds("xi'an", "先锋社区")
    assert _finds("xian", "先锋社区")


@pytest.mark.parametrize(
    "name, typed",
    [
        ("朝鲁", ("chaolu", "zhaolu", "cl", "zl")),
        ("乐山", ("leshan", "yueshan", "ls", "ys")),
        ("单曲", ("danqu", "shanqu", "chanqu", "sq")),
        ("重庆村", ("chongqing", "zhongqing", "cqc", "zqc")),
        ("长安社区", ("changan", "zhangan", "casq", "zasq")),
        ("曾吕", ("zenglv", "zenglu", "cengl", "zlü")),
    ],
)
def test_every_reading_of_a_character_finds_it(name: str, typed: tuple[str, ...]) -> None:
    assert [each for each in typed if not _finds(each, name)] == []


def test_letters_and_digits_of_a_name_are_typed_as_they_stand() -> None:
    assert _finds("aq3h", "Ａ区3号")
    assert _finds("aqu3hao", "A区3号")
    assert _finds("arst", "阿日·善图")


def test_the_middle_of_a_name_is_found_where_it_is_asked_for() -> None:
    assert not _finds("hongqi", "苏布德红旗村")
    assert _finds("hongqi", "苏布德红旗村", anywhere=True)
    assert not _finds("ongqi", "苏布德红旗村", anywhere=True)


def test_what_is_no_pinyin_is_left_to_the_search_by_name() -> None:
    assert [finder(typed) for typed in ("", "  ", "红旗", "红q", "h%", "h_", "(h", "'", "é")] == [
        None
    ] * 9


def test_a_name_of_any_length_is_spelt_within_its_column() -> None:
    whole = spell("双" * 200)
    assert len(whole) <= MAX_SPELT
    assert whole.endswith("shuang")
    assert spell("㐀䶮𠮷★") != ""


def test_what_is_typed_in_malice_is_answered() -> None:
    assert not _finds("an" * 19 + "x", "安" * 120, anywhere=True)
    assert _finds("a" * 400, "阿" * 120)
