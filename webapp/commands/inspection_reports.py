"""`duban inspection-report`: an inspection report (情况说明) as docx or PDF."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from webapp.commands.edge import (
    database_option,
    json_option,
    open_edge,
    write_json,
)
from webapp.commands.logs import DAY, LEVELS, day_of, handed_on
from webapp.commands.papers import format_of
from webapp.papers.making import made_report
from workflows.queries.exports import cases_numbered
from workflows.services.access import SYSTEM
from workflows.services.installation import clock_now
from workflows.services.reports.inspection_reports import ReportOrder, record_report
from workflows.services.reports.log_cases import Reader, Wanted, organisation_at


@click.command("inspection-report")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--organisation", metavar="CODE", help="Only cases at it and below.")
@click.option("--case", "numbers", multiple=True, metavar="NUMBER", help="Only these cases.")
@click.option("--from", "from_on", type=DAY, help="First day of the period.")
@click.option("--to", "to_on", type=DAY, help="Last day of the period.")
@click.option("--recipient", required=True, help="To whom it goes; it stands at its head.")
@click.option("--purpose", required=True, help="What it is for.")
@click.option("--inspector", "inspectors", multiple=True, help="Who signs it; two at least.")
@click.option("--number", default="", help="The paper's own number, such as 督〔2026〕3号.")
@click.option(
    "--level",
    type=click.Choice(list(LEVELS)),
    default="L1",
    show_default=True,
    help="L1 cases of organisations; L2 those of persons too, by name; L3 referrals too.",
)
@database_option
@json_option
def inspection_report(
    out: Path,
    organisation: str | None,
    numbers: tuple[str, ...],
    from_on: datetime | None,
    to_on: datetime | None,
    recipient: str,
    purpose: str,
    inspectors: tuple[str, ...],
    number: str,
    level: str,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Write an inspection report (情况说明) to OUT, a name that ends in .docx or .pdf.

    A paper of the office after GB/T 9704, in Chinese: counts, the list of cases, what is
    withheld, and the last checkpoint with a QR code. Making it is a record.
    """
    format_ = format_of(out)
    actor, levels = SYSTEM["init"], LEVELS[level]
    with handed_on(out) as target:
        with (
            open_edge(database_url, read_only=True) as edge,
            edge.transaction("export") as session,
        ):
            place = None if organisation is None else organisation_at(session, organisation).id
            wanted = Wanted(
                day_of(from_on),
                day_of(to_on),
                place,
                cases_numbered(session, numbers),
            )
            order = ReportOrder(wanted, recipient, purpose, levels, inspectors, number)
            now = clock_now(session)
            content, made = made_report(session, Reader(actor, levels), order, now, format_)
        target.write(content)
        with open_edge(database_url) as edge, edge.transaction("export") as session:
            seq = record_report(session, actor, clock_now(session), order, made)
    if as_json:
        write_json({"file": str(out), "house_seq": seq, "cases": made.cases, "sha256": made.sha256})
    else:
        click.echo(f"{out}: cases {made.cases}")
