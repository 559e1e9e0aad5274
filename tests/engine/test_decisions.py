"""Decision tables: answered in our language, traced cell by cell."""

import pytest

from tests.support.diagrams import pack_files
from tests.support.tables import table
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import Pack, PackInvalid, decide, start, step
from workflows.engine.errors import DecisionAmbiguous, DecisionUndecided, UnknownDecision
from workflows.engine.expressions import NullCompared
from workflows.engine.facts import WrongFactValue
from workflows.engine.loading import build_pack

RULES = ["true | >= 2 | 'A' | 15", "true | < 2 | 'B' | n * 10", "false | - | 'B' | null"]


def pack(rules: list[str] = RULES, policy: str = "", top: str | None = None) -> Pack:
    files = pack_files(
        top=top
        or """
        start s -> a
        user a -> d
        rule d decision=classify -> g
        xor g -> b when kind == 'A' | c
        user b -> e
        user c -> e
        end e
        """
    )
    files["classify.dmn"] = table("classify", ["ok", "n"], ["kind", "days"], rules, policy)
    return build_pack(files)


def test_table_writes_facts_that_the_gateway_behind_it_sees() -> None:
    definition = pack().processes["top"]
    marking = start(definition, {}).marking
    taken = step(definition, marking, Trigger(TriggerType.TASK, "a"), {"ok": True, "n": 3})
    assert taken.facts_written == {"kind": "A", "days": 15}
    assert [task.path for task in taken.opened] == ["b"]
    assert [(entry.expression, entry.value) for entry in taken.trace] == [
        ("(ok is not null) and (ok == true)", True),
        ("n >= 2", True),
        ("(ok is not null) and (ok == true)", True),
        ("n < 2", False),
        ("(ok is not null) and (ok == false)", False),
        ("kind == 'A'", True),
    ]
    assert taken.trace[1].operands == {"n": 3}
    assert taken.trace[-1].operands == {"kind": "A"}


def test_output_may_be_reckoned_or_null() -> None:
    assert decide(pack(), "classify", {"ok": True, "n": 1}) == {"kind": "B", "days": 10}
    assert decide(pack(), "classify", {"ok": False}) == {"kind": "B", "days": None}


def test_suggestion_is_empty_while_nothing_can_be_said() -> None:
    loaded = pack()
    assert decide(loaded, "classify", {}) == {}
    assert decide(loaded, "classify", {"ok": True}) == {}
    assert decide(pack(["true | > 5 | 'A' | 1"]), "classify", {"ok": True, "n": 1}) == {}


def test_step_names_the_fact_that_its_table_misses() -> None:
    definition = pack().processes["top"]
    marking = start(definition, {}).marking
    with pytest.raises(NullCompared, match="needs n, which is not known yet"):
        step(definition, marking, Trigger(TriggerType.TASK, "a"), {"ok": True})


def test_step_names_the_table_in_which_no_rule_fits() -> None:
    definition = pack(["true | > 5 | 'A' | 1"]).processes["top"]
    marking = start(definition, {}).marking
    with pytest.raises(DecisionUndecided, match="classify"):
        step(definition, marking, Trigger(TriggerType.TASK, "a"), {"ok": True, "n": 1})


def test_two_rules_of_a_unique_table_are_named() -> None:
    rules = ["- | > 1 | 'A' | 1", "true | - | 'B' | 2"]
    with pytest.raises(DecisionAmbiguous, match="rows 1, 2"):
        decide(pack(rules), "classify", {"ok": True, "n": 3})


def test_first_table_takes_the_first_and_asks_no_further() -> None:
    rules = ["- | > 1 | 'A' | 1", "true | - | 'B' | 2"]
    assert decide(pack(rules, "FIRST"), "classify", {"n": 3}) == {"kind": "A", "days": 1}


def test_output_of_a_wrong_type_is_refused() -> None:
    with pytest.raises(WrongFactValue, match="kind cannot be 'C'"):
        decide(pack(["- | - | 'C' | 1"]), "classify", {})


def test_unknown_table_is_named() -> None:
    with pytest.raises(UnknownDecision, match="no decision table other"):
        decide(pack(), "other", {})


@pytest.mark.parametrize("cell", ["__import__('os')", "n.real", "(", "> 1 | 2 > "])
def test_cell_that_leaves_the_fence_is_refused_when_the_pack_is_loaded(cell: str) -> None:
    with pytest.raises(PackInvalid):
        pack([f"- | {cell} | 'A' | 1"])


@pytest.mark.parametrize("cell", ["open('x')", "().__class__", "lambda: 1", "[n for n in n]"])
def test_output_that_leaves_the_fence_is_refused_when_the_pack_is_loaded(cell: str) -> None:
    with pytest.raises(PackInvalid):
        pack([f"- | - | 'A' | {cell}"])
