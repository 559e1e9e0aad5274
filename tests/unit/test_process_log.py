"""A log for process mining tells of each task what a record tells of many at once."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.support.mining_logs import (
    ANNA,
    BOLD,
    OFFICE,
    PERSON,
    branch_case,
    moment,
    person_case,
)
from workflows.audit.process_log import LogEvent, Transition, events_of
from workflows.domain.records import Effects
from workflows.domain.working_time import workdays_taken, working_seconds
from workflows.store.calendar_source import official_calendar

HOUR, DAY = 3600, 86_400


def told() -> list[LogEvent]:
    return list(events_of(branch_case()))


def the(activity: str, transition: Transition) -> LogEvent:
    (found,) = [e for e in told() if (e.activity, e.transition) == (activity, transition)]
    return found


def test_each_record_becomes_what_happened_to_its_tasks() -> None:
    assert [(event.activity, event.transition.value, event.resource) for event in told()] == [
        ("case_opened", "complete", ANNA),
        ("verify", "schedule", ANNA),
        ("verify", "start", ANNA),
        ("verify", "suspend", ANNA),
        ("verify", "resume", ANNA),
        ("verify", "reassign", BOLD),
        ("resume", "complete", ANNA),
        ("R_VERIFY", "complete", "system:sweep"),
        ("remind", "schedule", "system:sweep"),
        ("verify", "complete", BOLD),
        ("remind", "withdraw", BOLD),
        ("plan", "schedule", BOLD),
        ("case_migrated", "complete", ANNA),
        ("referral_filed", "complete", ANNA),
        ("plan", "withdraw", ANNA),
    ]


def test_events_are_numbered_without_a_gap_though_some_are_sealed() -> None:
    assert [event.number for event in told()] == list(range(1, 16))
    open_to_all = branch_case(sealed=frozenset())
    assert {e.activity for e in events_of(open_to_all)} - {e.activity for e in told()} == {"refer"}


def test_an_act_entered_late_has_the_time_it_was_done_and_that_of_its_entry() -> None:
    done = the("verify", Transition.COMPLETE)
    assert done.at == moment("2026-03-02 15:00")
    assert done.recorded_at == moment("2026-03-06 10:00")
    assert done.more["late"] is True
    assert done.more["source"] == "paper"
    # What it opened was opened when it was entered.
    assert the("plan", Transition.SCHEDULE).at == moment("2026-03-06 10:00")


def test_durations_count_working_days_only() -> None:
    """10 February 9:00 to 2 March 15:00, with nine days of festival and two Sundays off."""
    done = the("verify", Transition.COMPLETE).more
    assert done["elapsedSeconds"] == 20 * DAY + 6 * HOUR
    # 11, 12, 13, 14, 24, 25, 26, 27, 28 February and 2 March.
    assert done["workdays"] == 10
    assert done["workingSeconds"] == (15 + 9 * 24 + 15) * HOUR


def test_a_deadline_stands_with_the_act_as_it_had_been_moved() -> None:
    done = the("verify", Transition.COMPLETE).more
    assert done["dueAt"] == moment("2026-03-05 00:00")
    assert done["overdue"] is False
    assert the("R_VERIFY", Transition.COMPLETE).more["lateSeconds"] == 120


def test_a_fired_clock_belongs_to_its_task() -> None:
    fired = the("R_VERIFY", Transition.COMPLETE)
    assert (fired.task, fired.office, fired.moves_task) == ("verify#1", OFFICE, False)


def test_a_task_in_hand_that_is_taken_away_is_aborted() -> None:
    told_before, end = branch_case().records[:4], branch_case().records[9]
    taken = replace(end, record=replace(end.record, effects=Effects(closed=("verify#1",))))
    *_, last = events_of(branch_case(records=(*told_before, taken)))
    assert (last.activity, last.transition) == ("verify", Transition.ABORT)


def test_who_acted_on_paper_is_told_to_those_cleared_for_persons_only() -> None:
    assert {event.performed_by for event in told()} == {None}
    cleared = events_of(branch_case(tells_persons=True))
    assert {event.performed_by for event in cleared} == {None, PERSON}


def test_a_case_that_names_nobody_tells_of_itself_alone() -> None:
    assert [event.activity for event in events_of(person_case())] == ["case_opened", "decide"]


def test_time_off_counts_nothing() -> None:
    calendar = official_calendar()
    saturday, monday = moment("2026-03-07 08:00"), moment("2026-03-09 08:00")
    assert working_seconds(calendar, saturday, saturday) == 0
    assert working_seconds(calendar, saturday, moment("2026-03-08 20:00")) == 0
    assert working_seconds(calendar, saturday, monday) == 8 * HOUR
    assert working_seconds(calendar, monday, moment("2026-03-09 08:30")) == 1800
    assert working_seconds(calendar, monday, saturday) == workdays_taken(calendar, monday, saturday)
    assert workdays_taken(calendar, saturday, monday) == 1


def test_a_day_ends_in_china() -> None:
    calendar = official_calendar()
    evening, morning = datetime(2026, 3, 9, 15, tzinfo=UTC), datetime(2026, 3, 9, 17, tzinfo=UTC)
    assert workdays_taken(calendar, evening, morning) == 1
    assert working_seconds(calendar, evening, morning) == 2 * HOUR
