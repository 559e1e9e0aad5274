"""Letters of supervision to several organisations at once: looked at, issued, printed.

Each letter is an act, a record and a number of its own; one that cannot be issued says why
and keeps nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for

from webapp.case.documents import paper_of, readable_lines
from webapp.case.screen import Screen
from webapp.dates import today_of
from webapp.gates.recusals import open_door
from webapp.languages import language
from webapp.lists.bulk import told_in_full
from webapp.papers.official import OfficialPaper
from webapp.work import Work, begin_work, keep_attempts_of, reading_sessions, writing_sessions
from workflows.domain.errors import DubanError, NotFound
from workflows.domain.levels import INTERNAL
from workflows.engine.forms import FieldKind
from workflows.queries.case.page import CasePage, case_page
from workflows.queries.papers.documents import (
    DocumentLine,
    NumberedLine,
    makes_numbered,
    numbered_by,
)
from workflows.services import casework
from workflows.services.desk.burden import ask_by_letter
from workflows.services.papers.documents import LETTER as CODE
from workflows.services.papers.documents import RECEIPT, issue_document
from workflows.services.steps.previewing import do_unkept
from workflows.store.transaction import transaction, trial

MOST_AT_ONCE, MOST_LISTED = 50, 200
_LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Common:
    """What all letters of one sitting have in common: their day, and a text in each.

    ``over_cap`` says why they go to units that were asked for enough this month.
    """

    on: date
    text: str
    over_cap: str = ""


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter: to whom, its paper or its number, or why it cannot be issued."""

    choice: str
    case_number: str
    organisation: str
    url: str
    name: str = ""
    problem: str = ""
    paper: OfficialPaper | None = None
    number: str = ""
    address: str = ""


def previewed(choices: Sequence[str], common: Common) -> list[LetterRow]:
    """Make each letter as it would be, and keep nothing; in the order of the case numbers."""
    rows = []
    for choice in choices:
        with trial(writing_sessions()) as session:
            rows.append(_row(begin_work(session), choice, common, is_kept=False))
        keep_attempts_of(session.info)
    return sorted(rows, key=lambda row: (row.case_number, row.choice))


def issued(choices: Sequence[str], common: Common) -> list[LetterRow]:
    """Issue each letter and give it its number, each in a transaction of its own."""
    return [_issued(choice, common) for choice in choices]


def _issued(choice: str, common: Common) -> LetterRow:
    marks: Any = {}
    try:
        with transaction(writing_sessions()) as session:
            marks = session.info
            return _act(begin_work(session), choice, common, is_kept=True)
    except DubanError as error:
        with transaction(reading_sessions()) as session:
            return _refused(begin_work(session), choice, error)
    finally:
        keep_attempts_of(marks)


def _row(work: Work, choice: str, common: Common, *, is_kept: bool) -> LetterRow:
    try:
        return _act(work, choice, common, is_kept=is_kept)
    except DubanError as error:
        return _refused(work, choice, error)


def _refused(work: Work, choice: str, error: DubanError) -> LetterRow:
    said = told_in_full(error)
    case_id = choice.partition("|")[0]
    try:
        open_door(work, case_id)
        page = case_page(work.session, case_id, work.today)
    except DubanError:
        return LetterRow(choice, "", "", url_for("worklist.page"), problem=said)
    return LetterRow(choice, page.case.number, page.organisation, _url(page), problem=said)


def _url(page: CasePage) -> str:
    return url_for("cases.page", case_id=page.case.id)


