"""Sun and moon, to check a table of festivals against the sky it was made from.

Formulas: Jean Meeus, Astronomical Algorithms, chapters 25 (sun) and 49 (new moon),
without the smallest terms: minutes, where a festival needs the right day.
"""

from datetime import UTC, date, datetime, timedelta
from math import radians, sin

_NOON_2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_CHINA = timedelta(hours=8, seconds=-72)
_MONTH_DAYS = 29.530588861


def new_moon_on(lunation: int) -> date:
    """The day in China of the new moon with this number, 0 in January 2000."""
    k = float(lunation)
    eccentricity = 1 - 0.002516 * k / 1236.85
    sun = radians(2.5534 + 29.10535670 * k)
    moon = radians(201.5643 + 385.81693528 * k)
    node = radians(160.7108 + 390.67050284 * k)
    days = 5.09766 + _MONTH_DAYS * k + 0.00015437 * (k / 1236.85) ** 2
    days += 0.01608 * sin(2 * moon) - 0.40720 * sin(moon) + 0.01039 * sin(2 * node)
    days += eccentricity * (0.17241 * sin(sun) + 0.00739 * sin(moon - sun))
    days += 0.00208 * sin(2 * sun) - eccentricity * 0.00514 * sin(moon + sun)
    days += 0.00056 * sin(2 * moon + sun) - 0.00111 * sin(moon - 2 * node)
    days -= 0.00057 * sin(moon + 2 * node) + 0.00042 * sin(3 * moon)
    return (_NOON_2000 + timedelta(days=days) + _CHINA).date()


def lunations_from(first_on: date, count: int) -> list[date]:
    """The days of so many new moons from the last one on or before a day."""
    lunation = round((first_on - date(2000, 1, 6)).days / _MONTH_DAYS) + 1
    while new_moon_on(lunation) > first_on:
        lunation -= 1
    return [new_moon_on(lunation + offset) for offset in range(count)]


def sun_longitude(on: date) -> float:
    """The sun's longitude in degrees at the beginning of a day in China."""
    moment = datetime(on.year, on.month, on.day, tzinfo=UTC) - _CHINA
    days = (moment - _NOON_2000).total_seconds() / 86_400
    mean = 280.46646 + 0.98564736 * days
    anomaly = radians(357.52911 + 0.98560028 * days)
    centre = 1.914602 * sin(anomaly) + 0.019993 * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly)
    return (mean + centre - 0.00569) % 360


def festivals(year: int) -> tuple[date, date, date, date]:
    """New Year, Qingming, Dragon Boat and Mid-Autumn of a year, from the sky alone."""
    starts = _months(year)
    qingming = date(year, 4, 1)
    while sun_longitude(qingming + timedelta(days=1)) < 15:
        qingming += timedelta(days=1)
    return (
        starts[1],
        qingming,
        starts[5] + timedelta(days=4),
        starts[8] + timedelta(days=14),
    )


def _months(year: int) -> dict[int, date]:
    """The first days of months 12, 1 to 10: month 11 holds the winter solstice.

    Where thirteen moons lie between two solstices, the first without a principal
    term is the leap month and has no number of its own.
    """
    moons = lunations_from(date(year - 1, 11, 15), 16)
    sectors = [int(sun_longitude(on) // 30) for on in moons]
    eleventh, following = (
        index for index in range(15) if sectors[index] != sectors[index + 1] == 9
    )
    has_leap = following - eleventh == 13
    number, starts = 11, {}
    for index in range(eleventh + 1, following):
        if has_leap and sectors[index] == sectors[index + 1]:
            has_leap = False
            continue
        number = number % 12 + 1
        starts[number] = moons[index]
    return starts
