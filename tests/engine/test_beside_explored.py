"""Cases that are opened beside others, explored and held to the guardrails of the pack."""

from collections.abc import Mapping

from tests.support.diagrams import pack_files
from workflows.engine import PackCheck, build_pack, check_pack, explore

TOP = "start s -> hear\nuser hear -> tell\nuser tell -> e\nend e"
ASKED = """
start s2 -> x
xor x -> decide when {condition} | other
user decide -> e2
user other -> e3
end e2
end e3
"""
BESIDE = "<extensionElements><duban:beside {beside}/></extensionElements>"


def _files(beside: str, condition: str = "kind is null") -> dict[str, bytes]:
    files = pack_files(top=TOP, asked=ASKED.format(condition=condition))
    says = BESIDE.format(beside=f'processes="top" {beside}')
    start = b'<startEvent id="s2">'
    assert start in files["asked.bpmn"]
    files["asked.bpmn"] = files["asked.bpmn"].replace(start, start + says.encode())
    return files


def _checked(files: Mapping[str, bytes], guardrail: str) -> PackCheck:
    about = '[g]\nzh = "规则"\nen = "the rule"\nbasis = "依据"\n'
    return check_pack(build_pack({**files, "guardrails.toml": f"{about}{guardrail}\n".encode()}))


def _taken(files: Mapping[str, bytes], fact: str) -> list[object]:
    """Give the values of a fact with which cases of the process can begin."""
    graph = explore(build_pack(files)).graphs["asked"]
    return sorted({each.written.get(fact) for each in graph.leaving[0]}, key=str)


def test_its_process_begins_with_every_value_of_what_it_takes_over() -> None:
    assert _taken(_files('takes="kind"', "kind is not null"), "kind") == ["A", None]
    assert _taken(_files('takes="kind"', "kind is null or kind == 'A'"), "kind") == ["A", "B"]


def test_the_condition_of_its_opening_leaves_out_what_cannot_be() -> None:
    taken = _files("""takes="kind" when="kind == 'B'" """)
    assert _taken(taken, "kind") == ["B"]
    jointly = _files("""takes="kind" when="kind == 'A' and ok or kind == 'B' and not ok" """)
    assert _taken(jointly, "kind") == ["A", "B"]


def test_what_is_not_taken_over_is_null() -> None:
    assert _taken(_files('when="ok"', "kind is null"), "kind") == [None]


def test_a_window_leaves_open_whether_it_has_passed() -> None:
    facts = b'\n[late]\ntype = "code"\nname = "L"\nchoices = { yes = "1", no = "2" }\n'
    files = _files('window="R_A" since="served_on" late="late"', "late == 'yes'")
    files["facts.toml"] += facts
    assert _taken(files, "late") == ["no", "yes"]


def test_guardrails_reach_into_it_and_tell_the_way_through_the_other_case() -> None:
    unheard = _checked(_files(""), 'kind = "before"\nafter = ["hear"]\nactivities = ["decide"]')
    (broken,) = [each for each in unheard.broken if each.guardrail == "g"]
    assert [each.process_id for each in broken.steps] == ["top", "asked"]


def test_acts_of_the_other_case_count_where_they_count_since_the_matter_began() -> None:
    """Somebody may ask at any moment, so that what comes later there is not sure."""
    rule = 'kind = "before"\nsince = "matter"\nactivities = ["decide"]\nafter = '
    assert not _checked(_files(""), rule + '["tell"]').holds("g")


def test_no_timer_opens_it() -> None:
    assert _checked(_files(""), 'kind = "timer_never"\nprocesses = ["asked"]').holds("g")
