"""SpiffWorkflow's own test diagrams, where a copy of its repository is at hand."""

import os
from pathlib import Path

import pytest

from tests.support.diagrams import diagram
from tests.support.foreign_survey import survey

FOLDER = os.environ.get("DUBAN_SPIFFWORKFLOW_FILES", "")
GOOD = """
start s -> g
xor g -> a when amount > max_amount(3) | c
user a -> e
boundary late on a timer=P15D -> e
call c process=called -> e
end e
"""
CALLED = """
start s -> t
rule t decision=theirs -> e
end e
"""


@pytest.mark.skipif(
    not FOLDER, reason="DUBAN_SPIFFWORKFLOW_FILES names no copy of SpiffWorkflow's test diagrams"
)
def test_spiffworkflows_own_diagrams_step_alike_everywhere() -> None:
    found = survey(Path(FOLDER))
    assert sum(found.walked.values()) > 1_000
    assert found.differences == {}
    assert found.plain_differences == {}


def test_diagram_of_another_tool_is_walked_without_its_data(tmp_path: Path) -> None:
    (tmp_path / "good.bpmn").write_bytes(diagram("good", GOOD, ""))
    (tmp_path / "called.bpmn").write_bytes(diagram("called", CALLED, ""))
    found = survey(tmp_path)
    assert found.walked["good.bpmn"] > 20
    assert (found.outside, found.differences, found.plain_differences) == ({}, {}, {})


def test_diagram_outside_the_profile_is_counted_by_its_reason(tmp_path: Path) -> None:
    content = diagram("p", CALLED, "")
    script = content.replace(b"businessRuleTask", b"scriptTask")
    (tmp_path / "script.bpmn").write_bytes(script)
    (tmp_path / "caller.bpmn").write_bytes(diagram("good", GOOD, ""))
    (tmp_path / "broken.bpmn").write_bytes(b"<definitions")
    found = survey(tmp_path)
    assert found.walked == {}
    assert found.outside["caller.bpmn"] == ("calls what is outside",)
    assert found.outside["broken.bpmn"] == ("xml-malformed",)
    assert "a script is a program" in found.outside["script.bpmn"][0]
    assert next(iter(found.lines())) == "3 files, 3 of them outside the profile:"
