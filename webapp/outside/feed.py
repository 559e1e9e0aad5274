"""Due dates as an iCalendar (RFC 5545): number, organisation and task, and nothing of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

_FETCH_AGAIN = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class DueDay:
    """One all-day entry; ``key`` stays the same for as long as the task is open."""

    key: str
    title: str
    on: date


def write_calendar(title: str, house_id: str, days: Iterable[DueDay], now: datetime) -> bytes:
    """Write a calendar of all-day entries, which take up no time."""
    calendar = Calendar()
    calendar.add("prodid", "-//Duban//Due dates//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", _FETCH_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for each in days:
        calendar.add_component(_entry(each, house_id, now))
    content: bytes = calendar.to_ical()
    return content


def _entry(each: DueDay, house_id: str, now: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{each.key}@{house_id}")
    entry.add("dtstamp", now)
    entry.add("dtstart", each.on)
    entry.add("dtend", each.on + timedelta(days=1))
    entry.add("summary", each.title)
    entry.add("transp", "TRANSPARENT")
    return entry
