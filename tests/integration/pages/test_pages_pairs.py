"""What the page of a case says to who cannot do a task, and the principal's signature."""

from datetime import date

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_entry
from tests.support.case_site import CaseSite
from tests.support.refused_forms import problems_with
from workflows.store.tables import Account, Grant


def also(site: CaseSite, username: str, role: str) -> None:
    """Give somebody one more role where he holds his first one."""
    with site.session() as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
        first = account.grants[0]
        session.add(
            Grant(
                account_id=account.id,
                role=role,
                organisation_id=first.organisation_id,
                org_path=first.org_path,
                from_on=date(2020, 1, 1),
            )
        )


def to_acceptance(site: CaseSite) -> str:
    """Bring a case of class B to its acceptance by two."""
    case_id = to_entry(site, "criticism")
    chengban = site.officer("chengban")
    site.officer("tanhua").do(
        case_id,
        "talk",
        talker=site.person("tanhua"),
        recorder=site.person("jilu"),
        attitude="accepts",
        signed="signed",
        written_check="not_ordered",
        criticism_outcome="rectification",
    )
    chengban.do(case_id, "notice", service_way="direct", plan_required="no", progress_required="no")
    chengban.enter_paper(
        case_id, "report", _paper_document="整改报告", completed="四项问题逐条整改到位。"
    )
    site.officer("sumu1").do(case_id, "initial_acceptance", initial_outcome="passed")
    return case_id


def test_a_pair_is_made_up_for_by_reason_and_principal(any_site: CaseSite) -> None:
    site = any_site
    case_id = to_acceptance(site)
    address = site.address(case_id, "acceptance_pair")
    told = site.officer("heshi1").open(f"/cases/{case_id}").text
    assert "您不能办理：这件事由“验收" in told
    also(site, "heshi1", "R13")
    scores = {
        "acceptance_score": 82,
        "manner": "site",
        "satisfied_percent": 91,
        "ballot": "held",
        "dissatisfied_percent": 9,
    }
    verifier = site.officer("heshi1")
    opened = verifier.open(address)
    assert "您于 2026年3月10日 10:00 在本案中担任核实" in opened.text
    refused = opened.form(address).fill(**scores).send()
    assert refused.status == 422
    assert "须说明理由并由主要负责人会签" in refused.text
    signed = refused.form(address).fill(_pair_reason="全科五人，验收成员不足").send()
    assert "待第二人签署" in signed.text, signed.text
    second = site.officer("yanshou2")
    waiting = second.open(address).form(f"{address}/sign").send()
    assert "待主要负责人会签" in waiting.text
    assert "同意并会签" not in waiting.text
    principal = site.officer("buzhang")
    assert case_id in principal.open("/worklist/").answer.text
    page = principal.open(f"/cases/{case_id}")
    assert "全科五人，验收成员不足" in page.text
    assert "82" in page.text
    done = page.form(f"{address}/co-sign").send()
    assert "已会签，任务办结" in done.text
    assert "既担任核实，又担任验收，主要负责人会签" in done.text
    assert "close_approval" in site.open_tasks(case_id)


def test_a_principal_may_refuse_to_sign(site: CaseSite) -> None:
    case_id = to_acceptance(site)
    address = site.address(case_id, "acceptance_pair")
    also(site, "heshi1", "R13")
    site.officer("heshi1").do(
        case_id,
        "acceptance_pair",
        acceptance_score=82,
        manner="site",
        satisfied_percent=91,
        ballot="held",
        dissatisfied_percent=9,
        _pair_reason="人手不足",
    )
    site.officer("yanshou2").open(address).form(f"{address}/sign").send()
    page = f"/cases/{case_id}"
    client = site.officer("buzhang").client
    assert problems_with(client, page, "tasks.refuse_co_sign") == []
    principal = site.officer("buzhang").open(page)
    refused = principal.form(f"{address}/refuse-co-sign").fill(reason="另请验收成员").send()
    assert "未予会签" in refused.text
    assert "同意并会签" not in refused.text
    assert "acceptance_pair" in site.open_tasks(case_id)
