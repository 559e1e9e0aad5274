"""The transition table: what was met once needs no SpiffWorkflow, and nothing is different."""

import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.diagrams import pack_files
from tests.support.tables import table as decision_table
from tests.support.walks import walk
from workflows.domain.steps import FactValue, Step, Trigger, TriggerType
from workflows.engine import Definition, load_pack
from workflows.engine import execution as spiff
from workflows.engine.errors import NotStanding
from workflows.engine.expressions import NullCompared
from workflows.engine.loading import build_pack
from workflows.engine.table import TransitionTable

SHIPPED = Path(__file__).parents[2] / "bpmn" / "ladder"
DONE = Trigger(TriggerType.TASK, "a")
TOP = """
start s -> a
user a -> count
service count operation=count fact=n -> d
rule d decision=classify -> g
xor g -> b when kind == 'A' | other
xor other -> c when ok | e
user b -> e
boundary late on b timer=term(R_CLASS,kind) -> c
user c -> e
end e outcome=over
"""


def counted() -> Definition:
    files = pack_files(top=TOP)
    rules = [">= 2 | 'A' | 15", "< 2 | 'B' | null"]
    files["classify.dmn"] = decision_table("classify", ["n"], ["kind", "days"], rules)
    return build_pack(files).processes["top"]


def without_spiff(definition: Definition) -> Definition:
    """Give a definition in which SpiffWorkflow finds nothing to run."""
    return Definition(replace(definition.pack, specs={}), definition.process)


def test_a_way_taken_once_is_taken_again_without_spiffworkflow() -> None:
    definition, table = counted(), TransitionTable()
    marking = spiff.step(definition, "", spiff.START, {}).marking
    first = table.step(definition, marking, DONE, {"n": 1})
    again = table.step(without_spiff(definition), marking, DONE, {"n": 1})
    assert again == first
    assert again.facts_written == {"n": 2, "kind": "A", "days": 15}
    assert [clock.budget.amount for clock in again.armed] == [15]


def test_other_facts_on_the_same_way_give_their_own_values() -> None:
    definition, table = counted(), TransitionTable()
    marking = spiff.step(definition, "", spiff.START, {}).marking
    table.step(definition, marking, DONE, {"n": 1})
    other = table.step(without_spiff(definition), marking, DONE, {"n": 7})
    assert other == spiff.step(definition, marking, DONE, {"n": 7})
    assert other.facts_written["n"] == 8


def test_a_branch_never_taken_is_run_and_added() -> None:
    definition, table = counted(), TransitionTable()
    marking = spiff.step(definition, "", spiff.START, {}).marking
    branches: list[dict[str, FactValue]] = [{"n": 1}, {"ok": True}, {"ok": False}]
    for facts in branches:
        assert table.step(definition, marking, DONE, facts) == spiff.step(
            definition, marking, DONE, facts
        )
    assert len(table) == 1
    for facts in branches:
        table.step(without_spiff(definition), marking, DONE, facts)
    ended = table.step(definition, marking, DONE, {"ok": False})
    assert ended.ended
    assert ended.outcome == "over"


def test_what_fails_in_spiffworkflow_fails_alike_through_the_table() -> None:
    definition, table = counted(), TransitionTable()
    marking = spiff.step(definition, "", spiff.START, {}).marking
    table.step(definition, marking, DONE, {"ok": True})
    with pytest.raises(NullCompared) as through_table:
        table.step(definition, marking, DONE, {})
    with pytest.raises(NullCompared) as in_spiff:
        spiff.step(definition, marking, DONE, {})
    assert through_table.value.attributes == in_spiff.value.attributes
    with pytest.raises(NotStanding):
        table.step(definition, marking, Trigger(TriggerType.TASK, "b"), {})
    assert len(table) == 1


def test_dropped_table_is_built_again_and_answers_the_same() -> None:
    definition, table = counted(), TransitionTable()
    marking = spiff.step(definition, "", spiff.START, {}).marking
    before = table.step(definition, marking, DONE, {"n": 1})
    table.clear()
    assert len(table) == 0
    assert table.step(definition, marking, DONE, {"n": 1}) == before


def test_table_keeps_no_more_than_its_capacity_and_what_is_used() -> None:
    table = TransitionTable(capacity=4)
    definitions = [build_pack(pack_files(**{f"p{n}": TASKS})).processes[f"p{n}"] for n in range(9)]
    for definition in definitions:
        table.step(definition, "", spiff.START, {})
        table.step(definitions[0], "", spiff.START, {})
        assert len(table) <= 4
    table.step(without_spiff(definitions[0]), "", spiff.START, {})


TASKS = """
start s -> a
user a -> e
end e
"""


def test_many_threads_fill_one_table_and_agree() -> None:
    definition = load_pack(SHIPPED).processes["ladder"]
    table, results = TransitionTable(capacity=40), list[list[Step]]()

    def play() -> None:
        results.append(list(walk(definition, table.step, random.Random(5), 60)))

    threads = [threading.Thread(target=play) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(result == results[0] for result in results)
