"""Files that are made and handed out: read first, then recorded, then sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any, BinaryIO, TypeVar

from flask import Response, send_file

from webapp.case.documents import line_called, readable_lines, set_document
from webapp.case.file import made_file
from webapp.case.screen import Screen
from webapp.lists.worklist_filter import NAMES, Asked
from webapp.lists.worklist_sheet import task_sheet
from webapp.papers.making import MIMETYPES, made_report
from webapp.papers.printing import printed_together
from webapp.papers.typesetting import PDF
from webapp.sayings import gettext
from webapp.screens.letters import papers_to_print
from webapp.screens.monthly import made_monthly
from webapp.work import Work, begin_work, reading_sessions, writing_sessions
from workflows.queries.names import names_of
from workflows.services.reports.case_files import file_order, record_file
from workflows.services.reports.inspection_reports import (
    ReportMade,
    ReportOrder,
    check_order,
    record_report,
)
from workflows.services.reports.ledgers import TITLE, record_ledger, write_ledger
from workflows.services.reports.log_cases import Reader, Wanted
from workflows.services.reports.log_export import LogFormat, LogOrder, record_log, write_log
from workflows.services.reports.monthly_reports import MonthlyOrder, record_monthly
from workflows.services.reports.monthly_reports import check_order as check_monthly
from workflows.services.reports.task_sheets import record_task_sheet, write_task_sheet
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.store.transaction import transaction

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLES = {"xlsx": XLSX, "csv": "text/csv"}
_LOGS = {
    LogFormat.XES: ("application/xml", "xes"),
    LogFormat.OCEL: ("application/json", "jsonocel"),
}
Written = TypeVar("Written")


def ledger_download(wanted: Wanted, check: Callable[[Work], None], format_: str) -> Response:
    """Hand out the ledger of the wanted cases, as far as the visitor may take them out.

    ``check`` refuses where the visitor may not ask for this place.
    """

    def write(work: Work, target: BinaryIO) -> Any:
        check(work)
        written = write_ledger(work.session, Reader(work.actor), work.now, target, wanted, format_)
        return written, f"{TITLE}-{written.place}-{work.today.isoformat()}.{format_}"

    def record(work: Work, written: Any) -> None:
        record_ledger(work.session, work.actor, work.now, wanted, written)

    return handed_out(write, record, TABLES[format_])


def tasks_download(asked: Callable[[Work], Asked], given: Mapping[str, str]) -> Response:
    """Hand out the rows of a worklist that the visitor may take out, as they are filtered."""

    def write(work: Work, target: BinaryIO) -> Any:
        sheet = task_sheet(work, asked(work))
        return write_task_sheet(target, sheet), f"{sheet.title}-{work.today.isoformat()}.xlsx"

    def record(work: Work, written: Any) -> None:
        filters = {name: given[name][:80] for name in NAMES if given.get(name)}
        record_task_sheet(work.session, work.actor, work.now, filters, written)

    return handed_out(write, record, XLSX)


def log_download(order: LogOrder, check: Callable[[Work], None]) -> Response:
    """Hand out a log for process mining, as far as the visitor may take its cases out.

    ``check`` refuses where the visitor may not ask for this place.
    """
    mimetype, ending = _LOGS[order.format]

    def write(work: Work, target: BinaryIO) -> Any:
        check(work)
        counts = write_log(work.session, Reader(work.actor), work.now, target, order)
        return counts, f"duban-{work.today.isoformat()}.{ending}"

    def record(work: Work, written: Any) -> None:
        record_log(work.session, work.actor, work.now, order, written)

    return handed_out(write, record, mimetype)


def case_file_download(case_id: str, purpose: str, format_: str) -> Response:
    """Hand out the file of a case, as far as the visitor may take it out."""

    def write(work: Work, target: BinaryIO) -> Any:
        screen = Screen.unnoted(work, case_id)
        case = screen.page.case
        order = file_order(work.session, work.actor, case, purpose)
        content, made = made_file(screen, order, format_)
        target.write(content)
        return (order, made), gettext("案件卷宗-%(number)s", number=case.number) + f".{format_}"

    def record(work: Work, written: Any) -> None:
        record_file(work.session, work.actor, work.now, *written)

    return handed_out(write, record, MIMETYPES[format_])


def document_download(case_id: str, key: str, seq: int, format_: str) -> Response:
    """Hand out a document of a case to whoever may read it; that he printed it is recorded."""

    def write(work: Work, target: BinaryIO) -> Any:
        screen = Screen.unnoted(work, case_id)
        lines = readable_lines(screen)
        line = line_called(lines, key, seq)
        content, name = set_document(screen, lines, line, format_)
        target.write(content)
        return line, name

    def record(work: Work, _line: Any) -> None:
        glance = Glance(Looked.PRINT, case_id, f"{key}/{seq}")
        keep_looks(work.session, work.actor, work.now, [glance])

    return handed_out(write, record, MIMETYPES.get(format_, PDF))


def letters_download(addresses: Sequence[str]) -> Response:
    """Hand out issued letters with their proofs of service as one PDF to print."""

    def write(work: Work, target: BinaryIO) -> Any:
        papers = papers_to_print(work, addresses)
        target.write(printed_together([paper for _, paper in papers], work.now))
        count = gettext("%(count)s份", count=len(addresses))
        return papers, gettext("督办单") + f"-{work.today.isoformat()}-{count}.pdf"

    def record(work: Work, papers: Any) -> None:
        cases = dict.fromkeys(case_id for case_id, _ in papers)
        glances = [Glance(Looked.PRINT, case_id, "letters") for case_id in cases]
        keep_looks(work.session, work.actor, work.now, glances)

    return handed_out(write, record, PDF)


def report_download(order: ReportOrder, format_: str) -> Response:
    """Hand out an inspection report, as far as the visitor may take its cases out."""

    def write(work: Work, target: BinaryIO) -> Any:
        reader = check_order(work.session, work.actor, order)
        issuer = _office_of(work)
        content, made = made_report(work.session, reader, order, work.now, format_, issuer)
        target.write(content)
        return made, f"情况说明-{work.today.isoformat()}.{format_}"

    def record(work: Work, made: ReportMade) -> None:
        record_report(work.session, work.actor, work.now, order, made)

    return handed_out(write, record, MIMETYPES[format_])


def monthly_download(order: MonthlyOrder) -> Response:
    """Hand out the monthly report of a place, as far as the visitor may take it out."""

    def write(work: Work, target: BinaryIO) -> Any:
        check_monthly(work.session, work.actor, order)
        content, name = made_monthly(work, order, _office_of(work))
        target.write(content)
        return content, name

    def record(work: Work, content: bytes) -> None:
        record_monthly(work.session, work.actor, work.now, order, content)

    return handed_out(write, record, MIMETYPES[order.format])


def _office_of(work: Work) -> str:
    """Name the office that the visitor acts for, where he has one."""
    office = work.actor.office_id
    return "" if office is None else names_of(work.session, [office]).get(office, "")


def handed_out(
    write: Callable[[Work, BinaryIO], tuple[Written, str]],
    record: Callable[[Work, Written], None],
    mimetype: str,
) -> Response:
    """Write a file while nobody waits for a lock, keep the record of it, and only then send."""
    with ExitStack() as closing:
        target = closing.enter_context(TemporaryFile())
        with transaction(reading_sessions()) as session:
            written, name = write(begin_work(session), target)
        with transaction(writing_sessions()) as session:
            record(begin_work(session), written)
        target.seek(0)
        response = send_file(target, mimetype=mimetype, as_attachment=True, download_name=name)
        # From here on the answer closes the file.
        closing.pop_all()
        return response
