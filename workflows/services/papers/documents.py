"""Documents of a case: which its records have made, and the number that one is given.

A document is made by an act that is recorded already, so issuing moves no case: it gives a
number, once, and fixes up to which record of the case the document speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, NotFound
from workflows.domain.levels import CLUES
from workflows.domain.merging import SERVED
from workflows.domain.records import JsonValue, Record, RecordKind
from workflows.domain.roles import Actor, Role
from workflows.domain.steps import FactValue
from workflows.engine import Pack
from workflows.engine.documents import Document
from workflows.engine.run import Names
from workflows.services.access import OwnCase, is_concerned, role_serving
from workflows.services.journal import append_house
from workflows.services.numbers import next_number
from workflows.store.tables import Case, IssuedDocument

RECORD_NAME = "document_issued"
RECEIPT = "D40"
# The letters of supervision.
LETTER = "D12"
ISSUERS = (
    Role.INTAKE,
    Role.HANDLER,
    Role.REVIEWER,
    Role.DEPUTY,
    Role.PRINCIPAL,
    Role.SUPERVISOR,
)


# The message by which a service is found void.
VOID_SERVICE = "service_void"


class DocumentIssued(Conflict):
    """The document has its number already: {number}."""

    code: ClassVar[str] = "document_issued"


class DocumentUnnumbered(Conflict):
    """{name} is a form of the office and bears no number."""

    code: ClassVar[str] = "document_unnumbered"


@dataclass(frozen=True, slots=True)
class Told:
    """A record as far as documents need it: which activity was done, with which form and facts.

    ``activity`` is None for what is no act of a diagram, ``start`` for registering.
    """

    record: Record
    activity: str | None
    form: Mapping[str, Any]
    changes: Mapping[str, FactValue]
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A document that a case has made: its description, the act, what was known of the case.

    ``filled`` are the last forms by activity up to that act; ``served`` is the document whose
    service a receipt proves, and ``void`` the finding that this service is void (X24).
    ``served_day`` is the day of its own service, once it is known: a later one of its kind,
    in another round, has another.
    """

    document: Document
    record: Record
    facts: Mapping[str, FactValue]
    filled: Mapping[str, Mapping[str, Any]]
    served: Document | None = None
    void: Told | None = None
    served_day: str | None = None

    @property
    def key(self) -> str:
        """Give what it is called in addresses: a receipt after what was served."""
        return self.document.id if self.served is None else f"{self.served.id}-{RECEIPT}"

    @property
    def level(self) -> str:
        """Give how confidential it is: a receipt as what was served."""
        return max(each.level.value for each in (self.document, self.served) if each)


def made_documents(pack: Pack, told: Sequence[Told]) -> tuple[Made, ...]:
    """Give the documents that records have made, in their order.

    What was taken back made none. A correction counts for the records that it is about.
    """
    facts: dict[str, FactValue] = {}
    filled: dict[str, Mapping[str, Any]] = {}
    corrected = _corrected(told)
    made: list[Made] = []
    for each in told:
        if each.record.kind is not RecordKind.CORRECTED:
            facts |= each.changes
            facts |= corrected.get(each.record.seq, {})
        if each.record.trigger.name == VOID_SERVICE and not each.is_withdrawn:
            _void(made, each)
        if each.activity is None or each.is_withdrawn:
            continue
        changed = corrected.get(each.record.seq, {})
        form = filled[each.activity] = {**each.form, **changed}
        act = replace(each, form=form, changes={**each.changes, **changed})
        _serve(made, act)
        made += _made(pack, act, dict(facts), dict(filled))
    return tuple(made)


def _serve(made: list[Made], act: Told) -> None:
    """Let the newest documents that wait for their service take its day from an act."""
    newest: set[str] = set()
    for place in reversed(range(len(made))):
        each = made[place]
        if each.key not in newest and each.served_day is None:
            made[place] = replace(each, served_day=_day_of(each.served or each.document, act))
        newest.add(each.key)


