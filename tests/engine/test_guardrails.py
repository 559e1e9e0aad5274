"""Each kind of guardrail: kept, broken, and how a case gets there."""

from typing import Any

import pytest

from tests.support.checked import accountability_alone, broken, checked, field, files_of, truth
from tests.support.diagrams import pack_files
from workflows.engine import PackCheck, check_pack
from workflows.engine.loading import build_pack

SAID = 'zh = "规则"\nen = "the rule"\nbasis = "依据"\n'
HEARD = f'[g]\nkind = "before"\n{SAID}activities = ["decide"]\nafter = ["hear"]\n'


def result_of(top: str, guardrail: str, **more: bytes) -> PackCheck:
    text = guardrail if guardrail.startswith("[") else f"[g]\n{SAID}{guardrail}\n"
    return checked(top, truth("ok"), served_on(), guardrails_toml=text.encode(), **more)


def served_on() -> dict[str, Any]:
    return field("served_on", "datetime", subtype="date")


def told(result: PackCheck) -> list[str]:
    return [step.text(result.pack, "en") for step in result.broken[0].steps]


SKIPPED = """
start s -> a
user a form=f -> g
xor g -> hear when ok | decide
user hear -> decide
user decide -> e
end e outcome=closed
"""


def test_an_act_that_a_way_leaves_out_is_found_with_the_shortest_way() -> None:
    result = result_of(SKIPPED, HEARD)
    assert broken(result) == [("guardrail-broken", "decide")]
    assert result.broken[0].guardrail == "g"
    assert result.holds("g") is False
    assert told(result) == [
        "“top” begins, on to “a”",
        "“a” is completed (可以: no), on to “decide”",
    ]
    assert "规则" in result.broken[0].finding.message_zh


def test_an_act_that_every_way_has_keeps_the_guardrail() -> None:
    result = result_of(SKIPPED.replace("| decide\n", "| hear\n"), HEARD)
    assert (result.is_clean, result.holds("g")) == (True, True)


def test_an_act_counts_only_where_its_condition_holds() -> None:
    top = SKIPPED.replace("user a form=f", "user a").replace("-> g\n", "-> hear\n")
    top = top.replace("xor g -> hear when ok | decide\n", "").replace("hear ->", "hear form=f ->")
    assert result_of(top, HEARD).is_clean
    assert broken(result_of(top, HEARD + 'when = "ok"\n')) == [("guardrail-broken", "decide")]


def test_one_of_several_acts_is_enough_for_after_any() -> None:
    top = SKIPPED.replace("| decide\n", "| other\n").replace(
        "user decide", "user other -> decide\nuser decide"
    )
    assert broken(result_of(top, HEARD)) == [("guardrail-broken", "decide")]
    either = HEARD.replace('after = ["hear"]', 'after_any = ["hear", "other"]')
    assert result_of(top, either).is_clean


TIMED = """
start s form=f -> a
user a -> b
boundary late on~ a timer=R_A -> note
user note -> n
end n
user b -> e
boundary over on b timer=R_A -> measure
service measure operation=start_effect kind=ban anchor=served_on -> e
end e
"""


def test_what_a_timer_opens_is_on_the_list_or_found() -> None:
    assert result_of(TIMED, 'kind = "timer_only"\nactivities = ["note"]').holds("g")
    result = result_of(TIMED, 'kind = "timer_only"\nactivities = ["b"]')
    assert broken(result) == [("guardrail-broken", "note")]
    assert told(result)[-1] == "“late” runs out, on to “note”"


def test_a_measure_that_a_timer_reaches_is_found_with_its_way() -> None:
    result = result_of(TIMED, 'kind = "timer_never"\nmeasures = true')
    assert broken(result) == [("guardrail-broken", "measure")]
    assert told(result)[-1] == "“over” runs out, by way of “measure”, “e”, and the case ends"
    by_hand = TIMED.replace("timer=R_A -> measure", "timer=R_A -> c\nuser c -> measure")
    assert result_of(by_hand, 'kind = "timer_never"\nmeasures = true').holds("g")


def test_opening_a_case_carries_what_was_done_only_since_the_matter_began() -> None:
    top = "start s -> hear\nuser hear -> o\nservice o operation=open_case process=inner -> e\nend e"
    inner = "start s2 -> decide\nuser decide -> e2\nend e2 outcome=closed"
    files = pack_files(top=top, inner=inner) | {
        "pack.toml": b'id = "t"\nversion = "1"\ntitle = "t"\nentry = "top"\n'
    }

    def check(guardrail: str) -> PackCheck:
        return check_pack(build_pack(files | {"guardrails.toml": guardrail.encode()}))

    assert check(HEARD + 'since = "matter"\n').holds("g")
    result = check(HEARD)
    assert [(step.number, step.process_id, step.path) for step in result.broken[-1].steps] == [
        (1, "top", ""),
        (1, "top", "hear"),
        (2, "inner", ""),
    ]


