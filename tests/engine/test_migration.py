"""Carrying markings over from one version of a process to another."""

import random

import pytest

from tests.engine.test_table import walk
from tests.support.diagrams import pack_files
from tests.support.packs import shipped_pack
from workflows.domain.steps import Step, Trigger, TriggerType
from workflows.engine import Definition, standing, step
from workflows.engine import marking_hash as hash_of
from workflows.engine.loading import build_pack
from workflows.engine.migration import Carried, Kept, Obstacle, Why, carry

KINDS = {"task": TriggerType.TASK, "clock": TriggerType.CLOCK, "message": TriggerType.MESSAGE}
OLD = """
start s -> plan
user plan -> work
boundary late on plan timer=R_A -> chase
boundary remind on~ plan timer=R_B -> told
user chase -> e
end told
sub work -> e
  start s2 -> f
  and f -> first | second
  user first -> j
  user second -> j
  and j -> e2
  end e2
end e
"""


def version(text: str, **others: str) -> Definition:
    return build_pack(pack_files(top=text, **others)).processes["top"]


def stand(definition: Definition, *moves: str) -> Step:
    taken = step(definition, "", Trigger(TriggerType.START), {})
    for move in moves:
        kind, path = move.split()
        taken = step(definition, taken.marking, Trigger(KINDS[kind], path), {})
    return taken


def carried(old: Definition, new: Definition, *moves: str, **renames: str) -> Carried:
    found = carry(old, new, stand(old, *moves).marking, {f"top/{k}": v for k, v in renames.items()})
    assert isinstance(found, Carried), found
    assert found.marking_hash == hash_of(found.marking)
    standing(new, found.marking)
    return found


def obstacles(old: Definition, new: Definition, *moves: str) -> tuple[Obstacle, ...]:
    found = carry(old, new, stand(old, *moves).marking)
    assert not isinstance(found, Carried)
    return found


def test_unchanged_version_leaves_everything_where_it_is() -> None:
    found = carried(version(OLD), version(OLD))
    assert found.marking == stand(version(OLD)).marking
    assert found.tasks == (Kept("plan", "plan", is_same=True),)
    assert {clock.old for clock in found.clocks} == {"late", "remind"}
    assert found.started == found.stopped == ()


@pytest.mark.parametrize("process_id", ["ladder", "rectification", "accountability"])
def test_every_marking_of_the_shipped_pack_is_carried_to_itself(process_id: str) -> None:
    definition = shipped_pack().processes[process_id]
    for taken in walk(definition, step, random.Random(11), 80):
        if not taken.ended:
            found = carry(definition, definition, taken.marking)
            assert isinstance(found, Carried)
            assert found.marking == taken.marking
            assert all(kept.is_same for kept in (*found.tasks, *found.clocks))


def test_new_reminder_beside_an_open_task_starts() -> None:
    new = version(OLD.replace("end told", "end told\nboundary early on~ plan timer=R_A -> told"))
    found = carried(version(OLD), new)
    assert found.started == ("early",)
    assert "early" in standing(new, found.marking).clocks


def test_reminder_that_has_fired_does_not_start_again() -> None:
    found = carried(version(OLD), version(OLD), "clock remind")
    assert found.started == ()
    assert [clock.old for clock in found.clocks] == ["late"]


def test_clock_that_the_new_version_lacks_stops() -> None:
    text = "\n".join(
        line for line in OLD.splitlines() if "remind" not in line and "told" not in line
    )
    assert carried(version(OLD), version(text)).stopped == ("remind",)


def test_clock_by_another_rule_is_kept_but_not_the_same() -> None:
    new = version(OLD.replace("on plan timer=R_A", "on plan timer=R_B"))
    kept = {clock.old: clock.is_same for clock in carried(version(OLD), new).clocks}
    assert kept == {"late": False, "remind": True}


def test_task_of_another_rung_is_kept_but_not_the_same() -> None:
    new = version(OLD.replace("user plan ->", "user plan rung=3 ->"))
    assert carried(version(OLD), new).tasks == (Kept("plan", "plan", is_same=False),)


def test_activity_in_the_way_is_named_where_the_new_version_lacks_it() -> None:
    new = version(OLD.replace("plan", "draft"))
    assert obstacles(version(OLD), new) == (Obstacle("plan", Why.GONE),)


def test_renamed_activity_goes_on_under_its_new_name() -> None:
    old, new = version(OLD), version(OLD.replace("plan", "draft"))
    found = carried(old, new, plan="draft")
    assert found.tasks == (Kept("plan", "draft", is_same=False),)
    assert standing(new, found.marking).clocks == ("late", "remind")
    assert found.started == ()


def test_activity_of_another_kind_is_in_the_way() -> None:
    new = version(OLD.replace("user plan ->", "call plan process=other ->"), other=PLAIN)
    assert obstacles(version(OLD), new) == (Obstacle("plan", Why.OTHER_KIND),)


PLAIN = """
start ps -> pa
user pa -> pe
end pe
"""


def test_call_of_another_process_is_in_the_way() -> None:
    text = """
    start s -> c
    call c process={called} -> e
    end e
    """
    old = version(text.format(called="one"), one=PLAIN)
    new = version(text.format(called="two"), two=PLAIN)
    assert obstacles(old, new) == (Obstacle("c", Why.OTHER_PROCESS),)


def test_half_done_join_goes_on_waiting_for_its_other_branch() -> None:
    moves = ("task plan", "task work/first")
    found = carried(version(OLD), version(OLD), *moves)
    assert found.marking == stand(version(OLD), *moves).marking


def test_join_that_lost_the_flow_it_waits_for_is_in_the_way() -> None:
    new = version(
        OLD.replace("user second -> j", "user second -> e3\n  end e3")
        .replace("  and j -> e2\n", "")
        .replace("user first -> j", "user first -> e2")
    )
    assert obstacles(version(OLD), new, "task plan", "task work/first")[0].path == "work/j"


RACE = """
start s -> r
race r -> soon | word
catch soon timer=R_A -> e
catch word message=word -> e
end e
"""


def test_event_behind_a_gateway_is_let_go_while_another_still_waits() -> None:
    new = version(
        RACE.replace("| word", "| late").replace("catch word message=word", "catch late timer=R_B")
    )
    found = carried(version(RACE), new)
    assert standing(new, found.marking).clocks == ("late", "soon")
    assert standing(new, found.marking).messages == ()
    assert found.started == ("late",)


def test_waiting_that_ends_nowhere_in_the_new_version_is_in_the_way() -> None:
    new = version("start s -> a\nuser a -> e\nend e")
    assert {each.path for each in obstacles(version(RACE), new)} == {"soon", "word"}
