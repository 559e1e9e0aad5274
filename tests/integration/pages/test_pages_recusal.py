"""Recusal on the pages: nothing of a case before the declaration, nothing after the decision."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite, Page
from tests.support.declaring import DeclaringClient
from tests.support.papers import docx_text
from workflows.store.tables import Account, Declaration, Draft, JournalRecord, Look, Recusal, Task

GROUND = {"ground": "relative", "statement": "当事人是我的姐夫"}


@contextmanager
def asked_at_the_door(site: CaseSite) -> Iterator[None]:
    """Let browsers answer nothing by themselves."""
    site.app.test_client_class = FlaskClient
    yield
    site.app.test_client_class = DeclaringClient


def declare(page: Page, **values: str) -> Page:
    return page.form(page.root.xpath("//form[@novalidate]/@action")[0]).fill(**values).send()


def count(site: CaseSite, *conditions: object) -> int:
    with site.session() as session:
        table = conditions[0]
        return session.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def account(site: CaseSite, username: str) -> str:
    with site.session() as session:
        return session.scalars(select(Account.id).where(Account.username == username)).one()


def recusal_key(site: CaseSite) -> str:
    with site.session() as session:
        return session.scalars(select(Recusal.id)).one()


def test_nothing_of_a_persons_case_is_shown_before_the_declaration(any_site: CaseSite) -> None:
    site = any_site
    _, case_id = to_person_case(site)
    task = site.address(case_id, "attribution")
    with asked_at_the_door(site):
        handler = site.officer("chengban")
        before = count(site, Look), count(site, JournalRecord)
        for address in (f"/cases/{case_id}", f"/cases/{case_id}/why", task):
            shown = handler.open(address)
            assert shown.heading == "回避申报", address
            assert "责任认定" not in shown.text, address
        assert handler.client.get(f"/cases/{case_id}/recusals").status_code == 302
        assert (count(site, Look), count(site, JournalRecord)) == before
        form = shown.form(shown.root.xpath("//form[@novalidate]/@action")[0])
        assert "bond" not in form.values
        unanswered = form.send()
        assert unanswered.status == 422
        assert "请选择有或者无" in unanswered.text
        opened = declare(handler.open(task), bond="none")
        assert "责任认定" in opened.text
        assert handler.open(f"/cases/{case_id}").heading != "回避申报"
    assert count(site, Declaration) == 1


def test_who_declares_a_ground_gets_in_only_if_it_is_refused(site: CaseSite) -> None:
    _, case_id = to_person_case(site)
    with asked_at_the_door(site):
        handler = site.officer("chengban")
        door = handler.open(f"/cases/{case_id}")
        missing = declare(door, bond="bound")
        assert missing.status == 422
        assert "请写明具体情况" in missing.text
        waits = declare(handler.open(f"/cases/{case_id}"), bond="bound", **GROUND)
        assert "决定前本案对您不开放" in waits.text
        closed = handler.open(f"/cases/{case_id}")
        assert closed.status == 403
        assert "责任认定" not in closed.text
    principal = site.officer("buzhang")
    assert "有 1 件回避待您决定" in principal.open("/worklist/").text
    key = recusal_key(site)
    page = principal.open(f"/recusals/{key}")
    assert "姐夫" in page.text
    page.form(f"/recusals/{key}/decide").fill(reason="并非近亲属").send(decision="refuse")
    assert handler.open(f"/cases/{case_id}").status == 200


def test_c05_access_ends_at_the_decision_and_the_case_is_done_by_another(site: CaseSite) -> None:
    """C05: his access ends at the decision, his reads are listed, his drafts are of no use."""
    _, case_id = to_person_case(site)
    handler = site.officer("chengban")
    task = site.address(case_id, "attribution")
    page = handler.open(task)
    page.form(f"{task}/claim").send()
    draft = handler.open(task).form(task)
    draft.action = f"{task}/draft"
    assert draft.fill(attribution_ground="草稿里的话").send().status == 204
    asking = handler.open(f"/cases/{case_id}/recusals").form(f"/cases/{case_id}/recusals")
    asked = asking.fill(account=account(site, "chengban"), source="own", **GROUND).send()
    assert "两个工作日内决定" in asked.text
    assert handler.open(task).status == 200
    key = recusal_key(site)
    principal = site.officer("buzhang")
    page = principal.open(f"/recusals/{key}")
    done = page.form(f"/recusals/{key}/decide").fill(reason="属近亲属").send(decision="grant")
    assert "即刻终止" in done.text
    assert "查阅记录" in done.text
    assert "打开案件页" in done.text
    paper = page.officer.client.post(
        f"/recusals/{key}/file",
        data={**done.form(f"/recusals/{key}/file").values, "format": "docx"},
    )
    said = docx_text(paper.data)
    assert "回避申请、决定表" in said
    assert "属近亲属" in said
    for address in (f"/cases/{case_id}", task, f"/cases/{case_id}/why", f"{task}/paper"):
        shown = handler.open(address)
        assert shown.status in {403, 404}, address
        assert "草稿里的话" not in shown.text
    resent = draft.send()
    assert resent.status in {403, 404}
    draft.action = f"{task}/preview"
    assert draft.send().status in {403, 404}, "no paper is tried out by who keeps out"
    own = handler.open(f"/recusals/{key}")
    assert own.status == 200
    assert "查阅记录" not in own.text
    assert case_id not in handler.open("/worklist/?whose=all").answer.text
    assert count(site, Draft) == 0
    with site.session() as session:
        row = session.scalars(
            select(Task).where(Task.case_id == case_id, Task.activity == "attribution")
        ).one()
        assert (row.state, row.claimant) == ("open", None)
    seen = principal.open(f"/cases/{case_id}")
    assert "决定承办人员回避" in seen.text
    (people,) = seen.root.xpath("//section[@aria-labelledby='people']")
    assert "（已回避）" in people.text_content()


def test_first_claim_of_an_organisations_case_asks_too(site: CaseSite) -> None:
    case_id, _ = to_person_case(site)
    with site.session() as session:
        free = session.scalars(
            select(Task).where(Task.case_id == case_id, Task.state == "open")
        ).first()
        assert free is not None
        address = f"/cases/{case_id}/tasks/{free.path}/{free.n}"
    with asked_at_the_door(site):
        for username in ("chengban", "buzhang"):
            officer = site.officer(username)
            page = officer.open(address)
            assert page.heading != "回避申报"
            forms = page.root.xpath(f"//form[@action='{address}/claim']")
            if forms:
                asked = page.form(f"{address}/claim").send()
                assert asked.heading == "回避申报"
                return
    raise AssertionError("nobody could claim")


def test_sides_request_is_typed_from_paper_and_shown_without_a_complainant(
    site: CaseSite,
) -> None:
    _, case_id = to_person_case(site)
    handler = site.officer("chengban")
    address = f"/cases/{case_id}/recusals"
    form = handler.open(address).form(address)
    given = {"account": account(site, "shenhe"), "source": "complainant", **GROUND}
    unproved = form.fill(**given).send()
    assert unproved.status == 422
    form = handler.open(address).form(address)
    form.fill(**given, document="来信〔2026〕3号", acted_on="2026-06-05").send()
    page = site.officer("buzhang").open(f"/recusals/{recusal_key(site)}")
    assert "举报人一方申请" in page.text
    form = page.form(f"{page.address}/file")
    paper = form.officer.client.post(form.action, data={**form.values, "format": "docx"})
    assert "有关方面书面申请" in docx_text(paper.data)
    assert "举报" not in docx_text(paper.data), "no paper tells who informed"
    assert "2026年6月9日" in page.text
