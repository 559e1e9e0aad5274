"""Files are as confidential as the form they came with."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from workflows.store.tables import Account, Attachment, Case, Look


def _two_pages() -> bytes:
    made, kept = pypdfium2.PdfDocument.new(), BytesIO()
    for width in (200, 300):
        made.new_page(width, 200)
    made.save(kept)
    return kept.getvalue()


def _add_file(
    site: CaseSite, case_id: str, level: str, content: bytes = b"abc", name: str = ""
) -> str:
    with site.session() as session:
        case = session.get_one(Case, case_id)
        kept = Attachment(
            case_id=case_id,
            org_path=case.org_path,
            name=name or f"{level}.pdf",
            sha256="0" * 64,
            size_bytes=len(content),
            level=level,
            content=content,
            uploaded_by=session.query(Account).first().id,
            uploaded_at=case.opened_at,
        )
        session.add(kept)
        session.flush()
        return f"/cases/{case_id}/files/{kept.id}"


def test_a_file_about_a_person_is_hidden_from_those_not_cleared(site: CaseSite) -> None:
    case_id = register(site)
    open_file, personal = (_add_file(site, case_id, level) for level in ("L1", "L2"))
    clerk, handler = site.officer("dengji"), site.officer("chengban")
    assert clerk.open(open_file).status == 200
    assert clerk.open(personal).status == 404
    page = clerk.open(f"/cases/{case_id}").text
    assert "L1.pdf" in page
    assert "L2.pdf" not in page
    assert handler.open(personal).status == 200
    assert clerk.open(f"{personal}/sheet").status == 404


def test_a_pdf_is_looked_at_as_a_picture_of_each_page_and_never_handed_to_the_browser(
    site: CaseSite,
) -> None:
    case_id, clerk = register(site), site.officer("dengji")
    paper = _add_file(site, case_id, "L1", _two_pages())
    first, second = clerk.open(f"{paper}/sheet"), clerk.open(f"{paper}/sheet?page=2")
    pictures = [page.root.xpath("//img[@class='sheet']/@src") for page in (first, second)]
    assert all(src.startswith("data:image/png;base64,iVBOR") for (src,) in pictures)
    assert pictures[0] != pictures[1]
    assert first.root.xpath("//a[@rel='next']")
    assert not second.root.xpath("//a[@rel='next']")
    assert "object-src 'none'" in first.answer.headers["Content-Security-Policy"]
    assert f"{paper}/sheet" in clerk.open(f"/cases/{case_id}").root.xpath("//a/@href")
    for page in ("3", "0", "-1", "9" * 30, "x"):
        assert clerk.open(f"{paper}/sheet?page={page}").status == 200
    somebody = site.person("tanhua")
    with site.session() as session:
        case = session.get_one(Case, case_id)
        case.level, case.subject_person_id = "L2", somebody
    site.officer("chengban").open(f"{paper}/sheet")
    with site.session() as session:
        assert session.scalars(select(Look.what)).all() == ["file"]


def test_what_is_no_pdf_by_its_bytes_has_no_pages_and_a_broken_one_says_so(site: CaseSite) -> None:
    case_id, clerk = register(site), site.officer("dengji")
    picture = _add_file(site, case_id, "L1", b"\x89PNG\r\n\x1a\n", "a.pdf")
    assert clerk.open(f"{picture}/sheet").status == 404
    assert clerk.open(f"{_add_file(site, case_id, 'L1', b'%PDF-1.4', 'a.txt')}/sheet").status == 404
    broken = clerk.open(f"{_add_file(site, case_id, 'L1', b'%PDF-1.4 no more')}/sheet")
    assert "画不出来" in broken.text
    assert not broken.root.xpath("//img[@class='sheet']")