def test_a_case_that_a_timer_opens_is_opened_by_no_human() -> None:
    top = """
start s -> a
user a -> e
boundary late on~ a timer=R_A -> o
service o operation=open_case process=inner -> n
end n
end e
"""
    files = pack_files(top=top, inner="start s2 -> decide\nuser decide -> e2\nend e2")
    files["pack.toml"] = b'id = "t"\nversion = "1"\ntitle = "t"\nentry = "top"\n'
    rule = f'[g]\nkind = "timer_only"\n{SAID}activities = ["a"]\n'
    result = check_pack(build_pack(files | {"guardrails.toml": rule.encode()}))
    assert ("guardrail-broken", "decide") in broken(result)


def test_a_message_that_a_timer_sends_is_nobodys_act() -> None:
    top = """
start s -> a
user a -> e
boundary late on~ a timer=R_A -> t
throw t message=asking -> n
end n
end e
"""
    inner = "start s2 message=asking -> decide\nuser decide -> e2\nend e2"
    files = pack_files(top=top, inner=inner)
    files["pack.toml"] = b'id = "t"\nversion = "1"\ntitle = "t"\nentry = "top"\n'
    rule = f'[g]\nkind = "timer_only"\n{SAID}activities = ["a"]\n'
    result = check_pack(build_pack(files | {"guardrails.toml": rule.encode()}))
    assert broken(result) == [("guardrail-broken", "decide")]


def test_what_may_not_stay_open_after_an_act_is_found() -> None:
    top = """
start s -> f
and f -> refer | talk
user refer -> x
user talk -> y
end x
end y
"""
    rule = 'kind = "never_after"\nactivities = ["talk"]\nafter_any = ["refer"]'
    result = result_of(top, rule)
    assert broken(result) == [("guardrail-broken", "talk")]
    assert told(result)[-1] == "“refer” is completed, by way of “x”"


@pytest.mark.parametrize(
    "rule, holds",
    [
        ('kind = "signatures"\nactivities = ["a"]\ncount = 2', False),
        ('kind = "signatures"\nactivities = ["b"]\ncount = 2', True),
        ('kind = "signatures"\nrungs = [3]\ncount = 2', True),
        ('kind = "different_people"\nactivities = ["b"]\nother_than = ["a"]', True),
        ('kind = "different_people"\nactivities = ["a"]\nother_than = ["b"]', False),
        ('kind = "held"\nactivities = ["a"]\nheld_by = ["top"]', False),
        ('kind = "form_asks"\nactivities = ["a"]\nfields = ["ok"]', True),
        ('kind = "form_asks"\nactivities = ["b"]\nfields = ["ok"]', False),
    ],
)
def test_what_tasks_must_declare(rule: str, *, holds: bool) -> None:
    top = "start s -> a\nuser a form=f -> b\nuser b rung=3 signatures=2 otherThan=a -> e\nend e"
    assert result_of(top, rule).holds("g") is holds


def test_a_guardrail_about_what_never_happens_is_no_guardrail() -> None:
    result = result_of(SKIPPED, 'kind = "signatures"\nrungs = [4]\ncount = 2')
    assert broken(result) == [("guardrail-guards-nothing", "g")]


def test_a_pack_that_was_not_explored_proves_nothing() -> None:
    top = "start s form=f -> g\nxor g -> e when n > days | d\nend e\nuser d -> e"
    rule = f'[g]\nkind = "signatures"\n{SAID}activities = ["d"]\ncount = 1\n'
    both = [
        {"type": "number", "key": key, "label": "栏", "validate": {"required": True}}
        for key in ("n", "days")
    ]
    result = check_pack(build_pack(files_of(top, *both, guardrails_toml=rule.encode())))
    assert (result.is_clean, result.holds("g")) == (False, None)
    assert broken(result) == [("not-explored", "top")]
    assert "n > days" in result.broken[0].finding.message_en


def test_the_same_guardrails_hold_where_cases_begin_with_a_person() -> None:
    result = check_pack(build_pack(accountability_alone() | {"guardrails.toml": b""}))
    assert result.is_clean
