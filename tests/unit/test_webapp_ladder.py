"""Where the cases of a matter stand on its ladder."""

from webapp.case.ladder import LadderCase, climb


def _case(
    number: str, rung: int | None, *, ended: bool = False, passed: tuple[int, ...] = ()
) -> LadderCase:
    return LadderCase(number, "某支部", f"/{number}", rung, "green", has_ended=ended, passed=passed)


def _standing(*cases: LadderCase) -> dict[str, list[str]]:
    return {step.place: [case.number for case in step.cases] for step in climb(cases)}


def test_the_ladder_has_four_rungs_between_two_grounds() -> None:
    assert [step.place for step in climb([])] == ["before", "1", "2", "3", "4", "after"]
    assert [step.rung for step in climb([])] == [None, 1, 2, 3, 4, None]


def test_each_case_stands_on_its_rung_and_several_share_one() -> None:
    standing = _standing(_case("a", 2), _case("b", 3), _case("c", 3))
    assert standing["2"] == ["a"]
    assert standing["3"] == ["b", "c"]


def test_before_the_first_rung_and_after_the_last_there_is_ground() -> None:
    standing = _standing(_case("new", None), _case("old", 4, ended=True))
    assert standing["before"] == ["new"]
    assert standing["after"] == ["old"]
    assert standing["4"] == []


def test_rungs_left_behind_remember_who_passed() -> None:
    steps = {step.place: step for step in climb([_case("a", 3, passed=(1, 2, 3))])}
    assert [steps[place].passed for place in ("1", "2", "3")] == [("a",), ("a",), ()]
