"""Merging on the pages: asked for, agreed to, shown on both sides, taken apart."""

from sqlalchemy import select

from tests.support.case_site import CaseSite, Page
from workflows.store.tables import Case, Matter


def register(site: CaseSite, source: str) -> str:
    branch = site.branch()
    page = site.officer("dengji").open(f"/matters/new?organisation={branch}")
    sent = page.form(page.root.xpath("//form[@method='post' and .//textarea]/@action")[0])
    sent.fill(
        problem_type="P101",
        source=source,
        found_on="2026-03-10",
        description="上年第四季度未召开党员大会",
        disposition="procedure",
    ).send()
    with site.session() as session:
        newest = select(Matter.id).order_by(Matter.registered_at.desc(), Matter.number.desc())
        return session.scalars(newest.limit(1)).one()


def sent(page: Page, address: str, **values: str) -> Page:
    return page.form(address).fill(**values).send()


def test_a_matter_is_merged_by_two_and_taken_apart(site: CaseSite) -> None:
    site.at("2026-03-10")
    target = register(site, "spot_check")
    site.at("2026-03-10", hour=11)
    source = register(site, "patrol")
    address = f"/matters/{source}/merger"
    handler, leader = site.officer("chengban"), site.officer("buzhang")
    refused = sent(handler.open(address), address, into=target, reason="同一支部同一问题")
    assert "还没有登记向谁反馈" in refused.text
    duty = f"/matters/{source}/feedback"
    noted = sent(
        handler.open(address), duty, towards="patrol", document="巡察反馈 3", due_on="2026-05-29"
    )
    assert "2026年5月29日" in noted.text
    asked = sent(handler.open(address), address, into=target, reason="同一支部同一问题")
    assert "待同意" in asked.text
    assert "同意并案" not in asked.text
    waiting = leader.open(address)
    (decision,) = waiting.root.xpath("//form[.//button[@value='agree']]/@action")
    agreed = waiting.form(decision)
    agreed.fill(decision="agree")
    assert "已并案" in agreed.send().text
    shown = handler.open(f"/matters/{source}")
    assert "本事项已并入" in shown.text
    assert f"/matters/{target}" in shown.answer.text
    into = handler.open(f"/matters/{target}")
    assert "并入本事项的" in into.text
    assert "最早的反馈期限：2026年5月29日" in into.text
    with site.session() as session:
        case = session.scalars(select(Case).where(Case.matter_id == source)).one()
        assert case.state == "merged"
    assert "已并案" in handler.open(f"/cases/{case.id}").text
    page = leader.open(f"/matters/{target}/merger")
    (undo,) = page.root.xpath("//form[.//button[@value='undo']]/@action")
    apart = page.form(undo).fill(decision="undo", reason="不是同一党小组").send()
    assert "已拆分" in apart.text
    assert "该向来源反馈的" not in handler.open("/home").text, "it is not soon"
    sent(
        handler.open(address), duty, towards="petition", document="信访转办 8", due_on="2026-03-17"
    )
    assert "信访部门 2026年3月17日" in handler.open("/home").text
    assert "信访部门" not in leader.open("/home").text
