"""The calendar's pages: the effect before saving, the second person, two tabs, and who may."""

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from tests.support.web import token_in

PAGE = "/administration/calendar/"
PROPOSALS = f"{PAGE}proposals"
FAIR = {
    "kind": "leave",
    "first_on": "2026-03-11",
    "last_on": "2026-03-12",
    "name": "那达慕大会",
    "status": "official",
    "source": "旗政办发〔2026〕9号",
}
NEXT_YEAR = FAIR | {"first_on": "2027-03-11", "last_on": "2027-03-12"}


def test_what_moves_deadlines_is_put_forward_by_one_and_in_force_by_another(
    site: CaseSite,
) -> None:
    site.at("2026-03-10")
    register(site)
    system, second = site.officer("xitong"), site.officer("anquan")
    form = system.open(PAGE).form(f"{PAGE}effect")
    wrong = form.send(**{**FAIR, "name": "", "last_on": "2026-03-09", "source": "号" * 121})
    assert wrong.status == 422
    for said in ("请填写名称。", "结束日期早于开始日期。", "120"):
        assert said in wrong.text
    assert form.send(**FAIR, place="<script>").status == 422
    seen, other_tab = form.send(**FAIR), form.send(**FAIR)
    assert "影响 1 项期限：后移 1 项，自动改期；提前 0 项" in seen.text
    assert "2026年3月17日" in seen.text
    assert "保存并生效" not in seen.text
    without = seen.form(PROPOSALS).send(note=" ")
    assert (without.status, "请填写理由" in without.text) == (422, True)
    waiting = seen.form(PROPOSALS).send(note="<b>旗政府通知</b>")
    assert "等待另一位系统管理员或安全管理员审批" in waiting.text
    assert "<b>旗政府通知</b>" in waiting.text
    twice = other_tab.form(PROPOSALS).send(note="旗政府通知")
    assert (twice.status, "同样的改动已由" in twice.text) == (409, True)
    # Another case since: the second person sees it, and is asked.
    assert "1 项日历改动待审批" in second.open("/administration/").text
    address = f"{PROPOSALS}/{waiting.answer.request.path.rpartition('/')[2]}"
    stale = second.open(address).form(f"{address}/approve")
    register(site)
    changed = stale.send()
    assert (changed.status, "影响与您看到的不同" in changed.text) == (409, True)
    assert "与提交时不同。" in changed.text
    approval = changed.form(f"{address}/approve")
    assert approval.send().status == 422
    done = approval.send(confirmed="1")
    assert "已批准，日历立即生效" in done.text
    late = stale.send()
    assert (late.status, "已由他人处理" in late.text) == (409, True)
    assert "那达慕大会" in system.open(f"{PAGE}?year=2026").text
    again = other_tab.form(PROPOSALS).send(note="旗政府通知")
    assert (again.status, "已经如此" in again.text) == (422, True)
    site.sweep("2026-03-11")
    assert "等待下一次巡检" not in system.open(PAGE).text


def test_what_moves_nothing_is_saved_at_once(site: CaseSite) -> None:
    site.at("2026-03-10")
    system = site.officer("xitong")
    seen = system.open(PAGE).form(f"{PAGE}effect").send(**NEXT_YEAR)
    assert "不影响正在计时的期限" in seen.text
    assert "日历已保存" in seen.form(PAGE).send().text


def test_the_proposer_takes_back_and_the_second_gives_back_with_a_reason(site: CaseSite) -> None:
    site.at("2026-03-10")
    register(site)
    system, second = site.officer("xitong"), site.officer("anquan")
    form = system.open(PAGE).form(f"{PAGE}effect")
    for officer, way, button in ((system, "withdraw", "已撤回"), (second, "refuse", "已退回")):
        made = form.send(**FAIR).form(PROPOSALS).send(note="旗政府通知")
        address = made.answer.request.path
        ending = officer.open(address).form(f"{address}/{way}")
        assert ending.send(reason="").status == 422
        ended = ending.send(reason="通知有误")
        assert (button in ended.text, "通知有误" in ended.text) == (True, True)
        assert "提交时的影响" in ended.text


def test_others_look_at_the_calendar_at_most(site: CaseSite) -> None:
    site.at("2026-03-10")
    register(site)
    auditor, handler, system = (
        site.officer("shenji"),
        site.officer("chengban"),
        site.officer("xitong"),
    )
    seen = system.open(PAGE).form(f"{PAGE}effect").send(**FAIR)
    address = seen.form(PROPOSALS).send(note="旗政府通知").answer.request.path
    assert "查看影响" not in auditor.open(PAGE).text
    for page in (PAGE, address):
        assert handler.open(page).status == 403
    shown = auditor.open(address)
    assert (shown.status, shown.root.xpath("//main//form")) == (200, [])
    assert system.open(address).root.xpath("//form[contains(@action, 'approve')]") == []
    for officer, attacked in (
        (auditor, PAGE),
        (auditor, PROPOSALS),
        (auditor, f"{address}/approve"),
        (auditor, f"{address}/refuse"),
        (auditor, f"{address}/withdraw"),
        (system, f"{address}/approve"),
        (system, f"{address}/refuse"),
        (handler, f"{address}/approve"),
    ):
        token = token_in(officer.client.get("/account"))
        sent = {"csrf_token": token, **FAIR, "reason": "试试", "seen": "0" * 64}
        assert officer.client.post(attacked, data=sent).status_code == 403, attacked
    assert "待审批" in auditor.open(address).text
