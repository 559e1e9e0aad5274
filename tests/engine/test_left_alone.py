"""A thousand open cases that everybody leaves alone for ten years (DOMAIN 8.1)."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from tests.support.packs import shipped_files
from workflows.domain.clocks import local_date
from workflows.engine.loading import build_pack
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.customs import read_customs
from workflows.engine.simulation.histories import Sweeps
from workflows.engine.simulation.made_up import MadeUpCase, MadeUpOffice
from workflows.store.calendar_source import official_calendar

CASES, YEARS = 1000, 10
FROM_ON = date(2024, 1, 1)
# What a step may do without anybody's act: nothing that reaches a person or leaves the house.
HARMLESS = {"pause_clocks", "resume_clocks", "count"}
# What may open then: work for people, that says nothing of anybody (timers_only_remind).
REMINDERS = {"letter1", "letter2", "review", "principal_decides", "guidance", "follow_up"}


def left_alone(case: MadeUpCase, until: datetime, seen: Counter[str]) -> None:
    """Let nothing but clocks move a case, and note what they do."""
    walk = case.walk
    while running := [
        (clock.due.due_at, path)
        for path, clock in walk.clocks.items()
        if not clock.is_paused and clock.due.due_at < until
    ]:
        due_at, path = min(running)
        change = walk.fire(path, local_date(due_at))
        seen["fired"] += 1
        seen.update(call.name for call in change.step.operations)
        seen.update(f"task {task.path.rpartition('/')[2]}" for task in change.step.opened)
        assert not change.step.thrown


def test_a_thousand_cases_left_alone_for_ten_years_decide_nothing() -> None:
    calendar, chance = official_calendar(), random.Random(8)
    begun = datetime(2024, 1, 1, tzinfo=UTC)
    until = begun + timedelta(days=3 * 365 + YEARS * 366)
    book = Book(build_pack(shipped_files()), Sweeps(), until, ((begun, calendar),))
    office = MadeUpOffice(book, read_customs(), FROM_ON, seed=5)
    seen, persons, cases, number = Counter[str](), 0, 0, 0
    while cases < CASES:
        # People stop acting at a moment of its own for each matter.
        office.until = begun + timedelta(days=chance.randrange(120, 540))
        played, number = office.play(number), number + 1
        for case in (each for each in played if not each.walk.ended):
            cases += 1
            persons += case.walk.definition.subject == "person"
            left_alone(case, until, seen)
    tasks = {name.removeprefix("task ") for name in seen if name.startswith("task ")}
    operations = seen.keys() - {"fired"} - {name for name in seen if name.startswith("task ")}
    assert operations <= HARMLESS
    assert tasks <= REMINDERS
    assert "review" in tasks
    assert seen["fired"] > CASES
    assert persons > 0
