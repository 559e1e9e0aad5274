"""Every way that a case can go: none is left out, and none is made up."""

import json
import random
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.diagrams import pack_files
from tests.support.explored import walk
from tests.support.random_diagrams import Growing
from tests.support.tables import table as decision_table
from workflows.engine import Graph, explore
from workflows.engine.expressions import Expression
from workflows.engine.loading import build_pack
from workflows.engine.reach import Limits

SCORED = """
start s form=f -> g
xor g -> pass when n >= 70 | fail when n < 70 | neither
user pass -> e
user fail -> e
user neither -> e
end e outcome=closed
"""


def field(key: str, kind: str = "number", **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": "栏", "validate": {"required": True}} | more


def files_of(top: str, *fields: Mapping[str, Any], **more: bytes) -> dict[str, bytes]:
    files = pack_files(top=top)
    form = {"type": "default", "id": "f", "components": list(fields)}
    files["forms/f.json"] = json.dumps(form).encode()
    return files | {name.replace("_", "."): content for name, content in more.items()}


def graph_of(files: Mapping[str, bytes], *conditions: str) -> Graph:
    found = explore(build_pack(files), [Expression(text) for text in conditions])
    assert found.refusals == ()
    return found.graphs["top"]


def reached(graph: Graph) -> set[str]:
    return {path for each in graph.transitions for path in each.effect.opened}


def faults(graph: Graph) -> set[str]:
    return {each.effect.fault.code for each in graph.transitions if each.effect.fault}


def test_what_no_value_satisfies_is_not_reached() -> None:
    assert reached(graph_of(files_of(SCORED, field("n")))) == {"pass", "fail"}


def test_a_forms_range_bounds_what_is_reached() -> None:
    ranged = field("n", validate={"required": True, "min": 70, "max": 100})
    assert reached(graph_of(files_of(SCORED, ranged))) == {"pass"}


def test_a_field_that_may_stay_empty_leaves_an_expression_without_a_value() -> None:
    graph = graph_of(files_of(SCORED, field("n", validate={})))
    assert faults(graph) == {"null_compared"}
    way = graph.shortest(lambda each: each.effect.fault is not None)
    assert way is not None
    assert [each.written for each in way] == [{"n": None}]


def test_a_hidden_field_keeps_the_value_of_before() -> None:
    top = """
start s -> a
user a form=f -> again
xor again -> a when ok | g
xor g -> b when n is null | c
user b -> e
user c -> e
end e
"""
    hidden = field("n", conditional={"hide": "=ok is null or not ok"})
    yes_no = [{"value": "true", "label": "是"}, {"value": "false", "label": "否"}]
    graph = graph_of(files_of(top, field("ok", "radio", values=yes_no), hidden))
    assert reached(graph) == {"a", "b", "c"}
    assert {each.known.get("n") for each in graph.states} == {None, 0}


def test_facts_that_an_expression_holds_against_each_other_stay_apart() -> None:
    top = """
start s form=f -> g
xor g -> more when n > days + 1 | same when n == days | less
user more -> e
user same -> e
user less -> e
end e
"""
    narrow = {"required": True, "min": 1, "max": 2}
    graph = graph_of(files_of(top, field("n", validate=narrow), field("days", validate=narrow)))
    assert reached(graph) == {"same", "less"}


def test_what_cannot_be_decided_is_refused_with_its_question() -> None:
    top = "start s form=f -> g\nxor g -> e when n > days | d\nend e\nend d"
    found = explore(build_pack(files_of(top, field("n"), field("days"))))
    assert [(each.reason, each.words["names"]) for each in found.refusals] == [
        ("undecidable", ("days", "n"))
    ]
    assert found.graphs == {}


COUNTED = """
start s -> a
user a -> count
service count operation=count fact=n -> g
xor g -> a when n <= R_MAX | e
end e outcome=over
"""


def test_a_counter_goes_as_far_as_its_bound() -> None:
    graph = graph_of(files_of(COUNTED))
    bound = build_pack(files_of(COUNTED)).constants["R_MAX"]
    counts = {each.known.get("n") for each in graph.states}
    assert counts == {None, *range(1, bound + 1)}
    assert sum(each.effect.outcome == "over" for each in graph.transitions) == 1


def test_a_fact_that_cannot_matter_any_more_is_forgotten() -> None:
    top = SCORED.replace("e outcome", "e2 outcome").replace("-> e\n", "-> last\n")
    top = top.replace("end e2", "user last -> e2\nend e2")
    graph = graph_of(files_of(top, field("n")))
    assert [dict(each.known) for each in graph.states] == [{}] * len(graph.states)
    assert len([each for each in graph.states if "last" in each.marking]) == 1


def test_a_decision_table_is_asked_on_all_values() -> None:
    top = "start s form=f -> d\nrule d decision=classify -> g\n"
    top += "xor g -> a when kind == 'A' | b\nuser a -> e\nuser b -> e\nend e"
    rules = [">= 2 | 'A'", "> 1 | 'B'"]
    table = decision_table("classify", ["n"], ["kind"], rules)
    graph = graph_of(files_of(top, field("n"), classify_dmn=table))
    assert faults(graph) == {"decision_ambiguous", "decision_undecided"}
    assert reached(graph) == set()


def test_an_activity_entered_while_it_is_open_is_a_fault_with_its_way() -> None:
    top = """
start s -> j
xor j -> f
and f -> a | b
user a -> e
user b -> j
end e
"""
    graph = graph_of(files_of(top))
    assert faults(graph) == {"unsafe_marking"}
    way = graph.shortest(lambda each: each.effect.fault is not None)
    assert way is not None
    assert [each.trigger.path for each in way] == ["", "b"]


def test_a_given_fact_may_change_before_any_step() -> None:
    top = "start s -> a\nuser a -> g\nxor g -> b when ok | c\nuser b -> e\nuser c -> e\nend e"
    files = files_of(top)
    files["facts.toml"] = files["facts.toml"].replace(
        b'[ok]\ntype = "bool"', b'[ok]\ntype = "bool"\ngiven = true'
    )
    graph = graph_of(files)
    assert reached(graph) == {"a", "b", "c"}
    assert faults(graph) == set()


def test_a_question_of_a_guardrail_keeps_values_apart() -> None:
    top = "start s -> a\nuser a form=f -> e\nend e"
    files = files_of(top, field("n"))
    assert len(graph_of(files).transitions) == 2
    assert len(graph_of(files, "n >= 70").transitions) == 3


def test_exploration_past_its_limit_is_refused() -> None:
    pack = build_pack(files_of(COUNTED))
    found = explore(pack, limits=Limits(states=2))
    assert [(each.reason, dict(each.words)) for each in found.refusals] == [
        ("states", {"limit": 2})
    ]


def with_facts(top: str, facts: str, *fields: Mapping[str, Any]) -> Graph:
    files = files_of(top, *fields)
    return graph_of(files | {"facts.toml": files["facts.toml"] + facts.encode()})


def test_dates_are_told_apart_by_the_days_that_conditions_name() -> None:
    top = """
start s form=f -> g
xor g -> early when served_on < '2026-01-01' | new_year when served_on == '2026-01-01' | late
user early -> e
user new_year -> e
user late -> e
end e
"""
    graph = graph_of(files_of(top, field("served_on", "datetime", subtype="date")))
    assert reached(graph) == {"early", "new_year", "late"}


TWO_DATES = """
start s form=f -> a
user a form=f -> g
xor g -> b when served_on < ended_on | c when served_on == ended_on | d
user b form=g -> g2
user c -> e
user d -> e
xor g2 -> between when served_on < ended_on and ended_on < '2026-06-01' | a
user between -> e
end e
"""
DAY = {"subtype": "date"}
ENDED_ON = '[ended_on]\ntype = "date"\nname = "终止日期"\n'


def two_dates() -> dict[str, bytes]:
    both = [field(key, "datetime", **DAY) for key in ("served_on", "ended_on")]
    files = files_of(TWO_DATES, *both)
    again = {"type": "default", "id": "g", "components": both[1:]}
    files["forms/g.json"] = json.dumps(again).encode()
    return files | {"facts.toml": files["facts.toml"] + ENDED_ON.encode()}


def test_dates_that_are_held_against_each_other_are_told_apart_by_their_order() -> None:
    graph = graph_of(two_dates())
    assert reached(graph) == {"a", "b", "c", "d", "between"}
    orders = {
        (str(each.known["served_on"]) < "2026-06-01")
        for each in graph.states
        if "b" in each.marking and "served_on" in each.known
    }
    assert orders == {True, False}
    impossible = TWO_DATES.replace("'2026-06-01'", "served_on")
    files = two_dates() | {"top.bpmn": pack_files(top=impossible)["top.bpmn"]}
    assert "between" not in reached(graph_of(files))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_days_are_typed_were_explored(seed: int) -> None:
    definition = build_pack(two_dates()).processes["top"]
    assert walk(definition, explore(definition.pack), random.Random(seed), {}, longest=200) > 1


def test_decimals_are_told_apart_between_whole_numbers() -> None:
    top = """
start s form=f -> g
xor g -> low when share < 9.5 | middle when share < 9.7 | high
user low -> e
user middle -> e
user high -> e
end e
"""
    facts = '[share]\ntype = "decimal"\nscale = 1\nname = "比例"\n'
    assert reached(with_facts(top, facts, field("share"))) == {"low", "middle", "high"}


def test_lists_of_codes_are_told_apart_by_the_codes_that_are_looked_for() -> None:
    top = """
start s form=f -> g
xor g -> both when 'c1' in marks and 'c2' in marks | one when len(marks) == 1 | other
user both -> e
user one -> e
user other -> e
end e
"""
    codes = {f"c{number}": f"码{number}" for number in range(1, 4)}
    facts = '[marks]\ntype = "codes"\nname = "情形"\n[marks.choices]\n' + "".join(
        f'{code} = "{label}"\n' for code, label in codes.items()
    )
    values = [{"value": code, "label": label} for code, label in codes.items()]
    assert reached(with_facts(top, facts, field("marks", "checklist", values=values))) == {
        "both",
        "one",
        "other",
    }


def test_a_message_that_nobody_can_send_does_not_come() -> None:
    top = """
start s -> a
user a -> e
boundary asked on~ a message=asking -> b
user b -> n
end n
end e
"""
    assert reached(graph_of(files_of(top))) == {"a"}
    other = "start s2 -> t\nthrow t message=asking -> e2\nend e2"
    files = files_of(top) | {"other.bpmn": pack_files(other=other)["other.bpmn"]}
    assert reached(graph_of(files)) == {"a", "b"}


def test_what_has_not_changed_is_not_explored_again() -> None:
    top = "start s -> o\nservice o operation=open_case process=inner -> e\nend e"
    inner = "start s2 -> t\nuser t -> e2\nend e2"
    files = files_of(top) | {"inner.bpmn": pack_files(inner=inner)["inner.bpmn"]}
    before = explore(build_pack(files))
    longer = pack_files(inner=inner.replace("t -> e2", "t -> u\nuser u -> e2"))["inner.bpmn"]
    after = explore(build_pack(files | {"inner.bpmn": longer}), known=before)
    assert after.graphs["top"] is before.graphs["top"]
    assert len(after.graphs["inner"].states) == len(before.graphs["inner"].states) + 1
    assert after == explore(build_pack(files | {"inner.bpmn": longer}))


def grown(seed: int) -> dict[str, bytes]:
    """Grow diagrams whose tasks and start have a form that writes every fact."""
    chance = random.Random(seed)
    inner = Growing(chance, "y", ()).process(4)
    top = Growing(chance, "x", ("inner",)).process(6)
    top, inner = (
        re.sub(r"^( *(?:user|start) \w+)", r"\1 form=f", text, flags=re.MULTILINE)
        for text in (top, inner)
    )
    may_be_empty = {"validate": {"required": chance.random() < 0.7}}
    codes = [{"value": "A", "label": "甲"}, {"value": "B", "label": "乙"}]
    truths = [{"value": "true", "label": "是"}, {"value": "false", "label": "否"}]
    fields = [
        field("ok", "radio", values=truths),
        field("n", "number", **may_be_empty),
        field("kind", "radio", values=codes, conditional={"hide": "=ok is null or not ok"}),
    ]
    return files_of(top, *fields) | {
        name: content for name, content in pack_files(inner=inner).items() if name == "inner.bpmn"
    }


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_typed_into_random_diagrams_was_explored(seed: int) -> None:
    definition = build_pack(grown(seed)).processes["top"]
    explored = explore(definition.pack)
    assert explored.refusals == ()
    for number in range(4):
        walk(definition, explored, random.Random(seed * 100 + number), {}, longest=30)
