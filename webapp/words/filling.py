"""What can be typed into a form so that something comes of it, in officers' words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from webapp.sayings import gettext, listed
from webapp.words.packs import PackWords
from workflows.domain.steps import FactValue
from workflows.engine.reach.outcomes import Prospect

# For each fact the values that may stand in it, all of them together one alternative.
Row: TypeAlias = dict[str, list[FactValue]]


def fillings_in_words(
    typed: Iterable[Mapping[str, FactValue]], prospect: Prospect, speak: PackWords
) -> tuple[str, ...]:
    """Write all fillings in as few alternatives as tell them; none where any will do."""
    rows = [{fact: [value] for fact, value in filling.items()} for filling in typed]
    said = [_said(row, prospect, speak) for row in _merged(rows)]
    return tuple(dict.fromkeys(said)) if all(said) else ()


def _merged(rows: list[Row]) -> list[Row]:
    """Put fillings together that differ in one fact only, until none do."""
    merged = list(rows)
    at = 0
    while at < len(merged):
        other = next(
            (each for each in merged[at + 1 :] if _apart(merged[at], each) is not None), None
        )
        if other is None:
            at += 1
            continue
        fact = _apart(merged[at], other) or ""
        merged.remove(other)
        merged[at] = {**merged[at], fact: [*merged[at][fact], *other[fact]]}
        at = 0
    return merged


def _apart(one: Row, other: Row) -> str | None:
    if one.keys() != other.keys():
        return None
    apart = [fact for fact in one if one[fact] != other[fact]]
    return apart[0] if len(apart) == 1 else None


def _said(row: Row, prospect: Prospect, speak: PackWords) -> str:
    said = (_fact(fact, values, prospect, speak) for fact, values in row.items())
    return gettext("，且").join(filter(None, said))


def _fact(fact: str, spoken: Sequence[FactValue], prospect: Prospect, speak: PackWords) -> str:
    """Write what may stand in one field; nothing where any value will do, or only a day."""
    everything = prospect.all_of(fact)
    values = [each for value in spoken for each in prospect.meant_by(fact, value)]
    if len(everything) < 2 or len(values) >= len(everything):
        return ""
    numbers = [each for each in values if isinstance(each, int) and not isinstance(each, bool)]
    others = [each for each in values if each not in numbers or isinstance(each, bool)]
    name = speak.fact(fact)
    parts = list(_numbers(name, sorted(numbers), everything))
    labels = [speak.value(fact, each) for each in others if each is not None]
    if len(labels) == 1:
        parts.append(gettext("%(fact)s为“%(value)s”", fact=name, value=labels[0]))
    elif labels:
        quoted = listed(f"“{label}”" for label in labels)
        parts.append(gettext("%(fact)s为%(values)s之一", fact=name, values=quoted))
    if None in others:
        parts.append(gettext("%(fact)s不填", fact=name))
    return gettext("，或").join(parts)


def _numbers(name: str, numbers: Sequence[int], everything: Sequence[FactValue]) -> Iterator[str]:
    """Write stretches of numbers by their bounds."""
    known = [each for each in everything if isinstance(each, int)]
    for low, high in _stretches(numbers):
        if low == min(known):
            yield gettext("%(fact)s不超过 %(high)s", fact=name, high=high)
        elif high == max(known):
            yield gettext("%(fact)s不低于 %(low)s", fact=name, low=low)
        else:
            yield gettext("%(fact)s在 %(low)s 至 %(high)s 之间", fact=name, low=low, high=high)


def _stretches(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for each in numbers:
        if last is not None and first is not None and each > last + 1:
            yield first, last
            first = each
        first = each if first is None else first
        last = each
    if first is not None and last is not None:
        yield first, last
