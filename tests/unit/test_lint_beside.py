"""What a start event says of the cases beside which it opens one must be there and fit."""

import pytest

from tests.support.asking import WINDOW, asking_files
from workflows.engine.lint import lint_files

_RULES = {"beside-wrong", "beside-subject", "beside-misplaced", "reference-dangles"}


def found(**how: str) -> list[str]:
    """Give the rules that a request breaks."""
    wrong = (each for each in lint_files(asking_files(**how)) if each.file == "asking.bpmn")
    return sorted({each.rule for each in wrong if each.is_error})


def test_the_request_as_it_should_be_is_sound() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "how,rule",
    [
        ({"processes": ""}, "beside-wrong"),
        ({"processes": "nothing"}, "reference-dangles"),
        ({"takes": "nothing"}, "reference-dangles"),
        ({"when": "nothing == 1"}, "condition-refused"),
        ({"when": "verified_on"}, "condition-refused"),
        ({"roles": ""}, "task-without-lane"),
        ({"roles": "R99"}, "lane-wrong"),
        ({"more": 'on="problem_type"'}, "beside-wrong"),
        ({"more": 'since="verified_on"'}, "beside-wrong"),
        ({"more": 'late="asked_late"'}, "beside-wrong"),
        ({"more": WINDOW.replace('window="R_OBJ"', 'window="R_RECT"')}, "beside-wrong"),
        ({"more": WINDOW.replace('since="verified_on"', 'since="problem_type"')}, "beside-wrong"),
        ({"more": WINDOW.replace('late="asked_late"', 'late="disposition"')}, "beside-wrong"),
        ({"more": 'until="R_OBJ"'}, "duban-unknown"),
    ],
)
def test_what_is_wrong_is_found(how: dict[str, str], rule: str) -> None:
    assert rule in found(**how)


def test_a_request_beside_another_kind_of_subject_is_found() -> None:
    files = asking_files(processes="accountability")
    about = files["asking.bpmn"].replace(
        b'isExecutable="true"', b'isExecutable="true" duban:subject="organisation"'
    )
    rules = [each.rule for each in lint_files({**files, "asking.bpmn": about})]
    assert "beside-subject" in rules


def test_the_entry_is_opened_beside_nothing() -> None:
    files = asking_files()
    about = files["pack.toml"].replace(b'entry = "ladder"', b'entry = "asking"')
    rules = [each.rule for each in lint_files({**files, "pack.toml": about})]
    assert "beside-misplaced" in rules
