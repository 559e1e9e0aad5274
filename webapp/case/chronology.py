"""The course of a case in plain words: each record a sentence with who, his post and the basis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from webapp.case.story import Event
from webapp.dates import day as iso_day
from webapp.dates import in_english, today_of
from webapp.papers.official import date_in_full
from webapp.sayings import gettext, listed
from webapp.words import labels
from webapp.words.packs import PackWords
from workflows.domain.records import Record, RecordKind
from workflows.queries.case.timeline import Entry
from workflows.queries.organisations.posts import Posts


def who_acted(entries: Iterable[Entry]) -> frozenset[str]:
    """Give the ids of all who acted, himself or on paper."""
    records = [entry.record for entry in entries]
    return frozenset(
        {each.actor for each in records} | {each.performed_by or "" for each in records}
    )


def chronology(
    entries: Sequence[Entry], events: Sequence[Event], speak: PackWords, posts: Posts
) -> Iterator[str]:
    """Tell records, oldest first, each as a sentence; as much as their events tell."""
    records = [entry.record for entry in entries]
    for record, event, rules in zip(records, events, _rules(records), strict=True):
        yield _sentence(record, event, [_basis(rule, speak) for rule in rules], speak, posts)


def _sentence(
    record: Record, event: Event, bases: list[str], speak: PackWords, posts: Posts
) -> str:
    acted_on, recorded_on = today_of(record.occurred_at), today_of(record.recorded_at)
    on, who = _written(acted_on), _who(record, acted_on, speak, posts)
    if record.kind is RecordKind.CLOCK_FIRED:
        said = gettext("%(on)s，%(what)s。", on=on, what=event.title)
    else:
        said = gettext("%(on)s，%(who)s%(what)s。", on=on, who=who, what=event.title)
    if acted_on != recorded_on:
        said += gettext("登记于%(on)s。", on=_written(recorded_on))
    if event.withdrawn_by is not None:
        said += gettext("已由第 %(seq)s 条撤销。", seq=event.withdrawn_by)
    if bases:
        said += gettext("依据：%(bases)s。", bases=listed(bases))
    return said


def _who(record: Record, on: date, speak: PackWords, posts: Posts) -> str:
    doer = record.performed_by or record.actor
    parts = [posts.on(doer, on), labels.role(record.role) if record.role else ""]
    told = gettext("，").join(part for part in parts if part)
    name = speak.person(doer)
    said = gettext("%(name)s（%(post)s）", name=name, post=told) if told else name
    if record.performed_by is None or record.performed_by == record.actor:
        return said
    return gettext("%(doer)s（%(typist)s代录）", doer=said, typist=speak.person(record.actor))


def _rules(records: Iterable[Record]) -> Iterator[list[str]]:
    """Give for each record the rules of the terms that it kept or that ran out by it."""
    of_task: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if record.kind is RecordKind.CLOCK_FIRED:
            yield [record.trigger.name]
        elif record.kind is RecordKind.TASK_COMPLETED:
            yield list(dict.fromkeys(of_task[record.trigger.ref]))
        else:
            yield []
        for armed in record.effects.armed:
            if armed.task is not None:
                of_task[armed.task].append(armed.rule)


def _basis(rule: str, speak: PackWords) -> str:
    return gettext("“%(rule)s”（%(basis)s）", rule=speak.rule(rule), basis=speak.basis(rule))


def _written(on: date) -> str:
    return iso_day(on) if in_english() else date_in_full(on)
