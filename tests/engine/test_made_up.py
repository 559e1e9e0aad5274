"""Made-up matters: from a seed, by one table, through any pack."""

from collections.abc import Mapping
from datetime import date

import pytest

from tests.support.packs import changed_files, replaced, shipped_files, shipped_pack
from workflows.domain.calendars import Calendar
from workflows.engine.loading import build_pack
from workflows.engine.simulation.customs import read_customs
from workflows.engine.simulation.report import SimulationReport
from workflows.jobs.simulating import simulate_made_up
from workflows.store.calendar_source import official_calendar


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return official_calendar()


def played(
    calendar: Calendar, files: Mapping[str, bytes], seed: int = 1, matters: int = 80
) -> SimulationReport:
    pack = build_pack(files)
    report, _ = simulate_made_up(
        pack, calendar, date(2024, 1, 1), seed=seed, matters=matters, workers=1
    )
    return report


@pytest.fixture(scope="module")
def shipped(calendar: Calendar) -> SimulationReport:
    """What 80 matters of the first seed come to under the shipped pack."""
    return played(calendar, shipped_files())


def test_the_same_seed_gives_the_same_cases_and_another_gives_others(
    calendar: Calendar, shipped: SimulationReport
) -> None:
    assert played(calendar, shipped_files()).to_json() == shipped.to_json()
    assert played(calendar, shipped_files(), seed=2).to_json() != shipped.to_json()


def test_every_case_of_the_shipped_pack_can_be_walked_and_does_what_cases_do(
    shipped: SimulationReport,
) -> None:
    report = shipped
    assert report.cases >= 80
    assert (report.not_opened, report.broken.number) == (0, 0)
    assert report.steps_per_case_year > 20
    assert report.reproduced is None
    assert {"immediate_fix", "closed"} <= {each.outcome for each in report.outcomes}
    assert all(each.recorded is None for each in report.load)


def test_as_many_are_dealt_with_at_once_as_the_table_says(calendar: Calendar) -> None:
    report = played(calendar, shipped_files(), matters=400)
    shares = read_customs().shares["disposition"]
    at_once = sum(each.played.number for each in report.outcomes if each.outcome == "immediate_fix")
    assert abs(at_once / 400 - shares["immediate_fix"] / sum(shares.values())) < 0.08


def test_officers_work_towards_the_deadline_that_they_have(
    calendar: Calendar, shipped: SimulationReport
) -> None:
    shorter = replaced(
        changed_files("2"), "parameters.toml", "C = { value = 90,", "C = { value = 30,"
    )
    shorter = replaced(shorter, "parameters.toml", "B = { value = 60,", "B = { value = 20,")
    days = [
        next(each.played.days for each in report.rungs if each.rung == 2)
        for report in (shipped, played(calendar, shorter))
    ]
    assert days[1] < days[0]


def test_choices_that_the_table_does_not_know_are_taken_from_the_form(calendar: Calendar) -> None:
    files = shipped_files()
    for path in ("facts.toml", "forms/intake.json", "ladder.bpmn"):
        files = replaced(files, path, "immediate_fix", "fixed_at_once")
    report = played(calendar, files, matters=20)
    assert report.broken.number == 0
    assert not any(each.outcome == "fixed_at_once" for each in report.outcomes)


def test_processes_play_the_same_matters(calendar: Calendar, shipped: SimulationReport) -> None:
    pack = shipped_pack()
    together, speed = simulate_made_up(
        pack, calendar, date(2024, 1, 1), seed=1, matters=80, workers=2
    )
    assert together.to_json() == shipped.to_json()
    assert speed.workers == 2
