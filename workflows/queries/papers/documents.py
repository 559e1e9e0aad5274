"""The documents of a case: made, numbered, still to come; and what they are made from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import local_date
from workflows.domain.records import Record, RecordKind
from workflows.engine import Definition, Opening, Pack
from workflows.engine.documents import Document
from workflows.engine.errors import UnknownPlace
from workflows.queries.case.beside import other_of
from workflows.queries.case.page import CasePage
from workflows.queries.case.timeline import Entry, whole_timeline
from workflows.queries.names import names_of
from workflows.queries.papers.case_file import all_clocks
from workflows.services.calendars import calendar_of
from workflows.services.offices import office_for
from workflows.services.papers.clearance_content import post_of_person
from workflows.services.papers.documents import Made, Told, made_documents
from workflows.services.steps.beside import Other, Window, window_from, window_of
from workflows.store.tables import Case, Clock, IssuedDocument, Organisation

START = "start"
_ACTS = frozenset({RecordKind.TASK_COMPLETED, RecordKind.MESSAGE_RECEIVED})


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document that a case has made, and its number where it has one.

    ``served_number`` is that of the document whose service a receipt proves.
    """

    made: Made
    issued: IssuedDocument | None
    served_number: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """By which process somebody may object to a document, to whom, and until when.

    Without a window the document has not been served yet.
    """

    name: str
    office: str
    rule: str
    window: Window | None


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that a document is made from, beside its description.

    ``anchors`` are the facts that give the days from which its clocks count, by their rules.
    ``numbers`` are those that documents of the case made until then were given, by their ids.
    """

    page: CasePage
    line: DocumentLine
    names: Mapping[str, str]
    office: str
    post: str
    clocks: Mapping[str, Clock]
    anchors: Mapping[str, str]
    calendars: Mapping[str, Calendar]
    remedies: Mapping[str, Remedy]
    numbers: Mapping[str, str]
    acted_by: str

    @property
    def pack(self) -> Pack:
        """Give the rules that the case walks."""
        return self.page.definition.pack


def documents_of(session: Session, page: CasePage) -> tuple[DocumentLine, ...]:
    """Give the documents that the case of a page has made, the newest first."""
    return documents_by(session, page.case.id, page.definition)


def documents_by(
    session: Session, case_id: str, definition: Definition
) -> tuple[DocumentLine, ...]:
    """Give the documents that a case has made, the newest first; it must be in scope.

    One with a number says what the records said when it got it.
    """
    told = tuple(told_of(whole_timeline(session, case_id).entries, definition))
    issued = {
        (each.seq, each.document): each
        for each in session.scalars(select(IssuedDocument).where(IssuedDocument.case_id == case_id))
    }
    pack = definition.pack
    lines = [_line(pack, told, made, issued) for made in made_documents(pack, told)]
    return tuple(reversed(lines))


def _line(
    pack: Pack,
    told: Sequence[Told],
    made: Made,
    issued: Mapping[tuple[int, str], IssuedDocument],
) -> DocumentLine:
    own = issued.get((made.record.seq, made.document.id))
    if own is not None:
        return DocumentLine(_as_issued(pack, told, made, own.until_seq), own)
    served = issued.get((made.record.seq, made.served.id)) if made.served else None
    return DocumentLine(made, None, served.number if served else "")


def _as_issued(pack: Pack, told: Sequence[Told], made: Made, until_seq: int) -> Made:
    until = [each for each in told if each.record.seq <= until_seq]
    same = (
        each
        for each in made_documents(pack, until)
        if (each.key, each.record.seq) == (made.key, made.record.seq)
    )
    issued = next(same, made)
    # The service may come after the number.
    return replace(issued, served_day=issued.served_day or made.served_day)


def void_numbers(
    session: Session, case_id: str, lines: Sequence[DocumentLine]
) -> tuple[IssuedDocument, ...]:
    """Give the numbers of a case whose document is gone, because its act was taken back.

    A number that was given stays given: so none is missing from its series without a reason.
    """
    statement = select(IssuedDocument).where(IssuedDocument.case_id == case_id)
    kept = {line.issued.id for line in lines if line.issued is not None}
    issued = session.scalars(statement.order_by(IssuedDocument.id))
    return tuple(each for each in issued if each.id not in kept)


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A document that got its number, with the case and the organisation that it is about."""

    issued: IssuedDocument
    case_number: str
    organisation: str


