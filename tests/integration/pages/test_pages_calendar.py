"""The calendar's page: the effect before saving, two tabs, and who may."""

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from tests.support.web import token_in

PAGE = "/administration/calendar/"
FAIR = {
    "kind": "leave",
    "first_on": "2026-03-11",
    "last_on": "2026-03-12",
    "name": "那达慕大会",
    "status": "official",
    "source": "旗政办发〔2026〕9号",
}


def test_the_administrator_sees_what_moves_before_he_saves(site: CaseSite) -> None:
    site.at("2026-03-10")
    register(site)
    system = site.officer("xitong")
    form = system.open(PAGE).form(f"{PAGE}effect")
    wrong = form.send(**{**FAIR, "name": "", "last_on": "2026-03-09", "source": "号" * 121})
    assert wrong.status == 422
    for said in ("请填写名称。", "结束日期早于开始日期。", "120"):
        assert said in wrong.text
    assert form.send(**FAIR, place="<script>").status == 422
    seen, other_tab = form.send(**FAIR), form.send(**FAIR)
    assert "影响 1 项期限：后移 1 项，自动改期；提前 0 项" in seen.text
    assert "2026年3月17日" in seen.text
    saved = seen.form(PAGE).send()
    assert "日历已保存" in saved.text
    assert "那达慕大会" in saved.text
    again = other_tab.form(PAGE).send()
    assert again.status == 422
    assert "已经如此" in again.text
    site.sweep("2026-03-11")
    assert "等待下一次巡检" not in system.open(PAGE).text


def test_others_look_at_the_calendar_at_most(site: CaseSite) -> None:
    auditor, handler = site.officer("shenji"), site.officer("chengban")
    assert "查看影响" not in auditor.open(PAGE).text
    assert handler.open(PAGE).status == 403
    token = token_in(auditor.client.get("/account"))
    assert auditor.client.post(PAGE, data={"csrf_token": token, **FAIR}).status_code == 403
