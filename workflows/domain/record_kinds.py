"""The names that a record may use. Part of verify.py, so standard library only."""

from __future__ import annotations

from enum import StrEnum

ZERO_HASH = "0" * 64
LARGEST_INTEGER = 2**53 - 1


class RecordKind(StrEnum):
    """What a record tells."""

    CASE_OPENED = "case_opened"
    TASK_CLAIMED = "task_claimed"
    TASK_RELEASED = "task_released"
    TASK_REASSIGNED = "task_reassigned"
    TASK_COMPLETED = "task_completed"
    CLOCK_FIRED = "clock_fired"
    MESSAGE_RECEIVED = "message_received"
    INTERVENED = "intervened"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"
    UNDONE = "undone"
    CASE_MIGRATED = "case_migrated"
    CASE_CLOSED = "case_closed"
    PAYLOAD_ERASED = "payload_erased"
    HOUSE = "house"


class StreamKind(StrEnum):
    """Whose chain a record belongs to."""

    CASE = "case"
    HOUSE = "house"


class TriggerKind(StrEnum):
    """What caused a record."""

    TASK = "task"
    CLOCK = "clock"
    MESSAGE = "message"
    OFFICER = "officer"
    HOUSE = "house"


class BudgetUnit(StrEnum):
    """What a clock counts."""

    WORKDAYS = "workdays"
    DAYS = "days"
    MONTHS = "months"
    DATE = "date"


class MoveReason(StrEnum):
    """Why a running clock got another due date."""

    EXTENSION = "extension"
    PAUSE = "pause"
    CALENDAR = "calendar"
    MIGRATION = "migration"
    WITHDRAWAL = "withdrawal"


class Source(StrEnum):
    """Where an act was entered from that nobody did on a screen."""

    PAPER = "paper"
    UPLOAD = "upload"
