"""When an inclusive gateway goes on (BPMN 2.0.2, table 13.3)."""

import pytest

from tests.support.stepped import Case, define, opened


@pytest.mark.parametrize(
    "ok, n, tasks",
    [(True, 5, ("a", "b")), (True, 0, ("a",)), (False, 0, ("c",))],
)
def test_inclusive_gateway_takes_every_flow_that_holds_and_joins_them(
    ok: bool, n: int, tasks: tuple[str, ...]
) -> None:
    case = Case(
        define("""
            start s -> g
            or g -> a when ok | b when n > 2 | c
            user a -> j
            user b -> j
            user c -> j
            or j -> last
            user last -> e
            end e
        """),
        ok=ok,
        n=n,
    )
    assert case.tasks == tasks
    for task in tasks[:-1]:
        assert opened(case.complete(task)) == []
    assert opened(case.complete(tasks[-1])) == ["last"]


def test_inclusive_join_opens_when_the_last_token_turns_away() -> None:
    case = Case(
        define("""
            start s -> g
            or g -> a when ok | b when n > 2 | c
            user a -> j
            user b -> away
            user c -> j
            xor away -> j when ok | gone
            end gone
            or j -> last
            user last -> e
            end e
        """),
        ok=True,
        n=5,
    )
    assert opened(case.complete("a")) == []
    assert opened(case.complete("b", ok=False)) == ["last"]


def test_inclusive_join_waits_for_the_branch_that_begins_beside_a_direct_flow() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> j | b
            user b -> j
            or j -> last
            user last -> e
            end e
        """)
    )
    assert case.tasks == ("b",)
    assert opened(case.complete("b")) == ["last"]


def test_inclusive_join_waits_for_no_boundary_event() -> None:
    """A way through a boundary event is no path of sequence flows."""
    case = Case(
        define("""
            start s -> f
            and f -> a | b
            user a -> c
            user c -> gone
            boundary late on c timer=R_A -> j
            end gone
            user b -> j
            or j -> last
            user last -> e
            end e
        """)
    )
    assert opened(case.complete("b")) == ["last"]


def test_token_behind_an_event_gateway_counts_once_for_all_its_events() -> None:
    """It may still come by the flow that has brought one, so nobody waits for it (iv to vi)."""
    case = Case(
        define("""
            start s -> f
            and f -> a | r
            user a -> m
            race r -> c1 | c2
            catch c1 message=came -> m
            catch c2 timer=R_A -> b
            xor m -> j
            user b -> j
            or j -> last
            user last -> e
            end e
        """)
    )
    assert opened(case.complete("a")) == ["last"]


def test_inclusive_join_looks_round_when_all_others_rest() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> m | g
            xor m -> j
            xor g -> m when ok | b
            user b -> j
            or j -> last
            user last -> e
            end e
        """),
        ok=False,
    )
    assert case.tasks == ("b",)
    assert opened(case.complete("b")) == ["last"]
