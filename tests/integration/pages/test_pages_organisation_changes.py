"""Posts that change hands and units that are merged, on the pages."""

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.case_site import CaseSite
from workflows.store.tables import Case, Duty, Organisation


def test_a_post_changes_hands_and_a_unit_is_merged(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    site.at("2026-05-12")
    branch = site.branch()
    with site.session() as session:
        unit = session.get_one(Organisation, branch).parent_id
        other = session.scalars(
            select(Organisation).where(
                Organisation.kind == "unit", Organisation.level == 5, Organisation.id != unit
            )
        ).first()
        assert other is not None
    address = f"/organisations/{branch}/changes"
    page = site.officer("chengban").open(address)
    assert page.heading == "职务交接和单位撤并"
    form = page.form(f"{address}/posts")
    tenure = form.element.xpath(".//select[@name='tenure']/option/@value")[1]
    wrong = form.fill(tenure=tenure, first_on="2010-01-01", document="旗组干 8").send()
    assert "不能作为接任日" in wrong.text
    form = wrong.form(f"{address}/posts")
    done = form.fill(tenure=tenure, first_on="2026-05-11", document="旗组干 8").send()
    assert "交接签字的期限 2026年5月25日" in done.text
    (sign,) = done.root.xpath("//form[.//input[@name='witness']]/@action")
    signed = done.form(sign).fill(document="清单 1", witness="苏木组织委员").send()
    assert "已于 2026年5月12日 签字交接，监交人 苏木组织委员" in signed.text

    above = f"/organisations/{unit}/changes"
    page = site.officer("buzhang").open(above)
    merged = page.form(f"{above}/successor")
    merged = merged.fill(successor=other.id, on="2026-05-12", document="旗政发 5").send()
    assert "1 件在办案件转由承继单位办理" in merged.text
    shown = site.officer("chengban").open(f"/cases/{case_id}")
    with site.session() as session:
        case = session.get_one(Case, case_id)
        now_at = session.get_one(Organisation, case.subject_organisation_id)
    assert now_at.path.startswith(other.path)
    assert f"{now_at.name}（原" in shown.text
    old = site.officer("chengban").open(f"/organisations/{unit}")
    assert "由承继单位办理在办案件" in old.text
    new = site.officer("chengban").open(f"/organisations/{other.id}")
    assert "起承继：" in new.text


def test_the_responsibility_list_is_kept_on_its_page(site: CaseSite) -> None:
    branch = site.branch()
    address = f"/organisations/{branch}/duties"
    officer = site.officer("chengban")
    assert address in officer.open(f"/organisations/{branch}").answer.text
    form = officer.open(address).form(address)
    assert form.value("from_on") == ""
    typed = {"post": "支部书记", "content": "按期整改", "basis": "清单 1", "from_on": "2026-03-02"}
    done = form.fill(**typed).send()
    assert "已列入责任清单" in done.text
    with site.session() as session:
        duty = session.scalars(select(Duty).where(Duty.content == "按期整改")).one()
    refused = done.form(f"{address}/{duty.id}/change").fill(from_on="2026-03-03").send()
    assert "最早自" in refused.text
    done = (
        refused.form(f"{address}/{duty.id}/end").fill(until_on="2026-12-31", basis="清单 2").send()
    )
    assert "已登记终止日期" in done.text
    reader = site.officer("heshi1").open(address)
    assert "按期整改" in reader.text
    assert f"{address}/{duty.id}/end" not in reader.answer.text
    other = site.officer("heshi1")
    token = other.open("/account").form("/logout").value("csrf_token")
    sent = {"csrf_token": token, **typed, "content": "别的"}
    assert other.client.post(address, data=sent).status_code == 403
    assert "别的" not in other.open(address).text
