"""What is not sound is found, with the shortest way that leads there."""

import json

from tests.support.checked import broken, checked, field, truth
from workflows.engine import PackCheck


def told(result: PackCheck) -> list[str]:
    (found,) = result.broken
    return [step.text(result.pack, "en") for step in found.steps]


def test_a_sound_process_breaks_nothing() -> None:
    result = checked("start s -> a\nuser a -> e\nend e outcome=closed")
    assert (result.is_clean, result.broken) == (True, ())
    assert (result.totals.markings, result.totals.transitions) == (2, 2)


def test_a_loop_without_exit_can_never_end() -> None:
    top = """
start s -> a
user a form=f -> g
xor g -> e when ok | b
user b -> c
user c -> b
end e outcome=closed
"""
    result = checked(top, truth("ok"))
    assert broken(result) == [("cannot-end", "b")]
    assert told(result) == [
        "“top” begins, on to “a”",
        "“a” is completed (可以: no), on to “b”",
    ]


def test_a_join_that_waits_for_a_token_that_nobody_sends_can_never_end() -> None:
    top = """
start s -> a
user a form=f -> g
xor g -> b when ok | c
user b -> j
user c -> j
and j -> e
end e outcome=closed
"""
    assert broken(checked(top, truth("ok"))) == [("cannot-end", "j"), ("never-reached", "e")]


def test_an_end_that_leaves_something_open_is_found() -> None:
    top = """
start s -> f
and f -> a | b
user a -> e
user b -> e2
end e outcome=closed
end e2
"""
    result = checked(top)
    assert broken(result) == [("end-leaves-open", "e")]
    assert "“b” is still open" in result.broken[0].finding.message_en


def test_what_no_value_leads_to_is_dead() -> None:
    top = """
start s -> a
user a form=f -> g
xor g -> b when n > 100 | e
user b -> e
end e outcome=closed
"""
    most = field("n", validate={"required": True, "min": 0, "max": 100})
    assert broken(checked(top, most)) == [("never-reached", "b")]
    assert checked(top, field("n")).is_clean


def test_an_expression_without_a_value_is_found_with_its_way() -> None:
    top = "start s -> a\nuser a form=f -> g\nxor g -> e when n > 3 | d\nend e\nend d"
    result = checked(top, field("n", validate={"required": False}))
    assert broken(result) == [("step-fails", "a")]
    assert told(result)[-1] == "“a” is completed (次数: left empty)"


def test_tokens_that_pile_up_are_found_with_the_loop_that_grows() -> None:
    top = """
start s -> j
xor j -> f
and f -> a | b
user a -> e
user b -> j
end e
"""
    result = checked(top)
    assert broken(result) == [("entered-while-open", "a")]
    assert result.broken[0].finding.message_en.endswith("what repeats: “b” is completed")


def test_the_time_of_a_rung_is_the_longest_chain_of_its_clocks() -> None:
    top = """
start s -> a
user a rung=2 -> g
boundary a_due on~ a timer=R_A dueOf=a -> n
end n
xor g -> c when ok | b
user b rung=2 -> e
boundary b_due on~ b timer=R_B dueOf=b -> m
end m
user c rung=2 -> e
boundary c_due on c timer=R_A dueOf=c -> e
end e outcome=closed
""".replace("user a", "user a form=f")
    (time,) = checked(top, truth("ok")).rung_times
    assert (time.rung, dict(time.parts), time.unbounded) == (2, {"months": 3, "workdays": 10}, ())


def test_a_counter_bounds_the_time_of_a_loop() -> None:
    top = """
start s -> a
user a rung=2 -> count
boundary a_due on~ a timer=R_A dueOf=a -> n
end n
service count operation=count fact=n -> g
xor g -> a when n <= R_MAX | e
end e outcome=closed
"""
    result = checked(top)
    (time,) = result.rung_times
    rounds = result.pack.constants["R_MAX"] + 1
    assert dict(time.parts) == {"workdays": 10 * rounds}
    (endless,) = checked(top.replace("n <= R_MAX", "n <= R_MAX or n > R_MAX")).rung_times
    assert endless.unbounded == (("loop", "a_due"),)


def test_a_rung_without_a_clock_has_no_longest_time() -> None:
    (time,) = checked("start s -> a\nuser a rung=1 -> e\nend e").rung_times
    assert time.unbounded == (("no_clock", "a"),)


def test_checking_a_pack_twice_gives_the_same_bytes() -> None:
    top = "start s -> a\nuser a form=f -> g\nxor g -> e when n > 3 | d\nend e\nend d"
    fields = field("n", validate={"required": False})
    first, second = checked(top, fields), checked(top, fields)
    assert first.canonical() == second.canonical()
    assert json.loads(first.canonical())["clean"] is False


def test_what_soundness_is_made_of_is_told_part_by_part() -> None:
    top = """
start s -> f
and f -> a | b
user a -> e
user b -> e2
end e outcome=closed
end e2
"""
    assert checked(top).soundness == {
        "can_end": True,
        "ends_leave_nothing": False,
        "safe_and_bounded": True,
        "no_step_fails": True,
        "nothing_dead": True,
    }
    fails = checked("start s form=f -> g\nxor g -> e when n > 3 | d\nend e\nend d", optional())
    assert (fails.soundness["no_step_fails"], fails.soundness["nothing_dead"]) == (False, None)


def optional() -> dict[str, object]:
    return field("n", validate={"required": False})


def test_a_loop_that_needs_nobody_is_refused() -> None:
    top = """
start s -> a
user a -> j
xor j -> c
service c operation=count fact=n -> g
xor g -> j when n is not null | e
end e
"""
    result = checked(top)
    assert broken(result) == [("not-explored", "top")]
    assert set(result.soundness.values()) == {None}


def test_tasks_without_a_clock_last_as_long_as_the_scope_around_them() -> None:
    top = """
start s -> p
sub p rung=2 -> e
  start s2 -> a
  user a -> b
  user b -> e2
  end e2
boundary late on~ p timer=R_B dueOf=p -> n
end n
end e outcome=closed
"""
    (time,) = checked(top).rung_times
    assert (dict(time.parts), time.unbounded) == ({"months": 3}, ())
    assert time.text(checked(top).pack, "en") == "3 months"
