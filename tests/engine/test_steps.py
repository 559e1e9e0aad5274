"""What a step does, construct by construct (BPMN 2.0.2, chapter 13)."""

import pytest

from tests.support.stepped import Case, armed, define, opened
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import start, step
from workflows.engine.errors import (
    NoFlowTaken,
    NotStanding,
    StepBudgetExceeded,
    UnsafeMarking,
)
from workflows.engine.loading import build_pack


def test_task_that_loops_to_itself_closes_and_opens_at_the_same_marking() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> again
            boundary t on~ a timer=R_A -> e
            xor again -> e when ok | a
            end e
        """)
    )
    before = case.last.marking
    taken = case.complete("a", ok=False)
    assert taken.marking == before
    assert (opened(taken), taken.closed) == (["a"], ("a",))
    assert (armed(taken), taken.cancelled) == (["t"], ("t",))


def test_interrupting_timer_ends_its_task() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> e
            boundary t on a timer=R_A -> b
            user b -> e
            end e
        """)
    )
    taken = case.fire("t")
    assert (opened(taken), taken.closed, taken.cancelled) == (["b"], ("a",), ())
    assert case.complete("b").ended


def test_timer_that_does_not_interrupt_fires_once_and_leaves_its_task() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> e
            boundary t on~ a timer=R_A -> b
            user b -> e
            end e
        """)
    )
    taken = case.fire("t")
    assert (opened(taken), taken.closed, taken.cancelled) == (["b"], (), ())
    assert (case.tasks, case.clocks) == (("a", "b"), ())
    assert not case.complete("a").ended
    assert case.complete("b").ended


def test_completed_task_cancels_its_clocks() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> b
            boundary t1 on a timer=R_A -> e
            boundary t2 on~ a timer=R_B -> e
            user b -> e
            end e
        """)
    )
    assert sorted(case.complete("a").cancelled) == ["t1", "t2"]
    assert case.clocks == ()


def test_fired_clock_is_not_among_the_cancelled_but_its_siblings_are() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> e
            boundary t1 on a timer=R_A -> e
            boundary t2 on~ a timer=R_B -> e
            end e
        """)
    )
    taken = case.fire("t1")
    assert (taken.cancelled, taken.ended) == (("t2",), True)


def test_intermediate_timer_waits_to_be_fired() -> None:
    case = Case(
        define("""
            start s -> wait
            catch wait timer=R_B -> e
            end e outcome=closed
        """)
    )
    assert (armed(case.last), case.tasks) == (["wait"], ())
    taken = case.fire("wait")
    assert (taken.ended, taken.outcome, taken.cancelled) == (True, "closed", ())


def test_clock_knows_rule_budget_kind_anchor_and_what_it_is_due_of() -> None:
    case = Case(
        define(
            """
            start s -> c
            call c process=inner -> e
            end e
            """,
            inner="""
            start s -> part
            sub part -> e
                start s2 -> plan
                user plan -> e2
                boundary t on~ plan timer=term(R_CLASS,kind,days) anchor=served_on dueOf=plan \
series=true -> e2
                end e2
            end e
            """,
        ),
        kind="B",
        days=20,
    )
    (clock,) = case.last.armed
    assert clock.path == "c/part/t"
    assert (clock.rule, clock.budget.amount, clock.budget.unit) == ("R_CLASS", 20, "days")
    assert (clock.anchor, clock.due_of, clock.series) == ("served_on", "c/part/plan", True)


def test_message_boundary_event_may_happen_again_while_its_task_is_open() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> e
            boundary m on~ a message=asked -> b
            user b -> e2
            end e2
            end e
        """)
    )
    assert case.last.awaited == ("m",)
    assert opened(case.receive("m")) == ["b"]
    assert case.last.awaited == ("m",)
    case.complete("b")
    assert opened(case.receive("m")) == ["b"]
    assert case.complete("a").awaited == ()
    assert case.complete("b").ended


def test_event_based_gateway_takes_the_first_of_two_timers_and_a_message() -> None:
    definition = define("""
        start s -> r
        race r -> t1 | t2 | m
        catch t1 timer=R_A -> a
        catch t2 timer=R_B -> b
        catch m message=came -> c
        user a -> e
        user b -> e
        user c -> e
        end e
    """)
    case = Case(definition)
    assert (case.clocks, case.messages) == (("t1", "t2"), ("m",))
    taken = case.fire("t2")
    assert (opened(taken), taken.cancelled, taken.awaited) == (["b"], ("t1",), ())
    case = Case(definition)
    taken = case.receive("m")
    assert (opened(taken), sorted(taken.cancelled)) == (["c"], ["t1", "t2"])


def test_parallel_join_works_again_in_a_loop() -> None:
    case = Case(
        define("""
            start s -> m
            xor m -> f
            and f -> a | b
            user a -> j
            user b -> j
            and j -> g
            xor g -> e when ok | m
            end e
        """)
    )
    first = case.last.marking
    for _ in range(3):
        assert opened(case.complete("a", ok=False)) == []
        assert sorted(opened(case.complete("b"))) == ["a", "b"]
        assert case.last.marking == first
    case.complete("b")
    assert case.complete("a", ok=True).ended


