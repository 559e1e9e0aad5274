"""How signs are judged: by their age, by the space that is left, and the worst of all."""

from datetime import timedelta

import pytest

from workflows.domain.health import Light, Sign, by_age, by_space, worst

MINUTES, HOUR = timedelta(minutes=10), timedelta(hours=1)
GIB = 2**30


@pytest.mark.parametrize(
    "age, light",
    [
        (timedelta(0), Light.GREEN),
        (MINUTES, Light.GREEN),
        (MINUTES * 2, Light.YELLOW),
        (HOUR, Light.YELLOW),
        (HOUR * 2, Light.RED),
        (None, Light.RED),
    ],
)
def test_what_is_too_old_or_never_was_is_red(age: timedelta | None, light: Light) -> None:
    assert by_age(age, MINUTES, HOUR) is light


@pytest.mark.parametrize(
    "free, total, light",
    [
        (50 * GIB, 100 * GIB, Light.GREEN),
        (9 * GIB, 100 * GIB, Light.YELLOW),
        (4 * GIB, 10 * GIB, Light.YELLOW),
        (GIB // 2, 10 * GIB, Light.RED),
        (5 * GIB, 1000 * GIB, Light.RED),
        (0, 0, Light.RED),
    ],
)
def test_a_disk_is_judged_by_what_is_left(free: int, total: int, light: Light) -> None:
    assert by_space(free, total) is light


def test_the_whole_is_as_its_worst_sign() -> None:
    signs = [Sign("a", Light.YELLOW), Sign("b", Light.GREEN)]
    assert worst(signs) is Light.YELLOW
    assert worst([*signs, Sign("c", Light.RED)]) is Light.RED
    assert worst([]) is Light.GREEN
