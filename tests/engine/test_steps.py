"""What a step does, construct by construct (BPMN 2.0.2, chapter 13)."""

import pytest

from tests.support.stepped import Case, armed, define, opened
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import start, step
from workflows.engine.errors import (
    NoFlowTaken,
    NotStanding,
    StepBudgetExceeded,
    UncaughtError,
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


def test_error_end_inside_a_called_process_is_caught_around_the_call() -> None:
    case = Case(
        define(
            """
            start s -> outer
            sub outer -> e
                start s2 -> c
                call c process=inner -> e2
                end e2
            boundary failed on outer error=late -> review
            user review -> e
            end e
            """,
            inner="""
            start s -> f
            and f -> a | b
            user a -> bad
            user b -> e
            end bad error=late
            end e
            """,
        )
    )
    assert case.tasks == ("outer/c/a", "outer/c/b")
    taken = case.complete("outer/c/a")
    assert (opened(taken), sorted(taken.closed)) == (["review"], ["outer/c/a", "outer/c/b"])
    assert case.complete("review").ended


def test_error_is_not_caught_by_another_activity_that_waits_for_it() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> one | two
            sub one -> e
                start s1 -> a
                user a -> bad
                end bad error=late
            boundary b1 on one error=late -> x
            user x -> e
            sub two -> e
                start s2 -> b
                user b -> e2
                end e2
            boundary b2 on two error=late -> y
            user y -> e
            end e
        """)
    )
    case.complete("one/a")
    assert case.tasks == ("two/b", "x")


def test_error_boundary_for_its_code_comes_before_the_one_for_any() -> None:
    case = Case(
        define("""
            start s -> one
            sub one -> e
                start s1 -> a
                user a -> bad
                end bad error=late
            boundary any on one error -> x
            boundary late on one error=late -> y
            user x -> e
            user y -> e
            end e
        """)
    )
    assert opened(case.complete("one/a")) == ["y"]


def test_error_that_nobody_catches_is_named() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> bad
            end bad error=late
        """)
    )
    with pytest.raises(UncaughtError, match="late thrown at bad"):
        case.complete("a")


def test_escalation_that_does_not_interrupt_lets_the_scope_go_on() -> None:
    case = Case(
        define("""
            start s -> part
            sub part -> done
                start s1 -> a
                user a -> up
                throw up escalation=told -> b
                user b -> e1
                end e1
            boundary told on~ part escalation=told -> note
            user note -> done
            end done
        """)
    )
    assert opened(case.complete("part/a")) == ["part/b", "note"]
    assert not case.complete("part/b").ended
    assert case.complete("note").ended


def test_escalation_end_that_interrupts_ends_the_scope() -> None:
    case = Case(
        define("""
            start s -> part
            sub part -> done
                start s1 -> f
                and f -> a | b
                user a -> up
                user b -> e1
                end up escalation=told
                end e1
            boundary told on part escalation=told -> note
            user note -> done
            end done
        """)
    )
    taken = case.complete("part/a")
    assert (opened(taken), sorted(taken.closed)) == (["note"], ["part/a", "part/b"])
    assert case.complete("note").ended


def test_escalation_at_the_end_of_a_scope_still_goes_its_way() -> None:
    case = Case(
        define("""
            start s -> part
            sub part -> next
                start s1 -> a
                user a -> e1
                end e1 escalation=told
            boundary told on~ part escalation=told -> note
            boundary late on~ part timer=R_A -> note
            user note -> done
            user next -> done
            end done
        """)
    )
    taken = case.complete("part/a")
    assert (sorted(opened(taken)), taken.cancelled) == (["next", "note"], ("late",))