def test_exclusive_gateway_takes_the_first_that_holds_in_the_order_of_the_file() -> None:
    case = Case(
        define("""
            start s -> g
            xor g -> a when n > 1 | b when n > 2 | c
            user a -> e
            user b -> e
            user c -> e
            end e
        """),
        n=3,
    )
    assert case.tasks == ("a",)
    (entry,) = case.last.trace
    assert (entry.expression, entry.value, entry.operands) == ("n > 1", True, {"n": 3})


def test_gateway_without_a_way_out_is_named() -> None:
    definition = define("""
        start s -> g
        xor g -> a when n > 1 | b when n > 2
        user a -> e
        user b -> e
        end e
    """)
    definition_without_default = build_pack(
        {
            **definition.pack.files,
            "top.bpmn": definition.pack.files["top.bpmn"].replace(b' default="f_g_a"', b""),
        }
    ).processes["top"]
    with pytest.raises(NoFlowTaken, match="gateway g"):
        start(definition_without_default, {"n": 0})


def test_operation_carries_literals_and_facts() -> None:
    case = Case(
        define("""
            start s -> o
            service o operation=open_case process=accountability days=@days -> e
            end e
        """),
        days=7,
    )
    (call,) = case.last.operations
    assert (call.path, call.name) == ("o", "open_case")
    assert call.parameters == {"process": "accountability", "days": 7}


def test_count_is_seen_by_the_gateway_behind_it() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> o
            service o operation=count fact=n -> g
            xor g -> a when n < R_MAX | e
            end e
        """)
    )
    taken = case.complete("a")
    assert (taken.facts_written, taken.operations, taken.ended) == ({"n": 1}, (), False)
    assert taken.trace[0].operands == {"n": 1, "R_MAX": 2}
    taken = case.complete("a")
    assert (taken.facts_written, taken.ended) == ({"n": 2}, True)


def test_outcome_counts_only_at_the_end_of_the_case_itself() -> None:
    case = Case(
        define(
            """
            start s -> c
            call c process=inner -> e
            end e outcome=closed
            """,
            inner="""
            start s -> a
            user a -> e
            end e outcome=inner_only
            """,
        )
    )
    assert case.complete("c/a").outcome == "closed"


def test_rung_is_the_highest_of_the_open_tasks() -> None:
    case = Case(
        define(
            """
            start s -> f
            and f -> a | c
            user a rung=1 -> e
            call c process=inner -> e
            end e
            """,
            inner="""
            start s -> x
            user x rung=4 -> y
            user y -> z
            catch z timer=R_A -> e
            end e
            """,
        )
    )
    assert case.last.rung == 4
    assert case.complete("c/x").rung == 2
    assert case.complete("c/y").rung == 1
    assert case.complete("a").rung == 2
    assert case.fire("c/z").rung is None


def test_second_token_in_an_open_task_is_refused() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> a | b
            user a -> c
            user b -> c
            user c -> e
            end e
        """)
    )
    case.complete("a")
    with pytest.raises(UnsafeMarking, match="c is entered while it is still open"):
        case.complete("b")


def test_second_token_on_one_flow_of_a_join_is_refused() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> a | b | c
            user a -> m
            user b -> m
            xor m -> j
            user c -> j
            and j -> e
            end e
        """)
    )
    case.complete("a")
    with pytest.raises(UnsafeMarking, match="j is entered"):
        case.complete("b")


def test_process_that_calls_itself_for_ever_runs_out_of_its_budget() -> None:
    definition = define("""
        start s -> c
        call c process=top -> e
        end e
    """)
    with pytest.raises(StepBudgetExceeded, match="within 2000 engine steps"):
        start(definition, {})


def test_loop_without_a_task_runs_out_of_its_budget() -> None:
    definition = define("""
        start s -> m
        xor m -> g
        xor g -> e when ok | m
        end e
    """)
    with pytest.raises(StepBudgetExceeded):
        start(definition, {"ok": False})


@pytest.mark.parametrize(
    "kind, path",
    [
        (TriggerType.TASK, "b"),
        (TriggerType.TASK, "t"),
        (TriggerType.CLOCK, "a"),
        (TriggerType.MESSAGE, "t"),
        (TriggerType.CLOCK, ""),
        (TriggerType.TASK, "nowhere/at/all"),
    ],
)
def test_trigger_for_what_is_not_open_is_refused(kind: TriggerType, path: str) -> None:
    definition = define("""
        start s -> a
        user a -> b
        boundary t on a timer=R_A -> e
        user b -> e
        end e
    """)
    marking = start(definition, {}).marking
    with pytest.raises(NotStanding):
        step(definition, marking, Trigger(kind, path), {})
