"""Writing a log for process mining, and the record that tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, ClassVar

from sqlalchemy.orm import Session

from workflows.audit.ocel import write_ocel
from workflows.audit.process_log import LogCounts, LoggedCase, LogHead
from workflows.audit.xes import write_xes
from workflows.domain.errors import NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.engine.findings import Language
from workflows.services.calendars import current_calendar
from workflows.services.installation import installation_of
from workflows.services.journal import append_house
from workflows.services.reports.log_cases import Reader, Wanted, read_cases, read_directory

RECORD_NAME = "log_exported"
_TITLES = {"zh": "督办案件办理日志", "en": "Log of supervised cases"}


class NothingFits(NotFound):
    """No case fits what was asked for."""

    code: ClassVar[str] = "nothing_fits"


class LogFormat(StrEnum):
    """How a log is written."""

    XES = "xes"
    OCEL = "ocel"


@dataclass(frozen=True, slots=True)
class LogOrder:
    """Which log is asked for, and what for."""

    format: LogFormat
    wanted: Wanted
    purpose: str = ""
    language: Language = "zh"


def write_log(
    session: Session, reader: Reader, now: datetime, target: BinaryIO, order: LogOrder
) -> LogCounts:
    """Write the wanted cases that a reader may take out; it reads only.

    Hand the bytes on only after `record_log` was committed.

    Raises:
        NothingFits: There is no such case.
        NotFound: There is no such organisation.
    """
    cases = _some(read_cases(session, reader, order.wanted, order.language))
    if order.format is LogFormat.XES:
        return write_xes(target, _head(session, now, order), cases)
    return write_ocel(target, cases, read_directory(session))


def record_log(
    session: Session, actor: Actor, now: datetime, order: LogOrder, counts: LogCounts
) -> int:
    """Write the house record of a log; give its seq."""
    form: dict[str, JsonValue] = {
        "format": order.format.value,
        "scope": order.wanted.said(),
        "cases": counts.cases,
        "events": counts.events,
        "purpose": order.purpose,
    }
    ref = f"{order.format.value}:{order.wanted.organisation or '*'}"
    return append_house(session, actor, now, RECORD_NAME, ref, form=form)


def _some(cases: Iterator[LoggedCase]) -> Iterator[LoggedCase]:
    """Give cases on, but refuse where there is none."""
    first = next(cases, None)
    if first is None:
        raise NothingFits
    yield first
    yield from cases


def _head(session: Session, now: datetime, order: LogOrder) -> LogHead:
    installation = installation_of(session)
    return LogHead(
        title=_TITLES[order.language],
        origin=f"{installation.title} ({installation.mode})",
        made_at=now,
        calendar=current_calendar(session).version,
        scope=order.wanted.said(),
    )
