"""Where plain SpiffWorkflow 3.2.0 departs from BPMN 2.0.2, chapter 13, and we do not.

Each walk ends with what plain SpiffWorkflow makes open and what we make open. When a
later release agrees with us, its test fails here and our own spec can go.
"""

import pytest

from tests.support.diagrams import pack_files
from tests.support.plain_spiff import PlainCase
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import standing, start, step
from workflows.engine.loading import build_pack

JOIN_IN_A_LOOP = """
start s -> m
xor m -> f
and f -> a | b
user a -> j
user b -> j
and j -> g
xor g -> e when ok | m
end e
"""
INCLUSIVE_JOIN = """
start s -> g
or g -> r when ok | b when n > 1 | c
race r -> c1 | c2
catch c1 timer=R_A -> m
catch c2 message=came -> m
xor m -> a
user a -> j
user b -> j
user c -> j
or j -> last
user last -> e
end e
"""
TWO_TIMERS = """
start s -> r
race r -> t1 | t2
catch t1 timer=R_A -> a
catch t2 timer=R_B -> b
user a -> e
user b -> e
end e
"""
MESSAGE_AGAIN = """
start s -> a
user a -> e
boundary m on~ a message=asked -> b
user b -> done
end done
end e
"""
INTERRUPTED = """
start s -> outer
sub outer -> next
    start s1 -> inner
    sub inner -> renewed
        start s2 -> a
        user a -> up
        end up escalation=stop
    end renewed escalation=renew
boundary stop on outer escalation=stop -> review
boundary again on outer escalation=renew -> next
user next -> e
user review -> e
end e
"""
ANOTHER_ONE_CATCHES = """
start s -> f
and f -> one | two
sub one -> e
    start s1 -> a
    user a -> up
    end up escalation=told
sub two -> e
    start s2 -> b
    user b -> e2
    end e2
boundary told on two escalation=told -> x
user x -> e
end e
"""
SIGNAL_END = """
start s -> f
and f -> wait | a
catch wait signal=go -> b
user b -> e
user a -> ring
end ring signal=go
end e
"""


@pytest.mark.parametrize(
    "diagram, moves, plain_tasks, our_tasks",
    [
        (JOIN_IN_A_LOOP, "task a, task b, task b", ["a", "a", "b"], ["a"]),
        (INCLUSIVE_JOIN, "task b, message c2", ["a", "last"], ["a"]),
        (TWO_TIMERS, "clock t2", ["a"], ["b"]),
        (MESSAGE_AGAIN, "message m, task b, message m", ["a"], ["a", "b"]),
        (INTERRUPTED, "task outer/inner/a", ["next", "review"], ["review"]),
        (ANOTHER_ONE_CATCHES, "task one/a", ["x"], ["two/b"]),
        (SIGNAL_END, "task a", [], ["b"]),
    ],
)
def test_plain_spiffworkflow_departs_from_the_standard(
    diagram: str, moves: str, plain_tasks: list[str], our_tasks: list[str]
) -> None:
    definition = build_pack(pack_files(top=diagram)).processes["top"]
    facts: dict[str, FactValue] = {"ok": diagram is not JOIN_IN_A_LOOP, "n": 5}
    plain = PlainCase(definition, facts, mended=False)
    marking = start(definition, facts).marking
    for move in moves.split(", "):
        kind, path = move.split()
        trigger = Trigger(TriggerType(kind), path)
        if trigger in plain.standing():
            plain.move(trigger, facts)
        marking = step(definition, marking, trigger, facts).marking
    stands = plain.standing().elements()
    assert sorted(each.path for each in stands if each.type is TriggerType.TASK) == plain_tasks
    assert list(standing(definition, marking).tasks) == our_tasks
