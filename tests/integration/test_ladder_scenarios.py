"""Every scenario of the shipped pack, played through the services with a clock of its own."""

from pathlib import Path

import pytest

from workflows.jobs.scenarios import run_scenario

SHIPPED = Path(__file__).parents[2] / "bpmn" / "ladder"
SCENARIOS = sorted(SHIPPED.glob("scenarios/*.toml"), key=lambda path: path.name)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_goes_as_it_says(path: Path) -> None:
    played = list(run_scenario(path, SHIPPED))
    assert [step for step in played if step.failures] == []
    assert len(played) > 1


def test_a_wrong_date_is_found(tmp_path: Path) -> None:
    right = (SHIPPED / "scenarios" / "c08.toml").read_text("utf-8")
    wrong = tmp_path / "c08.toml"
    wrong.write_text(right.replace('R_RECT = "2026-10-22"', 'R_RECT = "2026-10-23"'), "utf-8")
    *_, last = run_scenario(wrong, SHIPPED)
    assert last.failures == ("due R_RECT: expected 2026-10-23, found 2026-10-22",)
