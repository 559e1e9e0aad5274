"""Files are as confidential as the form they came with."""

from __future__ import annotations

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from workflows.store.tables import Account, Attachment, Case


def _add_file(site: CaseSite, case_id: str, level: str) -> str:
    with site.session() as session:
        case = session.get_one(Case, case_id)
        kept = Attachment(
            case_id=case_id,
            org_path=case.org_path,
            name=f"{level}.pdf",
            sha256="0" * 64,
            size_bytes=3,
            level=level,
            content=b"abc",
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
