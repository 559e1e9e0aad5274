"""The inspection report (情况说明): what it tells to whom, who may take it, and its record."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.integration.pages.test_pages_case_file import seal
from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.integration.pages.test_pages_exports import ask
from tests.support.case_site import CaseSite, Form
from tests.support.papers import docx_text, pdf_codes, pdf_text
from webapp.papers.making import made_report
from webapp.work import writing_sessions
from workflows.queries.case.timeline import Entry, whole_timeline
from workflows.queries.log.checkpoints import signed_head
from workflows.services.access import SYSTEM
from workflows.services.installation import clock_now
from workflows.services.reports.inspection_reports import ReportOrder
from workflows.services.reports.log_cases import Reader, Wanted
from workflows.store.scope import SystemScope
from workflows.store.tables import Case, Installation, Look, Organisation
from workflows.store.transaction import transaction

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def place_of(site: CaseSite, code: str = "152927101") -> str:
    """Give the id of a township, or of another place."""
    with site.session() as session:
        return session.scalars(select(Organisation.id).where(Organisation.code == code)).one()


def above(site: CaseSite, case_id: str, level: int) -> str:
    """Give the id of the unit of a level over the organisation of a case."""
    with site.session() as session:
        path = session.get_one(Case, case_id).org_path
        units = session.scalars(select(Organisation).where(Organisation.level == level)).all()
        return next(unit.id for unit in units if unit.kind == "unit" and path.startswith(unit.path))


def form_of(site: CaseSite, place: str, username: str = "chengban", **values: str) -> Form:
    """Fill in the form on the page of a place."""
    address = f"/organisations/{place}/inspection-report"
    form = site.officer(username).open(address).form(address)
    return form.fill(recipient="盟委巡察办", purpose="年度巡察", **values)


def take(site: CaseSite, place: str, username: str = "chengban", **values: str) -> TestResponse:
    """Press 制作."""
    form = form_of(site, place, username, **values)
    answer = form.officer.client.post(form.action, data=form.values)
    assert answer.data
    answer.close()
    return answer


def made_records(site: CaseSite) -> list[Entry]:
    with site.session() as session:
        house = session.get_one(Installation, 1).house_id
        entries = whole_timeline(session, house).entries
    return [each for each in entries if each.record.trigger.name == "inspection_report_made"]


def number_of(site: CaseSite, case_id: str) -> str:
    with site.session() as session:
        return session.get_one(Case, case_id).number


def test_the_report_is_recorded_with_its_hash_and_sent(any_site: CaseSite) -> None:
    case_id = register(any_site)
    place = above(any_site, case_id, 3)
    answer = take(any_site, place, number="督〔2026〕3号", first="堃喆", second="昇玥镕")
    assert (answer.status_code, answer.mimetype) == (200, _DOCX)
    (made,) = made_records(any_site)
    assert made.form == {
        "format": "docx",
        "scope": f"organisation {place}",
        "recipient": "盟委巡察办",
        "purpose": "年度巡察",
        "levels": ["L1"],
        "cases": 1,
        "sha256": hashlib.sha256(answer.data).hexdigest(),
    }
    said = docx_text(answer.data)
    for each in (number_of(any_site, case_id), "督〔2026〕3号", "盟委巡察办：", "检查人员（堃喆）"):
        assert each in said


def test_the_organisations_page_leads_to_it(site: CaseSite) -> None:
    case_id = register(site)
    place = above(site, case_id, 3)
    page = site.officer("chengban").open(f"/organisations/{place}")
    (link,) = page.root.xpath("//a[text()='制作情况说明']")
    assert link.get("href") == f"/organisations/{place}/inspection-report"
    assert site.officer("chengban").open(link.get("href")).heading == "情况说明"


def test_pdf_and_docx_say_the_same(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    place = above(site, case_id, 3)
    in_docx = docx_text(take(site, place, format="docx").data).replace(" ", "")
    in_pdf = pdf_text(take(site, place, format="pdf").data).replace("\u200b", "")
    for said in ("共涉及事项1件、案件1件，其中办理中1件。", "到期未办结1项", "限期整改"):
        assert said in in_docx
        assert said in in_pdf


def test_the_qr_code_is_the_last_checkpoint_word_for_word(site: CaseSite) -> None:
    case_id = register(site)
    place = above(site, case_id, 3)
    bare = take(site, place, format="pdf").data
    assert pdf_codes(bare) == []
    assert "尚未签发存证点" in pdf_text(bare)
    seal(site)
    sealed = take(site, place, format="pdf").data
    with site.session() as session:
        head = signed_head(session)
    assert head is not None
    assert pdf_codes(sealed) == [head.note]
    assert f"含办理记录{head.size}条" in pdf_text(sealed)
    assert head.root in docx_text(take(site, place).data)


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"recipient": " "}, "请写明主送单位"),
        ({"purpose": ""}, "请填写用途"),
        ({"first": "昇堃"}, "检查人员须为二至"),
        ({"first": "昇堃", "second": "昇堃"}, "检查人员须为二至"),
        ({"from_on": "2026-05-02", "to_on": "2026-05-01"}, "早于起始日期"),
    ],
)
def test_what_no_paper_can_carry_is_shown_and_nothing_is_made(
    site: CaseSite, wrong: dict[str, str], said: str
) -> None:
    place = above(site, register(site), 3)
    form = form_of(site, place, number="督〔2026〕3号")
    page = form.fill(**wrong).send()
    assert page.status == 422
    assert said in page.text
    assert page.form(form.action).value("number") == "督〔2026〕3号", "what was typed is kept"
    assert made_records(site) == []


def test_nobody_is_named_and_nothing_says_whether_there_are_persons(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    name = site.name(site.person("sumu1"))
    said = docx_text(take(site, above(site, case_id, 3)).data)
    assert number_of(site, case_id) in said
    assert number_of(site, person_case) not in said
    assert name not in said
    assert "共涉及事项1件、案件1件" in said
    assert "诫勉" not in said
    assert "申诉" not in said
    assert "涉及个人的案件和内容不列入，也不说明其有无" in said


def test_persons_are_named_after_a_second_person_agreed_and_it_is_a_look(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    place, name = above(site, case_id, 3), site.name(site.person("sumu1"))
    form = form_of(site, place)
    assert [each.get("value") for each in form.element.xpath(".//*[@name='content']")] == ["L1"]
    forged = {**form.values, "content": ["L1 L2"]}
    assert form.officer.client.post(form.action, data=forged).status_code == 403
    ask(site, f"/exports/new?organisation={place}", content="L1 L2")
    assert form.officer.client.post(form.action, data=forged).status_code == 403
    site.officer("buzhang").open("/exports/1").form("/exports/1/approve").send()
    answer = take(site, place, content="L1 L2")
    said = docx_text(answer.data)
    assert name in said
    assert number_of(site, person_case) in said
    assert [each.form["levels"] for each in made_records(site)] == [["L1", "L2"]]
    with site.session() as session:
        looks = session.scalars(select(Look).where(Look.what == "print")).all()
    assert [each.case_id for each in looks] == [person_case]


def test_a_report_of_one_place_tells_nothing_of_another(site: CaseSite) -> None:
    here = register(site)
    other = site.branch("格根图")
    form = site.officer("dengji").open(f"/matters/new?organisation={other}").form("/matters/new")
    form.fill(problem_type="P101", source="spot_check", disposition="procedure", description="会")
    there = form.send().answer.request.path.split("/")[2]
    with site.session() as session:
        place = session.get_one(Case, here).subject_organisation_id
    said = docx_text(take(site, place).data)
    assert number_of(site, here) in said
    assert number_of(site, there) not in said


def report(site: CaseSite, levels: str = "L1", **wanted: Any) -> str:
    """Give what the report says that the command makes."""
    chosen = frozenset(levels.split())
    order = ReportOrder(Wanted(**wanted), "盟委巡察办", "年度巡察", chosen)
    with transaction(writing_sessions(site.app), SystemScope("test")) as session:
        reader, now = Reader(SYSTEM["init"], chosen), clock_now(session)
        return docx_text(made_report(session, reader, order, now, "docx")[0])


def test_an_empty_period_says_so(site: CaseSite) -> None:
    from datetime import date

    register(site)
    said = report(site, to_on=date(2025, 12, 31))
    assert "期间内没有列入本说明的案件" in said
    assert "案件清单无。" in said
    assert "没有延期、暂停计时、补录、更正、撤销误触发、撤回" in said


def test_acts_of_the_period_are_counted(letter: tuple[CaseSite, str]) -> None:
    from datetime import date

    site, case_id = letter
    whole = report(site)
    with site.session() as session:
        version = session.get_one(Case, case_id).version
    assert f"期间内的办理记录{version}条" in whole
    later = report(site, from_on=date(2027, 1, 1))
    assert "期间内的办理记录0条" in later
    assert "共涉及事项1件、案件1件" in later, "it still runs then"


def test_referrals_are_told_to_those_only_who_may_know(site: CaseSite) -> None:
    register(site)
    assert "移送0件" in report(site, "L1 L2 L3")
    assert "移送0件" not in report(site, "L1 L2")
    assert "线索和移送不列入，也不说明其有无" in report(site, "L1 L2")


def test_an_english_page_asks_in_english_and_the_paper_stays_chinese(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    place = above(site, case_id, 3)
    officer = site.officer("chengban")
    with officer.client.session_transaction() as cookie:
        cookie["language"] = "en"
    address = f"/organisations/{place}/inspection-report"
    page = officer.open(address)
    assert page.heading == "Inspection report"
    form = page.form(address).fill(recipient="x", purpose="y")
    answer = officer.client.post(form.action, data=form.values)
    said = docx_text(answer.data)
    answer.close()
    assert "督办案件办理情况的说明" in said
    assert "限期整改" in said
