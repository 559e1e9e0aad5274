"""Less paper for the base: what a gacha is asked for, and its reports handed in as one sheet."""

from __future__ import annotations

from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_entry
from tests.support.case_site import CaseSite, Form, Page
from tests.support.mailbox import mail_server
from webapp.outside.digest import write_digest
from webapp.screens.joint_reports import prefix_of
from workflows.jobs.mail import MailRoute
from workflows.jobs.mailing import run_digests
from workflows.store.tables import (
    Account,
    Attachment,
    Draft,
    Grant,
    JournalRecord,
    Organisation,
    Task,
)


def _owing(site: CaseSite) -> str:
    """Serve a notice that asks for reports of progress, and give the choice of the report."""
    case_id = to_entry(site, "rectification")
    chengban = site.officer("chengban")
    if "choose_entry" in site.open_tasks(case_id):
        chengban.do(case_id, "choose_entry", entry_rung="rectification", reason="屡次提醒未改。")
    chengban.do(
        case_id, "notice", service_way="direct", plan_required="no", progress_required="yes"
    )
    address = site.address(case_id, "progress").removeprefix(f"/cases/{case_id}/tasks/")
    return f"{case_id}|{'#'.join(address.rsplit('/', 1))}"


def _remind(page: Page, choices: list[str], **values: str) -> Page:
    form = page.form("/worklist/claim")
    form.action = "/worklist/remind"
    form.values |= {"task": choices, "reminder": ["请报进展"]}
    form.values |= {name: [value] for name, value in values.items()}
    return form.send()


def _write(form: Form, choice: str, **values: Any) -> None:
    for key, value in values.items():
        form.values[f"{prefix_of(choice)}{key}"] = [str(value)]


def test_a_gacha_is_asked_no_more_than_the_cap_and_reports_on_one_sheet(site: CaseSite) -> None:
    chengban, branch = site.officer("chengban"), site.branch()
    asked = chengban.open(f"/overview/requests?org={branch}")
    assert "这个月没有向这里提出事项" in asked.text
    assert "眼下没有到期的进展报告" in chengban.open(f"/joint-reports/{branch}").text
    choices = [_owing(site) for _ in range(3)]
    listed = chengban.open("/worklist/?whose=all")
    assert "本月已提 3/4 项" in listed.text
    assert "已催办" in _remind(listed, choices[:2]).text
    site.at("2026-03-11")
    refused = _remind(listed, choices[:2])
    assert refused.text.count("到了每月 4 项的上限") == 2
    with_reason = _remind(listed, choices[:2], over_cap="群众集中反映")
    assert "全部办成" in with_reason.text
    shown = [chengban.open(f"/cases/{each.partition('|')[0]}").text for each in choices[:2]]
    assert all("本月已向该单位提出 5/4 项" in each for each in shown)
    assert sum("群众集中反映" in each for each in shown) == 1, "of the one that came first"
    assert "本月已向这里提出 5/4 项" in chengban.open(f"/organisations/{branch}").text
    counted = chengban.open(f"/overview/requests?org={branch}")
    assert "本月已提 5/4 项" in counted.text
    assert len(counted.root.xpath("//tbody/tr")) == 5
    month = chengban.open("/overview/monthly?month=2026-03")
    assert month.text.count("超上限向基层提出") == 1, "the second joined the first"
    assert "理由：群众集中反映" in month.text
    assert "请选一个已经开始的月份" in chengban.open("/overview/requests?month=2027-01").text
    with site.session() as session:
        away = session.scalars(
            select(Organisation.id).where(Organisation.name == "那日图旗")
        ).one_or_none()
    assert chengban.open(f"/overview/requests?org={away or 'o_none'}").status == 404

    site.at("2026-04-07")
    case_id = choices[0].partition("|")[0]
    address = f"/joint-reports/{branch}"
    assert chengban.open("/worklist/?whose=all").root.xpath(f"//a[@href='{address}']")
    assert chengban.open(f"/cases/{case_id}").root.xpath(f"//a[@href='{address}']")
    assert chengban.open(f"/organisations/{branch}").root.xpath(f"//a[@href='{address}']")
    page = chengban.open(address)
    assert page.heading.startswith("合并报送：阿日善图嘎查党支部")
    assert len(page.root.xpath("//section[contains(@class, 'task-card')]")) == 3
    sheet = chengban.open(f"{address}/sheet")
    assert sheet.text.count("本期完成情况") == 3
    assert sheet.text.count("困难和需协调事项") == 1, "what holds for all is asked once"
    form = page.form(address)
    assert form.values["task"] == sorted(choices, key=form.values["task"].index)
    _write(form, choices[0], done="党员大会已补开（堃喆昇玥镕）", percent=60)
    _write(form, choices[1], done="台账已补齐", percent=700)
    form.values["common-difficulties"] = ["缺会议室"]
    wrong = form.send(do="send")
    assert wrong.status == 422
    assert "文号或名称" in wrong.text
    assert "堃喆昇玥镕" in wrong.answer.text, "nothing typed is lost"
    assert "草稿已保存" in form.send(do="draft").text
    on_paper = f"{site.address(case_id, 'progress')}/paper"
    assert "堃喆昇玥镕" in chengban.open(on_paper).answer.text
    form.values["_paper_document"] = ["四月进展报告"]
    sent = form.send(do="send")
    assert "共 3 份，报送 1 份" in sent.text
    assert "台账已补齐" in sent.text
    said = [row.text_content() for row in sent.root.xpath("//tbody/tr")]
    assert sum("已报送" in row for row in said) == 1
    again = form.send(do="send")
    assert "报送 0 份" in again.text
    assert "办结" in again.text, "somebody else, or he himself, was first"
    form = chengban.open(address).form(address)
    assert len(form.values["task"]) == 2
    assert form.value(f"{prefix_of(choices[1])}done") == "台账已补齐", "it stayed as a draft"
    _write(form, choices[1], percent=70)
    form.values["task"] = [choices[1], f"{case_id}|notice#1", "…", f"c_{'a' * 26}|progress#1"]
    form.values["_paper_document"] = ["四月进展报告"]
    assert "共 4 份，报送 1 份" in form.send(do="send").text
    with site.session() as session:
        bodies = session.scalars(
            select(JournalRecord.body).where(
                JournalRecord.kind == "task_completed",
                JournalRecord.body.contains('"source":"paper"'),
            )
        ).all()
        assert len(bodies) == 2
        ids = [choice.partition("|")[0] for choice in choices]
        progress = select(Task.case_id, Task.n).where(
            Task.case_id.in_(ids), Task.activity == "progress", Task.state == "open"
        )
        assert sorted(row.n for row in session.execute(progress)) == [1, 2, 2]
        assert session.scalars(select(Draft).where(Draft.case_id == ids[0])).all() == []
    away = site.officer("sumu2")
    assert away.open(address).status == away.open(f"{address}/sheet").status == 404
    form.officer = away
    assert form.send(do="send").status in {400, 404}, "nor does he send anything there"
    assert site.officer("xitong").client.get(address).status_code == 403
    assert "这次报送" not in site.officer("anguan").open(address).text, (
        "he reads and fills nothing in"
    )
    assert chengban.open("/joint-reports/o_none").status == 404
    _mails_reports_as_one_line(site, branch)
    _attaches_to_each_report(site, branch, choices[2])


