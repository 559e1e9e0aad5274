"""The file of a case as PDF: what it tells to whom, who may take it, and the record of it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.integration.pages.test_pages_erased import erase_case
from tests.integration.pages.test_pages_exports import ask
from tests.support.case_site import CaseSite
from tests.support.papers import docx_text, pdf_codes, pdf_text
from webapp.case.file import case_file
from webapp.case.screen import Screen
from webapp.dates import today_of
from webapp.papers.case_file import case_file_paper
from webapp.papers.docx import official_docx
from webapp.papers.typesetting import typeset
from webapp.speaking import speaking
from webapp.work import Work, writing_sessions
from workflows.jobs.sequencing import run_sequencer
from workflows.queries.case.page import case_page
from workflows.queries.case.timeline import Entry, whole_timeline
from workflows.queries.organisations.posts import post_at
from workflows.services.access import load_actor
from workflows.services.installation import clock_now
from workflows.services.reports.case_files import FileOrder
from workflows.services.secrecy.clearance import cleared_levels
from workflows.store.scope import SystemScope
from workflows.store.tables import Account, Case, Installation, Look, Organisation, Tenure
from workflows.store.transaction import transaction


def take(site: CaseSite, case_id: str, username: str = "chengban", **values: str) -> TestResponse:
    """Press 卷宗 PDF on the page of a case."""
    officer = site.officer(username)
    form = officer.open(f"/cases/{case_id}").form(f"/cases/{case_id}/case-file")
    form.fill(**{"purpose": "移交档案", **values})
    answer = officer.client.post(form.action, data=form.values)
    assert answer.data  # read whole, so that the file behind it can be closed
    answer.close()
    return answer


def made_records(site: CaseSite) -> list[Entry]:
    """Give the house records of files that were made."""
    with site.session() as session:
        house = session.get_one(Installation, 1).house_id
        entries = whole_timeline(session, house).entries
    return [each for each in entries if each.record.trigger.name == "case_file_made"]


def told(
    site: CaseSite, case_id: str, username: str, levels: frozenset[str] | None = None
) -> dict[str, Any]:
    """Give what the file of a case says that somebody takes."""
    with transaction(writing_sessions(site.app), SystemScope("test")) as session, speaking("zh"):
        now = clock_now(session)
        account = session.scalars(select(Account.id).where(Account.username == username)).one()
        actor = load_actor(session, account, today_of(now))
        page = case_page(session, case_id, today_of(now))
        seen = cleared_levels(actor, page.case.org_path, page.case.level)
        screen = Screen.about(Work(session, actor, now), page)
        return case_file(screen, FileOrder(case_id, "移交档案", seen if levels is None else levels))


def seal(site: CaseSite) -> datetime:
    """Sign a checkpoint over all that was recorded."""
    with site.session() as session:
        now = clock_now(session)
    run_sequencer(writing_sessions(site.app), now)
    return now


def head_of(site: CaseSite, case_id: str) -> tuple[int, str]:
    with site.session() as session:
        case = session.get_one(Case, case_id)
        return case.version, case.head


def test_the_file_is_recorded_with_its_hash_and_sent(any_site: CaseSite) -> None:
    case_id = register(any_site)
    answer = take(any_site, case_id)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    (made,) = made_records(any_site)
    assert case_id not in made.record.trigger.ref, "it might be a person's case"
    assert made.form == {
        "case": case_id,
        "format": "pdf",
        "purpose": "移交档案",
        "levels": ["L1"],
        "seq": head_of(any_site, case_id)[0],
        "sha256": hashlib.sha256(answer.data).hexdigest(),
    }


def test_nothing_is_sent_where_it_cannot_be_recorded(site: CaseSite) -> None:
    case_id = register(site)
    site.at("2026-03-12")
    assert take(site, case_id).mimetype == "application/pdf"
    site.at("2026-03-11")  # the house records nothing before its last record
    refused = take(site, case_id)
    assert refused.status_code >= 400
    assert refused.mimetype == "text/html"
    assert len(made_records(site)) == 1


@pytest.mark.parametrize("purpose", ["", "  ", "长" * 201])
def test_a_file_without_a_fit_purpose_is_not_made(site: CaseSite, purpose: str) -> None:
    case_id = register(site)
    refused = take(site, case_id, purpose=purpose)
    assert refused.status_code == 422
    assert "请写明用途" in refused.text
    assert made_records(site) == []


def test_those_who_may_take_nothing_out_see_no_button_and_get_nothing(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    watcher = site.officer("anguan")
    page = watcher.open(f"/cases/{case_id}")
    assert page.status == 200
    assert "卷宗 PDF" not in page.text
    token = page.root.xpath("//input[@name='csrf_token']/@value")[0]
    values = {"csrf_token": token, "purpose": "看看"}
    assert watcher.client.post(f"/cases/{case_id}/case-file", data=values).status_code == 403
    assert made_records(site) == []


def test_it_tells_records_differences_terms_and_papers(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    paper = told(site, case_id, "chengban")
    version, head = head_of(site, case_id)
    assert [each["seq"] for each in paper["events"]] == [
        f"第 {seq} 条" for seq in range(1, version + 1)
    ]
    fired = paper["events"][-1]
    assert "到期" in fired["title"]
    assert ("期限届满次数", "", "1") in fired["changes"]
    assert {"已到期", "计时中"} <= {each["state"] for each in paper["clocks"]}
    assert all(each["steps"] for each in paper["clocks"])
    assert paper["index"][0] == ("1", "办理记录", f"{version} 条", head)
    assert paper["watermark"] == "演示数据·虚构"
    assert dict(paper["cover"])["用途"] == "移交档案"
    assert ("限期整改", "2026年3月10日 10:00", "至今") in paper["rungs"]


def test_its_course_tells_each_record_with_who_his_post_and_the_basis(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    paper = told(site, case_id, "chengban")
    course = paper["course"]
    assert len(course) == head_of(site, case_id)[0]
    assert all(each.startswith("2026年") and each.endswith("。") for each in course)
    noticed = next(each for each in course if "办结“下达整改通知书”" in each)
    name, post = person_and_post(site, "chengban")
    assert f"日，{name}（{post}，承办）办结" in noticed
    assert "依据：“整改通知书送达”（本单位自定）。" in noticed
    fired = course[-1]
    assert "到期，转入" in fired
    assert "依据：" in fired
    assert "系统" not in fired


def person_and_post(site: CaseSite, username: str) -> tuple[str, str]:
    """Give somebody's name, and his post with its place."""
    person_id = site.person(username)
    with site.session() as session:
        held = session.scalars(select(Tenure).where(Tenure.person_id == person_id)).one()
        place = session.get_one(Organisation, held.organisation_id).name
    return site.name(person_id), post_at(place, held.post)