def test_escalation_that_nobody_catches_changes_nothing() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> up
            throw up escalation=told -> b
            user b -> e
            end e
        """)
    )
    assert opened(case.complete("a")) == ["b"]


def test_terminate_end_ends_its_own_scope_with_the_call_running_in_it() -> None:
    case = Case(
        define(
            """
            start s -> term
            sub term -> closing
                start s1 -> f
                and f -> report | progress | asked
                user report -> finished
                user progress -> progress_again
                xor progress_again -> progress
                catch asked message=extension -> finished2
                end finished2
                end finished terminate
            boundary overdue on~ term timer=R_A -> letters
            call letters process=supervision -> told
            end told
            user closing -> e
            end e
            """,
            supervision="""
            start s -> letter
            user letter -> e
            boundary slow on letter timer=R_A -> e
            end e
            """,
        )
    )
    assert (case.tasks, case.messages) == (("term/progress", "term/report"), ("term/asked",))
    taken = case.complete("term/progress")
    assert (opened(taken), taken.closed) == (["term/progress"], ("term/progress",))
    assert opened(case.fire("overdue")) == ["letters/letter"]
    taken = case.complete("term/report")
    assert sorted(taken.closed) == ["term/progress", "term/report"]
    assert opened(taken) == ["closing"]
    assert case.tasks == ("closing", "letters/letter")


def test_letters_called_in_the_same_scope_end_with_it() -> None:
    case = Case(
        define(
            """
            start s -> rect
            sub rect -> closing
                start s1 -> term
                sub term -> accept
                    start s2 -> report
                    user report -> e2
                    end e2
                boundary overdue on~ term timer=R_A -> letters
                call letters process=supervision -> review
                user review -> e1
                end e1
                user accept -> fine
                end fine terminate
            boundary stuck on rect error=stuck -> decide
            user decide -> e
            user closing -> e
            end e
            """,
            supervision="""
            start s -> letter
            user letter -> bad
            boundary slow on letter timer=R_A -> bad
            end bad error=stuck
            """,
        )
    )
    case.fire("rect/overdue")
    assert case.tasks == ("rect/letters/letter", "rect/term/report")
    by_hand = case.last.marking
    taken = case.fire("rect/letters/slow")
    assert opened(taken) == ["decide"]
    assert sorted(taken.closed) == ["rect/letters/letter", "rect/term/report"]
    case.last = step(
        case.definition, by_hand, Trigger(TriggerType.TASK, "rect/term/report"), case.facts
    )
    taken = case.complete("rect/accept")
    assert opened(taken) == ["closing"]
    assert case.clocks == ()


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


def test_signal_reaches_every_scope_of_the_case() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> one | a
            sub one -> e
                start s1 -> wait
                catch wait signal=go -> b
                user b -> e1
                end e1
            user a -> ring
            throw ring signal=go -> e
            end e
        """)
    )
    taken = case.complete("a")
    assert (opened(taken), taken.thrown) == (["one/b"], ("go",))


def test_signal_that_an_end_throws_is_caught() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> wait | a
            catch wait signal=go -> b
            user b -> e
            user a -> ring
            end ring signal=go
            end e
        """)
    )
    taken = case.complete("a")
    assert (opened(taken), taken.thrown) == (["b"], ("go",))


def test_signal_passes_by_events_that_throw_at_the_same_time() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> f
            and f -> ring | ring2 | wait
            throw ring signal=go -> e
            throw ring2 signal=go -> e
            catch wait signal=go -> b
            user b -> e
            end e
        """)
    )
    taken = case.complete("a")
    assert (opened(taken), taken.thrown) == (["b"], ("go", "go"))


@pytest.mark.parametrize("first", ["ring", "t"])
def test_order_in_which_events_catch_a_signal_does_not_depend_on_the_past(first: str) -> None:
    case = Case(
        define(f"""
            start s -> f
            and f -> z | a | {first}
            catch z signal=go -> gz
            catch a signal=go -> ga
            xor gz -> e when n > 1 | e2
            xor ga -> e when ok | e2
            user t -> ring
            throw ring signal=go -> e
            end e
            end e2
        """),
        n=0,
        ok=False,
    )
    taken = case.last if first == "ring" else case.complete("t")
    assert [entry.expression for entry in taken.trace] == ["ok", "n > 1"]


def test_thrown_message_leaves_the_case() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> tell
            throw tell message=referred -> e
            end e message=closed_case
        """)
    )
    assert case.complete("a").thrown == ("referred", "closed_case")


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
