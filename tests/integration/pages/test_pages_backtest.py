"""The page of a back-test: two keep the rules, they see what a version would have done."""

import io

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Officer, Page
from tests.support.packs import changed_files, zipped
from workflows.store.tables import Case, JournalRecord, PackReport, PackVersion


def _address(site: CaseSite) -> str:
    with site.session() as session:
        shipped = select(PackVersion.hash).where(PackVersion.state == "shipped")
        return f"/packs/{session.scalars(shipped).one()}/backtest"


def _waiting(site: CaseSite) -> str:
    """Put a version forward in which a matter is accepted within two working days."""
    form = site.officer("shenhe").open("/packs/").form("/packs/")
    pack = io.BytesIO(zipped(changed_files("2", R_ACC=2), "ladder/"))
    form.fill(file=(pack, "pack.zip"), note="受理由五个工作日压缩到两个工作日。").send()
    with site.session() as session:
        put = select(PackVersion.hash).where(PackVersion.state == "checking")
        return f"/packs/{session.scalars(put).one()}/backtest"


def _run(officer: Officer, address: str, **days: str) -> Page:
    return officer.open(address).form(address).fill(**days).send()


def test_a_back_test_is_run_attached_and_read(site: CaseSite) -> None:
    case_id, address = register(site), _address(site)
    with site.session() as session:
        before = session.get_one(Case, case_id).version
    keeper = site.officer("shenhe")
    assert "本版本还没有回测报告。" in keeper.open(address).text
    done = _run(keeper, address)
    assert "回测完成，报告已附到本版本。" in done.text
    assert "1 件，共 1 件" in done.text
    assert "没有。实际的办理行为在本版本下都能照办。" in done.text
    assert len(done.root.xpath("//main//figure/svg[@role='img']/title")) == 3
    with site.session() as session:
        assert session.get_one(Case, case_id).version == before
        report = session.scalars(select(PackReport).where(PackReport.kind == "backtest")).one()
        attached = JournalRecord.body.contains('"pack_report_attached"')
        assert session.scalars(select(JournalRecord.seq).where(attached)).all()
    assert report.body["reproduced"]["exact"] == 1


def test_a_waiting_version_is_tested_before_it_is_approved(site: CaseSite) -> None:
    register(site)
    done = _run(site.officer("buzhang"), _waiting(site))
    assert "受理" in done.text
    assert "提前 1 个" in done.text


def test_a_period_without_matters_is_told(site: CaseSite) -> None:
    keeper, address = site.officer("shenhe"), _address(site)
    refused = _run(keeper, address, from_on="2020-01-01", to_on="2020-02-01")
    assert refused.status == 404
    assert "没有登记过事项" in refused.text


@pytest.mark.parametrize("username", ["chengban", "dengji"])
def test_others_see_neither_the_page_nor_its_tab(site: CaseSite, username: str) -> None:
    officer, address = site.officer(username), _address(site)
    assert officer.open(address).status == 403
    assert "回测" not in officer.open(address.removesuffix("/backtest")).text
