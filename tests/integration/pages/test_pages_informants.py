"""The informant vault on the pages: typed once, seen by one, nowhere else."""

from sqlalchemy import select

from tests.support.case_site import CaseSite, Page
from workflows.store.tables import Account, Case, Informant, SuperiorStub

NAME, CONTACT = "巴特尔其木格", "139-0000-4711"


def register(site: CaseSite, **reporter: str) -> Page:
    address = f"/matters/new?organisation={site.branch()}"
    given = {f"_informant_{key}": value for key, value in reporter.items()}
    form = site.officer("dengji").open(address).form(address)
    return form.fill(
        problem_type="P101",
        source="petition",
        found_on="2026-03-10",
        description="未按期召开支委会。",
        disposition="procedure",
        **given,
    ).send()


def account(site: CaseSite, username: str) -> str:
    with site.session() as session:
        return session.scalars(select(Account.id).where(Account.username == username)).one()


def test_who_reported_is_typed_once_and_seen_by_who_is_named_alone(site: CaseSite) -> None:
    missing = register(site, reported="real")
    assert missing.status == 422
    assert "实名举报须填写举报人姓名" in missing.text
    assert "未按期召开支委会" in missing.answer.text
    done = register(site, reported="real", name=NAME, contact=CONTACT)
    assert done.status == 200
    with site.session() as session:
        key = session.scalars(select(Informant.id)).one()
        case = session.scalars(select(Case)).one()
        pages = [f"/cases/{case.id}", f"/cases/{case.id}/why", f"/matters/{case.matter_id}"]
    for username in ("dengji", "chengban", "buzhang"):
        officer = site.officer(username)
        for address in (*pages, "/home", "/worklist/?whose=all", "/organisations/"):
            assert NAME not in officer.open(address).answer.text, (username, address)
    for username in ("dengji", "chengban", "sumu1", "shenji"):
        assert site.officer(username).open(f"/informants/{key}").status in (403, 404), username
    principal, reader = site.officer("buzhang"), site.officer("chengban")
    page = principal.open(f"/informants/{key}")
    assert "2026年3月31日" in page.text
    offered = set(page.root.xpath("//select[@name='account']/option/@value"))
    assert account(site, "chengban") in offered
    assert offered.isdisjoint({account(site, each) for each in ("dengji", "buzhang")}), (
        "nobody who registered the matter, nor himself"
    )
    named = page.form(f"/informants/{key}/readers").fill(
        account=account(site, "chengban"), until_on="2026-12-31"
    )
    assert "已指定" in named.send().text
    assert not page.root.xpath(f"//form[@action='/informants/{key}/open']")
    assert "举报人保险箱" in reader.open("/home").text
    page = reader.open("/informants/").officer.open(f"/informants/{key}")
    form = page.form(f"/informants/{key}/open")
    assert form.send().status == 422
    shown = form.fill(purpose="notice", reason="告知受理情况").send()
    assert NAME in shown.text
    assert CONTACT in shown.text
    told = page.form(f"/informants/{key}/notices/accepted").fill(manner="电话").send()
    assert "已登记告知情况" in told.text
    assert NAME not in told.text
    audited = site.officer("shenji").open("/audit/?from=2026-03-01&until=2026-03-31").text
    assert "告知受理情况或者办理结果" in audited
    assert NAME not in audited


def test_a_matter_without_an_informant_leaves_nothing(site: CaseSite) -> None:
    assert register(site).status == 200
    with site.session() as session:
        assert session.scalars(select(Informant)).all() == []


def test_what_belongs_to_a_superior_is_registered_by_its_envelope(site: CaseSite) -> None:
    clerk = site.officer("dengji")
    assert "上级管辖" in clerk.open("/matters/new").text
    form = clerk.open("/superior/").form("/superior/")
    words = form.fill(envelope="反映副旗长的问题").send()
    assert words.status == 422
    assert "不能写文字内容" in words.text
    listed = form.fill(envelope="第12号").send()
    assert "上〔2026〕1号" in listed.text
    with site.session() as session:
        number = session.scalars(select(SuperiorStub.id)).one()
    assert "已登记转交" in listed.form(f"/superior/{number}/forward").send().text
    assert site.officer("shenji").open("/superior/").status == 403
    assert site.officer("heshi1").open("/superior/").status == 403
