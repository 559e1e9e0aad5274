"""Who catches what is thrown, and what it ends (BPMN 2.0.2, 10.5.1, 13.5.3 and 13.5.6)."""

import pytest

from tests.support.stepped import Case, define, opened
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import step
from workflows.engine.errors import UncaughtError


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


def test_terminate_end_ends_an_activity_whose_inside_has_just_ended() -> None:
    case = Case(
        define("""
            start s -> a
            user a -> f
            and f -> part | up
            sub part -> b
                start s1 -> e1
                end e1
            throw up escalation=told -> stop
            user b -> stop
            end stop terminate
        """)
    )
    assert case.complete("a").ended


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


def test_signal_takes_both_ways_out_of_an_activity_that_wait_for_it() -> None:
    case = Case(
        define("""
            start s -> f
            and f -> a | b
            user a -> e
            boundary one on~ a signal=go -> x
            boundary two on a signal=go -> y
            user b -> ring
            throw ring signal=go -> e
            user x -> e
            user y -> e
            end e
        """)
    )
    taken = case.complete("b")
    assert (sorted(opened(taken)), sorted(taken.closed)) == (["x", "y"], ["a", "b"])


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