def _mails_reports_as_one_line(site: CaseSite, branch: str) -> None:
    """Let the branch's secretary have a mail of the day, which names what is handed in as one."""
    _employ_secretary(site, branch)
    secretary = site.officer("zhishu")
    chosen = secretary.open("/account/digest").form("/account/digest")
    assert "zhishu@qi.local" in chosen.fill(is_on="1", address="zhishu@qi.local").send().text
    with mail_server() as box:
        route = MailRoute("127.0.0.1", "duban@qi.local", port=box.port, security="none")
        write = partial(write_digest, "https://duban.local")
        assert run_digests(site.sessions, site.at("2026-04-08"), route, write)["sent"] == 1
        (mail,) = box.mails
    text = mail.get_content()
    assert "本单位待领取（6 件）" in text
    assert text.count("报送进展") == 1, "one line for all of them"
    assert "阿日善图嘎查党支部　3 份“报送进展”，可以合并报送" in text


def _employ_secretary(site: CaseSite, branch: str) -> None:
    now = site.at("2026-04-08")
    with site.session() as session:
        path = session.get_one(Organisation, branch).path
        account = Account(
            id=f"u_{'z' * 26}",
            username="zhishu",
            display_name="支部书记（虚构）",
            password_hash="!",
            token="z" * 32,
            office_id=branch,
            created_at=now,
        )
        grant = Grant(role="R10", organisation_id=branch, org_path=path, from_on=date(2026, 1, 1))
        account.grants.append(grant)
        session.add(account)


def _attaches_to_each_report(site: CaseSite, branch: str, choice: str) -> None:
    """Let the secretary hand in what is due himself: no paper is named, a file goes with it."""
    form = site.officer("zhishu").open(f"/joint-reports/{branch}").form(f"/joint-reports/{branch}")
    assert "_paper_document" not in form.values
    assert form.values["task"] == [choice]
    _write(form, choice, done="公示栏已更新", percent=100)
    sent = form.fill(files=(BytesIO(b"%PDF-1.4\n"), "公示栏照片.pdf")).send(do="send")
    assert "共 1 份，报送 1 份" in sent.text
    with site.session() as session:
        case_id = choice.partition("|")[0]
        kept = session.scalars(select(Attachment).where(Attachment.case_id == case_id)).all()
        assert [(each.name, each.size_bytes) for each in kept] == [("公示栏照片.pdf", 9)]
    assert "公示栏照片.pdf" in site.officer("zhishu").open(f"/cases/{case_id}").text
