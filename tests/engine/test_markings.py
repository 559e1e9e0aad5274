"""Markings: one text for one place, safe, checked when they come back."""

import json
import threading
from itertools import product

import pytest

from tests.support.diagrams import pack_files
from workflows.domain.steps import Step, Trigger, TriggerType
from workflows.engine import Definition, Pack, standing, start, step
from workflows.engine.errors import InvalidMarking, UnknownPlace, UnsafeMarking
from workflows.engine.loading import build_pack
from workflows.engine.spiff.parser import Scope

TOP = """
start s -> m
xor m -> c
call c process=middle -> g
boundary long on~ c timer=R_B -> note
user note -> noted
end noted
boundary stop on c escalation=stop -> last
xor g -> e when ok | m
user last -> e
end e
"""
MIDDLE = """
start s -> part
sub part -> e
    start s2 -> x
    xor x -> f
    and f -> a | d
    user a -> j
    boundary slow on~ a timer=R_A -> told
    end told
    call d process=inmost -> j
    and j -> y
    xor y -> e2 when n > 1 | x
    end e2
boundary gone on~ part message=gone -> g
xor g -> up
end up escalation=stop
end e
"""
INMOST = """
start s -> r
race r -> t | m
catch t timer=R_A -> w
catch m message=came -> w
xor w -> b
user b -> e
end e
"""


def pack() -> Pack:
    return build_pack(pack_files(top=TOP, middle=MIDDLE, inmost=INMOST))


def go(definition: Definition, marking: str, text: str, **facts: bool | int) -> Step:
    kind, path = text.split()
    return step(definition, marking, Trigger(TriggerType(kind), path), facts)


def test_marking_is_names_and_numbers_in_one_order() -> None:
    definition = pack().processes["top"]
    taken = start(definition, {})
    assert taken.marking == (
        '{"c":{"gone":1,"part":{"a":1,"d":{"m":1,"t":1},"slow":1}},"long":1,"stop":1}'
    )
    stands = standing(definition, taken.marking)
    assert stands.tasks == ("c/part/a",)
    assert stands.clocks == ("c/part/d/t", "c/part/slow", "long")
    assert stands.messages == ("c/gone", "c/part/d/m")
    assert stands.scopes == ("c", "c/part", "c/part/d")


def test_loops_through_nested_calls_return_to_the_same_marking() -> None:
    definition = pack().processes["top"]
    first = start(definition, {}).marking
    for moves in (
        ("clock c/part/d/t", "task c/part/d/b", "task c/part/a"),
        ("task c/part/a", "message c/part/d/m", "task c/part/d/b"),
        ("clock c/part/slow", "message c/part/d/m", "task c/part/a", "task c/part/d/b"),
    ):
        marking = first
        for move in moves:
            marking = go(definition, marking, move, n=0, ok=False).marking
        assert marking == first
        for move in moves:
            marking = go(definition, marking, move, n=5, ok=False).marking
        assert marking == first


def test_order_of_arrival_leaves_no_trace() -> None:
    definition = pack().processes["top"]
    first = start(definition, {}).marking
    one = go(definition, go(definition, first, "clock c/part/slow").marking, "clock long")
    two = go(definition, go(definition, first, "clock long").marking, "clock c/part/slow")
    assert (one.marking, one.marking_hash) == (two.marking, two.marking_hash)


def test_all_markings_of_a_diagram_with_loops_are_few() -> None:
    definition = pack().processes["top"]
    seen, agenda, transitions, refused = set(), [start(definition, {}).marking], 0, set()
    while agenda:
        marking = agenda.pop()
        if marking in seen:
            continue
        seen.add(marking)
        stands = standing(definition, marking)
        moves = [f"task {path}" for path in stands.tasks]
        moves += [f"clock {path}" for path in stands.clocks]
        moves += [f"message {path}" for path in stands.messages]
        for move, (n, ok) in product(moves, ((0, False), (5, False), (5, True))):
            try:
                agenda.append(go(definition, marking, move, n=n, ok=ok).marking)
                transitions += 1
            except UnsafeMarking as unsafe:
                refused.add(unsafe.attributes["path"])
    assert "{}" in seen
    assert len(seen) < 100
    assert transitions > 200
    # The reminder about the call may still be open when the loop reminds again.
    assert refused == {"note"}


