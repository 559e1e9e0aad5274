"""What a version of the pack holds: processes, decision tables, numbers, forms."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from webapp.gates.permissions import Permission, requires
from webapp.languages import language
from webapp.screens.counter_examples import ways_on_diagrams
from webapp.screens.pack_pictures import process_picture
from webapp.screens.packs import check_of, form_views, parameter_rows, table_views
from webapp.views.packs import blueprint
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction
from workflows.domain.errors import NotFound
from workflows.engine import Pack
from workflows.engine.check import read_broken
from workflows.queries.versions.packs import version_page
from workflows.services.packs import pack_of
from workflows.services.versions.pack_reports import ReportKind

__all__ = ["blueprint"]


@blueprint.get("/<pack_hash>/processes")
@requires(Permission.PACKS)
@in_transaction
def processes(work: Work, pack_hash: str) -> Any:
    """Draw one process, the entry at first."""
    shown, pack = _version(work, pack_hash)
    speak = PackWords(pack)
    drawn = request.args.get("process", "")
    drawn = drawn if drawn in pack.processes else pack.entry
    names = [(key, speak.process(key)) for key in pack.processes]
    return render_template(
        "packs/processes.html",
        shown=shown,
        processes=names,
        drawn=drawn,
        picture=process_picture(pack, drawn),
        name=speak.process(drawn),
    )


@blueprint.get("/<pack_hash>/tables")
@requires(Permission.PACKS)
@in_transaction
def tables(work: Work, pack_hash: str) -> Any:
    """Show the decision tables."""
    shown, pack = _version(work, pack_hash)
    return render_template("packs/tables.html", shown=shown, tables=table_views(pack, language()))


@blueprint.get("/<pack_hash>/parameters")
@requires(Permission.PACKS)
@in_transaction
def parameters(work: Work, pack_hash: str) -> Any:
    """Show the numbers with their source."""
    shown, pack = _version(work, pack_hash)
    rows = parameter_rows(pack, language())
    return render_template("packs/parameters.html", shown=shown, rows=rows)


@blueprint.get("/<pack_hash>/forms")
@requires(Permission.PACKS)
@in_transaction
def forms(work: Work, pack_hash: str) -> Any:
    """Show the forms with their fields."""
    shown, pack = _version(work, pack_hash)
    return render_template("packs/forms.html", shown=shown, forms=form_views(pack, language()))


@blueprint.get("/<pack_hash>/guardrails")
@requires(Permission.PACKS)
@in_transaction
def guardrails(work: Work, pack_hash: str) -> Any:
    """Show what no case may do, with its basis."""
    shown, pack = _version(work, pack_hash)
    rows = [(each.text(language()), each.basis) for each in pack.guardrails.values()]
    return render_template("packs/guardrails.html", shown=shown, rows=rows)


@blueprint.get("/<pack_hash>/broken/<int:number>")
@requires(Permission.PACKS)
@in_transaction
def broken(work: Work, pack_hash: str, number: int) -> Any:
    """Walk the counter-example of a broken rule on the diagrams."""
    shown, pack = _version(work, pack_hash)
    checked = check_of(shown.reports, PackWords(pack))
    if checked is None or not 1 <= number <= len(checked.broken):
        raise NotFound(what="finding", key=str(number))
    body = shown.reports[ReportKind.CHECK].body["broken"][number - 1]
    return render_template(
        "packs/broken.html",
        shown=shown,
        found=checked.broken[number - 1],
        pictures=ways_on_diagrams(pack, read_broken(body)),
        speak=PackWords(pack),
    )


def _version(work: Work, pack_hash: str) -> tuple[Any, Pack]:
    shown = version_page(work.session, pack_hash, work.today)
    return shown, pack_of(work.session, pack_hash)
