"""Organisations: their place in the tree, people, duties, and what was found there."""

from datetime import date

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.support.case_site import CaseSite, Officer, Page
from workflows.domain.roles import Actor, RoleGrant
from workflows.queries.organisations.page import organisation_page
from workflows.store.tables import Account, Case, Grant, Organisation, Tenure


def _id(site: CaseSite, name: str) -> str:
    with site.session() as session:
        return session.scalars(select(Organisation.id).where(Organisation.name == name)).one()


def _page(site: CaseSite, officer: Officer, name: str) -> Page:
    return officer.open(f"/organisations/{_id(site, name)}")


def test_the_way_in_is_the_visitors_own_unit(site: CaseSite) -> None:
    assert site.officer("chengban").open("/organisations/").heading == "苏布德旗"
    assert site.officer("sumu1").open("/organisations/").heading == "吉日嘎图苏木"


def test_the_tree_is_walked_up_and_down(any_site: CaseSite) -> None:
    officer = any_site.officer("chengban")
    banner = officer.open("/organisations/")
    (link,) = banner.root.xpath("//section[@aria-labelledby='below']//a[.='海日图苏木']/@href")
    township = officer.open(link)
    assert township.heading == "海日图苏木"
    below = township.root.xpath("//section[@aria-labelledby='below']//a/text()")
    assert len(below) == 8
    trail = township.root.xpath("//ol[contains(@class,'breadcrumb')]/li")
    names = [" ".join(each.text_content().split()) for each in trail]
    assert names == ["苍原自治区", "塔林盟", "苏布德旗", "海日图苏木"]
    linked = township.root.xpath("//ol[contains(@class,'breadcrumb')]//a/text()")
    assert linked == ["苏布德旗"]


def test_cases_are_the_same_whether_gathered_or_walked(any_site: CaseSite) -> None:
    for _ in range(3):
        register(any_site)
    with any_site.session() as session:
        first, second = session.scalars(select(Case).order_by(Case.id).limit(2))
        first.due_on = None
        second.state, second.ended_at = "ended", second.opened_at
        top = session.scalars(select(Organisation).order_by(Organisation.path)).first()
        actor = Actor("u_none", "none", (RoleGrant("R03", top.path, top.path),))
        today = second.opened_at.date()
        gathered, walked = (
            organisation_page(session, actor, top.id, today, few=few) for few in (1000, 0)
        )
        first_id = first.id
        orders = [
            ([each.case.id for each in page.present], [each.case.id for each in page.past])
            for page in (gathered, walked)
        ]
        session.rollback()
    for page in (gathered, walked):
        assert page.rungs == {0: 2}
        assert page.past_count == 1
    assert orders[0] == orders[1]
    assert orders[0][0][-1] == first_id


def test_what_lies_elsewhere_is_not_found(site: CaseSite) -> None:
    officer = site.officer("sumu1")
    assert _page(site, officer, "海日图苏木").status == 404
    assert _page(site, officer, "苏布德旗").status == 404
    assert officer.open("/organisations/o_nothing").status == 404
    assert "海日图" not in officer.open("/organisations/?q=海日图").text.partition("没有找到")[0]


def test_search_takes_names_codes_and_pinyin(any_site: CaseSite) -> None:
    officer = any_site.officer("chengban")
    with any_site.session() as session:
        code = session.scalars(
            select(Organisation.code).where(Organisation.name == "阿日善图嘎查党支部")
        ).one()
    for text in ("阿日善图嘎查党", code, "arstgcdzb", "arishan tugacha d"):
        found = officer.open(f"/organisations/?q={text}")
        places = found.root.xpath("//section[@aria-labelledby='found']//a/text()")
        assert places == ["阿日善图嘎查党支部"], text
    assert "没有找到" in officer.open("/organisations/?q=qqqq").text


def test_posts_past_posts_and_duties_stand_at_their_body(site: CaseSite) -> None:
    with site.session() as session:
        tenure = session.scalars(
            select(Tenure).join(Organisation).where(Organisation.name == "阿日善图嘎查党支部")
        ).one()
        session.add(
            Tenure(
                person_id=session.scalars(
                    select(Tenure.person_id).where(Tenure.post == "党委书记")
                ).first(),
                organisation_id=tenure.organisation_id,
                org_path=tenure.org_path,
                post="党支部书记",
                subject_category=tenure.subject_category,
                from_on=date(2018, 1, 1),
                until_on=date(2020, 1, 31),
            )
        )
    page = _page(site, site.officer("chengban"), "阿日善图嘎查党支部")
    present = page.root.xpath("//article[@class='body-posts']/ul[@class='posts']/li")
    assert len(present) == 1
    assert "党支部书记" in present[0].text_content()
    past = page.root.xpath("//article[@class='body-posts']/details//ul[@class='posts']/li")
    assert ["2020年1月31日" in each.text_content() for each in past] == [True]
    assert "主持支部工作" in page.text
    assert "本单位自定" in page.text


def test_a_case_stands_on_its_rung_and_later_among_the_past(any_site: CaseSite) -> None:
    case_id = to_first_letter(any_site)
    on_the_spot = {"disposition": "immediate_fix", "fix": "会议已补开，台账已补齐。"}
    other = register(any_site, "2026-03-20", problem_type="P203", **on_the_spot)
    officer = any_site.officer("chengban")
    page = _page(any_site, officer, "阿日善图嘎查党支部")
    rows = page.root.xpath("//section[@aria-labelledby='present']//li[@data-row]")
    assert len(rows) == 2
    (row,) = (row for row in rows if row.xpath(f".//a[@href='/cases/{case_id}']"))
    assert row.xpath(".//*[local-name()='svg'][contains(@class,'stairs')]/@aria-label") == [
        "限期整改"
    ]
    officer.do(other, "confirm_fix", fix_confirmation="confirmed")
    with any_site.session() as session:
        assert session.get_one(Case, other).state == "ended"
    page = _page(any_site, officer, "吉日嘎图苏木")
    assert len(page.root.xpath("//section[@aria-labelledby='present']//li[@data-row]")) == 1
    (past,) = page.root.xpath("//section[@aria-labelledby='past']//li[@data-row]")
    assert past.xpath(f".//a[@href='/cases/{other}']")
    assert "办结" in past.text_content()


def test_an_organisation_with_nothing_says_what_will_stand_there(site: CaseSite) -> None:
    page = _page(site, site.officer("dengji"), "南坪洼村党支部")
    assert "没有办理中的案件" in page.text
    assert page.root.xpath("//a[starts-with(@href, '/matters/new?organisation=')]")


def test_an_organisation_names_who_looks_after_it_while_he_does(site: CaseSite) -> None:
    officer, branch_id = site.officer("chengban"), site.branch()
    with site.session() as session:
        branch = session.get_one(Organisation, branch_id)
        near, far = session.scalars(select(Account).order_by(Account.id).limit(2)).all()
        begun = date(2026, 1, 1)
        for account, until in ((near, None), (far, begun)):
            session.add(
                Grant(
                    account_id=account.id,
                    role="R11",
                    organisation_id=branch.id,
                    org_path=branch.path,
                    from_on=begun,
                    until_on=until,
                )
            )
        name = near.display_name
    page = officer.open(f"/organisations/{branch_id}")
    (told,) = page.root.xpath("//section[@aria-labelledby='liaisons']")
    said = [" ".join(each.text_content().split()) for each in told.xpath(".//li")]
    assert f"{name} 包联本单位 自 2026年1月1日" in said
    assert sum("包联本单位" in line for line in said) == 1
