"""What may be asked for beside a case: offered with its last day, refused with the reason."""

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.case_site import CaseSite, Page
from workflows.store.tables import Account, Case, JournalRecord, Tenure


def _offers(page: Page) -> str:
    (items,) = page.root.xpath("//h3[@id='beside']/following-sibling::ul[1]")
    return " ".join(items.text_content().split())


def _without_account(site: CaseSite, case_id: str) -> str:
    """Give somebody of the branch who has no account."""
    with site.session() as session:
        case = session.get_one(Case, case_id)
        own = select(Account.person_id).where(Account.person_id.is_not(None))
        held = select(Tenure.person_id).where(
            Tenure.organisation_id == case.subject_organisation_id, Tenure.person_id.not_in(own)
        )
        return session.scalars(held.order_by(Tenure.id)).first() or ""


def test_what_may_be_asked_for_stands_on_the_page_with_its_last_day(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    page = site.officer("chengban").open(f"/cases/{case_id}")
    offered = _offers(page)
    assert "对整改通知的异议" in offered
    assert "已期满，逾期提出须说明事由" in offered
    assert "为什么是" in offered
    assert "您不能自己提出" in offered


def test_an_officer_enters_the_paper_and_both_cases_show_each_other(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    officer = site.officer("chengban")
    address = f"/cases/{case_id}/paper-beside/objection"
    form = officer.open(address).form(address)
    asked = form.fill(disputed_items="第二项", objection_grounds="已整改。").send()
    assert asked.status == 422
    values = {
        "disputed_items": "第二项",
        "objection_grounds": "已整改。",
        "late_cause_text": "大雪封路。",
        "_paper_performed_by": _without_account(site, case_id),
        "_paper_document": "异议书",
    }
    opened = officer.open(address).form(address).fill(**values).send()
    assert "已提出“对整改通知的异议”" in opened.text
    with site.session() as session:
        case = session.scalars(select(Case).where(Case.process_id == "objection")).one()
        first = select(JournalRecord).where(JournalRecord.stream_id == case.id)
        record = session.scalars(first).one()
        assert (case.parent_case_id, record.role) == (case_id, "R10")
    assert f"/cases/{case_id}" in opened.answer.text
    assert f"/cases/{case.id}" in officer.open(f"/cases/{case_id}").answer.text
    again = officer.open(address).form(address).fill(**values).send()
    assert again.status == 409
    assert "正在办理" in again.text


def test_who_cannot_see_the_case_finds_no_form_beside_it(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    for way in ("beside", "paper-beside"):
        assert site.officer("sumu2").open(f"/cases/{case_id}/{way}/objection").status == 404
        assert site.officer("chengban").open(f"/cases/{case_id}/{way}/appeal").status == 404


def test_who_may_not_open_a_process_is_told_the_same_as_of_one_that_is_not_there(
    site: CaseSite,
) -> None:
    case_id = to_first_letter(site)
    clerk, officer = site.officer("dengji"), site.officer("chengban")
    unknown = clerk.open(f"/cases/{case_id}/beside/nothing")
    for address in ("beside/referral", "paper-beside/referral", "beside/objection"):
        refused = clerk.open(f"/cases/{case_id}/{address}")
        assert (refused.status, refused.heading) == (404, unknown.heading), address
    address = f"/cases/{case_id}/beside/referral"
    assert officer.open(address).form(address)
    assert clerk.open(f"/cases/{case_id}/paper-beside/objection").status == 200
