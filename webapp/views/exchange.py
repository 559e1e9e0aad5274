"""Tables in and out: a template, a preview before anything is written, and what was left out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import lazy_gettext as _l
from werkzeug.utils import secure_filename

from webapp.gates.permissions import Permission, requires
from webapp.languages import language
from webapp.outside.downloads import TABLES, XLSX, handed_out
from webapp.sayings import gettext, listed
from webapp.words.errors import explain
from webapp.work import Work, begin_work, in_transaction, reading_sessions, writing_sessions
from workflows.domain.errors import DubanError, InvalidInput, NotFound
from workflows.services.imports.applied import (
    KEPT_DAYS,
    applied_table,
    applied_tables,
    keep_result,
    left_out_of,
)
from workflows.services.imports.exchange import (
    TableKind,
    draft_of,
    is_exported,
    keep_draft,
    plan,
    record_export,
    require_exchange,
    unread_sheets,
    write_export,
    write_template,
)
from workflows.services.imports.matters import ImportedAlready
from workflows.services.imports.plan import Plan, Source
from workflows.services.imports.problems import FileRefused
from workflows.services.imports.refused_files import Reason
from workflows.services.imports.rejected import write_left_out
from workflows.services.imports.sheet_guard import MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS
from workflows.store.transaction import transaction

blueprint = Blueprint("exchange", __name__, url_prefix="/exchange")
MOST_SHOWN = 100
TITLES: dict[TableKind, Any] = {
    TableKind.UNITS: _l("批量导入：单位"),
    TableKind.PEOPLE: _l("批量导入：任职和责任清单"),
    TableKind.MATTERS: _l("批量导入：事项"),
}
_FILES = {TableKind.UNITS: "单位", TableKind.PEOPLE: "任职", TableKind.MATTERS: "事项"}


@blueprint.get("/<kind>")
@requires(Permission.TABLES)
@in_transaction
def page(work: Work, kind: str) -> Any:
    """Offer a template, the table as it stands, and a place for a file."""
    return _page(work, _kind(work, kind))


@blueprint.post("/<kind>")
@requires(Permission.TABLES)
def upload(kind: str) -> Any:
    """Read a file and show what it would change."""
    try:
        with transaction(reading_sessions()) as session:
            table_kind = _kind(begin_work(session), kind)
        source = _read()
        with transaction(writing_sessions()) as session:
            work = begin_work(session)
            plan(session, work.actor, work.now, table_kind, source)
            key = keep_draft(session, work.actor, work.now, table_kind, source)
    except (FileRefused, ImportedAlready, InvalidInput) as error:
        with transaction(reading_sessions()) as session:
            work = begin_work(session)
            return make_response(_page(work, _kind(work, kind), _told(error)), 422)
    return redirect(url_for("exchange.preview", kind=kind, key=key))


@blueprint.get("/<kind>/template.<any(xlsx, csv):format_>")
@requires(Permission.TABLES)
def template(kind: str, format_: str) -> Any:
    """Hand out an empty table."""

    def write(work: Work, target: BinaryIO) -> Any:
        table_kind = _kind(work, kind)
        write_template(target, table_kind, format_)
        return None, f"{_FILES[table_kind]}-模板.{format_}"

    return handed_out(write, lambda _work, _written: None, TABLES[format_])


@blueprint.post("/<kind>/export")
@requires(Permission.TABLES)
def export(kind: str) -> Any:
    """Hand out the table as it stands, which is recorded."""
    format_ = "csv" if request.form.get("format") == "csv" else "xlsx"

    def write(work: Work, target: BinaryIO) -> Any:
        table_kind = _kind(work, kind)
        if not is_exported(table_kind):
            raise NotFound(what="export", key=kind)
        name = f"{_FILES[table_kind]}-{work.today.isoformat()}.{format_}"
        return write_export(work.session, target, table_kind, format_), name

    def record(work: Work, written: Any) -> None:
        record_export(work.session, work.actor, work.now, written)

    return handed_out(write, record, TABLES[format_])


@blueprint.get("/<kind>/drafts/<key>")
@requires(Permission.TABLES)
@in_transaction
def preview(work: Work, kind: str, key: str) -> Any:
    """Show what a table would change, and each row that it would leave out with the reason."""
    return _preview(work, _kind(work, kind), key)


@blueprint.post("/<kind>/drafts/<key>")
@requires(Permission.TABLES)
@in_transaction
def apply(work: Work, kind: str, key: str) -> Any:
    """Write what can be written of a table."""
    table_kind = _kind(work, kind)
    if applied_table(work.session, work.actor, table_kind, key) is not None:
        return make_response(_preview(work, table_kind, key), 422)
    found = _plan(work, table_kind, key)
    if not found.new and not found.changed:
        return make_response(_preview(work, table_kind, key), 422)
    found.apply()
    keep_result(work.session, work.now, key, found, language())
    said = gettext(
        "已导入：新增 %(new)s 行，变更 %(changed)s 行，未导入 %(out)s 行。",
        new=found.new,
        changed=found.changed,
        out=found.left_out,
    )
    flash(said, "success")
    return redirect(url_for("exchange.preview", kind=kind, key=key))


@blueprint.get("/<kind>/drafts/<key>/left-out.xlsx")
@requires(Permission.TABLES)
def left_out(kind: str, key: str) -> Any:
    """Hand out the rows that are left out, the reason beside each."""

    def write(work: Work, target: BinaryIO) -> Any:
        table_kind = _kind(work, kind)
        if applied_table(work.session, work.actor, table_kind, key) is not None:
            target.write(left_out_of(work.session, work.actor, table_kind, key))
            return None, f"{_FILES[table_kind]}-未导入.xlsx"
        found = _plan(work, table_kind, key)
        write_left_out(target, found.tables, found.problems, language())
        return None, f"{_FILES[table_kind]}-未导入.xlsx"

    return handed_out(write, lambda _work, _written: None, XLSX)


def _kind(work: Work, kind: str) -> TableKind:
    """Read which table it is about, and refuse whose it is not.

    Raises:
        NotFound: There is no such table.
        RoleMissing: It is not this visitor's.
    """
    if kind not in set(TableKind):
        raise NotFound(what="table", key=kind)
    require_exchange(work.actor, TableKind(kind))
    return TableKind(kind)


def _read() -> Source:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise FileRefused(file="-", reason=Reason("not_chosen"))
    name = file.filename
    with TemporaryDirectory() as folder:
        # Its ending says what it claims to be; the rest of the name is not trusted.
        path = Path(folder) / f"table{Path(secure_filename(name)).suffix[:6] or '.csv'}"
        file.save(path)
        return Source.read(path, name)


def _plan(work: Work, kind: TableKind, key: str) -> Plan:
    source = draft_of(work.session, work.actor, work.now, kind, key)
    return plan(work.session, work.actor, work.now, kind, source)


def _page(work: Work, kind: TableKind, problem: str = "") -> str:
    return render_template(
        "exchange/page.html",
        kind=kind.value,
        title=TITLES[kind],
        is_exported=is_exported(kind),
        problem=problem,
        applied=applied_tables(work.session, work.actor, kind),
        kept_days=KEPT_DAYS,
        most=_most(),
    )


def _most() -> dict[str, Any]:
    """Give the limits of a file as the settings and the reader have them."""
    megabytes = min(current_app.config["MAX_CONTENT_LENGTH"], MAX_FILE_BYTES) >> 20
    limits = {"megabytes": megabytes, "rows": MAX_ROWS, "columns": MAX_COLUMNS}
    return {**limits, "endings": ".xlsx,.csv"}


def _preview(work: Work, kind: TableKind, key: str) -> str:
    applied = applied_table(work.session, work.actor, kind, key)
    if applied is not None:
        return render_template(
            "exchange/applied.html",
            kind=kind.value,
            title=TITLES[kind],
            applied=applied,
            language=language(),
            kept_days=KEPT_DAYS,
        )
    source = draft_of(work.session, work.actor, work.now, kind, key)
    found = plan(work.session, work.actor, work.now, kind, source)
    return render_template(
        "exchange/preview.html",
        kind=kind.value,
        key=key,
        title=TITLES[kind],
        file_name=source.file_name,
        plan=found,
        unread=listed(unread_sheets(source, found)),
        language=language(),
        most=MOST_SHOWN,
    )


def _told(error: DubanError) -> str:
    """Say why a file is refused, and what to do."""
    reason = error.attributes.get("reason")
    if isinstance(error, FileRefused) and isinstance(reason, Reason):
        sent = request.files.get("file")
        name = sent.filename if sent is not None and sent.filename else "-"
        told = reason.sentence(language())
        return gettext("“%(name)s”没有读入：%(reason)s", name=name, reason=told)
    return explain(error)
