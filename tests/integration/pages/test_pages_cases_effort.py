"""What the work costs an officer, counted on the pages as they are (issue 2, section 8)."""

from datetime import date

from sqlalchemy import select

from tests.support.case_site import CaseSite
from workflows.store.tables import Case, Clock

MOST_SUBMITS = 16
MOST_TYPED = 10


def register(site: CaseSite, on: str = "2026-03-10", **values: str) -> str:
    """Register a matter as the clerk does and give its case."""
    site.at(on)
    page = site.officer("dengji").open(f"/matters/new?organisation={site.branch()}")
    given = {
        "problem_type": "P101",
        "source": "spot_check",
        "disposition": "procedure",
        "description": "上年第四季度未召开党员大会，一月、二月未召开支委会。",
    }
    shown = page.form("/matters/new").fill(**{**given, **values}).send()
    assert shown.status == 200, shown.text
    return shown.answer.request.path.split("/")[2]


def test_c01_takes_at_most_sixteen_submits_and_ten_typed_fields(any_site: CaseSite) -> None:
    site = any_site
    case_id = register(site)
    site.at("2026-03-12")
    chengban = site.officer("chengban")
    chengban.do(case_id, "accept", acceptance="accept")
    site.at("2026-03-20")
    heshi = site.officer("heshi1").do(
        case_id,
        "verify",
        finding="substantiated",
        grounds=["duty_lacking"],
        problem_weight="ordinary",
        entry_rung="criticism",
        subject_opinion="agreed",
    )
    assert "待第二人签署" in heshi.text
    second = site.officer("heshi2")
    address = site.address(case_id, "verify")
    second.open(address).form(f"{address}/sign").send()
    site.at("2026-03-24")
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
    site.at("2026-03-26")
    chengban.do(
        case_id, "notice", service_way="direct", plan_required="yes", progress_required="yes"
    )
    site.at("2026-04-07")
    chengban.enter_paper(
        case_id,
        "plan",
        _paper_document="整改方案",
        measures="四月补开党员大会；书记负责，每月公示支委会议题。",
    )
    site.at("2026-04-09")
    site.officer("sumu1").do(case_id, "plan_review", plan_outcome="approved")
    site.at("2026-04-24")
    chengban.enter_paper(
        case_id, "progress", _paper_document="第一次进展报告", done="党员大会已补开。"
    )
    site.at("2026-05-18")
    chengban.enter_paper(
        case_id, "report", _paper_document="整改报告", completed="四项问题逐条整改到位。"
    )
    site.at("2026-05-21")
    site.officer("sumu1").do(case_id, "initial_acceptance", initial_outcome="passed")
    site.at("2026-05-27")
    site.officer("yanshou1").do(
        case_id,
        "acceptance_pair",
        acceptance_score=82,
        manner="site",
        satisfied_percent=91,
        ballot="held",
        dissatisfied_percent=9,
    )
    address = site.address(case_id, "acceptance_pair")
    site.officer("yanshou2").open(address).form(f"{address}/sign").send()
    site.at("2026-05-29")
    site.officer("fubuzhang").do(
        case_id, "close_approval", closure="approved", published="villagers"
    )
    site.at("2026-08-31")
    closed = chengban.do(case_id, "look_back", look_back_outcome="held")
    assert "本案已办结" in closed.text
    with site.session() as session:
        case = session.get_one(Case, case_id)
        assert (case.state, case.outcome) == ("ended", "closed")
        term = select(Clock.due_on).where(Clock.case_id == case_id, Clock.rule == "R_RECT")
        assert session.scalars(term).one() == date(2026, 5, 25)
    assert site.effort.submits <= MOST_SUBMITS
    assert len(site.effort.typed) <= MOST_TYPED, site.effort.typed


def test_a_fix_on_the_spot_takes_two_submits(site: CaseSite) -> None:
    case_id = register(site, disposition="immediate_fix", fix="会议已补开，台账已补齐。")
    assert site.open_tasks(case_id) == ["confirm_fix"]
    done = site.officer("chengban").do(case_id, "confirm_fix", fix_confirmation="confirmed")
    assert "本案已办结" in done.text
    assert site.effort.submits == 2


def test_a_letter_takes_two_clicks_and_no_typing(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    site.effort.submits, site.effort.typed = 0, []
    address = site.address(case_id, "letter1")
    opened = site.officer("duban").open(address)
    issued = opened.form(address).send()
    assert issued.status == 200, issued.text
    assert "letter1" not in site.open_tasks(case_id)
    assert site.effort.submits == 1
    assert site.effort.typed == []


def to_entry(site: CaseSite, rung: str) -> str:
    """Take a case through verification by two, with the rung that they would begin with."""
    case_id = register(site)
    site.officer("chengban").do(case_id, "accept", acceptance="accept")
    site.officer("heshi1").do(
        case_id,
        "verify",
        finding="substantiated",
        grounds=["duty_lacking"],
        problem_weight="ordinary",
        entry_rung=rung,
        subject_opinion="agreed",
    )
    address = site.address(case_id, "verify")
    site.officer("heshi2").open(address).form(f"{address}/sign").send()
    return case_id


def to_first_letter(site: CaseSite) -> str:
    """Take a case to a rectification that nobody does, until the first letter is due."""
    case_id = to_entry(site, "rectification")
    chengban = site.officer("chengban")
    if "choose_entry" in site.open_tasks(case_id):
        chengban.do(case_id, "choose_entry", entry_rung="rectification", reason="屡次提醒未改。")
    chengban.do(case_id, "notice", service_way="direct", plan_required="no", progress_required="no")
    site.sweep("2026-05-12")
    assert "letter1" in site.open_tasks(case_id)
    return case_id
