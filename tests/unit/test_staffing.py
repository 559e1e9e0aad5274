"""The fewest people for a process, held against trying everything."""

import random
from collections.abc import Sequence
from itertools import product

import pytest

from workflows.domain.pairs import can_be_made_up_for, forbidden_with
from workflows.domain.staffing import Colleague, Staffing, Step, anybody, merged, staff

VERIFY = Step("verify", ("R02",), 2, 0)
HANDLE = Step("handle", ("R03",), 1, 0)
ACCEPT = Step("accept", ("R13",), 2, 2)
TALK = Step("talk", ("R08",), 1, 1)
RECORD = Step("record", ("R09",), 1, 1)


def fewest(steps: Sequence[Step], *, with_exceptions: bool) -> int:
    return len(staff(steps, anybody(steps), with_exceptions=with_exceptions).people)


def test_verifiers_do_not_accept_but_as_an_exception() -> None:
    steps = (VERIFY, HANDLE, ACCEPT)
    assert fewest(steps, with_exceptions=False) == 4
    assert fewest(steps, with_exceptions=True) == 2


def test_a_talk_needs_two_whatever_is_allowed() -> None:
    assert fewest((TALK, RECORD), with_exceptions=True) == 2


def test_a_step_that_is_anothers_needs_somebody_else() -> None:
    confirm = Step("confirm", ("R03",), 1, 0, frozenset({"start"}))
    start = Step("start", ("R01", "R03"), 1, 0)
    assert fewest((start, confirm), with_exceptions=True) == 2


def test_what_nobody_can_do_is_named_and_the_rest_is_done() -> None:
    found = staff(
        (HANDLE, ACCEPT),
        [Colleague("a", {"handle": ("R03",), "accept": ("R13",)})],
        with_exceptions=True,
    )
    assert found == Staffing({"handle": (("a", "R03"),)}, ("accept",))


def test_what_does_not_go_beside_the_others_is_named() -> None:
    both = {"talk": ("R08",), "record": ("R09",), "handle": ("R03",)}
    found = staff((TALK, RECORD, HANDLE), [Colleague("a", both)], with_exceptions=True)
    assert len(found.left_out) == 1
    assert found.left_out[0] in {"talk", "record"}


def test_alike_steps_are_one_with_the_most_signatures() -> None:
    more = (HANDLE, Step("again", ("R03",), 2, 0), Step("higher", ("R03",), 1, 2))
    assert [(step.key, step.signatures) for step in merged(more)] == [("again", 2), ("higher", 1)]


def _goes(acts: list[tuple[Step, str]], *, with_exceptions: bool) -> bool:
    for number, (one, role) in enumerate(acts):
        for other, before in acts[:number]:
            if one.key == other.key or one.key in other.apart_from or other.key in one.apart_from:
                return False
            rung = max(one.rung or 0, other.rung or 0)
            light = with_exceptions and can_be_made_up_for(role, before, rung, "B")
            if before in forbidden_with(role) and not light:
                return False
    return True


def _by_trying(
    steps: Sequence[Step], colleagues: Sequence[Colleague], *, with_exceptions: bool
) -> int | None:
    slots = [step for step in steps for _ in range(step.signatures)]
    choices = [
        [(who.id, role) for who in colleagues for role in who.can.get(step.key, ())]
        for step in slots
    ]
    best = None
    for chosen in product(*choices):
        acts: dict[str, list[tuple[Step, str]]] = {}
        for step, (who, role) in zip(slots, chosen, strict=True):
            acts.setdefault(who, []).append((step, role))
        if all(_goes(done, with_exceptions=with_exceptions) for done in acts.values()):
            best = min(best or len(acts), len(acts))
    return best


@pytest.mark.parametrize("seed", range(60))
def test_search_finds_what_trying_everything_finds(seed: int) -> None:
    draw = random.Random(seed)
    roles = ("R02", "R03", "R04", "R08", "R09", "R13", "R14")
    steps = [
        Step(
            f"s{number}",
            tuple(sorted(draw.sample(roles, draw.randint(1, 2)))),
            draw.randint(1, 2),
            draw.choice((0, 1, 2, 3)),
            frozenset({"s0"} if number and draw.random() < 0.3 else ()),
        )
        for number in range(draw.randint(1, 3))
    ]
    colleagues = []
    for number in range(draw.randint(1, 4)):
        held = set(draw.sample(roles, draw.randint(1, 5)))
        can = {step.key: tuple(role for role in step.roles if role in held) for step in steps}
        colleagues.append(Colleague(f"p{number}", {k: v for k, v in can.items() if v}))
    allowed = draw.random() < 0.5
    found = staff(steps, colleagues, with_exceptions=allowed)
    expected = _by_trying(steps, colleagues, with_exceptions=allowed)
    assert (not found.left_out) is (expected is not None)
    if expected is not None:
        assert len(found.people) == expected
    for step in steps:
        if step.key not in found.left_out:
            assert len({who for who, _ in found.cast[step.key]}) == step.signatures