@pytest.mark.parametrize(
    "marking",
    [
        "",
        "[]",
        "no json",
        '{"nowhere": 1}',
        '{"c": 1}',
        '{"c": {}}',
        '{"g": 1}',
        '{"e": 1}',
        '{"note": {"a": 1}}',
        '{"note": 2}',
        '{"note": "1"}',
        '{"note": true}',
        '{"note": 1.0}',
        '{"long": 1}',
        '{"c": {"part": {"j": []}}, "long": 1}',
        '{"c": {"part": {"j": ["a", "d"]}}}',
        '{"c": {"part": {"j": ["x"]}}}',
        '{"c": {"part": {"j": ["a", "a"]}}}',
        '{"c": {"part": {"j": [["a"]]}}}',
        '{"c": {"gone": 1}}',
        '{"#start": 1}',
        '{"c.BoundaryEventSplit": 1}',
        "[" * 5000,
        '{"c":' * 2000 + "1" + "}" * 2000,
        '{"__class__": {"__init__": 1}}',
    ],
)
def test_marking_that_is_none_of_the_definition_is_refused(marking: str) -> None:
    definition = pack().processes["top"]
    with pytest.raises(InvalidMarking):
        step(definition, marking, Trigger(TriggerType.TASK, "note"), {})


def test_standing_refuses_places_that_are_not_there() -> None:
    definition = pack().processes["top"]
    with pytest.raises(UnknownPlace):
        standing(definition, '{"c": {"nowhere": 1}}')
    with pytest.raises(UnknownPlace):
        definition.activity("c/part/slow")
    with pytest.raises(UnknownPlace):
        definition.timer("c/part/a")


def test_ended_case_stands_nowhere() -> None:
    definition = pack().processes["top"]
    stands = standing(definition, "{}")
    assert (stands.tasks, stands.clocks, stands.messages, stands.scopes) == ((), (), (), ())


def picture(scope: Scope) -> str:
    """Write down all that a spec consists of."""
    return json.dumps(
        {
            name: {
                key: repr(value)
                for key, value in sorted(vars(spec).items())
                if not key.endswith("_event") and key != "_wf_spec"
            }
            for name, spec in sorted(scope.task_specs.items())
        }
    )


def test_runs_leave_the_shared_specs_as_they_are() -> None:
    loaded = pack()
    before = {key: picture(scope) for key, scope in loaded.specs.items()}
    definition = loaded.processes["top"]
    marking = start(definition, {}).marking
    for move in ("clock c/part/d/t", "task c/part/d/b", "message c/gone", "task last"):
        marking = go(definition, marking, move, n=5, ok=True).marking
    assert marking == "{}"
    assert {key: picture(scope) for key, scope in loaded.specs.items()} == before


def test_many_threads_on_one_definition_take_the_same_steps() -> None:
    definition = pack().processes["top"]
    moves = ("clock c/part/slow", "clock c/part/d/t", "task c/part/d/b", "task c/part/a")
    results: list[list[Step]] = []

    def run() -> None:
        for _ in range(20):
            taken, marking = [], start(definition, {}).marking
            for move in moves:
                taken.append(go(definition, marking, move, n=0, ok=False))
                marking = taken[-1].marking
            results.append(taken)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 80
    assert all(result == results[0] for result in results)


def test_facts_of_the_caller_are_left_alone() -> None:
    definition = build_pack(
        pack_files(
            top="""
            start s -> o
            service o operation=count fact=n -> a
            user a -> e
            end e
            """
        )
    ).processes["top"]
    facts = {"n": 1}
    assert start(definition, facts).facts_written == {"n": 2}
    assert facts == {"n": 1}
