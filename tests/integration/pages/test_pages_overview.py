"""The overview: numbers that lead to their tasks, at one's own places only, and nobody in it."""

import hashlib
from datetime import timedelta

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.integration.pages.test_pages_inspection_report import above
from tests.support.case_site import CaseSite, Page
from tests.support.papers import docx_text, pdf_text
from workflows.queries.case.timeline import whole_timeline
from workflows.services.desk.errands import MOST_SHOWN
from workflows.store.tables import Case, Errand, Installation


def _figures(page: Page, heading: str) -> list[list[str]]:
    (table,) = page.root.xpath(f"//section[@aria-labelledby='{heading}']//table")
    rows = table.xpath(".//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_figures_lead_to_the_tasks_that_they_count(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    banner, township = above(site, case_id, 3), above(site, case_id, 4)
    officer = site.officer("chengban")
    page = officer.open(f"/overview/?org={banner}")
    rows = {row[0]: row for row in _figures(page, "matrix")}
    with site.session() as session:
        case = session.get_one(Case, case_id)
        number = case.number
    (row,) = [row for row in rows.values() if row[1] != "0"]
    assert row[1] == "1 逾期 1（100%）", "its term is over, whoever's task comes next"
    figures = page.root.xpath("//section[@aria-labelledby='matrix']//tbody//td[position() > 1]/a")
    assert figures
    for figure in figures:
        listed = officer.open(figure.get("href")).root.xpath("//tr[@data-row]")
        assert len(listed) == int(figure.text_content())
        assert number in listed[0].text_content()
    units = page.root.xpath("//section[@aria-labelledby='matrix']//tbody//th/a/@href")
    (down,) = [each for each in units if township in each]
    assert [row[1] for row in _figures(officer.open(down), "ages")].count("1") == 1


def test_the_diagram_the_table_and_the_past_say_the_same(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    place = above(site, case_id, 3)
    officer = site.officer("chengban")
    page = officer.open(f"/overview/?org={place}&process=supervision")
    steps = {row[0]: row[2] for row in _figures(page, "diagram")}
    assert steps["签发第一次督办单"] == "1"
    (title,) = page.root.xpath("//*[local-name()='title'][contains(., '签发第一次督办单')]")
    assert "1 项" in title.text_content()
    assert sum(int(row[1]) for row in _figures(page, "ages")) == 1
    past = officer.open(f"/overview/?org={place}&as_of=2026-03-10")
    assert "2026年3月10日" in past.text
    assert "签发第一次督办单" not in {row[0] for row in _figures(past, "diagram")}
    assert "逾期" not in " ".join(cell for row in _figures(past, "matrix") for cell in row)
    before = officer.open(f"/overview/?org={place}&as_of=2020-01-01")
    assert "没有在办的案件" in before.text
    told = _figures(officer.open(f"/overview/effects?org={place}"), "stages")
    assert [row[1] for row in told] == ["0", "0", "0"], "the letter is not issued yet"


def test_no_other_place_no_person_and_no_small_number(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    place = above(site, case_id, 3)
    page = site.officer("buzhang").open(f"/overview/?org={place}")
    assert [row[1] for row in _figures(page, "persons")] == ["<5"]
    assert site.name(site.person("sumu1")) not in page.text
    with site.session() as session:
        assert session.get_one(Case, person_case).number not in page.text
        other = session.get_one(Case, case_id).subject_organisation_id
    assert sum(int(row[1].split()[0]) for row in _figures(page, "matrix")) == 1, "no persons"
    township = site.officer("sumu1")
    for address in (
        "/overview/",
        "/overview/effects",
        "/overview/warnings",
        "/overview/monthly",
        "/overview/meeting",
    ):
        assert township.open(f"{address}?org={place}").status == 404
        assert township.open(f"{address}?org=nobody").status == 404
        assert township.open(f"{address}?org={other}&as_of=whenever&process=none").status == 200
    assert "涉及个人的在办案件" not in township.open("/overview/").text


def test_a_month_stands_beside_the_one_before_and_is_taken_out_on_record(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    place = above(site, case_id, 3)
    officer = site.officer("chengban")
    page = officer.open(f"/overview/monthly?org={place}&month=2026-03")
    figures = {row[0]: row[1:] for row in _figures(page, "figures")}
    assert figures["登记事项"] == ["1", "0", "+1"]
    assert figures["期末在办案件"] == ["1", "0", "+1"]
    later = officer.open(f"/overview/monthly?org={place}")
    assert "2026年4月" in later.heading, "the last month that is over"
    for wrong in ("2026-06", "2026-13", "often"):
        assert (
            "请选一个已经开始的月份"
            in officer.open(f"/overview/monthly?org={place}&month={wrong}").text
        )
    form = page.form("/overview/monthly")
    assert "用途" in form.fill(purpose=" ").send().text
    for format_, read in (("docx", docx_text), ("pdf", pdf_text)):
        form = officer.open(f"/overview/monthly?org={place}&month=2026-03").form(form.action)
        values = form.fill(purpose="报旗委", format=format_).values
        answer = officer.client.post(form.action, data=values)
        said = read(answer.data).replace(" ", "").replace("\u200b", "")
        assert "督办工作月报（2026年3月）" in said
        assert "开立案件（件）" in said
        digest = hashlib.sha256(answer.data).hexdigest()
        answer.close()
        with site.session() as session:
            house = session.get_one(Installation, 1).house_id
            entry = whole_timeline(session, house).entries[-1]
        assert entry.record.trigger.name == "monthly_report_made"
        assert (entry.form["sha256"], entry.form["month"]) == (digest, "2026-03")
        assert entry.form["purpose"] == "报旗委"
    township = site.officer("sumu1")
    sent = {
        **form.values,
        "csrf_token": township.open("/home").form("/language").value("csrf_token"),
    }
    assert township.client.post(form.action, data=sent).status_code in {403, 404}


def test_what_a_meeting_decides_stands_in_the_case_and_comes_back_on_its_day(
    site: CaseSite,
) -> None:
    case_id = to_first_letter(site)
    site.at("2026-05-12")
    place = above(site, case_id, 3)
    officer = site.officer("chengban")
    page = officer.open(f"/overview/meeting?org={place}")
    assert "已逾期（1）" in page.text
    for said in ("整改期限", "签发第一次督办单", "说明逾期原因"):
        assert said in page.text
    form = page.form("/overview/meeting")
    assert "没有勾选要记入的议题" in form.fill(minutes="旗委纪要 12").send().text
    wanted = {
        f"take-{case_id}": "1",
        f"text-{case_id}": "三日内签发督办单",
        "minutes": "纪要 12",
        "bond": "none",
    }
    wrong = page.form("/overview/meeting").fill(**wanted).send()
    assert wrong.status == 422
    assert "交给谁办和完成期限" in wrong.text
    again = wrong.form("/overview/meeting")
    assert again.value(f"text-{case_id}") == "三日内签发督办单", "what was typed is kept"
    offices = again.element.xpath(f".//*[@name='to-{case_id}']/option")
    by_name = {each.text_content().strip(): each.get("value") for each in offices}
    chosen = again.value(f"to-{case_id}")
    assert by_name["苏布德旗委组织部"] == chosen, "the office that has the case's task"
    township = next(key for name, key in by_name.items() if name.endswith("苏木党委"))
    strange = again.fill(**{f"due-{case_id}": "2026-05-15"})
    strange.values[f"to-{case_id}"] = ["o_nowhere"]
    assert "不在本案所在单位及其上级之内" in strange.send().text
    again.values |= {f"to-{case_id}": [township], f"due-{case_id}": ["2026-05-12"]}
    assert "今天以后" in again.send().text
    done = again.fill(**{f"due-{case_id}": "2026-05-15"}).send()
    assert "已把 1 项议定事项记入案件" in done.text
    shown = officer.open(f"/cases/{case_id}").text
    assert "三日内签发督办单" in shown
    assert "已交办未办三日内签发督办单" in officer.open(f"/overview/meeting?org={place}").text
    assert "letter1" in site.open_tasks(case_id), "the rules go on as before"
    elsewhere = {**again.values, f"due-{case_id}": "2026-06-01"}
    watcher = site.officer("sumu1")
    token = watcher.open("/home").form("/language").value("csrf_token")
    answer = watcher.client.post("/overview/meeting", data={**elsewhere, "csrf_token": token})
    assert answer.status_code == 404
    _ends_what_the_meeting_gave(site, case_id)


def _ends_what_the_meeting_gave(site: CaseSite, case_id: str) -> None:
    """Let the office that it is for end it; who gave it sees it from its day on."""
    officer, theirs, others = (site.officer(name) for name in ("chengban", "sumu1", "sumu2"))
    assert "交办事项" not in officer.open("/home").text, "not before its day"
    assert "交办事项" not in others.open("/home").text
    desk = theirs.open("/home")
    assert "三日内签发督办单" in desk.text
    site.at("2026-05-15")
    assert "三日内签发督办单" in officer.open("/home").text
    with site.session() as session:
        errand = session.scalars(select(Errand)).one()
    form = desk.form(f"/cases/errands/{errand.id}/done")
    assert form.send().status == 422, "it says what was done"
    form.officer = others
    assert form.fill(done="与本单位无关").send().status in {400, 404}
    again = theirs.open("/home").form(f"/cases/errands/{errand.id}/done")
    ended = again.fill(done="督办单已于五月十四日签发").send()
    assert "已办结这项交办" in ended.text
    assert "三日内签发督办单" not in ended.text
    assert "督办单已于五月十四日签发" in officer.open(f"/cases/{case_id}").text
    assert "已经有人办结" in again.send().text
    undo = theirs.open(f"/cases/{case_id}")
    (address,) = undo.root.xpath("//form[contains(@action, '/undo/')]/@action")
    undo.form(address).send()
    assert "三日内签发督办单" in theirs.open("/home").text, "taken back, it waits again"
    again = theirs.open("/home").form(f"/cases/errands/{errand.id}/done")
    kept = {name: getattr(errand, name) for name in ("case_id", "office_id", "account_id")}
    kept |= {"set_by": errand.set_by, "set_at": errand.set_at, "text": "另一项"}
    day_before = errand.due_on - timedelta(days=1)
    with site.session() as session:
        session.add_all(Errand(**kept, due_on=day_before, seq=-n) for n in range(MOST_SHOWN))
    ended = again.fill(done="督办单已于五月十五日签发").send()
    assert "已办结这项交办" in ended.text, "also where the desk lists earlier ones alone"
