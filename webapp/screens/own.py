"""The page of the person concerned: what of his case is his to see, and to do (R15).

Everything on it is named here one by one. It never starts from the page of an officer and
takes away: what is added there must not turn up here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from webapp.case.beside import window_words
from webapp.case.documents import name_of
from webapp.case.forms import case_form
from webapp.forms.packs import PackForm
from webapp.words import labels
from webapp.words.clocks import why_of
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.domain.effects import Effect
from workflows.domain.errors import NotFound
from workflows.domain.roles import Role
from workflows.engine import Pack
from workflows.engine.documents import Addressee
from workflows.queries.case.beside import offers_of, other_of
from workflows.queries.case.page import CasePage, TaskLine
from workflows.queries.papers.documents import DocumentLine, documents_of
from workflows.services.packs import current_pack
from workflows.services.steps.beside import opening_facts, opening_named

_CONCERNED = Role.PERSON_CONCERNED.value


@dataclass(frozen=True, slots=True)
class OwnTask:
    """Something that he may do now, with its last day and how that was reckoned."""

    name: str
    url: str
    due_on: date | None
    why: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case of his in the list of them, with what he may do in it now."""

    number: str
    name: str
    url: str
    is_over: bool
    tasks: tuple[OwnTask, ...]


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """A document that was handed to him."""

    name: str
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class OwnOffer:
    """What he may ask for beside his case, and until when."""

    name: str
    url: str
    is_open: bool
    window: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class OwnForm:
    """The one form that is open on the page."""

    heading: str
    action: str
    form: PackForm | None
    problem: str = ""


def speaker(page: CasePage) -> PackWords:
    """Give what the case's rules call things, with nobody's name behind an id."""
    return PackWords(page.definition.pack, {})


def own_line(work: Work, page: CasePage) -> OwnCase:
    """Give a case as the list of his cases shows it."""
    return OwnCase(
        number=page.case.number,
        name=speaker(page).process(page.case.process_id),
        url=url_for("own.one", own_id=page.case.id),
        is_over=page.case.state == "ended",
        tasks=own_tasks(work, page),
    )


def own_tasks(work: Work, page: CasePage) -> tuple[OwnTask, ...]:
    """Give the open tasks of the person concerned."""
    speak = speaker(page)
    return tuple(_task(work, page, speak, task) for task in _tasks(page))


def _tasks(page: CasePage) -> Iterator[TaskLine]:
    if page.case.state == "open":
        yield from (task for task in page.tasks if _CONCERNED in task.row.roles.split())


def _task(work: Work, page: CasePage, speak: PackWords, task: TaskLine) -> OwnTask:
    row = task.row
    paused = {(pause.path, pause.n) for pause in page.pauses}
    # Why a clock was stopped may tell of what he is not told.
    clocks = [each for each in page.clocks if each.due_of == task.place]
    plain = [each for each in clocks if (each.path, each.n) not in paused]
    return OwnTask(
        name=speak.activity(row.activity),
        url=url_for("own.task", own_id=page.case.id, path=row.path, n=row.n),
        due_on=row.due_on,
        why=why_of(page, plain[0], work, speak, {}) if plain else None,
    )


def own_lines(work: Work, page: CasePage) -> tuple[DocumentLine, ...]:
    """Give the documents that were handed to the person concerned."""
    lines = documents_of(work.session, page)
    return tuple(line for line in lines if _is_his(line))


def _is_his(line: DocumentLine) -> bool:
    """Say whether a document is his: a paper once it is numbered and served, a form once made."""
    document = line.made.document
    if document.addressee is Addressee.PERSON:
        is_served = line.made.served_day is not None
        return line.issued is not None and (is_served or not document.served_on)
    return document.is_for_person


def own_documents(work: Work, page: CasePage) -> tuple[OwnDocument, ...]:
    """Give the documents on his page."""
    return tuple(
        OwnDocument(
            name_of(line.made),
            line.issued.number if line.issued else "",
            url_for(
                "own.document", own_id=page.case.id, key=line.made.key, seq=line.made.record.seq
            ),
        )
        for line in own_lines(work, page)
    )


