"""X20 on the pages: pasted into a text or a file it is refused, and told to those who care."""

import io

from sqlalchemy import select

from tests.integration.pages.test_pages_informants import NAME, account, register
from tests.support.case_site import CaseSite
from workflows.store.tables import Attachment, Case, Informant, InformantLeak, Matter


def test_the_name_in_a_text_or_file_is_refused_and_the_principal_told(site: CaseSite) -> None:
    address = f"/matters/new?organisation={site.branch()}"
    form = site.officer("dengji").open(address).form(address)
    form.fill(
        problem_type="P101",
        source="petition",
        found_on="2026-03-10",
        description=f"{NAME}来信反映。",
        disposition="procedure",
        _informant_reported="real",
        _informant_name=NAME,
    )
    refused = form.send()
    assert refused.status == 422
    assert "不要写明是谁反映的" in refused.text
    assert register(site, reported="real", name=NAME).status == 200
    with site.session() as session:
        case_id = session.scalars(select(Case.id)).one()
        key = session.scalars(select(Informant.id)).one()
        assert session.scalars(select(Matter.summary)).one() == "未按期召开支委会。"
    task = site.address(case_id, "accept")
    officer = site.officer("chengban")
    page = officer.open(task).form(task).fill(acceptance="unfounded", reason=f"{NAME}所述不实")
    answer = page.send()
    assert answer.status == 422
    assert "不要写明是谁反映的" in answer.text
    with site.session() as session:
        (leak,) = session.scalars(select(InformantLeak)).all()
        assert (leak.kind, leak.account_id) == ("refused", leak.account_id)
        assert session.scalars(select(Attachment)).all() == []
    principal = site.officer("buzhang")
    shown = principal.open(f"/informants/{key}").text
    assert "试图写入，已拒绝" in shown
    assert site.name(site.person("chengban")) in shown
    assert leak.account_id == account(site, "chengban")
    scan = (io.BytesIO(NAME.encode()), "说明.txt")
    again = site.officer("dengji").open(address).form(address)
    again.fill(
        problem_type="P101",
        source="petition",
        found_on="2026-03-10",
        description="另一件。",
        disposition="procedure",
        evidence=scan,
        _informant_reported="real",
        _informant_name=NAME,
    )
    assert again.send().status == 422