def _day_of(document: Document, act: Told) -> str | None:
    """Give the day on which an act says that a document was served."""
    for name in document.served_on:
        activity, dot, key = name.partition(".")
        written = act.form.get(name) or act.changes.get(name)
        day = (act.form.get(key) if activity == act.activity else None) if dot else written
        if isinstance(day, str) and day:
            return day
    return None


def _void(made: list[Made], found: Told) -> None:
    """Let the newest receipt of what was served say that the service was found void."""
    for place in reversed(range(len(made))):
        served = made[place].served
        if served is not None and SERVED in served.served_on:
            made[place] = replace(made[place], void=found)
            return


def _corrected(told: Sequence[Told]) -> dict[int, dict[str, FactValue]]:
    found: dict[int, dict[str, FactValue]] = {}
    for each in told:
        about = each.record.about
        if each.record.kind is RecordKind.CORRECTED and about is not None:
            found.setdefault(about.seq, {}).update(each.changes)
    return found


def _made(
    pack: Pack,
    act: Told,
    facts: Mapping[str, FactValue],
    filled: Mapping[str, Mapping[str, Any]],
) -> Iterator[Made]:
    receipt = pack.documents.get(RECEIPT)
    for document in pack.documents.values():
        if act.activity not in document.activities or not holds(pack, document, facts):
            continue
        day = _day_of(document, act)
        yield Made(document, act.record, facts, filled, served_day=day)
        if document.served_on and receipt is not None:
            yield Made(receipt, act.record, facts, filled, document, served_day=day)


def holds(pack: Pack, document: Document, facts: Mapping[str, FactValue]) -> bool:
    """Say whether a document is made on these facts."""
    when = document.when
    return when is None or bool(when.holds(Names(pack, facts), null_answers=True))


def issue_document(
    session: Session, actor: Actor, now: datetime, case: Case, made: Made
) -> IssuedDocument:
    """Give a document its number: the next of its word, office and year.

    Two at once are one: the series' row is locked until the transaction ends.

    Raises:
        RoleMissing, OwnCase: This actor may not.
        DocumentUnnumbered: It is no official document.
        DocumentIssued: It has a number.
    """
    role_serving(actor, ISSUERS, case.org_path)
    if is_concerned(actor, case.subject_person_id):
        raise OwnCase
    document = made.document
    if not document.word:
        raise DocumentUnnumbered(name=document.name)
    office_id = made.record.office or case.subject_organisation_id
    year = local_date(now).year
    number = next_number(session, f"{document.word} {office_id[-16:]}", year)
    known = issued_document(session, case.id, made.record.seq, document.id)
    if known is not None:
        raise DocumentIssued(number=known.number)
    issued = IssuedDocument(
        case_id=case.id,
        seq=made.record.seq,
        document=document.id,
        org_path=case.org_path,
        level=case.level,
        office_id=office_id,
        number=f"{document.word}〔{year}〕{number}号",
        until_seq=case.version,
        issued_by=actor.account_id,
        issued_at=now,
    )
    session.add(issued)
    session.flush()
    # No open record names a person's case (AUDIT.md, sealed tracks): it stands in the payload.
    form: dict[str, JsonValue] = {
        "case": case.id,
        "seq": issued.seq,
        "document": document.id,
        "number": issued.number,
        "until_seq": issued.until_seq,
    }
    if case.level == CLUES:
        form["levels"] = (CLUES,)
    append_house(session, actor, now, RECORD_NAME, str(issued.id), form=form)
    return issued


def issued_document(
    session: Session, case_id: str, seq: int, document_id: str
) -> IssuedDocument | None:
    """Find the number that a document was given."""
    return session.scalar(
        select(IssuedDocument).where(
            IssuedDocument.case_id == case_id,
            IssuedDocument.seq == seq,
            IssuedDocument.document == document_id,
        )
    )


def made_called(made: Sequence[Made], key: str, seq: int) -> Made:
    """Find a document among those that were made.

    Raises:
        NotFound: There is none.
    """
    for each in made:
        if each.key == key and each.record.seq == seq:
            return each
    raise NotFound(what="document", key=f"{key}/{seq}")
