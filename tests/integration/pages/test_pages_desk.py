"""What somebody does with a case beside its tasks: comment, look again, take back."""

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite


def test_a_comment_a_day_to_look_again_and_taking_back_on_the_page(built_site: CaseSite) -> None:
    site, case_id = built_site, register(built_site)
    chengban, address = site.officer("chengban"), f"/cases/{case_id}"
    assert "撤回刚才的办理" not in chengban.open(address).text
    chengban.do(case_id, "accept", acceptance="accept")
    page = chengban.open(address)
    assert "撤回刚才的办理" in page.text
    undo = page.root.xpath("//form[contains(@action, '/undo/')]/@action")[0]
    assert "撤回刚才的办理" not in site.officer("heshi1").open(address).text
    back = page.form(undo).send()
    assert "案件回到办理前" in back.text
    assert site.open_tasks(case_id) == ["accept"]
    assert back.root.xpath("//*[contains(@class, 'timeline-withdrawn')]")
    assert "又有了新的记录" in page.form(undo).send().text
    for beside in ("why", "documents", "timetable"):
        assert chengban.open(f"{address}/{beside}").status == 200, beside
    # What he had typed is still in the form.
    form = chengban.open(site.address(case_id, "accept")).form(site.address(case_id, "accept"))
    assert form.value("acceptance") == "accept"
    empty = chengban.open(address).form(f"{address}/comments").fill(comment=" ").send()
    assert "备注不能为空" in empty.text
    said = empty.form(f"{address}/comments").fill(comment="已与村里通话<b>").send()
    assert "已与村里通话<b>" in said.text
    gone = said.form(said.root.xpath("//form[contains(@action, '/undo/')]/@action")[0]).send()
    assert "备注已撤回" in gone.text
    assert "已与村里通话" not in gone.text
    assert "再看日期要在今天以后" in (
        gone.form(f"{address}/follow-up").fill(look_on="2026-03-10").send().text
    )
    kept = gone.form(f"{address}/follow-up").fill(look_on="2026-03-12", note="回访").send()
    assert "工作台会提醒您" in kept.text
    assert "到了再看日期" not in chengban.open("/home").text
    site.at("2026-03-12")
    home = chengban.open("/home")
    assert "到了再看日期" in home.text
    assert "回访" in home.text
    assert "回访" not in site.officer("fubuzhang").open("/home").text
    assert "到了再看日期" not in home.form(f"{address}/follow-up/forget").send().text
    site.at("2026-03-10")


def test_rows_are_pasted_phrases_kept_and_the_last_words_filled_in(built_site: CaseSite) -> None:
    site = built_site
    first, second = register(site), register(site)
    chengban = site.officer("chengban")
    address = site.address(first, "accept")
    form = chengban.open(address).form(address)
    empty = form.send(_keep_phrase="reason")
    assert "常用语不能为空" in empty.text
    pasted = "1\t补开党员大会\t书记\r\n2\t公开财务\t会计"
    kept = form.fill(reason=pasted, acceptance="unfounded").send(_keep_phrase="reason")
    assert "已存为常用语" in kept.text
    (button,) = kept.root.xpath("//button[@data-insert='f-reason']")
    assert button.text == "1；补开党员大会；书记\n2；公开财务；会计"
    # All that was typed is still there, and nothing was done.
    assert kept.form(address).value("acceptance") == "unfounded"
    assert site.open_tasks(first) == ["accept"]
    kept.form(address).send()
    assert "补开党员大会；书记" in chengban.open(f"/cases/{first}").text
    again = site.address(second, "accept")
    like = chengban.open(f"{again}?like=last").form(again)
    assert like.value("reason").startswith("1；补开党员大会")
    assert like.value("acceptance") == "", "a choice is made for each case"
    other = site.officer("fubuzhang").open(f"{again}?like=last")
    assert "补开党员大会" not in other.text
    phrase = kept.root.xpath("//button[@name='_forget_phrase']/@value")[0]
    gone = like.send(_forget_phrase=phrase)
    assert "常用语已删除" in gone.text
    assert not gone.root.xpath("//button[@data-insert]")
