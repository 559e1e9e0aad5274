"""Write moments of a bundle on the clock of the place. Part of verify.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from workflows.domain.written_days import day_en, day_zh

# Beijing time has had no summer time since 1991 (the trial of 1986 ended that year), so the
# verifier needs no table of time zones.
_BEIJING = timezone(timedelta(hours=8))


def at_place(moment: str | None, language: str) -> str | None:
    """Write a moment of a record with its zone, in ``en`` or ``zh``; another text as it is.

    2026年3月2日 09:05:07（北京时间，UTC+8）, 2 March 2026 09:05:07 (Beijing time, UTC+8).
    """
    if moment is None:
        return None
    try:
        at = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        there = at.astimezone(_BEIJING)
    except (ValueError, OverflowError):
        return moment
    if language == "zh":
        return f"{day_zh(there.date())} {there:%H:%M:%S}（北京时间，UTC+8）"
    return f"{day_en(there.date())} {there:%H:%M:%S} (Beijing time, UTC+8)"
