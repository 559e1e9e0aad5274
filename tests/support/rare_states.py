"""The played world brought to where forms are shown that it does not show by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from tests.support.attacked import Attack
from tests.support.case_site import CaseSite
from tests.support.played import BANNER, NOW, TODAY
from tests.support.web import make_account
from tests.support.whole_house import furnish
from workflows.domain.interventions import Approach, Manner
from workflows.domain.recusals import Ground, Reason, RecusalSource
from workflows.domain.roles import Actor
from workflows.services import casework
from workflows.services.access import load_actor
from workflows.services.secrecy.interventions import register_approach
from workflows.services.staff.responsibility import Line, add_duty
from workflows.services.tracks.recusal import ask
from workflows.services.tracks.recusal_decision import decide
from workflows.services.tracks.supervising import begin_supervision
from workflows.store.tables import (
    Account,
    BundleJob,
    Case,
    Clock,
    Incident,
    Intervention,
    Matter,
    Organisation,
    Recusal,
    Task,
)
from workflows.store.transaction import Session


def bring_up(attack: Attack) -> dict[str, str]:
    """Give what stands in the addresses of pages with forms, after all of them can be shown.

    The case and the person's case of the world stay as they were played.
    """
    site, world = attack.site, attack.world
    extra = furnish(site, world)
    found = {"case": world.organisation_case, "person_case": world.person_case}
    found |= {"matter": world.matter, "person": world.person}
    found |= {"reply": extra["chengban"][2], "plan": extra["shenhe"][0]}
    found["pack"] = extra["shenhe"][1].removesuffix("/backtest")
    found["informant"] = extra["buzhang"][0]
    with site.session() as session:
        found |= _named(session, world.organisation_case)
        found |= _cases(session)
        _clocks(session, found)
        _office_work(session, found)
        found |= _recuse_and_register(session, found)
    found["source"] = _merge(site, found)
    found["correct"] = _correctable(site, found["case"])
    _determine(site, found["stopped_matter"])
    _hand_over(site, found["place"])
    _keep_a_filter(site)
    _name_a_reader(site, found["informant"])
    with site.session() as session:
        session.get_one(Case, found["stopped"]).state = "stopped"
    return found


def _actor(session: Session, username: str) -> Actor:
    key = session.scalars(select(Account.id).where(Account.username == username)).one()
    return load_actor(session, key, TODAY)


def _named(session: Session, case_id: str) -> dict[str, str]:
    """Give the place, the branch, an account, an open task, with one duty that is listed."""
    place = session.scalars(select(Organisation.id).where(Organisation.code == BANNER)).one()
    line = Line("党支部书记", "主持支部日常工作", "职责清单", TODAY)
    add_duty(session, _actor(session, "chengban"), NOW, place, line)
    branch = session.get_one(Case, case_id).subject_organisation_id
    account = _actor(session, "chengban").account_id
    return {"place": place, "branch": branch, "account": account}


def _cases(session: Session) -> dict[str, str]:
    """Give the cases that wait: one at its review, one to be stopped, one to be merged into."""
    open_tasks = select(Task).where(Task.state == "open").join(Case).order_by(Case.number)
    tasks = {
        activity: [each for each in session.scalars(open_tasks) if each.activity == activity]
        for activity in ("review", "accept")
    }
    (review,), (stopped, merged) = tasks["review"], tasks["accept"]
    into = session.get_one(Case, merged.case_id)
    return {
        "review": review.case_id,
        "review_task": f"/cases/{review.case_id}/tasks/{review.path}/{review.n}",
        "task": f"/cases/{merged.case_id}/tasks/{merged.path}/{merged.n}",
        "stopped": stopped.case_id,
        "stopped_matter": session.get_one(Case, stopped.case_id).matter_id,
        "into": into.matter_id,
        "into_branch": into.subject_organisation_id,
    }


def _clocks(session: Session, found: dict[str, str]) -> None:
    """Pause a clock, let another run out tonight, and note what needs a person."""
    clocks = select(Clock).where(Clock.state == "running")
    paused = session.scalars(
        clocks.where(Clock.case_id == found["case"]).order_by(Clock.id)
    ).first()
    assert paused is not None
    leader = _actor(session, "buzhang")
    casework.pause(
        session,
        leader,
        NOW,
        found["case"],
        f"{paused.path}#{paused.n}",
        reason="等待裁决",
        approver=leader.account_id,
    )
    due = session.scalars(clocks.where(Clock.case_id == found["review"])).one()
    due.due_on, due.due_at = TODAY, datetime.combine(TODAY, NOW.timetz()) + timedelta(hours=12)
    for kind, case_id in (("calendar_earlier", found["review"]), ("office_unresolved", None)):
        session.add(Incident(case_id=case_id, kind=kind, detail="试", opened_at=NOW))


def _office_work(session: Session, found: dict[str, str]) -> None:
    """Let an export wait for a second person, and the discipline line supervise a case."""
    session.execute(update(BundleJob).values(state="waiting"))
    discipline = select(Organisation.code).where(
        Organisation.kind == "discipline",
        Organisation.path.startswith("SYN-01.SYN-0101.SYN-010101."),
    )
    code = session.scalars(discipline.order_by(Organisation.level)).first()
    make_account(session, "jijian", ("R03", str(code)))
    begin_supervision(session, _actor(session, "jijian"), NOW, found["review"], "长期未整改")


def _recuse_and_register(session: Session, found: dict[str, str]) -> dict[str, str]:
    """Recuse somebody who had done something, and register that somebody asked about a case."""
    waiting = session.scalars(select(Recusal.id)).one()
    verifier = _actor(session, "heshi1")
    reason = Reason(Ground.WITNESS, "知情人")
    ask(session, verifier, NOW, found["case"], verifier.account_id, RecusalSource.OWN, reason)
    settled = session.scalars(select(Recusal.id).where(Recusal.id != waiting)).one()
    decide(session, _actor(session, "buzhang"), NOW, settled, is_granted=True, decision="应当回避")
    approach = Approach(Manner.ASKED, TODAY, "某人")
    register_approach(session, _actor(session, "chengban"), NOW, "督〔2026〕1号-1", approach)
    entry = session.scalars(select(Intervention.id)).one()
    return {"waiting_recusal": waiting, "recusal": settled, "entry": entry}


def _merge(site: CaseSite, found: dict[str, str]) -> str:
    """Register two matters more of one organisation; one waits to be merged into the other."""
    for source in ("spot_check", "patrol"):
        page = site.officer("dengji").open(f"/matters/new?organisation={found['into_branch']}")
        form = page.form(page.root.xpath("//form[@method='post' and .//textarea]/@action")[0])
        form.fill(problem_type="P101", source=source, found_on=TODAY.isoformat())
        form.fill(description="未召开党员大会", disposition="procedure").send()
    with site.session() as session:
        known = select(Matter.id).where(Matter.id != found["into"])
        known = known.order_by(Matter.registered_at.desc(), Matter.number)
        source, other = session.scalars(known.limit(2)).all()
    address = f"/matters/{source}/merger"
    officer = site.officer("chengban")
    duty = officer.open(address).form(f"/matters/{source}/feedback")
    duty.fill(towards="patrol", document="巡察反馈 3").send()
    form = officer.open(address).form(address)
    form.fill(into=other, reason="同一支部同一问题").send()
    return source


def _correctable(site: CaseSite, case_id: str) -> str:
    page = site.officer("chengban").open(f"/cases/{case_id}")
    found: str = page.root.xpath("//a[contains(@href, '/correct')]/@href")[0]
    return found


def _determine(site: CaseSite, matter_id: str) -> None:
    days = {"self": "2026-09-21", "review": "2026-10-12", "study": "2026-11-02"}
    form = site.officer("chengban").open("/determinations/").form("/determinations/")
    form.fill(**{f"{step}-{matter_id}": day for step, day in days.items()})
    form.fill(**{f"type-{matter_id}": "01", f"result-{matter_id}": "determined"})
    form.fill(minutes_no="常委会〔2026〕4号", met_on="2026-11-20").send()


def _hand_over(site: CaseSite, place: str) -> None:
    address = f"/organisations/{place}/changes"
    page = site.officer("chengban").open(address)
    form = page.form(f"{address}/posts")
    (post, *_) = page.root.xpath("//select[@name='tenure']/option[@value!='']/@value")
    form.fill(tenure=post, first_on=TODAY.isoformat(), document="任免〔2026〕7号").send()


def _keep_a_filter(site: CaseSite) -> None:
    page = site.officer("chengban").open("/worklist/?whose=all&rung=2")
    page.form("/worklist/filters/").fill(name="第二档").send()


def _name_a_reader(site: CaseSite, informant: str) -> None:
    with site.session() as session:
        reader = _actor(session, "fubuzhang").account_id
    form = site.officer("buzhang").open(informant).form(f"{informant}/readers")
    form.fill(account=reader, until_on=(TODAY + timedelta(days=9)).isoformat()).send()
