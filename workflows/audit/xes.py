"""Writing a log as XES (IEEE 1849-2016): a trace for each case, an event for each act.

The schema that the standard publishes has no namespace, so a log that is to be valid against
it has none either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from workflows.audit.process_log import (
    LogCounts,
    LogEvent,
    LoggedCase,
    LogHead,
    Value,
    events_of,
)
from workflows.domain.working_time import workdays_taken, working_seconds

EXTENSION_URI = "urn:duban:xes:1"
STANDARD_EXTENSIONS = {
    "Concept": "concept",
    "Lifecycle": "lifecycle",
    "Organizational": "org",
    "Time": "time",
}
# What the extension `duban` adds: level of the log, type, and what it means.
EXTENSION: Mapping[str, tuple[str, str, str]] = {
    "origin": ("log", "string", "the installation, with its mode"),
    "madeAt": ("log", "date", "when the log was written"),
    "calendar": ("log", "string", "version of the calendar that durations are counted with"),
    "scope": ("log", "string", "which cases were asked for"),
    "case": ("trace", "string", "id of the case"),
    "process": ("trace", "string", "id of its process"),
    "pack": ("trace", "string", "hash of the pack version that it is on"),
    "level": ("trace", "string", "L1 about an organisation, L2 about a person"),
    "state": ("trace", "string", "open, stopped or ended"),
    "matter": ("trace", "string", "number of its matter"),
    "parent": ("trace", "string", "id of the case that opened it"),
    "subject": ("trace", "string", "id of the organisation that it is about"),
    "person": ("trace", "string", "id of the person that it is about"),
    "problemType": ("trace", "string", "code of the problem"),
    "problemSource": ("trace", "string", "code of where the problem came from"),
    "openedAt": ("trace", "date", "when the case was opened"),
    "endedAt": ("trace", "date", "when it ended"),
    "activity": ("event", "string", "id of the activity, rule, message or kind of record"),
    "kind": ("event", "string", "kind of the record that tells of it"),
    "recordedAt": ("event", "date", "when it was entered; time:timestamp is when it was done"),
    "performedBy": ("event", "string", "id of the person whose act was entered from paper"),
    "by": ("event", "string", "account that gave the task to org:resource"),
    "source": ("event", "string", "paper or upload where it was not done on the screen"),
    "late": ("event", "boolean", "entered after its deadline had fired, by two people"),
    "rung": ("event", "int", "rung of the ladder, 0 before the first"),
    "dueAt": ("event", "date", "end of the deadline that counted at that moment"),
    "overdue": ("event", "boolean", "whether the deadline had passed"),
    "lateSeconds": ("event", "int", "how long after its time a clock fired"),
    "workdays": ("event", "int", "working days since the task, or the case, was opened"),
    "workingSeconds": ("event", "int", "seconds since then that lie on working days"),
    "elapsedSeconds": ("event", "int", "all seconds since then"),
}
_CLASSIFIERS = {
    "Activity": "concept:name",
    "ActivityAndLifecycle": "concept:name lifecycle:transition",
    "ActivityId": "duban:activity",
    "Resource": "org:resource",
}
_GLOBALS = ("concept:name", "lifecycle:transition", "org:resource", "duban:activity", "duban:kind")
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xes(target: BinaryIO, head: LogHead, cases: Iterable[LoggedCase]) -> LogCounts:
    """Write cases as they come; no more than one of them is held at a time."""
    counts = LogCounts()
    _write(target, _opening(head))
    for case in cases:
        events = list(events_of(case))
        _write(target, _trace(case, events))
        counts.cases += 1
        counts.events += len(events)
    _write(target, ["</log>"])
    return counts


def _write(target: BinaryIO, lines: Iterable[str]) -> None:
    target.write("".join(f"{line}\n" for line in lines).encode("utf-8"))


def _opening(head: LogHead) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<log xes.version="1849.2016" xes.features="">'
    for name, prefix in STANDARD_EXTENSIONS.items():
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>'
    yield f'<extension name="Duban" prefix="duban" uri="{EXTENSION_URI}"/>'
    unknown = "__UNKNOWN__"
    yield f'<global scope="trace">{_attribute("concept:name", unknown)}</global>'
    yield '<global scope="event">'
    yield from (_attribute(key, unknown) for key in _GLOBALS)
    for key in ("time:timestamp", "duban:recordedAt"):
        yield _attribute(key, datetime(1970, 1, 1, tzinfo=UTC))
    yield "</global>"
    for name, keys in _CLASSIFIERS.items():
        yield f'<classifier name="{name}" scope="event" keys="{keys}"/>'
    yield _attribute("concept:name", head.title)
    yield _attribute("lifecycle:model", "standard")
    yield _attribute("duban:origin", head.origin)
    yield _attribute("duban:madeAt", head.made_at)
    yield _attribute("duban:calendar", head.calendar)
    yield _attribute("duban:scope", head.scope)


def _trace(case: LoggedCase, events: Iterable[LogEvent]) -> Iterator[str]:
    yield "<trace>"
    yield _attribute("concept:name", case.number)
    yield from _own_attributes(_of_trace(case))
    for event in events:
        yield f"<event>{''.join(_event(event))}</event>"
    yield "</trace>"


def _of_trace(case: LoggedCase) -> Mapping[str, Value | None]:
    taken: dict[str, Value] = {}
    if case.ended_at is not None:
        span = (case.calendar, case.opened_at, case.ended_at)
        taken["workdays"] = workdays_taken(*span)
        taken["workingSeconds"] = working_seconds(*span)
        taken["elapsedSeconds"] = int((case.ended_at - case.opened_at).total_seconds())
    return {
        "case": case.id,
        "process": case.process,
        "pack": case.pack_hash,
        "level": case.level,
        "state": case.state,
        "matter": case.matter.number,
        "parent": case.parent,
        "subject": case.organisation,
        "person": case.person if case.tells_persons else None,
        "problemType": case.matter.problem_type,
        "problemSource": case.matter.source,
        "openedAt": case.opened_at,
        "endedAt": case.ended_at,
        **taken,
    }


def _event(event: LogEvent) -> Iterator[str]:
    standard: Mapping[str, Value | None] = {
        "concept:name": event.name,
        "concept:instance": event.task,
        "lifecycle:transition": event.transition.value,
        "time:timestamp": event.at,
        "org:resource": event.resource,
        "org:role": event.role or None,
        "org:group": event.office,
    }
    for key, value in standard.items():
        if value is not None:
            yield _attribute(key, value)
    own = {
        "activity": event.activity,
        "kind": event.kind,
        "recordedAt": event.recorded_at,
        "performedBy": event.performed_by,
        **event.more,
    }
    yield from _own_attributes(own)


def _own_attributes(values: Mapping[str, Value | None]) -> Iterator[str]:
    for name, value in values.items():
        if value is not None:
            yield _attribute(f"duban:{name}", value)


def _attribute(key: str, value: Value) -> str:
    tag, text = _typed(value)
    return f'<{tag} key="{key}" value={quoteattr(_UNWRITABLE.sub("", text))}/>'


def _typed(value: Value) -> tuple[str, str]:
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, Decimal):
        return "float", str(value)
    if isinstance(value, datetime):
        return "date", value.astimezone(UTC).isoformat(timespec="milliseconds")
    return "string", value
