"""The documents of a case as papers of the office, without a page around them."""

from __future__ import annotations

from tests.support.casework import World
from webapp.papers.documents import document_paper
from webapp.papers.official import Fine, Grid, Heading, OfficialPaper, Paragraph
from webapp.speaking import speaking
from workflows.domain.clocks import local_date
from workflows.queries.case.page import case_page
from workflows.queries.papers.documents import documents_of, material_of


def papers_of_case(world: World, case_id: str) -> dict[str, OfficialPaper]:
    """Give the documents that a case has made, the newest of each kind."""
    today = local_date(world.now)
    papers: dict[str, OfficialPaper] = {}
    with speaking("zh"), world.transaction() as session:
        page = case_page(session, case_id, today)
        for line in documents_of(session, page):
            material = material_of(session, page, line)
            made = document_paper(material, today, is_real=True)
            papers.setdefault(line.made.key, made)
    return papers


def text_of(paper: OfficialPaper) -> str:
    """Give all that a paper says, a line for each paragraph and each row of a table."""
    lines = [paper.head, paper.number, paper.title, paper.addressee]
    for block in paper.blocks:
        if isinstance(block, Heading | Paragraph):
            lines.append(block.text)
        elif isinstance(block, Grid):
            lines += ["|".join(row) for row in (block.headings, *block.rows)]
        elif isinstance(block, Fine):
            lines += block.lines
    return "\n".join([*lines, *paper.signers, paper.issuer, *paper.copies])