def test_the_docx_says_what_the_pdf_says(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    seal(site)
    paper = told(site, case_id, "chengban")
    with site.session() as session:
        now = clock_now(session)
    in_docx = docx_text(official_docx(case_file_paper(paper), now)).replace(" ", "")
    in_pdf = pdf_text(typeset("case_file", paper, now)).replace("\u200b", "")
    said = [paper["number"], *paper["course"], *(each["title"] for each in paper["events"])]
    said += [step for clock in paper["clocks"] for step in clock["steps"]]
    said += [text for line in (*paper["cover"], *paper["facts"]) for text in line]
    said += [value for _, value in paper["proof"]["lines"]]
    assert len(said) > 50
    for each in said:
        wanted = "".join(each.split())
        assert wanted in in_docx, each
        assert wanted in in_pdf, each
    assert pdf_codes(typeset("case_file", paper, now)) == [paper["proof"]["note"]]


def test_the_docx_is_recorded_as_one(site: CaseSite) -> None:
    case_id = register(site)
    answer = take(site, case_id, format="docx")
    assert answer.mimetype.endswith("wordprocessingml.document")
    (made,) = made_records(site)
    assert made.form["format"] == "docx"
    assert made.form["sha256"] == hashlib.sha256(answer.data).hexdigest()
    assert "移交档案" in docx_text(answer.data)


def test_it_says_which_records_the_last_checkpoint_covers(site: CaseSite) -> None:
    case_id = register(site)
    bare = told(site, case_id, "chengban")["proof"]
    assert bare["qr"] == ""
    assert "尚未纳入存证点" in bare["notes"][0]
    seal(site)
    covered = told(site, case_id, "chengban")["proof"]
    version = head_of(site, case_id)[0]
    assert covered["notes"][0] == f"本案第 1 至 {version} 条记录在上述存证点之内。"
    assert covered["qr"].startswith("<svg")
    lines = dict(covered["lines"])
    assert lines["存证点根值"] in covered["note"]
    assert len(lines["签名密钥指纹"].split()) == 16
    site.officer("chengban").do(case_id, "accept", acceptance="accept")
    assert head_of(site, case_id)[0] > version
    later = told(site, case_id, "chengban")["proof"]
    assert later["notes"][:2] == [covered["notes"][0], "其后的记录在下一个存证点之内。"]


def test_content_above_the_levels_is_withheld_and_said_to_be(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    name = site.name(site.person("sumu1"))
    seen = told(site, case_id, "chengban", frozenset({"L1", "L2"}))
    assert name in json.dumps(seen, ensure_ascii=False)
    kept = told(site, case_id, "duban")
    text = json.dumps(kept, ensure_ascii=False)
    assert name not in text
    assert site.person("sumu1") not in text
    assert person_case not in text
    assert "部分内容按权限不列入本卷，原记录仍可核验" in text
    assert len(kept["events"]) == len(seen["events"])
    # The principal wrote it himself; whoever gets the paper did not.
    own = told(site, case_id, "buzhang", frozenset({"L1"}))
    assert name not in json.dumps(own, ensure_ascii=False)


def test_content_about_persons_waits_for_agreement_in_every_file(site: CaseSite) -> None:
    case_id, _ = to_person_case(site)
    take(site, case_id)
    ask(site, f"/exports/new?cases={case_id}", content="L1 L2")
    take(site, case_id)
    site.officer("buzhang").open("/exports/1").form("/exports/1/approve").send()
    take(site, case_id)
    levels = [each.form["levels"] for each in made_records(site)]
    assert levels == [["L1"], ["L1"], ["L1", "L2"]]


def test_a_persons_file_leaves_by_two_people_and_is_a_look(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    refused = take(site, person_case)
    assert refused.status_code == 403
    assert "涉及个人，卷宗外出须先经另一人同意" in refused.text
    ask(site, f"/exports/new?cases={person_case}")
    assert take(site, person_case).status_code == 403
    agreed = site.officer("buzhang").open("/exports/1").form("/exports/1/approve").send()
    assert "审计包正在生成" in agreed.text
    assert take(site, person_case).mimetype == "application/pdf"
    (made,) = made_records(site)
    assert made.form["levels"] == ["L1", "L2"]
    with site.session() as session:
        looks = session.scalars(select(Look).where(Look.what == "print")).all()
    assert [each.case_id for each in looks] == [person_case]


def test_what_was_typed_is_never_read_as_code(site: CaseSite) -> None:
    """A template that read it would stop at #panic, or fail at the brackets."""
    typed = '"]} #panic("boom") #read("/etc/passwd") [*x*] $y$ \\u{41} // /* `'
    case_id = register(site, description=typed)
    answer = take(site, case_id, purpose=typed)
    assert answer.data.startswith(b"%PDF-")
    assert dict(told(site, case_id, "chengban")["facts"])["问题描述"] == typed


def test_the_same_words_at_the_same_moment_give_the_same_bytes(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    data = told(site, case_id, "chengban")
    with site.session() as session:
        now = clock_now(session)
    assert typeset("case_file", data, now) == typeset("case_file", data, now)


def test_an_english_page_gives_an_english_paper(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    with transaction(writing_sessions(site.app), SystemScope("test")) as session, speaking("en"):
        now = clock_now(session)
        account = session.scalars(select(Account.id).where(Account.username == "chengban")).one()
        work = Work(session, load_actor(session, account, today_of(now)), now)
        screen = Screen.about(work, case_page(session, case_id, today_of(now)))
        paper = case_file(screen, FileOrder(case_id, "archive", frozenset({"L1"})))
    assert paper["words"]["title"] == "Case file"


def test_a_file_says_what_was_erased(site: CaseSite) -> None:
    fix = "会议已补开，台账已补齐。"
    case_id = register(site, disposition="immediate_fix", fix=fix)
    site.officer("chengban").do(case_id, "confirm_fix", fix_confirmation="confirmed")
    assert fix in json.dumps(told(site, case_id, "chengban"), ensure_ascii=False)
    erase_case(site, case_id)
    paper = told(site, case_id, "chengban")
    text = json.dumps(paper, ensure_ascii=False)
    assert fix not in text
    assert "内容已按规定销毁，记录的存在仍可核验" in text
    assert typeset("case_file", paper, site.at("2026-03-12")).startswith(b"%PDF-")
