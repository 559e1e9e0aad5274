"""The rectification ledger as a workbook: its columns, its light, and its way back in."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from tests.integration.pages.test_pages_cases import to_rectification
from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite, Officer
from workflows.services.access import load_actor
from workflows.services.imports.matters import read_ledger
from workflows.services.installation import clock_now
from workflows.services.reports.ledgers import HEADINGS
from workflows.store.tables import Account, Case, JournalRecord, Matter

PATH = "/organisations/"


def take(officer: Officer, organisation: str = "") -> bytes:
    """Press 导出台账 where it stands."""
    page = officer.open(f"{PATH}{organisation}" if organisation else "/worklist/")
    form = page.form("/ledgers/")
    with officer.client.post(form.action, data=dict(form.values)) as answer:
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)


def rows_of(content: bytes) -> list[dict[str, Any]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert tuple(rows[2]) == HEADINGS
    return [dict(zip(HEADINGS, row, strict=True)) for row in rows[3:]]


def organisation_of(site: CaseSite, case_id: str) -> str:
    with site.session() as session:
        return session.get_one(Case, case_id).subject_organisation_id


def test_a_line_says_how_the_rectification_stands(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    officer = site.officer("chengban")
    (line,) = rows_of(take(officer, organisation_of(site, case_id)))
    assert line["序号"] == 1
    assert line["嘎查村/党组织"].startswith("阿日善图嘎查")
    assert line["问题类型"] == "三会一课不按期"
    assert line["状态灯"] == "红 逾期"
    assert line["责任人"].startswith("党支部书记\n")
    assert isinstance(line["发现时间"], date)
    assert isinstance(line["时限"], date)
    assert line["时限"] < date(2026, 5, 12)
    assert line["督办次数"] == 0
    assert line["销号日期"] == ""


def test_letters_are_counted(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    address = site.address(case_id, "letter1")
    site.officer("duban").open(address).form(address).send()
    (line,) = rows_of(take(site.officer("chengban"), organisation_of(site, case_id)))
    assert line["督办次数"] == 1


def test_what_was_planned_and_how_far_it_got_stands_in_the_line(site: CaseSite) -> None:
    case_id = to_rectification(site, plan_required="yes", progress_required="yes")
    site.at("2026-03-12")
    chengban = site.officer("chengban")
    scan = (io.BytesIO(b"%PDF-1.7 made up"), "方案.pdf")
    chengban.enter_paper(case_id, "plan", measures="补开会议，书记负责。", _paper_scan=scan)
    site.officer("sumu1").do(case_id, "plan_review", plan_outcome="approved")
    chengban.enter_paper(
        case_id, "progress", _paper_document="进展报告", done="已补开一半。", percent=55
    )
    (line,) = rows_of(take(chengban, organisation_of(site, case_id)))
    assert line["措施"] == "补开会议，书记负责。"
    assert line["进展%"] == pytest.approx(0.55)
    assert line["证据"] == "1件：方案.pdf"
    assert line["状态灯"] == "绿 正常"


def test_a_ledger_comes_back_through_the_import(site: CaseSite, tmp_path: Path) -> None:
    """In an installation without these matters every line can be registered as it was."""
    to_first_letter(site)
    file = tmp_path / "台账.xlsx"
    file.write_bytes(take(site.officer("chengban")))
    with site.session() as session:
        matter = session.scalars(select(Matter)).one()
        kept = (matter.organisation_id, matter.problem_type, matter.source, matter.summary)
        found_on = matter.found_on.isoformat()
        now = clock_now(session)
        clerk = session.scalars(select(Account.id).where(Account.username == "dengji")).one()
        actor = load_actor(session, clerk, now.date())
        again = read_ledger(session, actor, now, file)
        assert (again.rows, again.problems, again.unchanged) == ((), (), 1)
        matter.summary = "另一个问题"
        session.flush()
        (differs,) = read_ledger(session, actor, now, file).problems
        assert differs.code == "matter_differs"
        matter.number = "督〔2025〕99号"
        session.flush()
        (row,) = read_ledger(session, actor, now, file).rows
        session.rollback()
    values = row.values
    assert kept == (
        row.organisation.id,
        values["problem_type"],
        values["source"],
        values["description"],
    )
    assert values["found_on"] == found_on


def test_a_ledger_knows_no_person(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    with site.session() as session:
        number = session.get_one(Case, person_case).number
    lines = rows_of(take(site.officer("buzhang")))
    assert [line["嘎查村/党组织"][:5] for line in lines] == ["阿日善图嘎"]
    assert number not in str(lines)


def test_text_that_looks_like_a_formula_is_kept_as_text(site: CaseSite) -> None:
    case_id = register(site, description='=HYPERLINK("http://127.0.0.1","看")')
    (line,) = rows_of(take(site.officer("chengban"), organisation_of(site, case_id)))
    assert line["问题表述"].startswith("'=")


def test_those_who_may_not_take_out_see_no_button_and_get_nothing(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    watcher = site.officer("anguan")
    looked_at = watcher.open(f"{PATH}{organisation_of(site, case_id)}")
    assert not looked_at.root.xpath("//form[contains(@action, '/ledgers/')]")
    page = watcher.open("/worklist/")
    assert "导出台账" not in page.text
    token = site.officer("chengban").open("/worklist/").form("/ledgers/").values
    assert watcher.client.post("/ledgers/", data=dict(token)).status_code in {400, 404}


def test_a_place_outside_ones_own_is_refused(site: CaseSite) -> None:
    to_first_letter(site)
    officer = site.officer("sumu1")
    form = officer.open("/worklist/").form("/ledgers/")
    other = site.branch("萨如拉图")
    values = {**dict(form.values), "organisation": [other]}
    assert officer.client.post(form.action, data=values).status_code == 404


def test_a_ledger_is_recorded_before_it_is_sent(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    organisation = organisation_of(site, case_id)
    take(site.officer("chengban"), organisation)
    with site.session() as session:
        statement = (
            select(JournalRecord.body)
            .where(JournalRecord.stream_id.startswith("h_"))
            .order_by(JournalRecord.seq.desc())
            .limit(1)
        )
        trigger = json.loads(session.scalars(statement).one())["trigger"]
    assert trigger == {"type": "house", "name": "ledger_exported", "ref": organisation}