def _act(work: Work, choice: str, common: Common, *, is_kept: bool) -> LetterRow:
    case_id, _, place = choice.partition("|")
    open_door(work, case_id)
    values = _values(case_page(work.session, case_id, work.today), place, common)
    ask_by_letter(work.session, work.actor, work.now, case_id, place, common.over_cap)
    if is_kept:
        casework.complete(work.session, work.actor, work.now, case_id, place, values)
    else:
        do_unkept(work.session, work.actor, work.now, case_id, place, values)
    work.session.expire_all()
    screen = Screen.about(work, case_page(work.session, case_id, work.today))
    line = _letter(screen)
    made, page, number = line.made, screen.page, ""
    if is_kept:
        number = issue_document(work.session, work.actor, work.now, page.case, made).number
    return LetterRow(
        choice,
        page.case.number,
        page.organisation,
        _url(page),
        name=made.document.title(language()),
        paper=None if is_kept else paper_of(work, page, line, is_preview=True),
        number=number,
        address=f"{case_id}|{made.key}|{made.record.seq}",
    )


def _letter(screen: Screen) -> DocumentLine:
    for line in readable_lines(screen):
        if line.made.document.code == CODE and line.made.document.word:
            return line
    raise NotFound(what="letter", key=screen.page.case.id)


def _values(page: CasePage, place: str, common: Common) -> dict[str, Any]:
    """Fill in the form of a letter: its day, and the common text where it has a place for one.

    Raises:
        NotFound: The task is not open, or issues no letter to an organisation.
    """
    path, _, n = place.rpartition("#")
    task = page.task(path, int(n)) if n.isdecimal() and len(n) < 9 else None
    pack = page.definition.pack
    activity = task.row.activity if task else ""
    if not makes_numbered(pack, activity, CODE) or page.case.level != INTERNAL:
        raise NotFound(what="letter", key=place)
    schema = pack.forms.get(page.definition.activity(path).form or "")
    values: dict[str, Any] = {}
    for each in schema.fields if schema else ():
        if each.kind is FieldKind.DATE:
            values[each.key] = common.on.isoformat()
        elif each.kind is FieldKind.TEXTAREA and common.text:
            values[each.key] = common.text
    return values


@dataclass(frozen=True, slots=True)
class Recent:
    """A letter that was numbered lately, to be printed again."""

    number: str
    organisation: str
    case_number: str
    issued_on: date
    is_today: bool
    url: str
    address: str


def recent_letters(work: Work) -> tuple[Recent, ...]:
    """Give the letters that the visitor numbered in the last thirty days."""
    since = work.now - _LATELY
    account = work.actor.account_id
    found = numbered_by(work.session, account, CODE, since, MOST_LISTED)
    return tuple(_recent(work, each) for each in found)


def _recent(work: Work, line: NumberedLine) -> Recent:
    issued, on = line.issued, today_of(line.issued.issued_at)
    address: dict[str, Any] = {
        "case_id": issued.case_id,
        "key": issued.document,
        "seq": issued.seq,
    }
    return Recent(
        number=issued.number,
        organisation=line.organisation,
        case_number=line.case_number,
        issued_on=on,
        is_today=on == work.today,
        url=url_for("documents.one", **address),
        address="|".join(str(each) for each in address.values()),
    )


def papers_to_print(work: Work, addresses: Sequence[str]) -> list[tuple[str, OfficialPaper]]:
    """Give letters that were issued, each followed by its proof of service, by their cases.

    Raises:
        NotFound: One is not there, has no number, or is not for the visitor.
    """
    return [pair for address in addresses for pair in _to_print(work, address)]


def _to_print(work: Work, address: str) -> list[tuple[str, OfficialPaper]]:
    case_id, _, rest = address.partition("|")
    key, _, seq = rest.partition("|")
    screen = Screen.unnoted(work, case_id)
    wanted = (key, f"{key}-{RECEIPT}")
    lines = {
        line.made.key: line
        for line in readable_lines(screen)
        if line.made.key in wanted and str(line.made.record.seq) == seq
    }
    letter = lines.get(key)
    if letter is None or letter.issued is None or letter.made.document.code != CODE:
        raise NotFound(what="document", key=address)
    return [(case_id, paper_of(work, screen.page, lines[each])) for each in wanted if each in lines]
