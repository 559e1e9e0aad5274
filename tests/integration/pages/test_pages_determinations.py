"""The committee's batch act, entered on its page."""

from __future__ import annotations

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Officer
from workflows.store.tables import Case, Matter


def _matter(site: CaseSite) -> tuple[str, str]:
    with site.session() as session:
        row = session.execute(select(Matter.id, Matter.determination)).one()
        return row.id, row.determination


def test_results_are_written_with_their_minutes(site: CaseSite) -> None:
    register(site)
    matter_id, _ = _matter(site)
    officer = site.officer("chengban")
    case_page = f"/cases/{_case(site)}"
    assert "软弱涣散是否已集体认定" not in officer.open(case_page).text
    form = officer.open("/determinations/").form("/determinations/")
    assert form.value("met_on") == ""
    form.fill(**batch(matter_id)).send()
    assert _matter(site) == (matter_id, "determined")
    assert "旗委常委会〔2026〕4号" in officer.open(f"/matters/{matter_id}").text
    assert "软弱涣散是否已集体认定" in officer.open(case_page).text
    followed_up(site, officer, matter_id)


def batch(matter_id: str) -> dict[str, str]:
    return {
        "minutes_no": "旗委常委会〔2026〕4号",
        "met_on": "2026-03-09",
        f"self-{matter_id}": "2026-01-12",
        f"review-{matter_id}": "2026-01-20",
        f"study-{matter_id}": "2026-02-02",
        f"type-{matter_id}": "01",
        f"result-{matter_id}": "determined",
    }


def followed_up(site: CaseSite, officer: Officer, matter_id: str) -> None:
    """Enter something done, and find each figure of the table with its matter and case."""
    address = f"/determinations/matters/{matter_id}"
    form = officer.open(address).form(address)
    done = form.fill(measure="first_secretary", amount="2", done_on="2026-03-09").send()
    assert "已记入整顿情况" in done.text
    table = officer.open("/determinations/table?year=2026")
    for column, value in (("type01", 1), ("found", 1), ("first_secretary", 2)):
        link = f"/determinations/table/{column}?year=2026"
        assert link in table.answer.text
        page = officer.open(f"{link}&kind=village")
        assert f"：{value}" in page.text
        assert matter_id in page.answer.text
        assert _case(site) in page.answer.text
    assert officer.open("/determinations/table/nothing").status == 404
    assert officer.open("/determinations/table?year=99999").status == 200
    for username in ("dengji", "sumu1"):
        assert site.officer(username).open(address).status in (403, 404)
    done = officer.open(address).form(f"{address}/withdraw/1").send()
    assert "已撤回，记录保留" in done.text
    assert (
        "table/first_secretary" not in officer.open("/determinations/table?year=2026").answer.text
    )


def _case(site: CaseSite) -> str:
    with site.session() as session:
        return str(session.execute(select(Case.id)).scalar_one())


def test_a_batch_without_minutes_is_sent_back_with_what_was_chosen(site: CaseSite) -> None:
    register(site)
    matter_id, _ = _matter(site)
    officer = site.officer("chengban")
    form = officer.open("/determinations/").form("/determinations/")
    typed = {key: value for key, value in batch(matter_id).items() if key != "minutes_no"}
    refused = form.fill(**typed).send()
    assert refused.status == 422
    assert refused.form("/determinations/").value(f"study-{matter_id}") == "2026-02-02"
    assert refused.form("/determinations/").value(f"result-{matter_id}") == "determined"
    assert _matter(site) == (matter_id, "reported")


def test_a_clerk_has_no_determinations(site: CaseSite) -> None:
    register(site)
    assert site.officer("dengji").open("/determinations/").status == 403
