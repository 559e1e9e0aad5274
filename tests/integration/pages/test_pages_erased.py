"""The pages of a case whose content was erased say so, and still open."""

from datetime import timedelta

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from webapp.work import writing_sessions
from workflows.domain.roles import Actor, RoleGrant
from workflows.services.history import erasing
from workflows.store.scope import SystemScope
from workflows.store.tables import Case
from workflows.store.transaction import transaction


def erase_case(site: CaseSite, case_id: str) -> None:
    with transaction(writing_sessions(site.app), SystemScope("test")) as session:
        case = session.scalars(select(Case).where(Case.id == case_id)).one()
        now = case.ended_at + timedelta(days=6 * 365)
        place = RoleGrant("R17", case.org_path, case.org_path)
        asking = Actor("u_" + "a" * 26, "档案员", (place,))
        signing = Actor("u_" + "b" * 26, "保密员", (RoleGrant("R19", "1.", "1."),))
        asked = erasing.ask_to_erase(
            session, asking, now, case.subject_organisation_id, "销毁清册1号", "保管期满"
        )
        erasing.erase(session, signing, now, asked.id)


def test_the_pages_of_an_erased_case_open_and_show_nothing_of_it(any_site: CaseSite) -> None:
    fix = "会议已补开，台账已补齐。"
    case_id = register(any_site, disposition="immediate_fix", fix=fix)
    officer = any_site.officer("chengban")
    officer.do(case_id, "confirm_fix", fix_confirmation="confirmed")
    before = officer.open(f"/cases/{case_id}")
    assert fix in before.text
    erase_case(any_site, case_id)
    for address in (f"/cases/{case_id}", f"/cases/{case_id}/why"):
        page = officer.open(address)
        assert page.status == 200
        assert fix not in page.text
    assert "销毁第 1 条的内容" in officer.open(f"/cases/{case_id}").text
