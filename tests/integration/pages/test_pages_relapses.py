"""A relapse on the pages: offered beside the form, registered, shown on both matters."""

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from workflows.store.tables import Case


def test_a_relapse_is_offered_registered_and_shown_on_both_matters(site: CaseSite) -> None:
    first = register(site, disposition="immediate_fix", fix="会议已补开，台账已补齐。")
    site.at("2026-03-12")
    site.officer("chengban").do(first, "confirm_fix", fix_confirmation="confirmed")
    site.at("2026-11-17")
    clerk = site.officer("dengji")
    with site.session() as session:
        earlier = session.get_one(Case, first).matter_id
    address = f"/matters/new?organisation={site.branch()}&problem_type=P101&_relapse_of={earlier}"
    page = clerk.open(address)
    (offered,) = page.root.xpath("//input[@name='_relapse_of' and @checked]")
    assert offered.get("value") == earlier
    assert offered.get("form") == page.root.xpath("//form[.//textarea]/@id")[0]
    form = page.form("/matters/new").fill(
        source="inspection",
        found_on="2026-11-17",
        description="又未召开党员大会",
        disposition="procedure",
        problem_type="P301",
    )
    refused = form.send(_relapse_of=earlier)
    assert "不能登记为它的反弹" in refused.text
    opened = form.fill(problem_type="P101").send(_relapse_of=earlier)
    shown = clerk.open(f"/matters/{earlier}")
    assert "本事项已反弹，另行办理" in shown.text
    (later,) = shown.root.xpath("//*[contains(@class, 'alert-info')]//a/@href")
    assert shown.root.xpath(f"//a[@href='{later}']")[0].text in opened.text
    after = clerk.open(later)
    assert "反弹，前一事项" in after.text
    assert "包联级别提高为苏木乡镇领导包村" in after.text
