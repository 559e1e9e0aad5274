"""`duban case-file`: the file of a case (案件卷宗) as PDF or docx."""

from __future__ import annotations

from pathlib import Path

import click

from webapp.case.file import made_file
from webapp.case.screen import Screen
from webapp.commands.edge import (
    command_language,
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.logs import handed_on
from webapp.commands.papers import format_of
from webapp.dates import today_of
from webapp.speaking import speaking
from webapp.work import Work
from workflows.queries.case.page import case_page
from workflows.queries.exports import cases_numbered
from workflows.services.access import SYSTEM
from workflows.services.installation import clock_now
from workflows.services.reports.case_files import ordered_by_command, record_file

_LEVELS = {"L1": ("L1",), "L2": ("L1", "L2")}


@click.command("case-file")
@click.argument("number")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--purpose", required=True, help="What it is for; it stands on the cover.")
@click.option(
    "--level",
    type=click.Choice(list(_LEVELS)),
    default="L1",
    show_default=True,
    help="L1 internal content; L2 also content about persons, which a person's case needs.",
)
@database_option
@json_option
def case_file(
    number: str, out: Path, purpose: str, level: str, database_url: str | None, as_json: bool
) -> None:
    """Write the file of case NUMBER (案件卷宗) to OUT, a name that ends in .pdf or .docx.

    It is in Chinese, or in English where the terminal is not Chinese. Making it is a record.
    """
    actor, format_ = SYSTEM["init"], format_of(out)
    with handed_on(out) as target:
        with (
            open_edge(database_url, read_only=True) as edge,
            edge.transaction("export") as session,
            speaking(command_language()),
        ):
            (case_id,) = cases_numbered(session, [number])
            now = clock_now(session)
            work = Work(session, actor, now)
            page = case_page(session, case_id, today_of(now))
            order = ordered_by_command(page.case, purpose, _LEVELS[level])
            content, made = made_file(Screen.about(work, page), order, format_)
        target.write(content)
        with open_edge(database_url) as edge, edge.transaction("export") as session:
            seq = record_file(session, actor, clock_now(session), order, made)
    if as_json:
        told = {"file": str(out), "house_seq": seq, "records": made.seq, "sha256": made.sha256}
        write_json(told)
    else:
        click.echo(f"{out}: case {number}, records {made.seq}")