def numbered_by(
    session: Session, account_id: str, code: str, since: datetime, most: int
) -> tuple[NumberedLine, ...]:
    """Give the documents of one code that somebody numbered, in the order of their series."""
    statement = (
        select(IssuedDocument, Case.number, Organisation.name)
        .join(Case, Case.id == IssuedDocument.case_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .where(
            IssuedDocument.issued_by == account_id,
            IssuedDocument.issued_at >= since,
            IssuedDocument.document.startswith(code, autoescape=True),
        )
        .order_by(IssuedDocument.id.desc())
        .limit(most)
    )
    rows = [NumberedLine(*row) for row in session.execute(statement)]
    return tuple(reversed(rows))


def documents_to_come(page: CasePage) -> Iterator[tuple[Document, str]]:
    """Give the documents that open tasks will make, each with its activity."""
    for task in page.tasks:
        for document in page.definition.pack.documents.values():
            if task.row.activity in document.activities:
                yield document, task.row.activity


def makes_documents(pack: Pack, activity: str, levels: Collection[str]) -> bool:
    """Say whether doing a task may make a document of these levels."""
    return any(
        activity in document.activities and document.level.value in levels
        for document in pack.documents.values()
    )


def makes_numbered(pack: Pack, activity: str, code: str) -> bool:
    """Say whether doing a task may make a numbered document of this code of the catalogue."""
    return any(
        each.word and each.code == code and activity in each.activities
        for each in pack.documents.values()
    )


def told_of(entries: Sequence[Entry], definition: Definition) -> Iterator[Told]:
    """Take what documents need from the records of a case, oldest first."""
    for entry in entries:
        yield Told(
            record=entry.record,
            activity=_activity(entry.record, definition),
            form=entry.form,
            changes={name: change.get("new") for name, change in entry.changes.items()},
            is_withdrawn=entry.withdrawn_by is not None,
        )


def _activity(record: Record, definition: Definition) -> str | None:
    if record.kind is RecordKind.CASE_OPENED:
        if definition.opening is not None:
            return definition.opening.id
        return START if definition.process_id == definition.pack.entry else None
    return record.trigger.name if record.kind in _ACTS else None


def form_of(pack: Pack, activity: str) -> str | None:
    """Give the form of an activity; that of registering for ``start``."""
    if activity == START:
        return pack.processes[pack.entry].start_form
    for definition in pack.processes.values():
        for element in definition.process.elements.values():
            if element.id == activity:
                return element.attributes.get("form")
    return None


def material_of(session: Session, page: CasePage, line: DocumentLine) -> Material:
    """Read what a document is made from."""
    made, case = line.made, page.case
    person = case.subject_person_id
    acted_on = local_date(made.record.occurred_at)
    _, post = post_of_person(session, person, acted_on) if person else ("", "")
    clocks = dict(_clocks(all_clocks(session, case.id), made.record.seq))
    return Material(
        page=page,
        line=line,
        names=names_of(session, _ids(made)),
        office=_office(session, page, made, line.issued),
        post=post,
        clocks=clocks,
        anchors=dict(_anchors(page.definition, clocks)),
        calendars={
            each.calendar: calendar_of(session, each.calendar).for_region(case.org_path)
            for each in clocks.values()
        },
        remedies=dict(_remedies(session, page, made)),
        numbers=_numbers(session, case.id, made.record.seq),
        acted_by=_who_acted(session, made.record),
    )


def _who_acted(session: Session, record: Record) -> str:
    """Name who did what made a document: on paper, who did it there."""
    by = record.performed_by or record.actor
    return names_of(session, [by]).get(by, "")


def _numbers(session: Session, case_id: str, until_seq: int) -> dict[str, str]:
    """Give the numbers that a document may name: a later round has numbers of its own."""
    statement = select(IssuedDocument).where(
        IssuedDocument.case_id == case_id, IssuedDocument.seq <= until_seq
    )
    issued = session.scalars(statement.order_by(IssuedDocument.seq))
    return {each.document: each.number for each in issued}


def _clocks(clocks: Sequence[Clock], seq: int) -> Iterator[tuple[str, Clock]]:
    """Give the clock of each rule that ran when a record was made: the last set until then."""
    for clock in clocks:
        if clock.armed_seq <= seq:
            yield clock.rule, clock


def _anchors(definition: Definition, clocks: Mapping[str, Clock]) -> Iterator[tuple[str, str]]:
    """Give the fact whose day each clock counts from; a term of a series counts on from it."""
    for rule, clock in clocks.items():
        try:
            timer = definition.timer(clock.path)
        except UnknownPlace:  # the case was brought to another version since
            continue
        if not timer.series:
            yield rule, timer.anchor


def _ids(made: Made) -> Iterator[str]:
    values = [
        *made.facts.values(),
        *(each for form in made.filled.values() for each in form.values()),
    ]
    for value in values:
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, str):
                yield each


def _office(session: Session, page: CasePage, made: Made, issued: IssuedDocument | None) -> str:
    office = issued.office_id if issued else made.record.office
    wanted = office or page.matter.registering_office_id
    return names_of(session, [wanted]).get(wanted, "")


def _remedies(session: Session, page: CasePage, made: Made) -> Iterator[tuple[str, Remedy]]:
    """Give how to object: the window counts from the document's own service."""
    named = {part.beside for part in made.document.parts if part.beside}
    if not named:
        return
    other = other_of(session, page)
    pack = page.definition.pack
    for process_id in named:
        opening = pack.processes[process_id].opening
        office = office_for(session, _first_office(pack, process_id), other.place)
        if opening is not None:
            window = _window(pack, opening, other, made)
            rule = opening.beside.window or ""
            yield process_id, Remedy(opening.name, office.name, rule, window)


def _window(pack: Pack, opening: Opening, other: Other, made: Made) -> Window | None:
    if not made.document.served_on:
        return window_of(pack, opening, other)
    day = made.served_day
    return window_from(pack, opening, date.fromisoformat(day), other.calendar) if day else None


def _first_office(pack: Pack, process_id: str) -> str:
    """Give the rule of the office that first handles what is opened beside a case."""
    process = pack.processes[process_id].process
    opening = process.start
    own = opening.lane.office if opening is not None and opening.lane else None
    for element in process.elements.values():
        office = element.lane.office if element.lane else None
        if element.kind == "userTask" and office not in (None, own, "person_concerned"):
            return str(office)
    return "banner_organisation"
