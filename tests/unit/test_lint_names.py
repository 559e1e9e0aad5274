"""Names in two languages, and drawings."""

from __future__ import annotations

import pytest

from tests.support.lint_packs import drawn, lint, rules, sound_pack, spoiled
from workflows.engine.lint import lint_files, lint_pack
from workflows.shipped import shipped_pack_dir


@pytest.mark.parametrize(
    "old,new",
    [
        ('name="报送方案"', ""),
        ('name="报送方案"', 'name="Plan"'),
        ('name="整改期限内"', ""),
        ('name="方案期限"', ""),
        ('name="承办科室"', ""),
        ('name="督办流程"', ""),
    ],
)
def test_element_without_a_chinese_name_is_refused(old: str, new: str) -> None:
    assert "name-missing" in rules(spoiled("top.bpmn", (old, new)))


@pytest.mark.parametrize(
    "line",
    [
        'top = "Top"',
        'plan = "Plan"',
        'lane_handle = "Handling"',
        'kind = "Kind"',
        'weak = "Weak"',
        'R_PASS = "Pass"',
    ],
)
def test_missing_english_name_is_a_warning(line: str) -> None:
    found = lint(spoiled("en.toml", (f"\n{line}\n", "\n")))
    assert {each.rule for each in found} == {"english-missing"}
    assert not any(each.is_error for each in found)
    assert line.split(maxsplit=1)[0] in found[0].message("en")


@pytest.mark.parametrize(
    "old,new",
    [
        ('entry = "top"', 'entry = "nowhere"'),
        ('entry = "top"', ""),
        ('id = "t"', "id = 3"),
        ('zh = "测试", ', ""),
        ('version = "1"', ""),
    ],
)
def test_pack_says_what_it_is(old: str, new: str) -> None:
    assert "pack-about" in rules(spoiled("pack.toml", (old, new)))


@pytest.mark.parametrize(
    "old,new",
    [
        ('<process id="work"', '<process id="other"'),
        ('isExecutable="true"', 'isExecutable="false"'),
        ('isExecutable="true"', ""),
    ],
)
def test_file_holds_one_executable_process_of_its_name(old: str, new: str) -> None:
    assert "process-name" in rules(spoiled("work.bpmn", (old, new)))


def test_diagram_without_a_drawing_is_refused() -> None:
    found = {each.rule for each in lint_files(sound_pack())}
    assert "no-drawing" in found


@pytest.mark.parametrize(
    "old,new,rule",
    [
        ('<bpmndi:BPMNShape bpmnElement="plan">', '<bpmndi:BPMNShape bpmnElement="x">', "no-shape"),
        ('<bpmndi:BPMNEdge bpmnElement="f4">', '<bpmndi:BPMNEdge bpmnElement="x">', "no-edge"),
        (
            '<bpmndi:BPMNShape bpmnElement="plan">',
            '<bpmndi:BPMNShape bpmnElement="x">',
            "drawing-dangles",
        ),
        (
            '<bpmndi:BPMNShape bpmnElement="plan">',
            '<bpmndi:BPMNShape bpmnElement="done">',
            "drawing-dangles",
        ),
        ('<di:waypoint x="1" y="1"/>', "", "no-edge"),
        ('width="9"', 'width="0"', "no-shape"),
        ('x="1" y="1" width="9"', 'x="NaN" y="1" width="9"', "no-shape"),
        ('x="1" y="1" width="9"', 'y="1" width="9"', "no-shape"),
    ],
)
def test_every_node_and_flow_is_drawn_once(old: str, new: str, rule: str) -> None:
    files = drawn(sound_pack())
    text = files["top.bpmn"].decode()
    assert old in text
    files["top.bpmn"] = text.replace(old, new).encode()
    assert rule in {each.rule for each in lint_files(files)}


def test_shipped_pack_has_no_error() -> None:
    found = lint_pack(shipped_pack_dir())
    assert [each.text("en") for each in found if each.is_error] == []


def test_oversized_pack_is_a_finding() -> None:
    many = {f"forms/f{number}.json": b"{}" for number in range(1_000)}
    assert [each.rule for each in lint_pack(sound_pack() | many)] == ["pack-too-large"]
