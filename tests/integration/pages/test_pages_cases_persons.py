"""Cases about a person: who sees them, and that they stand on the matter's one ladder."""

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.case_site import CaseSite
from workflows.store.tables import Case


def to_person_case(site: CaseSite) -> tuple[str, str]:
    """Let a case climb to its review, and decide there on attribution; give both cases."""
    case_id = to_first_letter(site)
    for day in ("2026-05-20", "2026-05-29", "2026-06-08"):
        site.sweep(day)
    assert "review" in site.open_tasks(case_id)
    site.at("2026-06-08")
    principal = site.officer("buzhang")
    signed = principal.do(
        case_id,
        "review",
        cause_main="unwilling",
        cause_evidence="两次督办均未回复。",
        review_outcome="attribution",
        responsible_person=site.person("sumu1"),
        reason="经研究，应当认定责任。",
        minutes_no="部务会〔2026〕9号",
        members_present=5,
    )
    assert "待第二人签署" in signed.text, signed.text
    address = site.address(case_id, "review")
    done = site.officer("fubuzhang").open(address).form(f"{address}/sign").send()
    assert "已在同一事项下开立个人案件" in done.text
    with site.session() as session:
        person_case = session.scalars(select(Case.id).where(Case.parent_case_id == case_id)).one()
    return case_id, person_case


def test_a_case_about_a_person_is_shown_only_to_those_it_concerns(any_site: CaseSite) -> None:
    site = any_site
    case_id, person_case = to_person_case(site)
    with site.session() as session:
        matter_id = session.get_one(Case, case_id).matter_id
    name = site.name(site.person("sumu1"))
    for username in ("dengji", "duban", "sumu1"):
        officer = site.officer(username)
        assert officer.open(f"/cases/{person_case}").status == 404, username
        assert f"/cases/{person_case}" not in officer.open(f"/matters/{matter_id}").answer.text
        assert f"/cases/{person_case}" not in officer.open(f"/cases/{case_id}").answer.text
    handler = site.officer("chengban")
    shown = handler.open(f"/cases/{person_case}")
    assert shown.status == 200
    assert name in shown.text
    assert "涉及个人，注意保密" in shown.text
    ladder = handler.open(f"/matters/{matter_id}").root.xpath("//ol[contains(@class,'ladder')]")
    (steps,) = ladder
    markers = [link.get("href") for link in steps.xpath(".//li[contains(@class,'marker')]/a")]
    assert sorted(markers) == sorted([f"/cases/{case_id}", f"/cases/{person_case}"])


def test_an_organisation_case_goes_on_beside_the_person_case(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    with site.session() as session:
        assert session.get_one(Case, case_id).state == "open"
        assert session.get_one(Case, person_case).process_id == "accountability"
    page = site.officer("chengban").open(f"/cases/{person_case}")
    assert "责任认定" in page.text
    assert page.root.xpath("//form[contains(@action, '/tasks/')]")


def test_post_and_duty_of_the_person_are_filled_in_from_the_register(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    address = site.address(person_case, "attribution")
    form = site.officer("chengban").open(address).form(address)
    assert "党委书记" in form.value("tenure")
    assert "第一责任" in form.value("duty")
    assert not form.element.xpath('.//*[@name="subject_category"]')
    assert form.value("attribution_ground") == ""
