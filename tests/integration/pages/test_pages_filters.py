"""Filters of the worklist that are kept: own, shared, left behind, out of scope."""

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Officer, Page
from workflows.store.tables import Account, SavedFilter


def _save(officer: Officer, query: str, name: str, **values: str) -> Page:
    form = officer.open(f"/worklist/?{query}").form("/worklist/filters/")
    form.values |= {"name": [name]} | {key: [value] for key, value in values.items()}
    return form.send()


def _press(page: Page, act: str, **values: str) -> Page:
    form = page.form(page.root.xpath(f"//form[contains(@action, '/{act}')]/@action")[0])
    form.values |= {key: [value] for key, value in values.items()}
    return form.send()


def _office(site: CaseSite, username: str, office_id: str) -> None:
    with site.session() as session:
        session.query(Account).filter_by(username=username).one().office_id = office_id


def test_a_filter_is_kept_shared_left_behind_and_taken_over(built_site: CaseSite) -> None:
    site = built_site
    case_id, branch = register(site), site.branch()
    with site.session() as session:
        office = session.query(Account).filter_by(username="chengban").one().office_id
    assert office
    _office(site, "fubuzhang", office)
    chengban, other = site.officer("chengban"), site.officer("fubuzhang")
    saved = _save(chengban, "whose=all&org=阿日善图嘎查党支部", "阿日善图", share="1")
    assert "筛选已保存" in saved.text
    assert case_id in saved.answer.text
    with site.session() as session:
        kept = session.query(SavedFilter).one()
        assert kept.values == {"whose": "all", "org": branch}
        assert kept.office_id == office
        address = f"/worklist/?saved={kept.id}&whose=all&org={branch}"
    assert "筛选要有名称" in _save(chengban, "colour=red", "  ").text
    listed = other.open("/worklist/filters/")
    assert "保存" in listed.text
    assert not listed.root.xpath("//form[contains(@action, '/delete')]")
    _press(listed, "default", default="1")
    opened = other.open("/worklist/")
    assert case_id in opened.answer.text
    assert opened.root.xpath("//a[@aria-current='true'][contains(., '阿日善图')]")
    assert "默认" in other.open("/worklist/filters/").text
    # Another office neither sees nor changes it; its place lies outside, so nothing is listed.
    stranger = site.officer("sumu2")
    assert "阿日善图" not in stranger.open("/worklist/filters/").text
    outside = stranger.open(address)
    assert "不在您的范围内" in outside.text
    assert not outside.root.xpath("//tbody/tr")
    token = stranger.open("/worklist/?all=1").form("/language")
    for act in ("delete", "rename", "share", "default"):
        token.action = f"/worklist/filters/{kept.id}/{act}"
        token.values |= {"name": ["我的"], "default": ["1"]}
        token.send()
    with site.session() as session:
        assert session.query(SavedFilter).one().name == "阿日善图"
        session.query(Account).filter_by(username="chengban").one().is_active = False
    left = other.open("/worklist/")
    assert "已不在本单位" in left.text
    assert case_id in left.answer.text
    renamed = _press(other.open("/worklist/filters/"), "rename", name="阿日善图一带")
    assert "阿日善图一带" in renamed.text
    deleted = _press(renamed, "delete")
    assert "还没有保存过筛选" in deleted.text
    assert other.open("/worklist/").status == 200