def own_offers(work: Work, page: CasePage) -> tuple[OwnOffer, ...]:
    """Give what the person concerned himself may open beside his case."""
    pack = current_pack(work.session, work.today)
    speak = PackWords(pack, {})
    return tuple(
        OwnOffer(
            speak.process(offer.opening.process_id),
            url_for("own.ask", own_id=page.case.id, process=offer.opening.process_id),
            offer.refusal is None,
            window_words(offer.window, page, work, speak) if offer.window else None,
        )
        for offer in offers_of(work.session, work.actor, pack, page)
        if _CONCERNED in offer.opening.roles and offer.is_ready
    )


def own_effects(page: CasePage) -> tuple[tuple[str, Effect], ...]:
    """Give the effects on him, each with what it bars."""
    return tuple((labels.effect(effect.kind), effect) for effect in page.effects)


def task_form(work: Work, page: CasePage, path: str, n: int) -> OwnForm:
    """Open the form of one of his tasks.

    Raises:
        NotFound: It is no open task of his.
    """
    task = next((each for each in _tasks(page) if (each.row.path, each.row.n) == (path, n)), None)
    if task is None:
        raise NotFound(what="task", key=f"{path}#{n}")
    activity = page.definition.activity(path)
    return OwnForm(
        speaker(page).activity(activity.id),
        url_for("own.task", own_id=page.case.id, path=path, n=n),
        None if activity.form is None else _form(work, page, activity.form, is_first=n == 1),
    )


def _form(work: Work, page: CasePage, name: str, *, is_first: bool) -> PackForm:
    pack = page.definition.pack
    return case_form(
        work,
        _without_people(pack, name),
        name,
        org_path=page.case.org_path,
        facts=page.facts,
        is_first=is_first,
    )


def _without_people(pack: Pack, name: str) -> Pack:
    """Give the pack of a form, if nobody is looked up in it.

    Raises:
        NotFound: A list of people is nothing for the person concerned.
    """
    if any(each.picker for each in pack.forms[name].fields):
        raise NotFound(what="form", key=name)
    return pack


def own_messages(page: CasePage) -> tuple[tuple[str, str], ...]:
    """Give what his case waits for from him, as taking an appeal back: name and address."""
    speak = speaker(page)
    return tuple(
        (
            speak.activity(page.definition.message(path).id),
            url_for("own.message", own_id=page.case.id, path=path),
        )
        for path in _awaited(page)
    )


def _awaited(page: CasePage) -> Iterator[str]:
    if page.case.state == "open":
        for path in page.case.awaited:
            if _CONCERNED in page.definition.message(path).roles:
                yield path


def message_form(work: Work, page: CasePage, path: str) -> OwnForm:
    """Open the form of what his case waits for from him.

    Raises:
        NotFound: It waits for nothing of the kind, or not from him.
    """
    if path not in _awaited(page):
        raise NotFound(what="awaited message", key=path)
    event = page.definition.message(path)
    return OwnForm(
        speaker(page).activity(event.id),
        url_for("own.message", own_id=page.case.id, path=path),
        None if event.form is None else _form(work, page, event.form, is_first=True),
    )


def beside_form(work: Work, page: CasePage, process: str) -> OwnForm:
    """Open the form of what he asks for beside his case.

    Raises:
        NotFound: It is not for him to ask.
    """
    session = work.session
    pack, other = current_pack(session, work.today), other_of(session, page)
    opening = opening_named(pack, process, other)
    if _CONCERNED not in opening.roles:
        raise NotFound(what="process beside this case", key=process)
    facts = opening_facts(session, pack, opening, other, work.today)
    form = None
    if opening.form is not None:
        known = _without_people(pack, opening.form)
        form = case_form(work, known, opening.form, org_path=page.case.org_path, facts=facts)
    return OwnForm(
        PackWords(pack, {}).process(process),
        url_for("own.ask", own_id=page.case.id, process=process),
        form,
    )
