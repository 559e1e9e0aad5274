"""Steps remembered whole: the same values that were asked for give the same step."""

import random

import pytest

from tests.support.diagrams import pack_files
from tests.support.packs import shipped_pack
from tests.support.random_diagrams import Growing
from tests.support.tables import table as decision_table
from tests.support.walks import walk
from workflows.domain.steps import Facts, FactValue, Trigger, TriggerType
from workflows.engine import step
from workflows.engine.execution import START
from workflows.engine.loading import build_pack
from workflows.engine.memory import Memory, StepMemory

TOP = """
start s -> a
user a -> count
service count operation=count fact=n -> d
rule d decision=classify -> b
user b -> e
boundary late on b timer=term(R_CLASS,kind) -> e
end e
"""


def test_only_values_that_were_asked_for_tell_answers_apart() -> None:
    memory: Memory[str] = Memory()
    asked: list[Facts] = []

    def ask(facts: Facts) -> str:
        asked.append(facts)
        return f"is {facts.get('kind')}" if facts.get("ok") else "not"

    told: list[dict[str, FactValue]] = [
        {"ok": False, "kind": "A"},
        {"ok": False, "kind": "B"},
        {"ok": True, "kind": "B"},
        {"ok": True, "kind": ["A", "B"]},
        {"ok": True, "kind": "B"},
    ]
    answers = [memory.answer("key", facts, ask) for facts in told]
    assert answers == ["not", "not", "is B", "is ['A', 'B']", "is B"]
    assert len(asked) == 3


def test_a_full_memory_begins_anew_and_still_answers() -> None:
    memory: Memory[int] = Memory(capacity=3)
    calls: list[int] = []

    def ask(facts: Facts) -> int:
        calls.append(int(facts["n"]))  # type: ignore[arg-type]
        return int(facts["n"])  # type: ignore[arg-type]

    assert [memory.answer("key", {"n": n}, ask) for n in (1, 2, 3, 4, 4, 1)] == [1, 2, 3, 4, 4, 1]
    assert calls == [1, 2, 3, 4, 1]


def test_counters_tables_and_terms_are_asked_for_too() -> None:
    files = pack_files(top=TOP)
    rules = [">= 2 | 'A' | 15", "< 2 | 'B' | null"]
    files["classify.dmn"] = decision_table("classify", ["n"], ["kind", "days"], rules)
    definition, memory = build_pack(files).processes["top"], StepMemory()
    marking = memory.step(definition, "", START, {}).marking
    done = Trigger(TriggerType.TASK, "a")
    for count in (0, 1, 1, 7, None):
        facts: dict[str, FactValue] = {"n": count, "ok": True}
        assert memory.step(definition, marking, done, facts) == step(
            definition, marking, done, facts
        )


@pytest.mark.parametrize("process_id", ["ladder", "rectification", "accountability"])
def test_shipped_processes_step_from_memory_as_through_the_table(process_id: str) -> None:
    definition, memory = shipped_pack().processes[process_id], StepMemory()
    for seed in (1, 1, 2):
        from_memory = walk(definition, memory.step, random.Random(seed), 60)
        assert from_memory == walk(definition, step, random.Random(seed), 60)


@pytest.mark.parametrize("seed", range(6))
def test_random_diagrams_step_from_memory_as_through_the_table(seed: int) -> None:
    definition = build_pack(
        pack_files(top=Growing(random.Random(seed), "x", ()).process(8))
    ).processes["top"]
    memory = StepMemory()
    for start in (3, 3, 4):
        from_memory = walk(definition, memory.step, random.Random(start), 30)
        assert from_memory == walk(definition, step, random.Random(start), 30)
